"""The table of languages holds together, and file names find their language."""

from collections import Counter

import pytest
from pygments.lexers import get_lexer_by_name

from satchel.pieces.languages import LANGUAGES, canonical_language, language_of_file

NOT_KNOWN_TO_PYGMENTS = {"svelte"}


@pytest.mark.parametrize("kind", ["extensions", "file_names", "aliases"])
def test_each_name_stands_with_one_language_only(kind: str) -> None:
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


@pytest.mark.parametrize("name", sorted({one.name for one in LANGUAGES} - NOT_KNOWN_TO_PYGMENTS))
def test_every_language_can_be_highlighted(name: str) -> None:
    assert get_lexer_by_name(name).name != "Text only" or name == "text"


def test_there_are_enough_of_them() -> None:
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
def test_a_file_name_tells_the_language(file_name: str, language: str | None) -> None:
    assert language_of_file(file_name) == language


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("py", "python"),
        ("C#", "csharp"),
        ("F#", "fsharp"),
        ("c", "c"),
        ("Objective-C", "objective-c"),
        ("GoLang", "go"),
    ],
)
def test_people_call_languages_by_several_names(said: str, meant: str) -> None:
    assert canonical_language(said) == meant


def test_an_unknown_language_keeps_its_name() -> None:
    assert canonical_language("My DSL") == "my dsl"
