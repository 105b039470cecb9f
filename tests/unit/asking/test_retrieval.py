"""The Pieces that fit a question, whatever signs it has, with the search by meaning and without."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.minilm import require_weights

from satchel.asking import Material, Retrieval
from satchel.asking.question import telling_words
from satchel.asking.retrieval import Narrowed
from satchel.index import Index
from satchel.store import Draft, Source, Store, WholeFile


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path) as made:
        made.add(
            Draft(
                b"def parse_header(line):\n    return line.partition(b':')\n",
                title="parse.py",
                language="python",
            )
        )
        made.add(
            Draft(b"# Release\n\nTag the commit, then push the tag.\n", title="How to release", tags=("ci",))
        )
        made.add(Draft(b"\x89PNG\r\n\x1a\n\0\0", media_type="image/png", title="a picture of the header"))
        made.add(
            Draft(
                b"retry: three times",
                title="proxy",
                files=(WholeFile("flaky.md", b"The flaky test waits for a port."),),
            )
        )
        yield made


def ask(
    store: Store, question: str, narrowed: Narrowed | None = None, *, meaning: bool = False
) -> list[Material]:
    with Index.open(store.path.parent, store) as index:
        return Retrieval(store, index, uses_meaning=meaning).find(question, narrowed=narrowed or Narrowed())


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("how did we parse the header?", "parse.py"),
        ('why "parse header" -draft OR lang:go tag:x*', "parse.py"),
        ("which steps are there to release", "How to release"),
        ("what about the flaky test?", "proxy"),
    ],
)
def test_any_telling_word_of_a_question_finds_a_piece(store: Store, question: str, title: str) -> None:
    assert ask(store, question)[0].title == title


def test_the_text_holds_further_files_and_no_image(store: Store) -> None:
    assert "waits for a port" in ask(store, "flaky")[0].text
    assert [one.title for one in ask(store, "picture")] == []


def test_filters_narrow_what_is_searched(store: Store) -> None:
    assert [one.title for one in ask(store, "header release", Narrowed(language="python"))] == ["parse.py"]
    assert [one.title for one in ask(store, "header release", Narrowed(tags=("ci",)))] == ["How to release"]
    assert ask(store, "header", Narrowed(tags=("none",))) == []


@pytest.mark.parametrize("question", ["?", "who", "-", "xyzzy quux"])
def test_nothing_is_found_for_what_no_piece_has(store: Store, question: str) -> None:
    assert ask(store, question) == []


def test_an_answer_that_was_kept_is_no_evidence(store: Store) -> None:
    store.add(
        Draft(b"Use zstandard.", title="which compression", source=Source("answer", "http://localhost m"))
    )
    assert ask(store, "compression") == []


def test_meaning_finds_what_no_word_does(store: Store) -> None:
    require_weights()
    assert ask(store, "publish a new version", meaning=True)[0].title == "How to release"


def test_words_that_only_ask_tell_nothing() -> None:
    assert telling_words("How did we parse the parseHTTPHeader again?") == ["parse", "http", "header"]
    assert telling_words("how was it") == ["how", "was", "it"]
