"""One cloud as a Compose file: a container with a read-only root and one volume."""

import argparse
import json
from collections.abc import Mapping
from typing import Any, Final

HELP: Final = "one cloud in a container, as a Compose file"


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of this target."""
    command.add_argument("--image", default="satchel-service", help="image to run")
    command.add_argument(
        "--context",
        default=".",
        metavar="DIR",
        help="checkout of the project that the image is built from",
    )
    command.add_argument("--port", type=int, default=8080, help="port on the loopback address")


def render(options: argparse.Namespace, environment: Mapping[str, str]) -> str:
    """Return the text for the given options."""
    return render_compose(environment, image=options.image, context=options.context, port=options.port)


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
