"""Archives that are older, forked, swapped, damaged, cut or another owner's."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from tests.cli.conftest import Cli
from tests.security.evil_server.running import Runner
from tests.security.evil_server.scenarios import SCENARIOS, Scenario
from tests.security.evil_server.server import Attack, Raw, Seen
from tests.security.evil_server.verdict import Outcome
from tests.security.evil_server.world import VARIABLES, digest, serving
from tests.support.asgi import Answer

READING: Final = [each for each in SCENARIOS if "download_archive" in each.operations]
REPLACING: Final = frozenset({"restore", "restore --into"})
NOT_AUTHENTIC: Final = frozenset({5})
WRONG_RANGE: Final = frozenset({5, 6})


def flipped(place: float) -> Callable[[Runner, Seen, Answer], Answer]:
    """Return a change of one bit, at a place from 0 to 1 of every answer."""

    def change(_: Runner, __: Seen, answer: Answer) -> Answer:
        body = bytearray(answer.body)
        if body:
            body[min(int(len(body) * place), len(body) - 1)] ^= 1
        return Answer(answer.status, answer.headers, bytes(body))

    return change


def instead(runner: Runner, seen: Seen, archive: bytes) -> Answer:
    """Answer a range with the bytes of another archive."""
    start, _, end = seen.headers["range"].removeprefix("bytes=").partition("-")
    body = archive[int(start) : int(end) + 1]
    stated = f"bytes {start}-{int(start) + len(body) - 1}/{len(archive)}"
    return Answer(206, {"content-range": stated, "content-type": "application/octet-stream"}, body)


def of_other(runner: Runner, seen: Seen, _: Answer) -> Answer:
    """Answer with another backup of the same owner."""
    names = runner.template.names
    asked = seen.path.rpartition("/")[2]
    other = names["b3"] if asked != names["b3"] else names["b1"]
    assert runner.evil.cloud is not None
    return runner.evil.cloud.answer(
        "GET", seen.path.replace(asked, other), {**seen.headers, "host": "cloud"}, b""
    )


def ranged(stated: str, *, status: int = 206) -> Callable[[Runner, Seen, Answer], Answer]:
    """Return a change of the range that an answer states."""

    def change(_: Runner, seen: Seen, answer: Answer) -> Answer:
        real = answer.headers.get("content-range", "bytes 0-0/1")
        start, size = real.removeprefix("bytes ").partition("-")[0], real.rpartition("/")[2]
        headers = {**answer.headers, "content-range": stated.format(start=start, size=size, real=real)}
        return Answer(status, headers, answer.body)

    return change


Altered = Callable[[Runner, Seen, Answer], Answer]
ARCHIVES: Final[dict[str, tuple[Altered, frozenset[int]]]] = {
    "a bit at the start": (flipped(0.0), NOT_AUTHENTIC),
    "a bit in the middle": (flipped(0.5), NOT_AUTHENTIC),
    "a bit at the end": (flipped(1.0), NOT_AUTHENTIC),
    "zeros": (lambda _, __, answer: Answer(206, answer.headers, bytes(len(answer.body))), NOT_AUTHENTIC),
    "another backup's": (of_other, NOT_AUTHENTIC),
    "another owner's": (
        lambda runner, seen, _: instead(runner, seen, runner.template.strangers["archive"]),
        NOT_AUTHENTIC,
    ),
    "empty": (lambda _, __, answer: Answer(206, answer.headers, b""), NOT_AUTHENTIC),
    "one byte short": (lambda _, __, answer: Answer(206, answer.headers, answer.body[:-1]), NOT_AUTHENTIC),
    "one byte long": (lambda _, __, answer: Answer(206, answer.headers, answer.body + b"x"), NOT_AUTHENTIC),
    "whole instead of a range": (ranged("{real}", status=200), WRONG_RANGE),
    "of an enormous size": (ranged("bytes {start}-9/999999999999999999"), WRONG_RANGE),
    "of a size beyond numbers": (ranged("bytes {start}-9/" + "9" * 5_000), WRONG_RANGE),
    "of a negative size": (ranged("bytes {start}-9/-5"), WRONG_RANGE),
    "of size zero": (ranged("bytes {start}-9/0"), WRONG_RANGE),
    "of an unknown size": (ranged("bytes {start}-9/*"), WRONG_RANGE),
    "of digits that are not ASCII": (ranged("bytes {start}-9/\u0669\u0669\u0669\u0669"), WRONG_RANGE),
    "of another unit": (ranged("evil {start}-9/{size}"), WRONG_RANGE),
    "of another start": (ranged("bytes 7-9/{size}"), WRONG_RANGE),
    "without a range": (ranged(""), WRONG_RANGE),
}


def attack_archives(runner: Runner, alter: Altered) -> Attack:
    """Return the attack that changes every part of every archive."""
    return Attack(
        "download_archive",
        lambda seen, answer: alter(runner, seen, answer) if answer.status < 300 else answer,
    )


@pytest.mark.parametrize("scenario", READING, ids=lambda each: each.name)
def test_a_changed_archive_is_refused(runner: Runner, scenario: Scenario) -> None:
    found = []
    for name, (alter, codes) in ARCHIVES.items():
        outcome = runner.run(scenario, attack_archives(runner, alter))
        assert outcome.altered, name
        found += [
            f"{name}: {fault}\n   {outcome.err.strip()}"
            for fault in runner.faults(scenario, outcome, codes, "download_archive")
        ]
        found += [f"{name}: {left} is left" for left in leftovers(runner, outcome)]
    assert not found, "\n".join(found)


def leftovers(runner: Runner, outcome: Outcome) -> list[str]:
    """Return what a failed restore has left in its target, except the file that locked it."""
    if outcome.code == 0 or "--into" not in outcome.arguments:
        return []
    into = runner.folder_of(outcome)
    files = [str(path.relative_to(into)) for path in into.rglob("*") if path.is_file()]
    return [each for each in files if each != "backups/lock"]


def listed(runner: Runner, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Attack:
    """Return the attack that changes the list of backups."""

    def alter(_: Seen, answer: Answer) -> Answer | Raw:
        return Answer(answer.status, answer.headers, json.dumps(change(json.loads(answer.body))).encode())

    return Attack("list_backups", alter)


@pytest.mark.parametrize("name", ["restore", "verify"])
def test_an_older_list_is_not_the_latest(runner: Runner, name: str) -> None:
    scenario = next(each for each in SCENARIOS if each.name == name)
    earlier = runner.template.earlier["backups"]
    outcome = runner.run(scenario, listed(runner, lambda _: earlier))
    assert runner.faults(scenario, outcome, {5} if name == "restore" else {0, 5}, "list_backups") == []
    if name == "restore":
        assert "older" in outcome.err


def test_a_fork_is_not_the_latest(runner: Runner, tmp_path: Path) -> None:
    """The cloud answers as if a copy of this home had made the backup that this home has made."""
    template, evil = runner.template, runner.evil
    shutil.copytree(template.folder / "desk", tmp_path / "desk")
    shutil.copytree(template.folder / "forked" / "cloud", tmp_path / "cloud")
    before = digest(tmp_path / "desk")
    with serving(evil, tmp_path / "cloud"):
        ran = Cli(tmp_path / "desk", VARIABLES).run("restore", "--yes")
    assert (ran.code, ran.out) == (5, b"")
    assert "another device or a copy of this home made it" in ran.err
    assert digest(tmp_path / "desk")["store.db"] == before["store.db"]


@pytest.mark.parametrize("name", ["restore", "restore --into"])
def test_a_restore_that_succeeds_has_the_owners_pieces(runner: Runner, name: str) -> None:
    scenario = next(each for each in SCENARIOS if each.name == name)

    def swap(page: dict[str, Any]) -> dict[str, Any]:
        strangers = runner.template.strangers["backups"]["backups"]
        return {**page, "backups": [*strangers, *page["backups"]]}

    outcome = runner.run(scenario, listed(runner, swap), keep=True)
    assert runner.faults(scenario, outcome, {0}, "list_backups") == []
    home = runner.folder_of(outcome) if "--into" in outcome.arguments else runner.kept_home
    titles = titles_in(home / "store.db")
    assert {"first", "second", "third"} <= titles
    assert "a stranger's Piece" not in titles
    runner.drop_kept()


def titles_in(path: Any) -> set[str]:  # noqa: ANN401  a path
    """Return the titles in a store."""
    with sqlite3.connect(path) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = set[str]()
        for table in tables:
            columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
            if "title" in columns:
                found |= {str(row[0]) for row in database.execute(f"SELECT title FROM {table}")}
    database.close()
    return found
