"""Every promise of the threat model has code and tests, and no page names anything that does not exist."""

import re
from typing import Final, NamedTuple

import pytest

from audit.named_tests import ROOT, missing_tests, named_tests

MODEL: Final = (ROOT / "docs/spec/threat-model.md").read_text(encoding="utf-8")
PAGE: Final = (ROOT / "docs/security/promises.md").read_text(encoding="utf-8")
NAME: Final = re.compile(r"\bP-[A-Z]+(?:-[A-Z]+)*\b")
ROW: Final = re.compile(r"^\| (P-[A-Z-]+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
CODE: Final = re.compile(r"`([^`]+)`")


class Kept(NamedTuple):
    """A section of promises.md: a promise, the code that keeps it, and the text that names its tests."""

    name: str
    promise: str
    code: list[str]
    tests: str


def promises() -> dict[str, str]:
    """Return the promises of the threat model by name."""
    return {name: promise for name, promise, _ in ROW.findall(MODEL)}


def sections() -> list[Kept]:
    """Return the sections of promises.md."""
    made = []
    for section in PAGE.split("\n## ")[1:]:
        name, promise, code, _, tests = section.strip().split("\n\n", 4)
        made.append(Kept(name, promise, CODE.findall(code), tests))
    return made


SECTIONS: Final = sections()


def test_the_page_has_the_promises_of_the_threat_model_word_for_word() -> None:
    assert len(promises()) > 30
    assert [(kept.name, kept.promise) for kept in SECTIONS] == list(promises().items())


def test_each_promise_is_made_against_an_actor_or_for_an_asset() -> None:
    outside_table = ROW.sub("", MODEL)
    assert set(NAME.findall(outside_table)) == set(promises())


@pytest.mark.parametrize("kept", SECTIONS, ids=lambda kept: kept.name)
def test_a_promise_names_existing_code(kept: Kept) -> None:
    assert kept.code
    assert [path for path in kept.code if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("kept", SECTIONS, ids=lambda kept: kept.name)
def test_a_promise_names_existing_tests(kept: Kept) -> None:
    lines = kept.tests.splitlines()
    assert len(named_tests(kept.tests)) == len(lines) > 0
    assert missing_tests(kept.tests) == []


def test_every_page_names_only_existing_promises_and_tests() -> None:
    for page in sorted(
        [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("tests/security/**/*.md")]
    ):
        text = page.read_text(encoding="utf-8")
        assert set(NAME.findall(text)) <= set(promises()), page
        assert missing_tests(text) == [], page
