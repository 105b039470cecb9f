"""`satchel-infra move`: move a cloud to a shard of a newer generation, which can be of another platform."""

import argparse
import sys

from satchel_infra.commands.arguments import (
    Commands,
    add_cloud,
    add_command,
    add_json,
    chosen_owner,
    document,
    line,
    load,
    open_provisioner,
    print_json,
    say,
)


def add_move(commands: Commands) -> None:
    """Add the command."""
    command = add_command(
        commands, "move", "move a cloud to a newer shard or platform", "move --subject 'auth0|5f7c'"
    )
    add_cloud(command)
    command.add_argument(
        "--to",
        default="",
        metavar="SHARD",
        help="the default is where a new cloud would be created; with --finish or --undo, the newest shard that has it",
    )
    way = command.add_mutually_exclusive_group()
    way.add_argument("--finish", action="store_true", help="remove what is left at the old place")
    way.add_argument(
        "--undo", action="store_true", help="keep the cloud at the old place; only until the new one is open"
    )
    add_json(command)
    command.set_defaults(run=move)


def move(options: argparse.Namespace) -> int:
    """Move a cloud, finish that, or undo it."""
    from satchel_infra.provisioning.moves import Moves  # noqa: PLC0415  it imports the service's log

    configuration = load(options)
    provisioner = open_provisioner(options, configuration)
    owner = chosen_owner(options, provisioner)
    moves = Moves(provisioner, options.environ)
    if options.finish:
        moves.finish(owner, options.to, say)
    elif options.undo:
        moves.undo(owner, options.to, say)
    found = provisioner.find(owner) if options.finish or options.undo else moves.move(owner, options.to, say)
    shown = {} if found is None else document(found, configuration)
    if options.json:
        print_json(shown)
    elif shown:
        sys.stdout.write(f"{line(shown)}\n")
    if not options.undo and len(provisioner.find_all(owner)) > 1:
        say(
            f"the old place sends everyone to the new address; remove it later: satchel-infra move --finish {owner.name}"
        )
    return 0
