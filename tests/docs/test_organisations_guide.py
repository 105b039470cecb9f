"""docs/guides/organisations.md: runs the page's commands for installing satchel without the internet."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs/guides/organisations.md").read_text()
WEIGHTS: Final = ("minilm.onnx", "minilm-vocab.txt")
"""The files that `make setup` converts; they are not in the repository."""


def blocks() -> list[list[str]]:
    """Return the lines of the page's blocks of commands."""
    found = re.findall(r"^```\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return [block.splitlines() for block in found]


def test_the_page_collects_on_one_machine_and_installs_on_another(tmp_path: Path) -> None:
    collect, install = blocks()
    assert collect[0].startswith("make setup ")
    checkout, other = tmp_path / "checkout", tmp_path / "other"
    check_out(checkout)
    run(collect[1:], checkout, venv(tmp_path / "connected"))
    other.mkdir()
    shutil.move(checkout / "wheelhouse", other / "wheelhouse")
    programs = venv(tmp_path / "offline")
    unreachable = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    run(install, other, programs, {**unreachable, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""})
    shown = subprocess.run(
        [programs / "satchel", "--home", other / "home", "models", "--json"], check=True, capture_output=True
    ).stdout
    models = {model["name"]: model for model in json.loads(shown)["models"]}
    assert models["magika"]["is_installed"], "the packages of [models] came with the wheelhouse"
    has_weights = all((ROOT / "client/satchel/models/weights" / name).exists() for name in WEIGHTS)
    assert models["minilm"]["is_installed"] == has_weights


def check_out(folder: Path) -> None:
    """Copy the repository's files, and the weights that `make setup` would convert."""
    folder.mkdir()
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    archive = subprocess.run(
        ["tar", "--create", "--null", "--files-from=-"],
        cwd=ROOT,
        input=names,
        capture_output=True,
        check=True,
    ).stdout
    subprocess.run(["tar", "--extract", f"--directory={folder}"], input=archive, check=True)
    weights = Path("client/satchel/models/weights")
    for name in WEIGHTS:
        if (ROOT / weights / name).exists():
            shutil.copy(ROOT / weights / name, folder / weights / name)


def venv(folder: Path) -> Path:
    """Create an environment with pip only, and return the folder of its programs."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return folder / "bin"


def run(lines: list[str], folder: Path, programs: Path, environ: dict[str, str] | None = None) -> None:
    """Run lines in one shell that stops at the first failure."""
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", "\n".join(lines)],
        cwd=folder,
        env={**os.environ, **(environ or {}), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
