"""`python -m bench [NAME …]`: run the benchmarks and write docs/reference/benchmarks.md with its plot.

Every ratio is taken within one round of one run, beside the peer; a lone number of seconds says little on a shared
machine. The figures of the benchmarks that were not named this time are kept from docs/reference/benchmarks.json.
"""

import argparse
import importlib
import json
import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench import report

TEXT: Final = "on screen, ms"
REFERENCE: Final = Path(__file__).resolve().parent.parent / "docs" / "reference"


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One benchmark: its name, its module below `bench`, its heading, and what its table shows.

    The module's `run(rounds)` returns the rows.
    """

    name: str
    module: str
    heading: str
    about: str
    rounds: int


BENCHMARKS: Final = (
    Benchmark(
        "backups",
        "backup.backups",
        "Backups",
        "One store of about 500 MiB of real snippets. Before the third phase, 1% of the Pieces are edited and 1% added. "
        "Figures are medians; in brackets are the median and the range of satchel's ratio to that program in each round. "
        "satchel sends to its cloud on a directory over loopback; the others write a local repository. Every restore is "
        "compared byte for byte.",
        7,
    ),
    Benchmark(
        "memory",
        "backup.memory",
        "Memory",
        "Peak resident set size of the client and of the service for growing stores.",
        1,
    ),
    Benchmark(
        "search",
        "client.search",
        "Search",
        "Stores of three sizes (`BENCH_SEARCH_SIZES`), of snippets of this machine's source files. Each query opens the store and "
        "the index; its time is the median of the rounds, in which the stores take turns. The first page is the same if "
        "it holds the same 10 Pieces as when every match is ranked.",
        7,
    ),
    Benchmark(
        "keystrokes",
        "client.keystrokes",
        "Search as you type",
        "The window in Chromium, over snippets of this machine's source files, with tags and three years of changes. Words of "
        "the snippets are typed letter by letter, a key every 120 ms; each time is from the key to the frame with its "
        "results, from Chromium's trace. The peer is the same page whose requests are answered at once, without a server. "
        "The first page is the same if it holds the same 10 Pieces as when every match is ranked, at every letter.",
        2,
    ),
    Benchmark(
        "completions",
        "client.completions",
        "Completion in an editor",
        "`satchel lsp` with pytest-lsp's client, over the stores of the section before: words of titles are typed letter "
        "by letter, and each letter is completed. A completion that is not ready after 500 ms is answered empty, and the "
        "editor asks again at the next key.",
        3,
    ),
    Benchmark(
        "meaning",
        "client.meaning",
        "Search by meaning",
        "Vectors between real snippets, whose queries are sentences from comments. Each query opens the index; the time "
        "of embedding it is not included. Its time is the median of the rounds, in which the two ways take turns. The "
        "ratio is the median over the queries, with the lowest and the highest. The last columns tell how many of the "
        "nearest the first pass over codes keeps.",
        5,
    ),
    Benchmark(
        "work",
        "client.work",
        "The memory of work",
        "A memory of 1,000,000 events: years of made-up work. Each process opens it and asks 100 questions; each time is "
        "the median of the rounds, in which the programs take turns. The model's own start is not included. Budgets: 150 ms "
        "for a question, 200 MB of resident memory, 5 ms for adding an event.",
        5,
    ),
    Benchmark(
        "startup",
        "client.startup",
        "Cold start",
        "Each offline command on a store of 10,000 Pieces, including start-up.",
        7,
    ),
    Benchmark(
        "models",
        "client.models",
        "Models",
        "Suggestions for 200 snippets of this machine's source files, in a fresh process on one thread: the first one, which "
        "loads the models, and later ones. Budgets: 500 ms for the first, 30 ms for later ones, 250 MiB for all "
        "together. Figures are medians; ratios are those to magika within each round.",
        7,
    ),
    Benchmark(
        "coldstart",
        "service.coldstart",
        "Service start",
        "From spawn to the first answer on an empty cloud, beside bare gunicorn + Starlette.",
        7,
    ),
    Benchmark(
        "box",
        "infra.box",
        "Many clouds on one machine",
        "Inside a container with systemd, whose clouds are registered, asleep or awake. Figures are medians; in brackets are "
        "the median and the range of the ratios within each round. The time of a wake-up is that from the connection to "
        "the first byte, with the sandbox of the unit; the spawned programs have none.",
        9,
    ),
    Benchmark(
        "wakeups",
        "service.wakeups",
        "Waking a cloud",
        "From the request that finds the cloud asleep until the first byte, beside bare gunicorn + Starlette woken in "
        "the same way. Figures are medians; ratios are medians of the rounds' own, with the "
        "lowest and highest round.",
        9,
    ),
    Benchmark(
        "storage",
        "service.storage_cold",
        "Reaching a bucket",
        "A fresh process that lists three objects, creates one and gets it, from spawn to exit, against moto's server on "
        "loopback. Medians; in brackets the first and third quartile. Ratios are medians of the rounds' own.",
        25,
    ),
    Benchmark(
        "pages",
        "page.pages",
        "The share page",
        "From the start of the navigation, with an empty browser cache. Figures are medians. The bare page is the "
        "minimum for this browser: nginx serves one script that fetches the same text unencrypted and shows it "
        "unchanged, also in a fresh process. Ratios are medians of pairs with "
        "their quartiles.",
        15,
    ),
    Benchmark(
        "opens",
        "service.openings",
        "Opening shares",
        "Requests per second to one service process, beside bare Starlette on the same gunicorn worker and nginx with "
        "one worker, which send the same bytes. An opening is a POST with the proof; with a view limit, it is answered "
        "once the view that it uses is in the log. Bare Starlette parses the same POST. `wrk` sends the requests over "
        "32 connections. Figures are medians of interleaved rounds, ratios with the lowest and highest round.",
        7,
    ),
    Benchmark(
        "durability",
        "log.durability",
        "Durability",
        "The log of the micro-database: a commit beside a put to its store, commits per second, waking up.",
        3,
    ),
    Benchmark(
        "knative",
        "infra.knative_provisions",
        "Provisions on Knative",
        "Clouds per second, one after the other, against the fake API server of the tests, which answers at once. "
        "Figures are medians with the lowest and highest round; a real cluster adds its own time to every write.",
        5,
    ),
    Benchmark(
        "cloudrun",
        "infra.cloudrun_provisions",
        "Provisions on Cloud Run",
        "Clouds created, found again and removed per second by `satchel-infra`, against the fakes of Google's APIs in the "
        "same process, which answer at once. On the live service, the quotas of the APIs set the pace. Medians.",
        3,
    ),
    Benchmark(
        "provisioning",
        "infra.provisioning",
        "The provisioner",
        "The provisioner's own work on 10,000 clouds in three generations of shards, with eight threads, over a platform "
        "in memory and records in a directory. Medians.",
        3,
    ),
)


def main() -> None:
    """Run the named benchmarks and write the reference page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"one of {', '.join(b.name for b in BENCHMARKS)} (default: all)",
    )
    parser.add_argument("--rounds", type=int, help="override the number of rounds")
    options = parser.parse_args()
    kept_at = REFERENCE / "benchmarks.json"
    figures: dict[str, list[report.Row]] = json.loads(kept_at.read_text()) if kept_at.exists() else {}
    for benchmark in BENCHMARKS:
        if not options.names or benchmark.name in options.names:
            print(f"{benchmark.heading} …", flush=True)
            figures[benchmark.name] = importlib.import_module(f"bench.{benchmark.module}").run(
                options.rounds or benchmark.rounds
            )
            print(report.table(figures[benchmark.name]), flush=True)
    kept_at.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")
    (REFERENCE / "benchmarks.md").write_text(page(figures))
    if "backups" in figures:
        (REFERENCE / "benchmarks.svg").write_text(plot(figures["backups"]))
    if {"pages", "opens"} <= figures.keys():
        write_share_page(figures)
    print(f"written: {REFERENCE / 'benchmarks.md'}")


