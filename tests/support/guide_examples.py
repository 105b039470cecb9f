"""The examples of a guide: commands with the output that they print. `…` on a page stands for any text on a line."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.cli.conftest import PROGRAM
from tests.support.service import ServiceProcess

BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
MARK = "\x01"

Example = tuple[str, list[str]]
"""A command line and its expected output lines."""


def examples(page: str) -> list[Example]:
    """Return every example of the page."""
    found: list[Example] = []
    for block in BLOCK.findall(page):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return found


def differences(shown: Sequence[Example], folder: Path, setup: Sequence[str] = ()) -> list[str]:
    """Run the examples in one shell, after the lines of `setup`, and describe each output that differs."""
    printed = run_in_one_shell([*setup, *(line for line, _ in shown)], folder)[len(setup) :]
    return [
        f"$ {line}\nprints   {output!r}\nexpected {expected!r}"
        for (line, expected), output in zip(shown, printed, strict=True)
        if not re.fullmatch(pattern_of(expected), output)
    ]


def differences_on_a_connected_device(shown: Sequence[Example], folder: Path) -> list[str]:
    """Run the examples as `differences` does, on a device "laptop" that is connected to a real cloud: $CLOUD."""
    with ServiceProcess(folder / "cloud") as service:
        connecting = (
            "satchel init --quiet",
            f"CLOUD={service.url}",
            f"satchel connect {service.url} --pair {service.pairing_code} --label laptop --quiet",
        )
        return differences(shown, folder, connecting)


def pattern_of(lines: list[str]) -> str:
    """Return a pattern for expected output."""
    return "\n".join(".*".join(map(re.escape, line.split("…"))) for line in lines)


def run_in_one_shell(lines: list[str], folder: Path) -> list[str]:
    """Run lines in one shell, and return the output of each, including errors."""
    script = "\n".join(f"printf '{MARK}'\n{line}" for line in lines)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")}
    environ |= {"SATCHEL_HOME": str(folder / "home"), "SATCHEL_KEYRING": "off"}
    environ["PATH"] = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return [output.strip("\n") for output in done.stdout.decode().split(MARK)[1:]]
