"""Where things are on the machine. The renderer writes these places into units and the configuration of the proxy."""

from typing import Final

STATE_DIR: Final = "/var/lib/satchel-infra"
RECORDS_DIR: Final = f"{STATE_DIR}/clouds"
"""The records of clouds: environment files that only the provisioner writes and only systemd reads."""

SOCKETS_DIR: Final = "/run/satchel-clouds"
"""The sockets of clouds. Anyone may enter; only the proxy's group may connect."""

DATA_DIR: Final = "satchel-clouds"
"""The state directory of each cloud is one below this, in /var/lib."""

RELEASES_DIR: Final = "/opt/satchel/releases"
PROVISIONER_PORT: Final = 8090
INFRA_USER: Final = "satchel-infra"
PROXY_GROUP: Final = "satchel-proxy"
RECORD_SUFFIX: Final = ".env"
SOCKET_SUFFIX: Final = ".sock"


def socket_unit(name: str) -> str:
    """Return the unit of a cloud's socket."""
    return f"satchel-cloud@{name}.socket"


def service_unit(name: str) -> str:
    """Return the unit of a cloud's service."""
    return f"satchel-cloud@{name}.service"
