"""Tags and tags from tags on packages that no evaluation set has.

    python -m models.evaluation.dev.keywords DIRECTORY [--misses]

fetches the pinned packages of keywords.toml into DIRECTORY, with the registries' own clients, and prints the figures
of the evaluation's rows on them. The keywords of packages whose names hash to an odd number are never looked at: the
figures of these packages tell whether a change helps beyond the packages it was made for. `--misses` prints the missed
keywords of the others, the most common first.
"""

import argparse
import email
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from models.evaluation.archives import texts_in
from models.evaluation.metrics import recall
from models.evaluation.sampling import number
from models.evaluation.sets.keywords import Described, describe, plain
from satchel.models.interface import Subject
from satchel.models.registry import open_model

FIRST: Final = 5
_NAMED: Final = tomllib.loads(Path(__file__).with_name("keywords.toml").read_text("utf-8"))
_PURE: Final = ("--no-deps", "--only-binary", ":all:", "--platform", "any", "--python-version", "3.11")
_SHOWN: Final = 150


def fetch(directory: Path) -> None:
    """Download what is missing. Raise subprocess.CalledProcessError if a package cannot be fetched."""
    for registry, command in _COMMANDS.items():
        folder = directory / registry
        if not folder.exists():
            folder.mkdir(parents=True)
            subprocess.run([*command, *_NAMED[registry]], cwd=folder, check=True)


_COMMANDS: Final = {
    "npm": ["npm", "pack", "--silent"],
    "pypi": [sys.executable, "-m", "pip", "download", "-q", *_PURE],
}


def packages(directory: Path) -> list[Described]:
    """Return the fetched packages with at least three keywords."""
    archives = ((registry, one) for registry in _COMMANDS for one in sorted((directory / registry).iterdir()))
    found = (_described(registry, texts_in(archive)) for registry, archive in archives)
    return [one for one in found if one is not None]


def _described(registry: str, files: dict[str, str]) -> Described | None:
    if registry == "npm":
        name = str(json.loads(files["package.json"])["name"])
    else:
        metadata = next(text for path, text in files.items() if path.endswith(".dist-info/METADATA"))
        name = str(email.message_from_string(metadata)["Name"]).lower()
    return describe(registry, name, files)


def is_seen(item: Described) -> bool:
    """Return whether a package's keywords may be looked at."""
    return number(item.package) % 2 == 0


def subject_of(item: Described, text: str) -> Subject:
    """Return what the evaluation gives to the model."""
    title = item.package.split("/", 1)[1]
    return Subject(text=text, content=text.encode(), title=title, description=item.summary)


def tags_of(item: Described, *, with_readme: bool = True) -> list[str]:
    """Return the first tags that the model suggests."""
    text = f"{item.readme}\n\n{item.code}" if with_readme else item.code
    suggestions = open_model("tags").suggest(subject_of(item, text))
    return list(dict.fromkeys(plain(one.value) for one in suggestions))[:FIRST]


def related_of(rest: Sequence[str]) -> list[str]:
    """Return the first tags that go with others."""
    suggestions = open_model("related-tags").suggest(Subject(text="", tags=tuple(rest)))
    return list(dict.fromkeys(plain(one.value) for one in suggestions))[:FIRST]


def score(label: str, items: Sequence[Described]) -> None:
    """Print the figures of the rows."""
    for row, with_readme in (("read-me and code", True), ("code alone", False)):
        for registry in ("", "npm/", "pypi/"):
            recalls = [
                recall(tags_of(one, with_readme=with_readme), one.keywords, FIRST)
                for one in items
                if one.package.startswith(registry)
            ]
            print(
                f"{label}: {registry or 'all'} {row}: {sum(recalls) / len(recalls):.3f}, n = {len(recalls)}"
            )
    hits = [found for one in items for _, found in left_out(one, shared(items))]
    print(f"{label}: tags from tags: {sum(hits) / len(hits):.3f}, n = {len(hits)}")


def shared(items: Sequence[Described]) -> frozenset[str]:
    """Return the keywords that two packages have."""
    counts = Counter(word for one in items for word in one.keywords)
    return frozenset(word for word, count in counts.items() if count > 1)


def left_out(item: Described, words: frozenset[str]) -> list[tuple[str, bool]]:
    """Return each of a package's keywords in `words`, and whether its other keywords suggest it."""
    return [
        (word, word in related_of([one for one in item.keywords if one != word]))
        for word in item.keywords
        if word in words
    ]


def print_misses(items: Sequence[Described]) -> None:
    """Print the keywords that are missed."""
    missed = Counter(word for one in items for word in set(one.keywords) - set(tags_of(one)))
    wrong = Counter(word for one in items for word in set(tags_of(one)) - set(one.keywords))
    alone = Counter(word for one in items for word, found in left_out(one, shared(items)) if not found)
    for label, counts in (("missed", missed), ("wrong", wrong), ("missed from tags", alone)):
        print(label, ", ".join(f"{word} {count}" for word, count in counts.most_common(_SHOWN)))


def main() -> None:
    """Fetch and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--misses", action="store_true")
    options = parser.parse_args()
    fetch(options.directory)
    items = packages(options.directory)
    seen = [one for one in items if is_seen(one)]
    score("seen", seen)
    score("unseen", [one for one in items if not is_seen(one)])
    if options.misses:
        print_misses(seen)


if __name__ == "__main__":
    main()
