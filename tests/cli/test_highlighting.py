"""Highlighting ends in time for any text, and never changes the text."""

import re
from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import Cli

from satchel.cli.terminal.highlighting import HIGHLIGHTED_CHARS, Highlighter

# So that a busy machine does not end the time of a short text.
PATIENT: Final = {"processor_s": 60.0, "elapsed_s": 120.0}
# Each took minutes or hours.
ENDLESS = {
    "markdown": "# t" + "\n" * 25_000 + "x",
    "javascript": "A." * 50_000,
    "html": "<!--" * 25_000,
}


def without_colors(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize(("language", "text"), [*ENDLESS.items()], ids=list(ENDLESS))
def test_an_endless_text_stays_plain(language: str, text: str) -> None:
    with Highlighter(processor_s=0.5) as highlighter:
        assert highlighter.highlight(text, language) == text
        assert highlighter.highlight("x = 1", "python") == "x = 1"  # the time is for all texts


@pytest.mark.parametrize(("language", "text"), [*ENDLESS.items()], ids=list(ENDLESS))
def test_an_endless_text_is_shown(cli: Cli, language: str, text: str) -> None:
    piece = cli.save(text, "--language", language, "--title", "endless")
    code, said = cli.talk("show", piece)
    assert code == 0
    assert without_colors(said).replace("\r\n", "\n").partition("\n")[2].startswith(text + "\n")


def test_many_endless_files_take_the_time_of_one(cli: Cli, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.js" for number in range(30)]
    for path in paths:
        path.write_text(ENDLESS["javascript"])
    first, *others = paths
    options = [argument for path in others for argument in ("--file", str(path))]
    piece = cli.ok("save", first, *options).text.strip()
    code, said = cli.talk("show", piece)
    assert code == 0
    assert said.count(ENDLESS["javascript"]) == len(paths)


def test_several_texts_are_highlighted() -> None:
    with Highlighter(**PATIENT) as highlighter:
        for language, text in (
            ("python", "def f():\n\n    pass"),
            ("json", '{"a": [1, true]}'),
            ("python", "\n\nx = 1\n\n"),
        ):
            colored = highlighter.highlight(text, language)
            assert colored != text
            assert without_colors(colored) == text


@pytest.mark.parametrize("language", ["", "text", "cowspeak", "../x", "python\n", "a" * 5000])
def test_other_languages_stay_plain(language: str) -> None:
    with Highlighter(**PATIENT) as highlighter:
        assert highlighter.highlight("x = 1", language) == "x = 1"
        assert highlighter.highlight("x = 1", "python") != "x = 1"


def test_long_text_stays_plain() -> None:
    text = "x = 1\n" * (HIGHLIGHTED_CHARS // 6 + 1)
    with Highlighter(**PATIENT) as highlighter:
        assert highlighter.highlight(text, "python") == text


@pytest.mark.parametrize("text", ["x = '\ud800'", "x = 'é日😀'", "\r\n\r\n", ""])
def test_any_text_comes_back(text: str) -> None:
    with Highlighter(**PATIENT) as highlighter:
        assert without_colors(highlighter.highlight(text, "python")) == text
