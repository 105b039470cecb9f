"""The program tesseract: its table of words, the layout, and its bounds."""

import stat
from pathlib import Path
from typing import Final

import pytest

from satchel.models import ocr
from satchel.models.ocr import NoReaderError, UnreadableImageError, read_image, tesseract
from satchel.models.ocr.tesseract import lay_out, parse_words

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
def test_code_is_read_without_the_extra(without_networks: None) -> None:
    read = read_image((IMAGES / "light.png").read_bytes())
    assert read.engine == "tesseract"
    assert read.is_code
    wanted = (IMAGES / "light.txt").read_text().splitlines()
    exact = sum(found == line for found, line in zip(read.text.split("\n"), wanted, strict=True))
    assert exact >= len(wanted) - 2


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
