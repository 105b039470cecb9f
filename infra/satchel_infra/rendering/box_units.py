"""The units of a machine with many clouds.

`satchel-cloud@NAME.socket` listens for one cloud. Its first connection starts `satchel-cloud@NAME.service`, which stops
itself after a quiet time. A cloud that fails START_BURST times within START_INTERVAL_S closes its socket; the timer
opens it again.
"""

from typing import Final

from satchel_infra.box.layout import (
    DATA_DIR,
    INFRA_USER,
    PROVISIONER_PORT,
    RECORD_SUFFIX,
    RECORDS_DIR,
    SOCKET_SUFFIX,
    SOCKETS_DIR,
)
from satchel_infra.box.layout import PROXY_GROUP as GROUP
from satchel_infra.box.records import RELEASE
from satchel_infra.rendering.confinement import CONFINEMENT

IDLE_EXIT_S: Final = 300
START_INTERVAL_S: Final = 60
START_BURST: Final = 10
REOPEN_S: Final = 60
RESOLVERS: Final = "127.0.0.53 127.0.0.54"
"""Where systemd-resolved listens."""

RECORD_WRITER: Final = f"""\
{CONFINEMENT}\
# systemd reads a record as root: no link and no pipe can take its place
SystemCallFilter=~symlink symlinkat mknod mknodat io_uring_setup io_uring_enter io_uring_register
"""
"""The confinement of every unit of the user who writes the records."""

DOCUMENTATION: Final = "Documentation=man:systemd.exec(5)"

SOCKET: Final = f"""\
[Unit]
Description=Socket of the cloud %i
Documentation=man:systemd.socket(5)
ConditionPathExists={RECORDS_DIR}/%i{RECORD_SUFFIX}

[Socket]
ListenStream={SOCKETS_DIR}/%i{SOCKET_SUFFIX}
DirectoryMode=0711
SocketGroup={GROUP}
SocketMode=0660
RemoveOnStop=yes
# The limit of starts of the service ends a crash loop
TriggerLimitIntervalSec=0
"""

SERVICE: Final = f"""\
[Unit]
Description=Cloud %i
{DOCUMENTATION}
StartLimitIntervalSec={START_INTERVAL_S}
StartLimitBurst={START_BURST}

[Service]
Type=exec
Environment=SATCHEL_STORAGE=file:/var/lib/{DATA_DIR}/%i
Environment=SATCHEL_TRUSTED_PROXIES=unix
Environment=SATCHEL_IDLE_EXIT_S={IDLE_EXIT_S}
EnvironmentFile={RECORDS_DIR}/%i{RECORD_SUFFIX}
ExecStart=/usr/bin/env -- ${{{RELEASE}}}/bin/satchel-service
SyslogIdentifier=satchel-service
TimeoutStopSec=10
Slice=satchel.slice
MemoryMax=256M
MemorySwapMax=0
OOMPolicy=kill
TasksMax=64
CPUWeight=100
IOWeight=100
DynamicUser=yes
# Without it, every instance would have the user of the template's name
User=%i
StateDirectory={DATA_DIR}/%i
StateDirectoryMode=0700
# No other service of the machine and no metadata server, but the resolver of systemd. Needs cgroup v2
IPAddressDeny=localhost link-local
IPAddressAllow={RESOLVERS}
ProcSubset=pid
ProtectHome=yes
{CONFINEMENT}"""

SLICE: Final = """\
[Unit]
Description=Clouds
Documentation=man:systemd.resource-control(5)

[Slice]
# The rest is for the proxy, the provisioner and the system
MemoryMax=80%
CPUWeight=50
IOWeight=50
"""

BOOT: Final = f"""\
[Unit]
Description=Open the sockets of all clouds
Documentation=man:systemd.socket(5)
After=local-fs.target systemd-tmpfiles-setup.service polkit.service dbus.service

[Service]
Type=oneshot
User={INFRA_USER}
WorkingDirectory={RECORDS_DIR}
ExecStart=/bin/sh -c 'ls -U | sed -n "s/^\\\\(c[a-z2-7]\\\\{{25\\\\}}\\\\)\\\\{RECORD_SUFFIX}$$/satchel-cloud@\\\\1.socket/p" | xargs -r -n 500 systemctl start'
TimeoutStartSec=infinity
ProtectHome=yes
{RECORD_WRITER}
[Install]
WantedBy=multi-user.target
"""

REOPENING: Final = f"""\
[Unit]
Description=Open the sockets that were closed after failures
Documentation=man:systemd.socket(5)

[Service]
Type=oneshot
User={INFRA_USER}
ExecStart=/bin/sh -c 'systemctl list-units --plain --no-legend --state=failed "satchel-cloud@*.socket" | cut -d " " -f 1 | xargs -r -n 500 systemctl start'
ProtectHome=yes
{RECORD_WRITER}"""

TIMER: Final = f"""\
[Unit]
Description=Open the sockets that were closed after failures
Documentation=man:systemd.timer(5)

[Timer]
OnUnitInactiveSec={REOPEN_S}
OnActiveSec={REOPEN_S}

[Install]
WantedBy=timers.target
"""

PROVISIONER: Final = f"""\
[Unit]
Description=Provisioner of clouds
{DOCUMENTATION}
After=network-online.target
Wants=network-online.target

[Service]
Type=exec
Environment=SATCHEL_PUBLIC_URL=https://{{domain}}
Environment=SATCHEL_TRUSTED_PROXIES=127.0.0.1
Environment=PORT={PROVISIONER_PORT}
ExecStart={{release}}/bin/satchel-infra serve --config /etc/satchel/infra.toml
Restart=on-failure
User={INFRA_USER}
StateDirectory=satchel-infra
StateDirectoryMode=0711
MemoryMax=256M
ProtectHome=yes
{RECORD_WRITER}
[Install]
WantedBy=multi-user.target
"""


def render_units(release: str, domain: str) -> dict[str, str]:
    """Return every unit by its name. The provisioner runs from the installation `release`."""
    return {
        "satchel-cloud@.socket": SOCKET,
        "satchel-cloud@.service": SERVICE,
        "satchel.slice": SLICE,
        "satchel-clouds.service": BOOT,
        "satchel-reopening.service": REOPENING,
        "satchel-reopening.timer": TIMER,
        "satchel-infra.service": PROVISIONER.format(release=release, domain=domain),
    }
