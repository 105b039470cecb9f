"""What the commands have in common: the configuration, accounts, output."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from satchel_infra.errors import ConfigurationError

if TYPE_CHECKING:
    from satchel_infra.configuration import Configuration
    from satchel_infra.names import Owner
    from satchel_infra.provisioning.clouds import Found, Provisioner

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001  it has no public name

CONFIG_VARIABLE: Final = "SATCHEL_INFRA_CONFIG"


def add_command(commands: Commands, name: str, help_: str, example: str) -> argparse.ArgumentParser:
    """Add a command that reads the configuration."""
    command = commands.add_parser(name, help=help_, epilog=f"example: satchel-infra {example}")
    command.add_argument(
        "--config",
        metavar="FILE",
        help=f"the configuration; the default is the file that {CONFIG_VARIABLE} names",
    )
    return command


def add_json(command: argparse.ArgumentParser) -> None:
    """Let a command print JSON."""
    command.add_argument("--json", action="store_true", help="print one JSON document on standard output")


def add_account(command: argparse.ArgumentParser, *, is_required: bool) -> None:
    """Let a command name an account."""
    command.add_argument(
        "--subject",
        metavar="SUBJECT",
        required=is_required,
        help="the subject (sub) of the account at the issuer",
    )
    command.add_argument(
        "--issuer", metavar="URL", help="the issuer of the account; the default is that of the configuration"
    )


def add_cloud(command: argparse.ArgumentParser) -> None:
    """Let a command name a cloud, by its name or by the account of its owner."""
    command.add_argument("name", nargs="?", metavar="NAME", help="the name of the cloud, as `list` shows it")
    add_account(command, is_required=False)


def load(options: argparse.Namespace) -> "Configuration":
    """Read the configuration. Raise ConfigurationError."""
    from satchel_infra.configuration import Configuration  # noqa: PLC0415  only commands with a configuration

    file = options.config or options.environ.get(CONFIG_VARIABLE, "")
    if not file:
        raise ConfigurationError(
            "no configuration is named", hint=f"use --config FILE, or set {CONFIG_VARIABLE}"
        )
    return Configuration.load(Path(file))


def open_provisioner(options: argparse.Namespace, configuration: "Configuration") -> "Provisioner":
    """Open the records; platforms are opened when they are needed."""
    from satchel_infra.provisioning import opening  # noqa: PLC0415  only commands with a configuration

    return opening.open_provisioner(configuration, options.environ)


def owner_of(options: argparse.Namespace, configuration: "Configuration") -> "Owner":
    """Return the owner whose account the options name."""
    from satchel_infra.names import identify  # noqa: PLC0415

    issuer = options.issuer or configuration.issuer
    return identify(configuration.load_name_key(), issuer=issuer, subject=options.subject)


def chosen_owner(options: argparse.Namespace, provisioner: "Provisioner") -> "Owner":
    """Return the owner of the cloud that the options name. Raise NoSuchCloudError if only its name is given and unknown."""
    if bool(options.name) == bool(options.subject):
        raise ConfigurationError("name one cloud", hint="give its NAME, or --subject and perhaps --issuer")
    if options.subject:
        return owner_of(options, provisioner.configuration)
    return provisioner.owner_named(options.name)


def document(found: "Found", configuration: "Configuration") -> dict[str, str]:
    """Return a cloud for output. Its settings are left out, because they name the account."""
    cloud = found.cloud
    return {
        "name": cloud.name,
        "url": configuration.url(cloud, found.shard),
        "shard": found.shard.id,
        "platform": configuration.deployment(found.shard).platform,
        "state": cloud.state.value,
        "image": cloud.image,
        "detail": cloud.detail,
    }


def line(shown: dict[str, str]) -> str:
    """Return a cloud as one line for people."""
    words = [shown["state"].ljust(8), shown["url"], shown["image"], shown["detail"]]
    return "  ".join(word for word in words if word)


def print_json(value: object) -> None:
    """Print a document."""
    sys.stdout.write(json.dumps(value, indent=2) + "\n")


def say(text: str) -> None:
    """Print a line for people to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
