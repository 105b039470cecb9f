"""Recall finds the episode that a question is about, by its time, place and topic."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from tests.unit.memory.days import HOME, all_days, events_of, parse

from satchel.memory import MemoryStore
from satchel.memory.forming import form_new
from satchel.memory.recall import evidence_of, read_question, recall
from satchel.memory.recall.embedding import embed_new, waiting
from satchel.memory.recall.topics import topic_of
from satchel.models.embedding import is_available, open_encoder

BERLIN: Final = ZoneInfo("Europe/Berlin")
NOW: Final = dt.datetime(2026, 11, 24, 9, 0, tzinfo=BERLIN)  # the Tuesday after the days of work
LEXER, INVOICE, DOCKER = "Make the lexer test", "Round invoice totals", "docker compose build worker"
GRAMMAR, PAYMENTS = "Describe the grammar", "kubectl apply -f deploy/payments.yaml"
ESCAPES, TABLE, WASM = (
    "Decode surrogate pairs",
    "Print the benchmark as a table",
    "The release build needs LTO off",
)

QUESTIONS: Final = (
    ("what did I try against the flaky test last week", LEXER),
    ("flaky lexer", LEXER),
    ("how did I fix rounding of invoices?", INVOICE),
    ("when did I deploy the payments to staging", PAYMENTS),
    ("the worker image that failed in docker", DOCKER),
    ("what did I document on Tuesday last week in repo parser", GRAMMAR),
    ("unicode escapes", ESCAPES),
    ("issue 57", TABLE),
    ("what did I benchmark last Wednesday", TABLE),
    ("why did we turn LTO off", WASM),
    ("what did I do last Thursday", WASM),
    ("what did I do on 19 November?", WASM),
    ("last Monday afternoon in shop", None),
    ("on Monday last week between 12:10 and 13:00 in the shop repo", DOCKER),
    ("rspec failures", INVOICE),
    ("what did I do in March", None),
    ("the submarine", None),
)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[MemoryStore]:
    with MemoryStore.create(tmp_path) as opened:
        opened.add(events_of(all_days()))
        form_new(opened, BERLIN, budget_s=None)
        yield opened


@pytest.mark.parametrize(("question", "title"), QUESTIONS, ids=[question for question, _ in QUESTIONS])
def test_a_question_finds_its_episode_first(memory: MemoryStore, question: str, title: str | None) -> None:
    found = [one.episode.title for one in recall(memory, question, NOW)]
    assert bool(found) == bool(title)
    assert found[:1] == [one for one in found[:1] if title and one.startswith(title)]


def test_the_last_and_the_first_time_are_found_by_time(memory: MemoryStore) -> None:
    memory.add(events_of(parse("1 | 15:00 | a | shop | 0 | docker compose build worker --no-cache", 7)))
    form_new(memory, BERLIN, budget_s=None)
    starts = [
        recall(memory, question, NOW)[0].episode.start_ms
        for question in (
            "when did I last build the worker",
            "when was the first time that I ran docker worker",
        )
    ]
    assert starts == sorted(starts, reverse=True)
    assert starts[0] - starts[1] > 6 * 86_400_000


@pytest.mark.parametrize(
    "question",
    [
        "what did I do last in shop",
        "what was my last work in repo shop?",
        "where did I stop in shop",
        "the latest work in the shop repo",
        "where we left off in shop",
    ],
)
def test_the_last_work_in_a_place_is_its_newest_episodes(memory: MemoryStore, question: str) -> None:
    found = [one.episode.start_ms for one in recall(memory, question, NOW, limit=3)]
    everything = [one.episode.start_ms for one in recall(memory, "what did I do in shop", NOW, limit=100)]
    assert found == sorted(everything, reverse=True)[:3]


def test_what_stands_last_in_a_thing_is_no_last_time() -> None:
    assert topic_of("the last build of the worker").wants == "last"
    assert topic_of("why is the last line cut").wants == "best"
    assert topic_of("at last the build is green").wants == "best"


def test_the_reason_names_words_time_and_place(memory: MemoryStore) -> None:
    [first, *_] = recall(memory, "the flaky test last week in repo parser", NOW)
    assert first.reason == "flaky, test; last week; in repo parser"
    assert first.score > 0


def test_a_time_without_a_topic_gives_what_mattered_most(memory: MemoryStore) -> None:
    found = recall(memory, "what did I do last Monday week", NOW) or recall(
        memory, "what did I do last week", NOW
    )
    assert len(found) == 5
    assert LEXER in found[0].episode.title


@pytest.mark.parametrize(
    ("question", "place", "expected"),
    [
        ("what did I do in repo shop", None, f"{HOME}/work/shop"),
        ("what did I do in the shop repository", None, f"{HOME}/work/shop"),
        ("what did I do for the shop project", None, f"{HOME}/work/shop"),
        ("the shop repo: what did I do", None, f"{HOME}/work/shop"),
        ("what did I do on project shop", None, f"{HOME}/work/shop"),
        ("what did I do in SHOP", None, f"{HOME}/work/shop"),
        ("what did I do in /home/ann/work/shop", None, f"{HOME}/work/shop"),
        ("what did I do", "shop", f"{HOME}/work/shop"),
        ("what did I do in parser", "shop", f"{HOME}/work/shop"),
    ],
)
def test_a_place_restricts(memory: MemoryStore, question: str, place: str | None, expected: str) -> None:
    found = recall(memory, question, NOW, place)
    assert {one.episode.repository for one in found} == {expected}


def test_a_directory_includes_those_below_it_and_no_other(
    memory: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", HOME)
    assert len(recall(memory, "what did I do in ~/work", NOW, limit=20)) == 8
    assert not recall(memory, "what did I do in ~/wor", NOW)
    assert not recall(memory, "what did I do", NOW, "unknown-place")


def test_a_host_restricts(memory: MemoryStore) -> None:
    memory.add(
        [
            replace(event, host="build.example.org")
            for event in events_of(parse("1 | 08:00 | z | ~/ | 0 | make lexer"))
        ]
    )
    form_new(memory, BERLIN, budget_s=None)
    for question in ("make lexer on build", "make lexer on host build.example.org"):
        found = recall(memory, question, NOW)
        assert [one.episode.hosts for one in found] == [("build.example.org",)]
    assert recall(memory, "the lexer on fire", NOW)  # no host: a word of the topic


def test_words_of_the_question_that_ask_are_no_topic() -> None:
    assert topic_of("what did I try against the flaky tests?").words == ("flaky", "test")
    assert topic_of("what was I doing").words == ()


def test_evidence_is_what_has_the_words(memory: MemoryStore) -> None:
    [first, *_] = recall(memory, "flaky", NOW)
    found = evidence_of(first.episode, topic_of("flaky"))
    assert found.commands == (
        "pytest tests/test_lexer.py -k flaky",
        "pytest tests/test_lexer.py -k flaky -x",
        "pytest tests/test_lexer.py -k flaky --count 50",
    )
    assert found.files == ()
    assert len(evidence_of(first.episode, topic_of("")).done) == 2


@pytest.mark.parametrize(
    "question",
    ['"', "a OR b*", "(", "NEAR(x)", "'; DROP TABLE episodes", "\x00", "in ", "on host", "%", "x" * 5000],
)
def test_any_question_is_answered(memory: MemoryStore, question: str) -> None:
    assert isinstance(recall(memory, question, NOW), list)
    assert isinstance(recall(memory, "", NOW, question), list)


def test_an_empty_memory_recalls_nothing(tmp_path: Path) -> None:
    with MemoryStore.create(tmp_path / "other") as memory:
        assert recall(memory, "anything", NOW) == []
        assert read_question(memory, "last week", NOW).span is not None


@pytest.mark.skipif(not is_available(), reason="the model's weights are missing")
def test_meaning_finds_an_episode_that_shares_no_word(memory: MemoryStore) -> None:
    encoder = open_encoder()
    embed_new(memory, encoder, None)
    assert waiting(memory.connection) == 0
    question = "emoji decoding"
    assert not recall(memory, question.split(maxsplit=1)[0], NOW)
    assert recall(memory, question, NOW, encoder=encoder)[0].episode.title.startswith(ESCAPES)
    for text, title in QUESTIONS:
        if title:
            assert title in recall(memory, text, NOW, encoder=encoder)[0].episode.title
    assert memory.connection.pragma("mmap_size") == 0, "mapped pages would count as memory of the process"
