"""The extension for VS Code: its manifest, its unit tests beside the real server, and the package that vsce builds."""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest
from tests.support.device import PROGRAM, Device

ROOT: Final = Path(__file__).resolve().parents[3]
SOURCE: Final = ROOT / "client/editor/vscode"
MANIFEST: Final[dict[str, Any]] = json.loads((SOURCE / "package.json").read_text())
CODE: Final = {path.name: path.read_text() for path in sorted((SOURCE / "src").glob("*.ts"))}
CONTRIBUTED: Final[dict[str, Any]] = MANIFEST["contributes"]
LICENCES: Final = frozenset({"MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0"})


def test_every_command_of_the_manifest_is_registered_and_no_other() -> None:
    named = {one["command"] for one in CONTRIBUTED["commands"]}
    assert named == set(
        re.findall(r'^    "(satchel\.\w+)": (?:async )?\(', CODE["extension.ts"], re.MULTILINE)
    )
    in_menus = {one["command"] for menu in CONTRIBUTED["menus"].values() for one in menu}
    assert in_menus <= named


def test_every_setting_is_read_and_described() -> None:
    names = {name.removeprefix("satchel.") for name in CONTRIBUTED["configuration"]["properties"]}
    assert names == set(re.findall(r'read\.get\("([\w.]+)"', CODE["extension.ts"]))
    readme = (SOURCE / "README.md").read_text()
    guide = (ROOT / "docs/guides/editors.md").read_text()
    assert all(f"| `satchel.{name}` |" in readme and f"| `satchel.{name}` |" in guide for name in names)


def test_a_workspace_that_is_not_trusted_cannot_choose_the_program() -> None:
    restricted = MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert {"satchel.path", "satchel.home"} <= set(restricted)


def test_the_extension_has_no_telemetry_and_opens_no_connection() -> None:
    code = "\n".join(CODE.values())
    assert "dependencies" not in MANIFEST
    assert not re.search(
        r"telemetry|fetch\(|XMLHttpRequest|WebSocket|node:(?:https?|net|tls|dgram)", code, re.IGNORECASE
    )


def test_versions_are_pinned() -> None:
    assert all(re.fullmatch(r"[\d.]+", version) for version in MANIFEST["devDependencies"].values())


@pytest.mark.tool("node", "npm")
@pytest.mark.slow
def test_the_tests_pass_and_the_package_holds_only_what_it_needs(tmp_path: Path) -> None:
    folder = tmp_path / "vscode"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("node_modules", "dist", "build"))
    device = Device(tmp_path / "home")
    device.run("init")
    device.save(b"echo $HOME\n", title="dollars", language="bash")
    environ = {**device.environ, "SATCHEL": str(PROGRAM)}

    def npm(*words: str) -> str:
        done = subprocess.run(
            ["npm", *words], cwd=folder, env=environ, capture_output=True, timeout=280, check=False
        )
        said = (done.stdout + done.stderr).decode(errors="replace")
        assert done.returncode == 0, said[-3000:]
        return said

    npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")
    npm("run", "package")
    npm("run", "check")
    said = npm("test")
    assert re.search(r"^# pass [1-9]", said, re.MULTILINE)
    assert "# skipped 0" in said
    shutil.rmtree(folder / "node_modules")
    with zipfile.ZipFile(folder / "build/satchel.vsix") as package:
        names = set(package.namelist())
        licences = package.read("extension/dist/licences.txt").decode()
    kept = {
        "package.json",
        "readme.md",
        "LICENSE.txt",
        "dist/extension.js",
        "dist/licences.txt",
        "images/satchel.svg",
    }
    assert names == {f"extension/{name}" for name in kept} | {"extension.vsixmanifest", "[Content_Types].xml"}
    bundled = dict(re.findall(r"^([@\w/.-]+) [\d.]+ \(([\w.-]+)\)$", licences, re.MULTILINE))
    assert "vscode-languageclient" in bundled
    assert set(bundled.values()) <= LICENCES
