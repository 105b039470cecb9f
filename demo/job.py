"""The job of the demo: import source code, describe, find, ask, recall, back up, share, restore, merge, undelete.

    steps = Steps(variables)
    fill(steps, folder, sources)
    describe(steps, folder)
    ask(steps, folder)
    recall(steps, folder)
    do_job(steps, folder, cloud)
    show_ledger(steps, folder)

Every step runs the installed command. The tests of the guide to self-hosting run the same job on each kind of cloud.
"""

import ast
import difflib
import html
import inspect
import json
import secrets
import shutil
import statistics
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

from bench.service.process import BIN
from satchel.cli.terminal.text import format_count
from satchel.memory.database import MemoryStore
from satchel.memory.model import Event
from satchel.store.store import Store

REFUSED: Final = 4
CHANGED_FRACTION: Final = 0.01
DESCRIBED: Final = (
    statistics.median,
    shutil.copyfileobj,
    html.escape,
    textwrap.shorten,
    difflib.get_close_matches,
)
QUERY: Final = "middle number"  # none of its words is in the function that it finds
REMEMBER: Final = "what did I try against the shorten test yesterday"
REMEMBERED: Final = (
    ("pytest tests/test_shorten.py", 1),
    ("python -m pdb shorten.py", 0),
    ("pytest tests/test_shorten.py", 0),
    ("git commit -m 'Shorten at the borders of words'", 0),
)
WORK: Final = "/work/text"
MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
ANSWER_LINES: Final = 6
QUESTION: Final = "how do I shorten a text to a width?"


class Cloud(Protocol):
    """A cloud that devices connect to. `url` is its address, or its provisioner's."""

    url: str

    def first_device(self) -> list[str]:
        """Return the options with which the first device connects."""
        ...

    def next_device(self, make_code: Callable[[], str]) -> list[str]:
        """Return the options for another device; `make_code` makes a pairing code on the first one."""
        ...


@dataclass
class Steps:
    """Runs commands, prints them as typed, and records how long each took."""

    env: dict[str, str]
    timings: list[tuple[str, float]] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Print a line and record it for the picture."""
        self.printed.append(text)
        print(text, flush=True)

    def run(self, home: Path, *words: str, stdin: str = "", show: bool = True, code: int = 0) -> Any:  # noqa: ANN401  # a JSON document
        """Run a satchel command with --json, check its exit code and return its document."""
        if show:
            self.say(f"\n$ satchel --home {home.name} {' '.join(words)}")
        started = time.perf_counter()
        command = [str(BIN / "satchel"), "--home", str(home), "--json", *words]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=self.env, check=False)
        if done.returncode != code:
            sys.exit(
                f"the demo failed: satchel {words[0]} exited with {done.returncode}: {done.stderr.strip()}"
            )
        self.timings.append((words[0], time.perf_counter() - started))
        return json.loads(done.stdout)

    def refuse(self, home: Path, *words: str) -> None:
        """Run a satchel command that must be refused (exit code 4), and print its reason."""
        command = [str(BIN / "satchel"), "--home", str(home), *words]
        done = subprocess.run(command, capture_output=True, text=True, env=self.env, check=False)
        if done.returncode != REFUSED:
            sys.exit(f"the demo failed: satchel {words[0]} exited with {done.returncode}, not {REFUSED}")
        for line in done.stderr.splitlines():
            self.say(f"  {line}")


def do_job(steps: Steps, folder: Path, cloud: Cloud) -> None:
    """Do the job on a cloud with the laptop of `fill`, and exit with a reason at the first step that fails."""
    laptop = folder / "laptop"
    _back_up(steps, laptop, cloud)
    _share(steps, laptop, folder / "colleague")
    _restore(steps, laptop, folder / "new-laptop", cloud)
    _merge(steps, laptop, folder / "new-laptop")
    _undelete(steps, laptop)


def fill(steps: Steps, folder: Path, sources: Path) -> None:
    """Make a laptop in `folder`, and import a folder of source code."""
    laptop = folder / "laptop"
    steps.run(laptop, "init")
    steps.say("\n$ satchel --home laptop import python    # the Python standard library")
    imported = steps.run(laptop, "import", str(sources), show=False)
    steps.say(f"  {imported['imported']:,} Pieces in {steps.timings[-1][1]:.1f} s")
    steps.run(laptop, "search", "index", show=False)  # brings the index up to date
    found = steps.run(laptop, "search", "parse http header lang:python", "--no-meaning")
    steps.say(
        f"  {len(found['pieces'])} found in {steps.timings[-1][1] * 1000:.0f} ms; first: {found['pieces'][0]['title']}"
    )


def describe(steps: Steps, folder: Path) -> None:
    """Save functions without their docstrings, and show what the models of this device make of them."""
    notes = folder / "notes"
    steps.run(notes, "init", show=False)
    steps.say(
        "\n$ satchel --home notes save -    # functions of the standard library, without their docstrings"
    )
    for function in DESCRIBED:
        saved = steps.run(notes, "save", "-", stdin=_without_docstring(function), show=False)
        tags = ", ".join(saved["tags"]) or "no tags"
        steps.say(f"  {saved['language']}: {saved['title']} ({tags})")
    if find_spec("onnxruntime") is None:
        return
    found = steps.run(notes, "search", QUERY)["pieces"]
    if not found or "median" not in found[0]["title"].casefold():
        sys.exit(f"the demo failed: the search for {QUERY!r} did not find the median")
    steps.say(f"  found by meaning: {found[0]['title']}")


def ask(steps: Steps, folder: Path) -> None:
    """Ask a question about the saved functions, which this device answers by quoting, and show that nothing left."""
    notes = folder / "notes"
    steps.say(f"\n$ satchel --home notes ask {QUESTION!r}    # without a language model")
    answer = steps.run(notes, "ask", QUESTION, "--limit", "1", show=False)
    for line in str(answer["answer"]).splitlines()[:ANSWER_LINES]:
        steps.say(f"  {line}")
    if answer["model"] is not None or "shorten" not in str(answer["answer"]):
        sys.exit("the demo failed: the answer does not quote the function that shortens a text")
    left = steps.run(notes, "ledger")["entries"]
    steps.say(f"  {len(left)} entries: nothing has left this home")


def recall(steps: Steps, folder: Path) -> None:
    """Let the memory hold an hour of yesterday, as a shell's hook records it, and ask what was done."""
    notes = folder / "notes"
    began_ms = time.time_ns() // 1_000_000 - DAY_MS
    with MemoryStore.create(notes) as memory:
        memory.add(
            Event("shell", began_ms + number * MINUTE_MS, text, WORK, WORK, "demo", exit_code=code)
            for number, (text, code) in enumerate(REMEMBERED)
        )
    found = steps.run(notes, "recall", REMEMBER)["episodes"]
    if not found or found[0]["title"] != "Shorten at the borders of words":
        sys.exit(f"the demo failed: recall did not find what was done about {REMEMBER!r}")
    steps.say(f"  {found[0]['title']} ({found[0]['outcome']}; {found[0]['reason']})")
    for line in found[0]["done"]:
        steps.say(f"    {line}")


