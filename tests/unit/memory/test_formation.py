"""Events become episodes: by place, pause and topic, whatever the order in which they arrive."""

import random
from dataclasses import replace
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.memory.days import DAYS, all_days, at_ms, borders_of, events_of, parse

from satchel.memory.formation import form, form_block, summarize
from satchel.memory.formation.blocks import MOST_EVENTS, PAUSE_MS, blocks_of, order
from satchel.memory.formation.commands import read_command
from satchel.memory.formation.moments import moment_of
from satchel.memory.model import Episode, Event

BERLIN: Final = ZoneInfo("Europe/Berlin")


def episodes_of(table: str) -> list[Episode]:
    return form(events_of(parse(table)))


@pytest.mark.parametrize("day", range(len(DAYS)))
def test_a_day_of_work_has_its_episodes(day: int) -> None:
    steps = parse(DAYS[day], day)
    formed = [set(episode.events) for episode in form(events_of(steps))]
    assert formed == list(borders_of(steps).values())


def test_an_episode_tells_what_was_done() -> None:
    first, second, third = episodes_of(DAYS[0])
    assert first.title == "Make the lexer test independent of the order of sets"
    assert "failed 2 times, then succeeded: pytest tests/test_lexer.py -k flaky --count 50" in first.done
    assert first.outcome == second.outcome == third.outcome == "done"
    assert first.files == ("src/lexer.py", "tests/test_lexer.py")
    assert first.repository == "/home/ann/work/parser"
    assert first.hosts == ("laptop",)
    assert "git status" not in first.commands
    assert third.title == "docker compose build worker"
    assert third.done == "failed once, then succeeded: docker compose up worker"


def test_an_episode_ends_as_its_last_check_did() -> None:
    failed, opened, interrupted = (
        episodes_of(f"1 | 09:00 | a | parser | 0 | vim a.py\n1 | 09:01 | a | parser | {code} | {command}")[
            0
        ].outcome
        for code, command in (("1", "make test"), ("", "make test"), ("130", "python serve.py"))
    )
    assert (failed, opened, interrupted) == ("failed", "open", "open")


def test_an_episode_names_the_agents_among_its_events() -> None:
    [episode] = form(events_of(parse(DAYS[3])))
    assert episode.agents == ("claude",)
    assert all(not one.agents for one in form(events_of(parse(DAYS[0]))))


def test_links_are_kept_without_punctuation() -> None:
    [episode] = episodes_of(
        "1 | 09:00 | a | parser | 0 | curl 'https://example.org/a?b=1', https://example.org/x."
    )
    assert episode.links == ("https://example.org/a?b=1", "https://example.org/x")


def test_a_pause_ends_an_episode_and_a_short_one_does_not() -> None:
    table = "1 | 09:00 | a | parser | 0 | make lexer\n1 | {} | a | parser | 0 | make lexer-tables"
    assert [len(episodes_of(table.format(clock))) for clock in ("09:20", "12:00")] == [1, 2]


@pytest.mark.parametrize(
    ("later", "count"),
    [
        ("a | parser | 0 | git commit --amend --no-edit", 1),
        ("a | parser | 0 | git add -A && git commit --fixup HEAD", 1),
        ("a | parser | 0 | git rebase --continue", 1),
        ("git | parser | | Cut the tables :: tables.c", 1),
        ("a | parser | 0 | wget example.org/fonts.zip", 2),
    ],
)
def test_a_commit_that_is_changed_or_recorded_later_stays_in_its_episode(later: str, count: int) -> None:
    table = f"""
        1 | 09:00 | a | parser | 0 | make lexer
        1 | 09:05 | a | parser | 0 | pytest tests/test_lexer.py
        1 | 09:10 | a | parser | 0 | git commit -m 'Name the tokens of the lexer'
        1 | 10:10 | {later}
        1 | 10:11 | a | parser | 0 | pytest tests/test_fonts.py
    """
    assert len(episodes_of(table)) == count


def test_a_long_command_is_no_pause() -> None:
    events = events_of(
        parse("1 | 09:00 | a | parser | 0 | make train\n1 | 11:01 | a | parser | 0 | make report")
    )
    assert len(form(events)) == 2
    assert len(form([replace(events[0], duration_ms=2 * 3_600_000), events[1]])) == 1


