"""The table of languages is consistent; languages are found by file name and alias."""

from collections import Counter

import pytest
from pygments.lexers import get_lexer_by_name

from satchel.pieces.languages import LANGUAGES, canonical_language, language_of_file

UNKNOWN_TO_PYGMENTS = {"svelte"}


@pytest.mark.parametrize("kind", ["extensions", "file_names", "aliases"])
def test_each_name_belongs_to_one_language(kind: str) -> None:
    count = Counter(name for language in LANGUAGES for name in getattr(language, kind))
    assert {name for name, times in count.items() if times > 1} == set()


def test_no_alias_is_the_name_of_another_language() -> None:
    aliases = {alias for language in LANGUAGES for alias in language.aliases}
    assert aliases & {language.name for language in LANGUAGES} == set()


def test_every_name_is_in_lower_case() -> None:
    names = {
        name
        for language in LANGUAGES
        for name in (language.name, *language.extensions, *language.file_names, *language.aliases)
    }
    assert {name for name in names if name != name.casefold()} == set()


@pytest.mark.parametrize("name", sorted({one.name for one in LANGUAGES} - UNKNOWN_TO_PYGMENTS))
def test_every_language_can_be_highlighted(name: str) -> None:
    assert get_lexer_by_name(name).name != "Text only" or name == "text"


def test_at_least_80_languages_are_known() -> None:
    assert len(LANGUAGES) >= 80


@pytest.mark.parametrize(
    ("file_name", "language"),
    [
        ("a.py", "python"),
        ("A.PY", "python"),
        ("x.test.tsx", "typescript"),
        ("Dockerfile", "docker"),
        ("Dockerfile.dev", "docker"),
        ("api.dockerfile", "docker"),
        ("Makefile", "make"),
        ("GNUmakefile", "make"),
        ("CMakeLists.txt", "cmake"),
        ("notes.txt", "text"),
        (".bashrc", "bash"),
        (".env.local", "properties"),
        ("README", "markdown"),
        ("Cargo.lock", "toml"),
        ("go.mod", "go"),
        ("picture.png", None),
        ("noextension", None),
        ("", None),
        (".", None),
    ],
)
def test_the_language_of_a_file_is_found_from_its_name(file_name: str, language: str | None) -> None:
    assert language_of_file(file_name) == language


@pytest.mark.parametrize(
    ("alias", "language"),
    [
        ("py", "python"),
        ("C#", "csharp"),
        ("F#", "fsharp"),
        ("c", "c"),
        ("Objective-C", "objective-c"),
        ("GoLang", "go"),
    ],
)
def test_aliases_resolve_to_the_canonical_name(alias: str, language: str) -> None:
    assert canonical_language(alias) == language


def test_an_unknown_language_keeps_its_name() -> None:
    assert canonical_language("My DSL") == "my dsl"
