"""What an operator should look at: `satchel-infra doctor`.

    for finding in examine(provisioner): ...

Each check reads and changes nothing, except that the records are probed with one object, which is deleted again.
"""

from collections.abc import Generator, Iterator
from typing import Final, Literal, NamedTuple

from satchel_infra.errors import InfraError
from satchel_infra.platform import State
from satchel_infra.provisioning.clouds import Found, Provisioner
from satchel_infra.shards import Shard

Level = Literal["error", "warning"]

MAX_EACH: Final = 100  # findings about clouds of one shard
ROLLOUT: Final = "run: satchel-infra rollout"
OLD_SHARD: Final = "nothing needs to be done; to empty it, move its clouds: satchel-infra move"
DOUBLE: Final = (
    "if it was moved, complete that: satchel-infra move --finish; otherwise the serving one counts"
)


class Finding(NamedTuple):
    """Something to look at: what, and what to do."""

    level: Level
    what: str
    hint: str


def examine(provisioner: Provisioner) -> Iterator[Finding]:
    """Yield every finding."""
    yield from _examine_key(provisioner)
    unfinished = yield from _examine_records(provisioner)
    current = {shard.id for shard in provisioner.configuration.shards.generations[-1]}
    seen: dict[str, str] = {}
    for shard in provisioner.configuration.shards.all:
        yield from _examine_shard(provisioner, shard, unfinished, seen, is_current=shard.id in current)


def _examine_key(provisioner: Provisioner) -> Iterator[Finding]:
    try:
        provisioner.configuration.load_name_key()
    except InfraError as exc:
        yield Finding("error", str(exc), exc.hint)


def _examine_records(provisioner: Provisioner) -> Generator[Finding, None, set[str]]:
    """Yield findings about the records; return the names of clouds whose removal is not complete."""
    unfinished: set[str] = set()
    try:
        provisioner.records.probe()
        for tombstone in provisioner.records.unfinished():
            name = tombstone.owner.name
            unfinished.add(name)
            yield Finding("warning", f"the removal of {name} is not complete", _destroy(name))
    except InfraError as exc:
        yield Finding("error", str(exc), exc.hint)
    return unfinished


def _examine_shard(
    provisioner: Provisioner, shard: Shard, unfinished: set[str], seen: dict[str, str], *, is_current: bool
) -> Iterator[Finding]:
    """Yield findings about the clouds of a shard. `seen` has the shard of each cloud that was met before."""
    total = outdated = shown = 0
    try:
        for found in provisioner.list((shard,)):
            total += 1
            is_whole = found.cloud.state in (State.READY, State.FAILED)
            outdated += is_whole and found.cloud.image != provisioner.configuration.deployment(shard).image
            for finding in _examine_cloud(found, unfinished, seen):
                shown += 1
                if shown <= MAX_EACH:
                    yield finding._replace(hint=finding.hint or _advise(provisioner, found))
            if found.cloud.state is not State.REMOVING:
                seen[found.cloud.name] = shard.id
    except InfraError as exc:
        yield Finding("error", f"shard {shard.id}: {exc}", exc.hint)
    if shown > MAX_EACH:
        yield Finding("warning", f"shard {shard.id}: {shown - MAX_EACH} more clouds like these", _list(shard))
    if outdated:
        yield Finding("warning", f"shard {shard.id}: {outdated} of {total} clouds run another image", ROLLOUT)
    if total and not is_current:
        yield Finding(
            "warning", f"shard {shard.id}: {total} clouds are in a shard that gets no new ones", OLD_SHARD
        )


def _examine_cloud(found: Found, unfinished: set[str], seen: dict[str, str]) -> Iterator[Finding]:
    """Yield findings about a cloud. What to do about an incomplete one is left out: that takes more requests."""
    cloud, shard_id = found.cloud, found.shard.id
    name = f"{cloud.name} in shard {shard_id}"
    if cloud.state is State.CREATING:
        yield Finding("warning", f"{name} is half-created", "")
    if cloud.state is State.FAILED:
        yield Finding("error", f"{name} does not serve: {cloud.detail}", ROLLOUT)
    if cloud.state is State.REMOVING:
        if cloud.name not in unfinished:
            yield Finding("error", f"{name} is being removed without a tombstone", "")
        return
    if cloud.name in seen:
        yield Finding("warning", f"{name} is also in shard {seen[cloud.name]}", DOUBLE)


def _advise(provisioner: Provisioner, found: Found) -> str:
    """Return what to do about an incomplete cloud. `destroy` removes the cloud from every shard of its owner."""
    cloud = found.cloud
    try:
        parts = provisioner.find_all(cloud.owner)
    except InfraError:
        return "run satchel-infra doctor again once every shard responds"
    ids = [shard.id for shard in provisioner.configuration.shards.candidates(cloud.owner)]
    others = [ids.index(part.shard.id) for part in parts if part.shard != found.shard]
    is_older = found.shard.id not in ids or any(other < ids.index(found.shard.id) for other in others)
    if cloud.state is State.CREATING:
        return _advise_creating(found, is_alone=not others, is_older=is_older)
    if not others:
        return _destroy(cloud.name)
    return f"complete that: satchel-infra move {'--finish' if is_older else '--undo'} {cloud.name}"


def _advise_creating(found: Found, *, is_alone: bool, is_older: bool) -> str:
    name, shard_id = found.cloud.name, found.shard.id
    if is_alone:
        return "its owner or `provision` completes it, `destroy` ends it"
    if is_older:
        return DOUBLE
    return (
        f"complete the move: satchel-infra move {name} --to {shard_id}; "
        f"or undo it: satchel-infra move --undo {name}"
    )


def _destroy(name: str) -> str:
    return f"run: satchel-infra destroy {name} --yes"


def _list(shard: Shard) -> str:
    return f"run: satchel-infra list --shard {shard.id}"
