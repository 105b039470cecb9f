"""`satchel-infra provision`, `destroy`, `list` and `status`: by hand what the provisioner does for owners."""

import argparse
import sys
from collections import Counter
from typing import TYPE_CHECKING

from satchel_infra.commands.arguments import (
    Commands,
    add_account,
    add_cloud,
    add_command,
    add_json,
    chosen_owner,
    document,
    line,
    load,
    open_provisioner,
    owner_of,
    print_json,
    say,
)
from satchel_infra.errors import ConfigurationError, NoSuchCloudError

if TYPE_CHECKING:
    from satchel_infra.configuration import Configuration
    from satchel_infra.provisioning.clouds import Found, Provisioner
    from satchel_infra.shards import Shard


def add_clouds(commands: Commands) -> None:
    """Add the commands."""
    command = add_command(
        commands,
        "provision",
        "create the cloud of an account, or complete it",
        "provision --subject 'auth0|5f7c'",
    )
    add_account(command, is_required=True)
    add_json(command)
    command.set_defaults(run=provision)

    command = add_command(
        commands, "destroy", "remove a cloud and everything in it", "destroy --subject 'auth0|5f7c' --yes"
    )
    add_cloud(command)
    command.add_argument("--yes", action="store_true", help="do not ask")
    command.set_defaults(run=destroy)

    command = add_command(commands, "list", "list the clouds of every shard", "list --shard s1 --json")
    command.add_argument(
        "--shard", action="append", default=[], metavar="ID", help="only this shard; repeatable"
    )
    add_json(command)
    command.set_defaults(run=list_clouds)

    command = add_command(
        commands, "status", "show one cloud, or how many there are", "status --subject 'auth0|5f7c'"
    )
    add_cloud(command)
    add_json(command)
    command.set_defaults(run=status)


def provision(options: argparse.Namespace) -> int:
    """Create a cloud."""
    configuration = load(options)
    if options.issuer and options.issuer != configuration.issuer:
        raise ConfigurationError(
            f"clouds of this configuration sign in at {configuration.issuer!r}, not at {options.issuer!r}",
            hint="leave --issuer out, or use another configuration",
        )
    owner = owner_of(options, configuration)
    found = open_provisioner(options, configuration).provision(owner, options.subject, say)
    shown = document(found, configuration)
    if options.json:
        print_json(shown)
    else:
        sys.stdout.write(f"{line(shown)}\n")
    return 0


def destroy(options: argparse.Namespace) -> int:
    """Remove a cloud."""
    configuration = load(options)
    provisioner = open_provisioner(options, configuration)
    owner = chosen_owner(options, provisioner)
    if not options.yes and not is_confirmed(f"remove the cloud {owner.name} with all backups and shares?"):
        raise ConfigurationError("nothing was removed", hint="confirm with yes, or use --yes")
    provisioner.remove(owner, say)
    say(f"removed {owner.name}")
    return 0


def is_confirmed(question: str) -> bool:
    """Ask on the terminal; without one, the answer is no."""
    if not sys.stdin.isatty():
        return False
    sys.stderr.write(f"{question} [yes/no] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == "yes"


def list_clouds(options: argparse.Namespace) -> int:
    """List clouds."""
    configuration = load(options)
    provisioner = open_provisioner(options, configuration)
    shards = chosen_shards(options.shard, configuration)
    if options.json:
        print_json({"clouds": [document(found, configuration) for found in provisioner.list(shards)]})
        return 0
    for found in provisioner.list(shards):
        sys.stdout.write(f"{line(document(found, configuration))}\n")
    return 0


def chosen_shards(ids: list[str], configuration: "Configuration") -> "tuple[Shard, ...]":
    """Return the shards with these ids, or every shard."""
    if not ids:
        return configuration.shards.all
    return tuple(configuration.shards.named(shard_id) for shard_id in dict.fromkeys(ids))


def status(options: argparse.Namespace) -> int:
    """Show one cloud, or the number of clouds by shard, state and image."""
    configuration = load(options)
    provisioner = open_provisioner(options, configuration)
    if options.name or options.subject:
        return show_one(options, provisioner)
    counts = Counter(
        (found.shard.id, found.cloud.state.value, found.cloud.image)
        for found in provisioner.list(configuration.shards.all)
    )
    rows = [
        {"shard": shard, "state": state, "image": image, "clouds": count}
        for (shard, state, image), count in sorted(counts.items())
    ]
    if options.json:
        print_json({"counts": rows})
        return 0
    for row in rows:
        sys.stdout.write(f"{row['clouds']:>9}  {row['shard']}  {row['state']}  {row['image']}\n")
    say(f"{counts.total()} clouds in {len(configuration.shards.all)} shards")
    return 0


def show_one(options: argparse.Namespace, provisioner: "Provisioner") -> int:
    """Show everything that exists of one cloud, the part that counts first."""
    owner = chosen_owner(options, provisioner)
    found: tuple[Found, ...] = provisioner.find_all(owner)
    latest = provisioner.records.latest(owner)
    is_being_removed = latest is not None and latest.gone is None
    if not found and not is_being_removed:
        raise NoSuchCloudError(f"there is no cloud {owner.name!r}", hint="see `satchel-infra list`")
    shown = [document(each, provisioner.configuration) for each in found]
    if options.json:
        print_json({"name": owner.name, "clouds": shown, "removal": is_being_removed})
        return 0
    for each in shown:
        sys.stdout.write(f"{line(each)}\n")
    if is_being_removed:
        sys.stdout.write(f"the removal of {owner.name} is not complete: satchel-infra destroy {owner.name}\n")
    return 0
