"""Move a cloud to another shard, which can be of another platform.

    moves = Moves(provisioner, environ)
    found = moves.move(owner, report=report)     # to the newest generation, or to another newer shard
    moves.finish(owner)                          # after a grace period: remove what is left at the old place
    moves.undo(owner)                            # before the new cloud is open

1. The platform of the new shard prepares a storage; nothing serves there.
2. `satchel_service.moving` closes the old log, copies, verifies and opens the new log. At most one of the two logs takes
   a change at any time, so at most one cloud acknowledges anything.
3. The new platform starts the cloud. The old one keeps running and answers every request with the new address.

Each step is repeated by the next run of the same command. A cloud moves only to a newer generation of shards, because
the newest serving cloud of an owner is the one that is found.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from satchel_infra.configuration import OWNER_SUBJECT
from satchel_infra.errors import (
    ConfigurationError,
    FailedError,
    InfraError,
    NoSuchCloudError,
    UnavailableError,
)
from satchel_infra.names import Owner
from satchel_infra.platform import CloudSpec, Report, State, ignore
from satchel_infra.provisioning.clouds import Found, Provisioner, RemovalUnderWayError
from satchel_infra.provisioning.records import STORAGE_SETTINGS, Tombstone
from satchel_infra.provisioning.rollout import own_settings
from satchel_infra.shards import Shard
from satchel_service.moving import MismatchError, MoveError, Progress, UnreachableError, move, undo
from satchel_service.settings import Settings

REPORT_S: Final = 3.0
DATABASE_DIR: Final = "SATCHEL_DATABASE_DIR"  # of the cloud's machine, not of the operator's
AGAIN: Final = (
    "run the same command again: it continues where it stopped; or undo it: satchel-infra move --undo"
)


class DiffersError(InfraError):
    """A copied object differs from the original. Nothing was opened."""

    exit_code = 5


class Course(NamedTuple):
    """The places between which a cloud moves. `latest` is the latest removal when the move was planned."""

    source: Found
    target: Shard
    spec: CloudSpec
    latest: Tombstone | None

    @property
    def owner(self) -> Owner:
        """The owner of the cloud."""
        return self.spec.owner


@dataclass(frozen=True)
class Moves:
    """Moves clouds. `environ` holds the operator's credentials for storages.

    Every function stops once a removal of the cloud begins, and raises RemovalUnderWayError, or RemovedSinceError if
    that removal is complete. Without the id of a shard, `finish` and `undo` find out which move is meant.
    """

    provisioner: Provisioner
    environ: Mapping[str, str]

    def move(self, owner: Owner, shard_id: str = "", report: Report = ignore) -> Found:
        """Move the owner's cloud and return it once it serves in the new shard; to its home if none is named.

        Raise NoSuchCloudError; ConfigurationError for a shard that it cannot move to; DiffersError; FailedError if the
        storages refuse it; and what the platforms raise.
        """
        latest, found = self._look(owner)
        shards = self.provisioner.configuration.shards
        target = shards.named(shard_id) if shard_id else shards.home(owner)
        others = [each for each in found if each.shard != target]
        if not others:
            return found[0]
        course = self._course(others[0], target, latest)
        _check_serving(course.source)
        with self.provisioner.guarded(owner, latest, report) as step:
            old, new = self._storages(course, step)
            with _failures():
                move(old, new, url=course.spec.public_url, report=Stages(step))
            cloud = self.provisioner.open_shard(target).ensure(course.spec, step)
        return Found(cloud, target)

    def finish(self, owner: Owner, shard_id: str = "", report: Report = ignore) -> None:
        """Remove what is left at the old place of a cloud that has moved. Raise FailedError if it has not.

        Once that removal has begun, the storages have been compared and may be half-removed: it is only completed.
        """
        latest, found = self._look(owner)
        parts = self._newest_first(owner, shard_id, found)
        target = next((part for part in parts if part.cloud.state is not State.REMOVING), found[0])
        older = parts[parts.index(target) + 1 :] if target in parts else []
        if shard_id and target.shard.id != shard_id:
            raise _unfinished(owner, shard_id)
        if not older:
            return
        if target.cloud.state is not State.READY:
            raise _unfinished(owner, target.shard.id)
        settled = (State.READY, State.REMOVING)
        source = next((part for part in older if part.cloud.state in settled), older[0])
        self._finish(self._course(source, target.shard, latest), report)

    def _finish(self, course: Course, report: Report) -> None:
        with self.provisioner.guarded(course.owner, course.latest, report) as step:
            if course.source.cloud.state is not State.REMOVING:
                _check_serving(course.source)
                old, new = self._storages(course, step)
                with _failures():  # a move that is done returns at once; any other is refused
                    move(old, new, url=course.spec.public_url, report=Stages(step))
            self.provisioner.open_shard(course.source.shard).remove(course.owner.name, step)

    def undo(self, owner: Owner, shard_id: str = "", report: Report = ignore) -> None:
        """Keep the cloud at the old place, and remove the new one. Raise FailedError once the new cloud is open."""
        latest, found = self._look(owner)
        target, *older = self._newest_first(owner, shard_id, found) or found
        if not older or (shard_id and target.shard.id != shard_id):
            return
        source = next(part for part in found if part in older)  # the one that counts
        self._undo(self._course(source, target.shard, latest), target, report)

    def _undo(self, course: Course, target: Found, report: Report) -> None:
        with self.provisioner.guarded(course.owner, course.latest, report) as step:
            if target.cloud.state is not State.REMOVING:  # otherwise an earlier run has undone the move
                _check_serving(course.source)
                old, new = self._storages(course, step)
                with _failures():
                    undo(old, new, report=Stages(step))
            self.provisioner.open_shard(course.target).remove(course.owner.name, step)

    def _look(self, owner: Owner) -> tuple[Tombstone | None, tuple[Found, ...]]:
        """Return the latest removal and everything of the cloud. Raise NoSuchCloudError or RemovalUnderWayError."""
        latest = self.provisioner.records.latest(owner)
        if latest is not None and latest.gone is None:
            raise RemovalUnderWayError(latest)
        found = self.provisioner.find_all(owner)
        if not found:
            raise NoSuchCloudError(f"there is no cloud {owner.name!r}", hint="see `satchel-infra list`")
        return latest, found

    def _newest_first(self, owner: Owner, shard_id: str, found: tuple[Found, ...]) -> list[Found]:
        """Return what exists of a cloud from a shard on, or from the newest one on, in the order of the generations."""
        ids = [shard.id for shard in self.provisioner.configuration.shards.candidates(owner)]
        first = 0
        if shard_id:
            named = self.provisioner.configuration.shards.named(shard_id).id
            if named not in ids:
                raise _not_there(owner, named)
            first = ids.index(named)
        parts = sorted(found, key=lambda each: ids.index(each.shard.id))
        return [each for each in parts if ids.index(each.shard.id) >= first]

    def _course(self, source: Found, target: Shard, latest: Tombstone | None) -> Course:
        configuration, owner = self.provisioner.configuration, source.cloud.owner
        ids = [shard.id for shard in configuration.shards.candidates(owner)]
        newer = ids[: ids.index(source.shard.id)]
        if target.id not in newer:
            allowed = f"it can move to {', '.join(newer)}" if newer else "add a generation of shards first"
            raise ConfigurationError(
                f"the cloud {owner.name!r} in shard {source.shard.id!r} cannot move to {target.id!r}",
                hint=allowed,
            )
        subject = source.cloud.settings.get(OWNER_SUBJECT, "")
        return Course(source, target, configuration.spec(owner, subject, target), latest)

    def _storages(self, course: Course, report: Report) -> tuple[Settings, Settings]:
        """Return the settings of both clouds as this process reaches their storages; prepare the new one."""
        cloud, source = course.source.cloud, course.source.shard
        old_spec = CloudSpec(cloud.owner, cloud.host, cloud.image, own_settings(cloud))
        old = self.provisioner.open_shard(source).prepare(old_spec, report)
        new = self.provisioner.open_shard(course.target).prepare(course.spec, report)
        return self._settings(old_spec, old), self._settings(course.spec, new)

    def _settings(self, spec: CloudSpec, storage: Mapping[str, str]) -> Settings:
        own = {name: self.environ[name] for name in STORAGE_SETTINGS if name in self.environ}
        settings = {name: value for name, value in spec.settings.items() if name != DATABASE_DIR}
        return Settings.read({**own, **settings, **storage, "SATCHEL_PUBLIC_URL": spec.public_url})


def _unfinished(owner: Owner, shard_id: str) -> FailedError:
    return FailedError(
        f"the cloud {owner.name!r} does not serve in shard {shard_id!r} yet",
        hint=f"complete the move first: satchel-infra move {owner.name} --to {shard_id}",
    )


def _not_there(owner: Owner, shard_id: str) -> ConfigurationError:
    return ConfigurationError(
        f"the cloud {owner.name!r} cannot be in shard {shard_id!r}",
        hint=f"see where it is: satchel-infra status {owner.name}",
    )


def _check_serving(source: Found) -> None:
    cloud = source.cloud
    if cloud.state is State.READY:
        return
    hint = "complete or repair it first: satchel-infra provision, or rollout"
    if cloud.state is State.REMOVING:
        hint = f"complete that first: satchel-infra move --finish {cloud.name}, or see satchel-infra doctor"
    raise FailedError(
        f"the cloud {cloud.name!r} in shard {source.shard.id!r} is {cloud.state.value}", hint=hint
    )


class Stages:
    """Passes each stage of a move on as a step, and how far it is every few seconds."""

    def __init__(self, report: Report, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._report = report
        self._monotonic = monotonic
        self._stage = ""
        self._reported_s = 0.0

    def __call__(self, progress: Progress) -> None:
        """Report a new stage, or one that has lasted REPORT_S seconds since its last report."""
        stage, now_s = progress.stage.value, self._monotonic()
        if stage != self._stage or now_s - self._reported_s >= REPORT_S:
            self._stage, self._reported_s = stage, now_s
            self._report(f"{stage}{_size(progress)}")


def _size(progress: Progress) -> str:
    if not progress.all_objects:
        return ""
    done = f": {progress.objects} of {progress.all_objects} objects"
    return f"{done}, {progress.done_bytes} of {progress.all_bytes} bytes"


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except MismatchError as exc:
        raise DiffersError(exc.message, hint=AGAIN) from exc
    except UnreachableError as exc:
        raise UnavailableError(exc.message, hint=AGAIN) from exc
    except MoveError as exc:
        raise FailedError(exc.message, hint=exc.hint or AGAIN) from exc