@pytest.mark.parametrize(
    ("command", "program", "matters"),
    [
        ("ls -la", "ls", False),
        ("cd src && ls", "cd src", False),
        ("cd src && make test", "make test", True),
        ("git status", "git status", False),
        ("git -C /srv/app log --oneline", "git log", False),
        ("git rebase -i HEAD~3", "git rebase", True),
        ("sudo systemctl restart nginx", "systemctl restart", True),
        ("RUST_LOG=debug cargo test parser", "cargo test", True),
        ("cat a.txt | grep b | sort > c", "grep b", True),
        ("vim", "vim", False),
        ("./run.sh --fast", "run.sh", True),
        ("", "", False),
        ("&& ; |", "", False),
    ],
)
def test_a_command_line_is_read(command: str, program: str, matters: bool) -> None:
    found = read_command(command)
    assert (found.program, found.matters) == (program, matters)


def test_the_message_of_a_commit_is_read() -> None:
    assert read_command("git commit -am 'Fix the \"odd\" case'").message == 'Fix the "odd" case'
    assert read_command('git commit --message="Fix it"').message == "Fix it"
    assert read_command("git switch -c issue-42-escapes").branch == "issue-42-escapes"
    assert read_command("git checkout -- a.py").branch == ""


def test_days_and_weeks_have_summaries() -> None:
    summaries = summarize(form(events_of(all_days())), BERLIN)
    days = [one for one in summaries if one.kind == "day"]
    [week] = [one for one in summaries if one.kind == "week"]
    assert [one.title for one in days] == ["shop, parser", "parser, shop", "parser", "parser"]
    assert days[0].text.splitlines() == [
        "shop: Round invoice totals to cents; docker compose build worker",
        "parser: Make the lexer test independent of the order of sets",
    ]
    assert (week.start_ms, week.end_ms) == (at_ms("00:00") - 3_600_000, at_ms("00:00", 7) - 3_600_000)


def test_a_summary_counts_what_it_leaves_out() -> None:
    table = "\n".join(f"1 | {7 + n}:00 | a | parser | {n % 2} | make part{n}" for n in range(0, 14, 2))
    lines = [one.text for one in summarize(form(events_of(parse(table))), BERLIN)]
    assert lines[0].startswith("parser: ")
    assert lines[0].endswith("; 1 more")


# -- properties -------------------------------------------------------------------------------

_TEXTS: Final = [
    "ls", "git status", "cd ~/work/parser", "make test", "pytest tests/test_a.py", "vim src/lexer.py", "git push",
    "git commit -m 'Add lexer tables'", "git switch -c fix-parser", "docker compose up", "kubectl get pods", "\x1b[31m",
    "python bench.py --rows 10", "git checkout main", "", "a" * 3000,
]  # fmt: skip
_EVENTS: Final = st.lists(
    st.builds(
        Event,
        source=st.sampled_from(["shell", "shell", "shell", "git", "agents", "files"]),
        at_ms=st.one_of(st.integers(0, 20).map(lambda n: n * 61_000), st.integers(0, 10**9)),
        text=st.one_of(st.sampled_from(_TEXTS), st.text(max_size=8)),
        place=st.sampled_from(["/home/ann", "/home/ann/work/parser", "/home/ann/work/shop", ""]),
        repository=st.sampled_from(["", "/home/ann/work/parser", "/home/ann/work/shop"]),
        session=st.sampled_from(["a", "b"]),
        host=st.sampled_from(["laptop", "server"]),
        duration_ms=st.sampled_from([0, 0, 5_000, 10**7]),
        exit_code=st.sampled_from([None, 0, 0, 1, 130]),
    ),
    max_size=40,
).map(lambda events: [replace(event, id=number) for number, event in enumerate(events, 1)])


@settings(max_examples=50)
@given(_EVENTS)
def test_every_event_is_in_one_episode_or_tells_nothing(events: list[Event]) -> None:
    formed = [id_ for episode in form(events) for id_ in episode.events]
    assert len(formed) == len(set(formed))
    left = {event.id for event in events}.difference(formed)
    assert not [event for event in events if event.id in left and moment_of(event).matters]


@settings(max_examples=50)
@given(_EVENTS, st.randoms())
def test_the_order_of_arrival_is_irrelevant(events: list[Event], chance: random.Random) -> None:
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert form(shuffled) == form(events)


@settings(max_examples=50)
@given(_EVENTS)
def test_blocks_are_formed_by_themselves(events: list[Event]) -> None:
    by_block = [one for block in blocks_of(sorted(events, key=order)) for one in form_block(block)]
    assert sorted(by_block, key=repr) == sorted(form(events), key=repr)


def test_a_block_without_a_pause_is_cut() -> None:
    many = [Event("shell", at * 1000, "make", id=at) for at in range(MOST_EVENTS + 5)]
    assert [len(block) for block in blocks_of(many)] == [MOST_EVENTS, 5]
    assert [len(block) for block in blocks_of([many[0], replace(many[1], at_ms=PAUSE_MS)])] == [1, 1]