def page(figures: dict[str, list[report.Row]]) -> str:
    """The reference page from the figures at hand."""
    text = (
        f"# Benchmarks\n\nMeasured by `make bench` on {machine()}. [Budgets](budgets.md) compares the figures with their "
        "goals.\n\n![Backup times beside other programs](benchmarks.svg)\n"
    )
    for benchmark in BENCHMARKS:
        if benchmark.name in figures:
            text += (
                f"\n## {benchmark.heading}\n\n{benchmark.about}\n\n{report.table(figures[benchmark.name])}"
            )
    return text


def plot(rows: list[report.Row]) -> str:
    """Seconds of each phase of the backups as bars."""
    phases = [column for column in rows[0] if column.endswith(", s")]
    groups = [
        (phase.removesuffix(", s"), [(row["program"], float(row[phase].split()[0])) for row in rows])
        for phase in phases
    ]
    return report.bars("Seconds, less is better", groups, "s")


def write_share_page(figures: dict[str, list[report.Row]]) -> None:
    """The figures of the page about the share page, with its plot."""
    path = REFERENCE / "share-page.md"
    path.write_text(report.filled(path.read_text(), lambda name: report.table(figures[name])))
    opens = [
        (
            f"{request}: per second, on",
            [
                (row["store"], float(row["per second"].replace(",", "")))
                for row in figures["opens"]
                if row["request"] == request
            ],
        )
        for request in dict.fromkeys(row["request"] for row in figures["opens"])
    ]
    readable = [
        (
            "until the text can be read, ms",
            [(row["share"], float(row[TEXT].split()[0])) for row in figures["pages"]],
        )
    ]
    plot = report.bars("The share page", [*readable, *opens], "")
    (REFERENCE / "share-page.svg").write_text(plot)


def machine() -> str:
    """The machine and the peers, in one line."""
    versions = [
        subprocess.run(command, capture_output=True, text=True, check=True)
        .stdout.split("\n")[0]
        .split(" compiled")[0]
        for command in (["restic", "version"], ["borg", "--version"])
    ]
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(versions)}"


if __name__ == "__main__":
    main()
