"""`satchel recall` and `satchel standup`: what they show, on a terminal, in a pipe and as JSON."""

import datetime as dt
from dataclasses import replace
from typing import Final

import pytest
from tests.cli.conftest import Cli
from tests.unit.memory.days import DAYS, events_of, parse

from satchel.memory import MemoryStore
from satchel.memory.model import Event

WEEK: Final = "--since", "2026-11-16", "--until", "2026-11-20"
DAY_MS: Final = 86_400_000


@pytest.fixture
def home(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A command line on a home with the days of work in its memory, and no store."""
    monkeypatch.setattr("satchel.cli.commands.memory.recall.is_available", lambda: False)
    with MemoryStore.create(empty.home) as memory:
        for day, table in enumerate(DAYS):
            memory.add(events_of(parse(table, day)))
    return empty


def moved_to_now(table: str) -> list[Event]:
    """Return the events of a table as if the last one were a minute ago."""
    events = events_of(parse(table))
    shift = round(dt.datetime.now(dt.UTC).timestamp() * 1000) - events[-1].at_ms - 60_000
    return [replace(event, at_ms=event.at_ms + shift) for event in events]


def test_recall_shows_episodes_with_their_evidence(home: Cli) -> None:
    shown = home.ok(
        "recall", "what", "fixed", "the", "flaky", "test", *WEEK, "--limit", "1", terminal=True
    ).text
    assert "Make the lexer test independent of the order of sets" in shown
    assert "$ pytest tests/test_lexer.py -k flaky --count 50" in shown
    assert "failed 2 times, then succeeded" in shown
    assert "git status" not in shown


def test_recall_prints_rows_in_a_pipe(home: Cli) -> None:
    [line] = home.ok("recall", "round invoice totals", *WEEK, "--limit", "1").lines
    _, when, place, outcome, title, reason = line.split("\t")
    assert when.startswith("2026-11-16 Mon ")
    assert (place, outcome, title) == ("shop", "done", "Round invoice totals to cents")
    assert reason == "round, invoice, total"


def test_recall_prints_a_document(home: Cli) -> None:
    document = home.json("recall", "the payments on 17 November 2026", "--in", "shop")
    [episode] = document["episodes"]
    assert episode["title"] == "kubectl apply -f deploy/payments.yaml"
    assert episode["evidence"]["commands"] == [
        "vim deploy/payments.yaml",
        "kubectl apply -f deploy/payments.yaml",
        "kubectl rollout status deployment/payments -n staging",
    ]
    assert document["time"]["words"] == "on 17 November 2026"
    assert (document["place"], document["topic"], document["waiting"]) == ("shop", ["payment"], 0)


def test_a_question_about_a_time_alone_shows_the_days(home: Cli) -> None:
    document = home.json("recall", "what did I do between 2026-11-16 and 2026-11-18")
    assert [one["title"] for one in document["summaries"]] == ["shop, parser", "parser, shop", "parser"]
    shown = home.ok("recall", "what did I do on 2026-11-19", terminal=True).text
    assert shown.startswith("\x1b[2mday of 2026-11-19 Thu")
    assert "with notes by claude" in shown
    weeks = home.json("recall", "what did I do between 2026-11-10 and 2026-11-30")["summaries"]
    assert {one["kind"] for one in weeks} == {"day"}  # few days had any work


def test_times_in_options_are_words_dates_or_durations(home: Cli) -> None:
    for since, found in (("2026-11-19", 1), ("16 November 2026", 5), ("2026-11-19 16:30", 0)):
        assert len(home.json("recall", "what did I do", "--since", since)["episodes"]) == found, since
    assert home.run("recall", "x", "--since", "someday").code == 2
    assert home.run("recall", "x", "--since", "2026-11-19", "--until", "2026-11-16").code == 2
    assert home.run("recall", " ").code == 2


def test_standup_groups_by_repository(home: Cli) -> None:
    shown = home.ok("standup", "--since", "2026-11-16", terminal=True).text
    parser, shop = sorted(shown.split("\n\n"), key=lambda part: "shop" in part.splitlines()[0])
    assert "committed" in parser
    assert "Decode surrogate pairs in escapes (#42)" in parser
    assert "Round invoice totals to cents" in shop
    assert "kubectl apply -f deploy/payments.yaml" in shop


def test_standup_prints_rows_and_a_document(home: Cli) -> None:
    rows = [line.split("\t") for line in home.ok("standup", "--since", "2026-11-16").lines]
    assert ["shop", "committed", "Round invoice totals to cents"] in rows
    assert ["shop", "done", "docker compose build worker"] in rows
    document = home.json("standup", "--since", "2026-11-19")
    [work] = document["repositories"]
    assert (work["name"], work["commits"], len(work["episodes"])) == ("parser", [], 1)
    assert document["since"].endswith("Z")


def test_standup_begins_with_the_last_working_day(home: Cli) -> None:
    with MemoryStore.open(home.home) as memory:
        memory.add(
            moved_to_now("1 | 09:00 | a | parser | 0 | make wheels\n1 | 09:01 | a | parser | 0 | make docs")
        )
        memory.add(
            [
                Event(
                    "shell",
                    round(dt.datetime.now(dt.UTC).timestamp() * 1000) - 8 * DAY_MS,
                    "make old",
                    place="/x",
                )
            ]
        )
    rows = [line.split("\t") for line in home.ok("standup").lines]
    assert [row[0] for row in rows] == ["parser"]


def test_what_is_not_there_is_told(empty: Cli, home: Cli) -> None:
    answer = home.run("recall", "submarine")
    assert (answer.code, answer.out, answer.err) == (0, b"", "nothing found\n")
    assert "nothing since" in home.run("standup", "--since", "2030-01-01").err
    other = Cli(empty.home.with_name("other"))
    for name in (["recall", "x"], ["standup"]):
        answer = other.run(*name)
        assert answer.code == 3
        assert "satchel memory on shell" in answer.err
    assert not other.home.exists()


def test_commands_cannot_control_the_terminal(empty: Cli) -> None:
    evil = "make \x1b]0;owned\x07 \x1b[2J\u202egpj"
    with MemoryStore.create(empty.home) as memory:
        event = events_of(parse("1 | 09:00 | a | parser | 1 | make x"))[0]
        memory.add([replace(event, text=evil, repository=f"/x/{evil}", place=f"/x/{evil}", host=evil)])
        memory.add([replace(event, source="agents", text=evil, session=evil, repository=f"/x/{evil}")])
    for line in (
        ["recall", "make", "--no-pager"],
        ["recall", "what did I do on 2026-11-16"],
        ["standup", "--since", "2026-11-16"],
    ):
        for arguments in (line, [*line, "--json"]):
            shown = empty.ok(*arguments, terminal=True).text
            for styled in ("\x1b[2m", "\x1b[1m", "\x1b[31m", "\x1b[0m"):
                shown = shown.replace(styled, "")
            assert "owned" in shown
            assert not set(shown) & {"\x1b", "\x07", "\u202e"}
        piped = empty.ok(*line).text
        assert "\x1b" not in piped


def test_a_memory_that_cannot_be_written_is_read(home: Cli) -> None:
    assert home.json("recall", "lexer")["episodes"]
    home.home.joinpath("memory.db").chmod(0o400)
    home.home.chmod(0o500)
    try:
        assert home.json("recall", "lexer")["episodes"]
    finally:
        home.home.chmod(0o700)
