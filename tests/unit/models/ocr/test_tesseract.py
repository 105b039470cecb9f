"""The program tesseract: its table of words, the layout, and its bounds."""

import stat
from pathlib import Path
from typing import Final

import pytest

from satchel.models import ocr
from satchel.models.ocr import NoReaderError, UnreadableImageError, read_image, tesseract
from satchel.models.ocr.words import lay_out, parse_words

IMAGES: Final = Path(__file__).parent / "images"


def row(line: int, left: int, width: int, text: str, confidence: str = "96.5") -> str:
    top = 10 + line * 20
    return "\t".join(
        ["5", "1", "1", "1", str(line), "1", str(left), str(top), str(width), "14", confidence, text]
    )


@pytest.fixture
def without_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "has_networks", lambda: False)


@pytest.mark.tool("tesseract")
@pytest.mark.parametrize(("name", "wrong", "numbers"), [("light", 1, 0), ("dark", 1, 8), ("selected", 2, 9)])
def test_code_is_read_without_the_extra(without_networks: None, name: str, wrong: int, numbers: int) -> None:
    read = read_image((IMAGES / f"{name}.png").read_bytes())
    assert read.engine == "tesseract"
    assert read.is_code
    wanted = (IMAGES / f"{name}.txt").read_text().splitlines()
    exact = sum(found == line for found, line in zip(read.text.split("\n"), wanted, strict=True))
    assert exact >= len(wanted) - wrong
    assert read.numbers_removed >= numbers


def test_ink_places_the_columns() -> None:
    table = row(0, 101, 70, "function") + "\n" + row(1, 137, 52, "return")
    ink = [0] * 100 + [0, 4, 4, 4, 4, 4, 4, 4, 0] * 12
    assert lay_out(parse_words(table), ink).text == "function\n    return"


@pytest.mark.parametrize(("read", "meant"), [("[-1,@,2]", "[-1,0,2]"), ("@property", "@property"), ('"$@"', '"$@"'), ("3", "}")])  # fmt: skip
def test_what_the_program_takes_for_another_character(read: str, meant: str) -> None:
    assert lay_out(parse_words(row(0, 100, 9 * len(read), read))).text == meant


def test_line_numbers_are_left_out() -> None:
    table = "\n".join(row(n, 20, 9, str(n + 7)) + "\n" + row(n, 56, 54, "return") for n in range(6) if n != 3)
    read = lay_out(parse_words(table))
    assert read.text == "return\nreturn\nreturn\n\nreturn\nreturn"
    assert read.numbers_removed == 5
    assert lay_out(parse_words(table), keep_numbers=True).text.startswith("7   return")


def test_words_are_placed_in_columns() -> None:
    table = "\n".join([
        row(0, 100, 72, "function"), row(0, 181, 36, "name"), row(1, 136, 54, "return"), row(3, 100, 9, "}"),
    ])  # fmt: skip
    assert lay_out(parse_words(table)).text == "function name\n    return\n\n}"


@pytest.mark.parametrize(
    "table",
    [
        "",
        "level\tpage_num",
        "5\t1",
        row(0, 1, 0, "x"),
        row(0, 1, 9, "x", "-1"),
        row(0, 1, 9, " "),
        "\0\t" * 30,
    ],
)
def test_other_rows_are_left_out(table: str) -> None:
    assert lay_out(parse_words(table)).text == ""


def test_without_any_engine_the_error_says_what_to_install(
    without_networks: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoReaderError) as raised:
        read_image((IMAGES / "light.png").read_bytes())
    assert "pipx install --force 'satchel[ocr]'" in raised.value.hint


@pytest.mark.parametrize("script", ["exit 1", "sleep 60", "kill -9 $$"])
def test_a_program_that_fails_or_hangs_is_one_line(
    script: str, without_networks: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "tesseract"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tesseract, "TIMEOUT_S", 0.5)
    with pytest.raises(UnreadableImageError) as raised:
        read_image((IMAGES / "light.png").read_bytes())
    assert "\n" not in raised.value.message
    assert raised.value.hint
