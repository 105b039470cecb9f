"""The manual pages and completion scripts of the wheel. `make share` writes them anew."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from docs_site.share import COMPLETIONS, SHARE, share_files

FILES = dict(share_files())


def test_the_files_are_those_of_the_commands() -> None:
    kept = {
        path.relative_to(SHARE).as_posix(): path.read_text() for path in SHARE.rglob("*") if path.is_file()
    }
    assert kept.keys() == FILES.keys(), "run: make share"
    assert [path for path, text in FILES.items() if kept[path] != text] == [], "run: make share"


@pytest.mark.tool("groff")
def test_roff_accepts_every_manual_page_without_a_warning() -> None:
    for path in sorted((SHARE / "man").rglob("*.1")):
        done = subprocess.run(
            ["groff", "-man", "-ww", "-z", "-Tutf8", path], capture_output=True, text=True, check=True
        )
        assert done.stderr == "", path


@pytest.mark.tool("groff")
def test_a_manual_page_shows_options_and_examples_as_they_are_typed() -> None:
    page = SHARE / "man" / "man1" / "satchel-save.1"
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-P-cbou", page], capture_output=True, text=True, check=True
    )
    assert "--tag" in done.stdout
    assert "satchel save" in done.stdout
    assert "EXIT STATUS" in done.stdout


@pytest.mark.parametrize(
    ("shell", "check"),
    [
        pytest.param("bash", "-n", marks=pytest.mark.tool("bash")),
        pytest.param("zsh", "-n", marks=pytest.mark.tool("zsh")),
        pytest.param("fish", "--no-execute", marks=pytest.mark.tool("fish")),
    ],
)
def test_each_shell_accepts_its_completion_script(shell: str, check: str) -> None:
    subprocess.run([shell, check, SHARE / COMPLETIONS[shell]], check=True)


@pytest.mark.slow
def test_the_wheel_installs_them(tmp_path: Path) -> None:
    built = next(WheelBuilder(str(SHARE.parent.parent)).build(directory=str(tmp_path)))
    with zipfile.ZipFile(built) as wheel:
        shared = {
            name.partition(".data/data/share/")[2] for name in wheel.namelist() if ".data/data/share/" in name
        }
    assert shared == FILES.keys()
