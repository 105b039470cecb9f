"""`satchel save` reads the code in a screenshot; `satchel read` prints it."""

from pathlib import Path
from typing import Final

import pytest
from tests.cli.conftest import Cli

from satchel.models import ocr

IMAGES: Final = Path(__file__).parents[1] / "unit" / "models" / "ocr" / "images"
SCREENSHOT: Final = IMAGES / "plain.jpg"
TEXT: Final = (IMAGES / "plain.txt").read_text()


def test_the_code_in_a_screenshot_becomes_the_content(cli: Cli) -> None:
    answer = cli.ok("save", SCREENSHOT)
    piece = answer.text.strip()
    assert "read 6 lines in plain.jpg" in answer.err
    assert "--image-only saves it unread" in answer.err
    assert cli.ok("cat", piece).text == TEXT
    shown = cli.json("show", piece)
    assert [file["name"] for file in shown["files"]] == ["plain.jpg"]
    assert shown["media_type"] == "text/plain"
    assert cli.ok("show", piece, "--only", "plain.jpg").out == SCREENSHOT.read_bytes()
    assert piece in cli.ok("search", "depth").text
    assert "already here" in cli.ok("save", SCREENSHOT).err
    assert cli.ok("read", piece).text == TEXT


def test_a_piped_screenshot_is_read_too(cli: Cli) -> None:
    answer = cli.json("save", "-", "--language", "text", stdin=SCREENSHOT.read_bytes())
    assert [file["name"] for file in answer["files"]] == ["image.jpeg"]
    assert answer["language"] == "text"


@pytest.mark.parametrize("way", ["--image-only", "--images=keep", "setting"])
def test_an_image_can_be_kept_unread(cli: Cli, way: str) -> None:
    if way == "setting":
        cli.ok("settings", "set", "save.images", "keep")
    piece = cli.json("save", SCREENSHOT, *([] if way == "setting" else [way]))
    assert piece["files"] == []
    assert cli.ok("cat", piece["id"]).out == SCREENSHOT.read_bytes()


def test_a_diagram_and_a_damaged_image_stay_images(cli: Cli, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes((IMAGES / "light.png").read_bytes()[:300])
    answer = cli.ok("save", IMAGES / "diagram.png", damaged)
    diagram, broken = answer.text.split()
    assert cli.ok("cat", diagram).out == (IMAGES / "diagram.png").read_bytes()
    assert cli.ok("cat", broken).out == damaged.read_bytes()
    assert "saving damaged.png as an image: the image is damaged" in answer.err


def test_without_an_engine_the_image_is_saved_and_the_hint_says_what_to_install(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ocr, "has_networks", lambda: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    answer = cli.ok("save", SCREENSHOT)
    assert cli.ok("cat", answer.text.strip()).out == SCREENSHOT.read_bytes()
    assert "satchel[ocr]" in answer.err
    assert cli.run("read", SCREENSHOT).code == 1


def test_read_prints_the_text_and_saves_nothing(cli: Cli) -> None:
    assert cli.ok("read", SCREENSHOT).text == TEXT
    document = cli.json("read", "-", stdin=SCREENSHOT.read_bytes())
    assert document["text"] == TEXT.rstrip("\n")
    assert document["lines"][0]["text"] == "Options"
    assert cli.json("list")["pieces"] == []


def test_read_refuses_what_is_no_image(cli: Cli, tmp_path: Path) -> None:
    text = tmp_path / "a.txt"
    text.write_text("text")
    assert cli.run("read", text).code == 2
    assert cli.run("read", "nothing.png").code == 3
    assert cli.run("read", cli.save("text")).code == 3
