"""The table of models: every entry opens, keeps its promises, and says what it lacks."""

import pytest

from satchel.errors import MissingExtraError
from satchel.models import registry
from satchel.models.interface import Subject
from satchel.models.registry import ENTRIES, Entry, describing, missing_packages, open_model

HOSTILE = ["", "\0", "a" * 65_536, "\ufeff#!", "}{" * 5_000, "\u202e" * 100, "def f(:\n" * 3_000, "'" * 999]


def test_names_are_distinct() -> None:
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("entry", describing(), ids=lambda entry: entry.name)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_model_answers_for_any_text(entry: Entry, text: str) -> None:
    model = open_model(entry.name)
    for content in (text.encode(), bytes(range(256)) * 8):
        subject = Subject(text, content=content)
        found = list(model.suggest(subject))
        assert found == list(model.suggest(subject))
        confidences = [one.confidence for one in found]
        assert confidences == sorted(confidences, reverse=True)
        assert all(0 <= confidence <= 1 for confidence in confidences)
        assert all(one.field in entry.fields and one.value and len(one.value) <= 1_000 for one in found)
        assert all(one.reason and one.reason.splitlines() == [one.reason] for one in found)


def test_a_model_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry("other", 1, "a purpose", "other", ("title",), ("no_such_package",), "models")
    monkeypatch.setattr(registry, "ENTRIES", (entry,))
    assert missing_packages(entry) == ("no_such_package",)
    assert describing() == []
    with pytest.raises(MissingExtraError) as raised:
        open_model("other")
    assert raised.value.hint == "install it with its extra: pipx install --force 'satchel[models]'"
