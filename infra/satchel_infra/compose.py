"""One container: a Compose file that keeps its root read-only and gives it one volume."""

import json
from collections.abc import Mapping
from typing import Any


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
