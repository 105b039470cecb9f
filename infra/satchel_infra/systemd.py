"""One Linux box: a unit that runs the cloud as a user of its own, with nothing but its directory to write to."""

from collections.abc import Mapping
from typing import Final

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