def show_ledger(steps: Steps, folder: Path) -> None:
    """Show what left the laptop, by kind, and verify the record of it."""
    laptop = folder / "laptop"
    steps.say("\n$ satchel --home laptop ledger    # what left this device, by kind")
    entries = steps.run(laptop, "ledger", "--limit", "100000", show=False)["entries"]
    for kind in sorted({entry["kind"] for entry in entries}):
        sizes = [entry["bytes"] for entry in entries if entry["kind"] == kind]
        steps.say(f"  {kind}: {format_count(len(sizes), 'request')}, {_mb(sum(sizes))}")
    verified = steps.run(laptop, "ledger", "verify")
    steps.say(f"  {verified['records']:,} records verified: none was changed or removed")


def _without_docstring(function: Callable[..., object]) -> str:
    tree = ast.parse(inspect.getsource(function))
    definition = tree.body[0]
    if isinstance(definition, ast.FunctionDef) and ast.get_docstring(definition):
        definition.body = definition.body[1:]
    return ast.unparse(tree)


def _back_up(steps: Steps, laptop: Path, cloud: Cloud) -> None:
    steps.run(laptop, "connect", cloud.url, *cloud.first_device())
    first = steps.run(laptop, "backup")
    steps.say(
        f"  sealed and sent {_mb(first['size_bytes'])} for {first['pieces']:,} Pieces in {first['seconds']:.1f} s"
    )
    changed = _change(steps, laptop)
    second = steps.run(laptop, "backup")
    share = second["size_bytes"] / first["size_bytes"]
    steps.say(
        f"  edited {changed} Pieces; sent {_mb(second['size_bytes'])} ({share:.1%} of the first backup) "
        f"in {second['seconds']:.1f} s"
    )


def _change(steps: Steps, laptop: Path) -> int:
    """Edit 1% of the Pieces, each with its own command."""
    pieces = steps.run(laptop, "list", "--all", show=False)["pieces"]
    chosen = pieces[:: round(1 / CHANGED_FRACTION)]
    for number, piece in enumerate(chosen):
        content = steps.run(laptop, "show", piece["id"], show=False)["content"]
        steps.run(
            laptop, "edit", piece["id"], "-", stdin=f"{content}\n# reviewed, note {number}\n", show=False
        )
    return len(chosen)


