"""Visual Studio Code's own server and workbench, built from the npm package `code-server`.

    python -m tests.browser.vscode.server build/vscode-server

`code-server` packs VS Code for its own use and wants to fetch binaries; what is started here is VS Code's server
alone. Its native modules are compiled against the headers of the installed Node.js 20, and ripgrep comes from the
system.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

VERSION: Final = "4.96.4"  # VS Code 1.96, the last for Node.js 20
NATIVE: Final = ("@parcel/watcher", "@vscode/spdlog", "native-watchdog", "node-pty")
# The package pins a commit on GitHub, where registries cannot help.
FROM_REGISTRY: Final = {"@vscode/proxy-agent": "0.32.0"}
QUIET: Final = ("--ignore-scripts", "--no-audit", "--no-fund")


def build(folder: Path) -> Path:
    """Build the server in a folder, unless it is there, and return the directory that holds `out/server-main.js`."""
    server = folder / "node_modules/code-server/lib/vscode"
    if (server / "complete").exists():
        return server
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text("{}")  # else npm installs into the project around it
    _npm(folder, "install", *QUIET, f"code-server@{VERSION}")
    manifest = server / "package.json"
    document = json.loads(manifest.read_text())
    document["dependencies"] |= FROM_REGISTRY
    document.pop("devDependencies", None)
    manifest.write_text(json.dumps(document))
    (server / "npm-shrinkwrap.json").unlink(missing_ok=True)
    _npm(server, "install", *QUIET, "--omit=dev", "--legacy-peer-deps")
    _npm(server, "rebuild", *NATIVE)
    ripgrep = server / "node_modules/@vscode/ripgrep/bin/rg"
    ripgrep.parent.mkdir(exist_ok=True)
    ripgrep.unlink(missing_ok=True)
    ripgrep.symlink_to(shutil.which("rg") or sys.exit("rg is missing: apt install ripgrep"))
    (server / "complete").touch()
    return server


def _npm(folder: Path, *words: str) -> None:
    headers = (
        Path(shutil.which("node") or sys.exit("node is missing: apt install nodejs npm")).resolve().parents[1]
    )
    subprocess.run(
        ["npm", *words], cwd=folder, check=True, env={**os.environ, "npm_config_nodedir": str(headers)}
    )


if __name__ == "__main__":
    build(Path(sys.argv[1]).resolve())
