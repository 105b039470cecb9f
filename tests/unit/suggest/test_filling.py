"""Filling empty fields of a draft with suggestions."""

from dataclasses import replace
from typing import Final

import pytest

from satchel.errors import SatchelError
from satchel.models import registry
from satchel.models.interface import EXAMINED_CHARS, Field, Model, Subject, Suggestion
from satchel.models.registry import entry_named, open_model
from satchel.pieces.fields import MAX_SUGGESTED, MAX_SUGGESTED_CHARS
from satchel.pieces.suggested import refused, taken
from satchel.store import Draft, Source, SuggestedValue
from satchel.suggest import fill, fill_quickly, subject_of
from satchel.suggest.filling import (
    MAX_ASKED,
    MAX_TAGS,
    Answer,
    Described,
    accepted,
    describe,
    describe_safely,
    quick_models,
)

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
    filled = fill_quickly(Draft(b"x", source=source))
    assert replace(filled, suggested=()) == Draft(b"x", title="a.py", language="python", source=source)
    assert set(filled.suggested) == {
        SuggestedValue("title", "a.py", "file-names/1"),
        SuggestedValue("language", "python", "file-names/1"),
    }
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
    assert {each.model for each in described} == {"file-names/1", "first-lines/2"}


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


def test_what_is_taken_is_listed_with_its_model() -> None:
    filled = fill(
        Draft(b""), [one("tag", "http"), one("tag", "wire", model="other/2"), one("link", "https://x")]
    )
    assert set(taken(filled)) == {
        SuggestedValue("tags", "http", "m/1"),
        SuggestedValue("tags", "wire", "other/2"),
        SuggestedValue("links", "https://x", "m/1"),
    }


def test_what_was_refused_is_not_suggested_again() -> None:
    draft = Draft(b"", suggested=(SuggestedValue("title", "no", "m/1"), SuggestedValue("tags", "no", "m/1")))
    filled = fill(draft, [one("title", "no"), one("title", "yes", 0.5), one("tag", " #No ")])
    assert (filled.title, filled.tags) == ("yes", ())
    assert refused(filled) == draft.suggested


def test_a_full_list_takes_no_more_suggestions() -> None:
    full = tuple(SuggestedValue("tags", f"t{number}", "m/1") for number in range(MAX_SUGGESTED - 1))
    filled = fill(Draft(b"", suggested=full), [one("tag", "a"), one("tag", "b")])
    assert filled.tags == ("a",)


def test_values_are_normalized_and_those_over_a_limit_are_left_out() -> None:
    long = "x" * (MAX_SUGGESTED_CHARS + 1)
    filled = fill(Draft(b""), [one("title", long), one("title", " a\ttitle ", 0.5), one("language", "PY")])
    assert (filled.title, filled.language) == ("a title", "python")
    assert fill(Draft(b""), [one("title", " \n "), one("description", long)]) == Draft(b"")


def test_each_suggestion_is_asked_about() -> None:
    asked: list[str] = []

    def ask(suggestion: Described) -> Answer:
        asked.append(suggestion.suggestion.value)
        return {"a": "refuse", "b": "skip", "http": "take", "wire": "refuse"}.get(asked[-1], "take")  # type: ignore[return-value]

    described = [one("title", value) for value in "abcd"] + [one("tag", "http"), one("tag", "wire")]
    filled = fill(Draft(b"", language="go"), [*described, one("language", "python")], ask=ask)
    assert asked == ["a", "b", "c", "http", "wire"]
    assert (filled.title, filled.tags, filled.language) == ("c", ("http",), "go")
    assert [value.value for value in refused(filled)] == ["a", "wire"]


def test_few_suggestions_of_a_field_are_asked_about() -> None:
    asked: list[Described] = []

    def ask(suggestion: Described) -> Answer:
        asked.append(suggestion)
        return "skip"

    assert fill(Draft(b""), [one("title", str(number)) for number in range(9)], ask=ask) == Draft(b"")
    assert len(asked) == MAX_ASKED


def test_a_model_that_cannot_be_loaded_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = registry.Entry("broken", 1, "a purpose", "no_such_module", ("title",))
    damaged = registry.Entry(
        "damaged", 1, "a purpose", "file_names", ("title",), ("no_such_package",), "models"
    )
    monkeypatch.setattr(registry, "ENTRIES", (*registry.ENTRIES, broken, damaged))
    described, failed = describe_safely(Subject("# hi"), [broken, damaged, *quick_models()])
    assert [one.suggestion.value for one in described] == ["hi"]
    assert failed == [broken, damaged]
    with pytest.raises((SatchelError, ImportError)):
        describe(Subject("# hi"), [broken])
