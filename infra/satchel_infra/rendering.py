"""Deployments as text: a Compose file and a systemd unit.

Both set only the variables that differ from the service's defaults, after running the service's own checks. The
container has a read-only root and one volume; the unit runs as its own user, which can write only to its state
directory. The unit hides every home directory but the installation in one that the program needs, as pipx has it.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from satchel_service.settings import SETTINGS, Settings, SettingsError

HOMES: Final = ("/home", "/root", "/run/user")  # what ProtectHome= hides; see systemd.exec(5)

UNIT: Final = """\
# satchel-service.service: copy to /etc/systemd/system, then run: systemctl enable --now satchel-service
[Unit]
Description=satchel, a personal cloud that cannot read what it stores
Documentation=man:systemd.exec(5)
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
ExecStart={command}
{environment}Restart=on-failure
TimeoutStopSec=10
DynamicUser=yes
StateDirectory=satchel
StateDirectoryMode=0700
UMask=0077
CapabilityBoundingSet=
DevicePolicy=closed
LockPersonality=yes
MemoryDenyWriteExecute=yes
MemoryMax=256M
NoNewPrivileges=yes
PrivateDevices=yes
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome={protect_home}
{binds}ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProtectSystem=strict
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
"""


def check_environment(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that differ from their defaults, in the order of the table of settings.

    Raise SettingsError for an unknown name, a secret, or an invalid value.
    """
    known = {setting.env: setting for setting in SETTINGS}
    for name in chosen:
        if name not in known:
            raise SettingsError(f"there is no setting {name!r}; see docs/reference/settings.md")
        if known[name].secret:
            raise SettingsError(f"{name} is a secret; put it in the secret store of the deployment")
    Settings.read(chosen)
    return {
        env: chosen[env] for env, setting in known.items() if env in chosen and chosen[env] != setting.default
    }


def render_compose(environment: Mapping[str, str], *, image: str, context: str, port: int) -> str:
    """Return a Compose file as JSON, which is also valid YAML. The service listens on the loopback address at `port`.

    The image is built from `context`, a checkout of the project, if it does not exist yet.
    """
    service: dict[str, Any] = {
        "image": image,
        "build": {"context": context},
        "read_only": True,
        "tmpfs": ["/tmp:mode=1777,size=64m"],  # noqa: S108  a directory inside the container
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "mem_limit": "256m",
        "ports": [f"127.0.0.1:{port}:8080"],
        "volumes": ["satchel:/var/lib/satchel"],
        "restart": "unless-stopped",
        "stop_grace_period": "10s",
        "environment": dict(environment),
    }
    return (
        json.dumps({"version": "2.4", "services": {"satchel": service}, "volumes": {"satchel": {}}}, indent=2)
        + "\n"
    )


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
