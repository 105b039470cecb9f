"""`python -m models.evaluation [--only ROW …] [--keep] [--freeze]`: see the package's own text."""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from models.evaluation.fetching import FetchError, fetch, read_table
from models.evaluation.figures import Figure, table, timed_out
from models.evaluation.keeping import keep
from models.evaluation.running import RowError, TimedOutError, run
from models.evaluation.sets.loading import SetError, Sets
from models.evaluation.sets.planting import NoOracleError

ROW_LIMIT_S: Final = 600


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name for `--only`, and the function below `rows` that returns its figures."""

    name: str
    function: str


ROWS: Final = (
    Row("code-or-text", "languages.code_or_text_rows"),
    Row("language", "languages.language_rows"),
    Row("search", "searching.search_rows"),
    Row("search-large", "searching.large_search_rows"),
    Row("titles", "titles.title_rows"),
    Row("queries", "queries.query_rows"),
    Row("frameworks", "frameworks.framework_rows"),
    Row("links", "links.link_rows"),
    Row("related", "related.related_rows"),
    Row("tags", "tags.tag_rows"),
    Row("saving", "saving.saving_rows"),
    Row("discovery", "saving.discovery_rows"),
    Row("similarity", "similarity.similarity_rows"),
    Row("images", "images.image_rows"),
    Row("secrets", "secrets.secret_rows"),
    Row("memory-borders", "memory.border_rows"),
    Row("memory-times", "memory.time_rows"),
    Row("memory-recall", "memory.recall_rows"),
)


def main(arguments: Sequence[str]) -> int:
    """Run the rows, print their tables, and return 0; 1 if a row could not be measured."""
    options = _parser().parse_args(arguments)
    sets = Sets(freezing=options.freeze)
    rows = [row for row in ROWS if not options.only or row.name in options.only]
    _fetch()
    found: list[Sequence[Figure] | None] = []
    for row in rows:
        found.append(_run(row, sets))
        if options.keep:
            keep({row.name: found[-1]})
    return int(any(figures is None or any(one.problem for one in figures) for figures in found))


def _fetch() -> None:
    """Fetch the packages outside the rows' time. A row that needs one that cannot be had says so itself."""
    try:
        fetch(read_table())
    except FetchError as error:
        print(f"packages: {error}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models.evaluation")
    parser.add_argument("--only", nargs="+", metavar="ROW", choices=[row.name for row in ROWS], default=[])
    parser.add_argument(
        "--keep", action="store_true", help="write the figures into the reference and the product"
    )
    parser.add_argument("--freeze", action="store_true", help="record the hash of every set as it is now")
    return parser


def _run(row: Row, sets: Sets) -> list[Figure] | None:
    """Run one row; None, with its reason on standard error, if it could not be measured."""
    module, function = row.function.rsplit(".", 1)
    measure: Callable[[Sets], list[Figure]] = getattr(
        import_module(f"models.evaluation.rows.{module}"), function
    )
    started, used = time.monotonic(), _children_s()
    try:
        found = run(lambda: measure(sets), ROW_LIMIT_S)
    except NoOracleError as error:
        print(f"{row.name}: skipped: {error}", flush=True)
        return []
    except TimedOutError as error:
        found = [timed_out(row.name, str(error))]
    except (FetchError, SetError, RowError) as error:
        print(f"{row.name}: {error}", file=sys.stderr)
        return None
    taken = f"{time.monotonic() - started:.0f} s, {_children_s() - used:.0f} s of processor time"
    print(f"{row.name}: {taken}\n{table(found)}", flush=True)
    return found


def _children_s() -> float:
    """Return the processor time of the rows that have ended."""
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
