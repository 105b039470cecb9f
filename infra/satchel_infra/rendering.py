"""The environment of a deployment: only what differs from the service's defaults, checked by the service's own rules.

One container: a Compose file that keeps its root read-only and gives it one volume.

One Linux box: a unit that runs the cloud as a user of its own, with nothing but its directory to write to.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from satchel_service.settings import SETTINGS, Settings, SettingsError


def environment(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the variables to set, in the table's order; SettingsError for an unknown name or an unusable value."""
    known = {setting.env: setting for setting in SETTINGS}
    for name in chosen:
        if name not in known:
            raise SettingsError(f"there is no setting {name!r}; see docs/reference/settings.md")
        if known[name].secret:
            raise SettingsError(f"{name} is a secret and belongs in the deployment's own store of secrets")
    Settings.read(chosen)
    return {
        env: chosen[env] for env, setting in known.items() if env in chosen and chosen[env] != setting.default
    }


def compose(environment: Mapping[str, str], *, image: str, port: int) -> str:
    """Return the Compose file, as JSON, which every Compose reads as YAML; it listens on loopback at `port`."""
    service: dict[str, Any] = {
        "image": image,
        "read_only": True,
        "tmpfs": ["/tmp:mode=1777,size=64m"],  # noqa: S108  a folder of the container's own
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


UNIT: Final = """\
# satchel-service.service: put it in /etc/systemd/system, then: systemctl enable --now satchel-service
[Unit]
Description=satchel, a personal cloud that cannot read what it keeps
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
ProtectHome=yes
ProtectHostname=yes
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


def unit(environment: Mapping[str, str], *, command: str) -> str:
    """Return the unit file; `command` is the absolute path of satchel-service."""
    lines = "".join(f'Environment="{name}={quoted(value)}"\n' for name, value in environment.items())
    return UNIT.format(command=command, environment=lines)


def quoted(value: str) -> str:
    """A value for inside double quotes of a unit file (systemd.syntax: specifiers and escapes)."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
