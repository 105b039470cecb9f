"""The ways to host that docs/guides/self-hosting.md shows, run as written, and the job of `make demo` on each."""

import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from tests.integration.image.conftest import image

from bench.measure import as_installed
from demo.job import Cloud, Steps, do_job, fill

__all__ = ["image"]

ROOT: Final = Path(__file__).resolve().parents[3]
GUIDE: Final = ROOT / "docs" / "guides" / "self-hosting.md"
CODE: Final = re.compile(r"pairing code: (\S+)")
PARTS: Final = ("textwrap.py", "http", "json", "wsgiref", "html", "urllib")
"""Parts of the standard library that the job needs; `make self-hosting` takes all of it."""

WHOLE: Final = os.environ.get("SATCHEL_SELF_HOSTING") == "all"


def commands(heading: str) -> list[str]:
    """Return the commands of a section of the guide, without those of `satchel`, which the job runs."""
    section = GUIDE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0]
    shown = re.findall(r"^```console\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    lines = [line.removeprefix("$ ") for block in shown for line in block.splitlines()]
    return [line for line in lines if not line.startswith("satchel ")]


@dataclass
class Shell:
    """Runs commands of the guide, with other names and ports so that nothing else on the machine is touched."""

    folder: Path
    names: Mapping[str, str]
    environ: dict[str, str] = field(default_factory=lambda: dict(os.environ))

    def run(self, line: str) -> str:
        """Run a command and return its output."""
        for name, own in self.names.items():
            line = line.replace(name, own)
        done = subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr


@dataclass
class Paired:
    """A cloud that devices join with pairing codes."""

    url: str
    code: str

    def first_device(self) -> list[str]:
        """Return the options with which the first device connects."""
        return ["--pair", self.code]

    def next_device(self, make_code: Callable[[], str]) -> list[str]:
        """Return the options for another device."""
        return ["--pair", make_code()]


def do_the_demos_job(folder: Path, cloud: Cloud, variables: Mapping[str, str] | None = None) -> Steps:
    """Do the whole job of `make demo` on a cloud, with fewer Pieces unless WHOLE."""
    library, sources = Path(sysconfig.get_path("stdlib")), folder / "python"
    ignored = shutil.ignore_patterns("__pycache__", "site-packages", "dist-packages")
    if WHOLE:
        shutil.copytree(library, sources, ignore=ignored)
    else:
        sources.mkdir(parents=True)
        for name in PARTS:
            part = library / name
            copy = shutil.copytree if part.is_dir() else shutil.copy
            copy(part, sources / name)
        for cache in sources.rglob("__pycache__"):
            shutil.rmtree(cache)
    steps = Steps({**as_installed(), "SATCHEL_KEYRING": "off", **(variables or {})})
    fill(steps, folder, sources)
    do_job(steps, folder, cloud)
    return steps


def backups_of(folder: Path) -> int:
    """Return how many backups the laptop of the job sees in its cloud."""
    steps = Steps({**as_installed(), "SATCHEL_KEYRING": "off"})
    return len(steps.run(folder / "laptop", "backups", show=False)["backups"])


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name for containers and volumes that nothing else has."""
    return f"satchel-{json.dumps(request.node.name).strip(chr(34))[-12:]}-{os.getpid()}".replace("_", "-")
