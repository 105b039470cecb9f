"""One cloud on one machine as a systemd unit.

The unit runs as its own user, which can write only to its state directory. It hides every home directory but the
installation in one that the program needs, as pipx has it.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from satchel_infra.rendering.confinement import CONFINEMENT
from satchel_service.settings import SettingsError

HELP: Final = "one cloud on one machine, as a systemd unit"
SYSTEM_WIDE: Final = "/usr/local/bin/satchel-service"
HOMES: Final = ("/home", "/root", "/run/user")  # what ProtectHome= hides; see systemd.exec(5)

UNIT: Final = f"""\
# satchel-service.service: copy to /etc/systemd/system, then run: systemctl enable --now satchel-service
[Unit]
Description=satchel, a personal cloud that cannot read what it stores
Documentation=man:systemd.exec(5)
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
ExecStart={{command}}
{{environment}}Restart=on-failure
TimeoutStopSec=10
DynamicUser=yes
StateDirectory=satchel
StateDirectoryMode=0700
MemoryMax=256M
ProtectHome={{protect_home}}
{{binds}}{CONFINEMENT}
[Install]
WantedBy=multi-user.target
"""


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of this target."""
    command.add_argument(
        "--command",
        dest="program",
        help="path of satchel-service; the default is the one installed beside this program",
    )


def render(options: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """Return the text for the given options."""
    command, needed = find_service(options.program)
    return render_systemd(environment, command=command, needed=needed)


def find_service(program: str | None) -> tuple[str, list[str]]:
    """Return the path of satchel-service and the directories that it runs from.

    The default is the program in this interpreter's own environment, such as the one that pipx made.
    """
    installed = Path(sys.prefix, "bin", "satchel-service")
    if program is None and installed.is_file():
        return str(installed), [sys.prefix, sys.base_prefix]
    path = Path(program or SYSTEM_WIDE)
    if not path.is_absolute():
        raise SettingsError(f"--command {program!r} is not an absolute path")
    return str(path), [str(path.resolve().parent.parent)] if path.exists() else []


def render_systemd(environment: Mapping[str, str], *, command: str, needed: Iterable[str] = ()) -> str:
    """Return a systemd unit file. `command` is the absolute path of satchel-service.

    `needed` are the directories that it runs from. Those in a home directory are the only ones visible there.
    """
    lines = "".join(f'Environment="{name}={_quote(value)}"\n' for name, value in environment.items())
    visible = sorted({directory for directory in needed if _is_in_home(directory)})
    return UNIT.format(
        command=f'"{_quote(command)}"' if _needs_quotes(command) else _quote(command),
        environment=lines,
        protect_home="tmpfs" if visible else "yes",
        binds="".join(f'BindReadOnlyPaths="{_quote(directory)}"\n' for directory in visible),
    )


def _is_in_home(directory: str) -> bool:
    return any(PurePosixPath(directory).is_relative_to(home) for home in HOMES)


def _needs_quotes(text: str) -> bool:
    return any(character.isspace() or character in "\"'\\;" for character in text)


def _quote(value: str) -> str:
    """Escape backslashes, quotes and specifiers for a double-quoted value in a unit file; see systemd.syntax(7)."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
