"""The manual pages and completion scripts of the wheel. `make share` writes them anew."""

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from docs_site.share import SHARE, share_files

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


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_accepts_its_completion_script(shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    [script] = [SHARE / path for path in FILES if not path.startswith("man/") and shell in path]
    subprocess.run([program, "--no-execute" if shell == "fish" else "-n", script], check=True)


@pytest.mark.slow
def test_the_wheel_installs_them(tmp_path: Path) -> None:
    build = "import sys; from hatchling.builders.wheel import WheelBuilder; print(next(WheelBuilder('.').build(directory=sys.argv[1])))"
    import sys

    done = subprocess.run(
        [sys.executable, "-c", build, tmp_path],
        cwd=SHARE.parent.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    with zipfile.ZipFile(done.stdout.strip()) as wheel:
        shared = {
            name.partition(".data/data/share/")[2] for name in wheel.namelist() if ".data/data/share/" in name
        }
    assert shared == FILES.keys()
