"""Filling empty fields of a draft with suggestions."""

from typing import Final

import pytest

from satchel.models.interface import EXAMINED_CHARS, Field, Model, Subject, Suggestion
from satchel.models.registry import entry_named, open_model
from satchel.store import Draft, Source
from satchel.suggest import fill, fill_quickly, subject_of
from satchel.suggest.filling import MAX_TAGS, Described, accepted, describe, quick_models

SURE: Final = 0.9


def one(field: Field, value: str, confidence: float = SURE, model: str = "m/1") -> Described:
    return Described(Suggestion(field, value, confidence, "a reason"), model)


def test_given_fields_are_kept() -> None:
    draft = Draft(b"# hi", title="mine", language="ruby", source=Source("file", "a.py"))
    assert fill_quickly(draft) == draft
    full = Draft(b"x", title="t", description="d", language="go", tags=("a",), links=("l",))
    others: tuple[Field, ...] = ("title", "description", "language", "tag", "link")
    assert fill(full, [one(field, "other") for field in others]) == full


def test_missing_fields_are_filled_in() -> None:
    source = Source("file", "a.py")
    assert fill_quickly(Draft(b"x", source=source)) == Draft(
        b"x", title="a.py", language="python", source=source
    )
    assert fill_quickly(Draft(b"# hi")).title == "hi"


def test_the_file_name_of_a_source_precedes_its_location() -> None:
    draft = Draft(b"x", source=Source("gist", "https://gist.example.org/1", "main.rs"))
    filled = fill_quickly(draft)
    assert (filled.title, filled.language) == ("main.rs", "rust")


def test_a_url_is_not_a_file_name() -> None:
    assert fill_quickly(Draft(b"x", source=Source("gist", "https://gist.example.org/1.py"))).language is None


def test_the_most_confident_suggestion_is_taken() -> None:
    described = describe(Subject("# first line", file_name="a.py"), quick_models())
    confidences = [each.suggestion.confidence for each in described]
    assert confidences == sorted(confidences, reverse=True)
    assert fill(Draft(b""), described).title == "a.py"


def test_an_unsure_suggestion_is_not_taken() -> None:
    filled = fill(Draft(b""), [one("language", "go", 0.4), one("description", "d", 0.4)])
    assert (filled.language, filled.description) == (None, "")


def test_tags_are_distinct_and_few() -> None:
    described = [one("tag", f"t{number // 2}") for number in range(MAX_TAGS * 4)]
    assert fill(Draft(b""), described).tags == tuple(f"t{number}" for number in range(MAX_TAGS))


def test_a_framework_or_query_fills_no_field() -> None:
    described = [one("framework", "django", 1.0), one("query", "parse header", 1.0)]
    assert accepted(described, "framework") == []
    assert fill(Draft(b"x"), described) == Draft(b"x")


def test_a_subject_has_a_bounded_text_and_no_text_of_an_image() -> None:
    assert len(subject_of(Draft("ü".encode() * 2**20)).text) == EXAMINED_CHARS
    assert subject_of(Draft(b"\x89PNG\r\n\x1a\n")).text == ""


def test_every_suggestion_names_the_model_that_made_it() -> None:
    described = describe(Subject("x", file_name="a.py"), quick_models())
    assert {each.model for each in described} == {"file-names/1", "first-lines/1"}


def test_no_model_is_asked_for_a_language_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []

    def opening(name: str) -> Model:
        opened.append(name)
        return open_model(name)

    monkeypatch.setattr("satchel.suggest.filling.open_model", opening)
    entries = [entry_named("file-names"), entry_named("language")]
    for subject in (Subject("x = 1", file_name="a.py"), Subject("x = 1", language="go")):
        describe(subject, entries)
    assert opened == ["file-names", "file-names"]
    describe(Subject("x = 1", file_name="notes"), entries)
    assert opened[2:] == ["file-names", "language"]