def _share(steps: Steps, laptop: Path, colleague: Path) -> None:
    piece = steps.run(laptop, "search", "textwrap fill dedent lang:python", show=False)["pieces"][0]
    shared = steps.run(laptop, "share", piece["id"], "--expires", "7d", "--views", "3")
    steps.say(f"  {shared['link'].split('#')[0]}#… (the key after # never reaches the server)")
    steps.say("\n$ satchel get LINK    # as a colleague, without keys or an account")
    got = steps.run(colleague, "get", shared["link"], show=False)
    original = steps.run(laptop, "show", piece["id"], show=False)
    if got["content"] != original["content"]:
        sys.exit("the demo failed: the link opened a different Piece")
    steps.say(f"  {got['title']}: {len(got['content']):,} characters, identical to the shared Piece")
    key = secrets.token_urlsafe(30)
    leaky = steps.run(laptop, "save", "-", stdin=f"SERVICE_API_KEY = {key!r}\n", show=False)
    steps.say("\n$ satchel --home laptop share ID    # of a Piece that holds an API key")
    steps.refuse(laptop, "share", leaky["id"])
    steps.run(laptop, "rm", leaky["id"], "--yes", show=False)


def _restore(steps: Steps, laptop: Path, new_laptop: Path, cloud: Cloud) -> None:
    words = steps.run(laptop, "recovery", "show", show=False)["words"]
    options = cloud.next_device(lambda: str(steps.run(laptop, "devices", "add", show=False)["code"]))
    steps.say("\n$ satchel --home new-laptop recovery use    # the 24 words, on another device")
    steps.run(
        new_laptop, "recovery", "use", stdin=words if isinstance(words, str) else " ".join(words), show=False
    )
    steps.run(new_laptop, "connect", cloud.url, *options)
    restored = steps.run(new_laptop, "restore", "latest")
    steps.say(f"  {restored['pieces']:,} Pieces restored in {restored['seconds']:.1f} s")
    same = _compare(laptop, new_laptop)
    steps.say(f"  compared every Piece, its text, tags and history: all {same:,} are identical")


def _merge(steps: Steps, laptop: Path, new_laptop: Path) -> None:
    """Edit the same Piece on both devices and another on each, then sync until both have everything."""
    pieces = steps.run(laptop, "list", "--limit", "3", show=False)["pieces"]
    shared, mine, theirs = (piece["id"] for piece in pieces)
    for home, own in ((laptop, mine), (new_laptop, theirs)):
        steps.run(home, "edit", own, "-", stdin=f"written on the {home.name}\n", show=False)
        steps.run(home, "edit", shared, "-", stdin=f"the {home.name}'s version\n", show=False)
    steps.say("\n  edited a Piece on each device, and one on both")
    steps.run(laptop, "sync")
    merged = steps.run(new_laptop, "sync")["merged"]
    updated, conflicts = (sum(each[name] for each in merged) for name in ("updated", "conflict_count"))
    steps.say(
        f"  {updated} Pieces updated; {conflicts} edited on both: the later edit is current, both are kept"
    )
    steps.run(laptop, "sync")
    same = _compare(laptop, new_laptop)
    steps.say(f"  all {same:,} Pieces and their histories are identical on both devices")


def _undelete(steps: Steps, laptop: Path) -> None:
    """Delete every backup, as a thief would, and bring them back."""
    backups = steps.run(laptop, "backups", show=False)["backups"]
    steps.say("\n$ satchel --home laptop backups rm ID    # each of them, as a thief would")
    for backup in backups:
        steps.run(laptop, "backups", "rm", backup["id"], show=False)
    pending = steps.run(laptop, "status", show=False, code=1)["pending_deletions"]
    steps.say(f"  {len(pending)} backups deleted; no device can stop you from bringing them back for 7 days")
    back = steps.run(laptop, "backups", "undelete", "--all")["ids"]
    steps.run(laptop, "verify", show=False)
    steps.say(f"  {len(back)} backups are back, and the latest one is verified")


def _compare(one: Path, other: Path) -> int:
    """Compare two homes Piece by Piece, return their number, and exit at the first difference."""
    with Store.open(one, read_only=True) as mine, Store.open(other, read_only=True) as theirs:
        pieces = list(mine.pieces())
        if pieces != list(theirs.pieces()):
            sys.exit("the demo failed: the restored Pieces differ")
        for piece in pieces:
            if mine.content(piece.id) != theirs.content(piece.id) or mine.revisions(
                piece.id
            ) != theirs.revisions(piece.id):
                sys.exit(f"the demo failed: the restored Piece {piece.id} differs")
    return len(pieces)


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.2f} MB"
