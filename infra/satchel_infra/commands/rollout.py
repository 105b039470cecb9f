"""`satchel-infra rollout [IMAGE]`: give every cloud another release, in waves."""

import argparse
import sys
from typing import TYPE_CHECKING, Final

from satchel_infra.commands.arguments import (
    Commands,
    add_command,
    add_json,
    load,
    open_provisioner,
    print_json,
    say,
)
from satchel_infra.commands.clouds import chosen_shards
from satchel_infra.errors import ConfigurationError
from satchel_infra.provisioning.waves import STANDARD, parse_waves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from satchel_infra.configuration import Configuration
    from satchel_infra.provisioning.clouds import Found, Provisioner
    from satchel_infra.provisioning.rollout import Outcome, Progress
    from satchel_infra.shards import Shard

MAX_PARALLEL: Final = 256
SHOWN_FAILURES: Final = 20


def add_rollout(commands: Commands) -> None:
    """Add the command."""
    command = add_command(
        commands,
        "rollout",
        "give every cloud another release",
        "rollout registry.example.org/satchel@sha256:…",
    )
    command.add_argument(
        "image", nargs="?", metavar="IMAGE", help="the release; the default is that of the configuration"
    )
    command.add_argument(
        "--to-previous",
        action="store_true",
        help="go back to the release that most other clouds run, after a rollout of the one that the configuration names",
    )
    command.add_argument("--settings", action="store_true", help="also apply [settings] of the configuration")
    command.add_argument(
        "--shard", action="append", default=[], metavar="ID", help="only this shard; repeatable"
    )
    command.add_argument(
        "--waves",
        default=STANDARD,
        help=f"how many clouds have it after each wave; default {STANDARD.replace('%', '%%')}",
    )
    command.add_argument(
        "--parallel", type=int, default=8, metavar="N", help="clouds at the same time; default 8"
    )
    command.add_argument(
        "--per-minute",
        type=float,
        default=60.0,
        metavar="N",
        help="updates a minute in each shard; default 60",
    )
    command.add_argument(
        "--max-failures",
        type=int,
        default=3,
        metavar="N",
        help="stop after more failures than this; default 3",
    )
    add_json(command)
    command.set_defaults(run=rollout)


def rollout(options: argparse.Namespace) -> int:
    """Run a rollout. Exit code 1 if it stopped or a cloud failed."""
    from satchel_infra.provisioning.rollout import Goal, Limits, Rollout  # noqa: PLC0415

    check_numbers(options)
    limits = Limits(parse_waves(options.waves), options.parallel, options.per_minute, options.max_failures)
    configuration = load(options)
    provisioner = open_provisioner(options, configuration)
    shards = chosen_shards(options.shard, configuration)
    images, clouds = images_of(options, provisioner, shards)
    outcome = Rollout(provisioner, Goal(images, options.settings), limits, show).run(clouds)
    if options.json:
        print_json(document(outcome, images))
    else:
        sys.stdout.write(summary(outcome))
    advise(outcome, configuration, images)
    return 1 if outcome.failures else 0


def check_numbers(options: argparse.Namespace) -> None:
    """Raise ConfigurationError for numbers that make no sense."""
    if not 1 <= options.parallel <= MAX_PARALLEL:
        raise ConfigurationError(f"--parallel is {options.parallel}", hint=f"use 1 to {MAX_PARALLEL}")
    if not 0 < options.per_minute <= 1e6:
        raise ConfigurationError(f"--per-minute is {options.per_minute}", hint="use a number above 0")
    if options.max_failures < 0:
        raise ConfigurationError(f"--max-failures is {options.max_failures}", hint="use 0 or more")
    if options.image and options.to_previous:
        raise ConfigurationError("an image and --to-previous were given", hint="give one of them")


def images_of(
    options: argparse.Namespace, provisioner: "Provisioner", shards: "tuple[Shard, ...]"
) -> "tuple[dict[str, str], Iterable[Found]]":
    """Return the image of each shard by its id, and the clouds. One image fits only shards of one platform."""
    from satchel_infra.provisioning.rollout import previous_image  # noqa: PLC0415

    configuration, clouds = provisioner.configuration, provisioner.list(shards)
    configured = {shard.id: configuration.deployment(shard).image for shard in shards}
    if not options.image and not options.to_previous:
        return configured, clouds
    platforms = {configuration.deployment(shard).platform for shard in shards}
    if len(platforms) > 1:
        raise ConfigurationError(
            f"the shards are of several platforms: {', '.join(sorted(platforms))}",
            hint="name shards of one platform with --shard",
        )
    if options.image:
        return dict.fromkeys(configured, options.image), clouds
    listed = list(clouds)
    return dict.fromkeys(configured, previous_image(listed, set(configured.values()))), listed


def show(progress: "Progress") -> None:
    """Show the progress: each step on a terminal, else the begin and end of each wave."""
    text = f"wave {progress.wave} of {progress.waves}: {progress.done}/{progress.total}"
    failed = f", {progress.failed} failed" if progress.failed else ""
    if sys.stderr.isatty():
        end = "\n" if progress.done == progress.total else ""
        sys.stderr.write(f"\r{text}{failed}{end}")
        sys.stderr.flush()
    elif progress.done in (0, progress.total):
        say(f"{text}{failed}")


def document(outcome: "Outcome", images: dict[str, str]) -> dict[str, object]:
    """Return the outcome for `--json`."""
    return {
        "images": images,
        "clouds": outcome.total,
        "updated": outcome.updated,
        "already": outcome.already,
        "skipped": outcome.skipped,
        "stopped": outcome.is_stopped,
        "failed": [{"name": name, "reason": reason} for name, reason in sorted(outcome.failures.items())],
    }


def summary(outcome: "Outcome") -> str:
    """Return the outcome as lines."""
    counts = f"{outcome.updated} updated, {outcome.already} already had it, {outcome.skipped} skipped"
    lines = [f"{counts}, {len(outcome.failures)} failed, of {outcome.total} clouds"]
    lines += [
        f"failed  {name}  {reason}" for name, reason in sorted(outcome.failures.items())[:SHOWN_FAILURES]
    ]
    return "".join(f"{line}\n" for line in lines)


def advise(outcome: "Outcome", configuration: "Configuration", images: dict[str, str]) -> None:
    """Say what to do next."""
    if outcome.is_stopped:
        say("stopped; to continue, run the same command again")
        for image, _ in outcome.earlier.most_common(1):
            say(f"to go back: satchel-infra rollout {image}")
    configured = {shard.id: configuration.deployment(shard).image for shard in configuration.shards.all}
    if any(configured[shard_id] != image for shard_id, image in images.items()):
        say(f"new clouds get the image that {configuration.file} names, which is another one")
