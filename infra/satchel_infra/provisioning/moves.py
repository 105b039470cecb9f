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

from collections.abc import Iterator, Mapping
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
from satchel_infra.provisioning.records import STORAGE_SETTINGS
from satchel_infra.provisioning.rollout import own_settings
from satchel_infra.shards import Shard
from satchel_service.moving import MismatchError, MoveError, Progress, UnreachableError, move, undo
from satchel_service.settings import Settings

DATABASE_DIR: Final = "SATCHEL_DATABASE_DIR"  # of the cloud's machine, not of the operator's
AGAIN: Final = (
    "run the same command again: it continues where it stopped; or undo it: satchel-infra move --undo"
)


class DiffersError(InfraError):
    """A copied object differs from the original. Nothing was opened."""

    exit_code = 5


class Course(NamedTuple):
    """From where to where a cloud moves."""

    source: Found
    target: Shard
    spec: CloudSpec


@dataclass(frozen=True)
class Moves:
    """Moves clouds. `environ` holds the operator's credentials for storages."""

    provisioner: Provisioner
    environ: Mapping[str, str]

    def move(self, owner: Owner, shard_id: str = "", report: Report = ignore) -> Found:
        """Move the owner's cloud and return it once it serves in the new shard; to its home if none is named.

        Raise NoSuchCloudError; ConfigurationError for a shard that it cannot move to; DiffersError; FailedError if the
        storages refuse it; and what the platforms raise.
        """
        course = self._course(owner, shard_id)
        if course is None:
            return self._only(owner)
        _check_serving(course.source)
        old, new = self._storages(course, report)
        with _failures():
            move(old, new, url=course.spec.public_url, report=Stages(report))
        cloud = self.provisioner.open_shard(course.target).ensure(course.spec, report)
        return Found(cloud, course.target)

    def finish(self, owner: Owner, shard_id: str = "", report: Report = ignore) -> None:
        """Remove what is left at the old place of a cloud that has moved. Raise FailedError if it has not.

        Once that removal has begun, the storages have been compared and may be half-removed: it is only completed.
        """
        course = self._course(owner, shard_id)
        if course is None:
            return
        target = self.provisioner.open_shard(course.target).find(owner.name)
        if target is None or target.state is not State.READY:
            raise FailedError(
                f"the cloud {owner.name!r} does not serve in shard {course.target.id!r} yet",
                hint="complete the move first: satchel-infra move",
            )
        if course.source.cloud.state is not State.REMOVING:
            _check_serving(course.source)
            old, new = self._storages(course, report)
            with _failures():  # a move that is done returns at once; any other is refused
                move(old, new, url=course.spec.public_url)
        self.provisioner.open_shard(course.source.shard).remove(owner.name, report)

    def undo(self, owner: Owner, shard_id: str = "", report: Report = ignore) -> None:
        """Keep the cloud at the old place, and remove the new one. Raise FailedError once the new cloud is open."""
        course = self._course(owner, shard_id)
        if course is None:
            return
        platform = self.provisioner.open_shard(course.target)
        target = platform.find(owner.name)
        if target is None:
            return
        if target.state is not State.REMOVING:  # otherwise an earlier run has undone the move
            _check_serving(course.source)
            old, new = self._storages(course, report)
            with _failures():
                undo(old, new, report=Stages(report))
        platform.remove(owner.name, report)

    def _course(self, owner: Owner, shard_id: str) -> Course | None:
        """Return from where to where the cloud moves; None if it is already there and nowhere else."""
        latest = self.provisioner.records.latest(owner)
        if latest is not None and latest.gone is None:
            raise RemovalUnderWayError(latest)
        shards = self.provisioner.configuration.shards
        target = shards.named(shard_id) if shard_id else shards.home(owner)
        found = self.provisioner.find_all(owner)
        if not found:
            raise NoSuchCloudError(f"there is no cloud {owner.name!r}", hint="see `satchel-infra list`")
        older = [each for each in found if each.shard != target]
        if not older:
            return None
        source = older[0]
        self._check_way(source, target, shards.candidates(owner))
        subject = source.cloud.settings.get(OWNER_SUBJECT, "")
        return Course(source, target, self.provisioner.configuration.spec(owner, subject, target))

    def _check_way(self, source: Found, target: Shard, candidates: tuple[Shard, ...]) -> None:
        ids = [shard.id for shard in candidates]
        newer = ids[: ids.index(source.shard.id)]
        if target.id not in newer:
            allowed = f"it can move to {', '.join(newer)}" if newer else "add a generation of shards first"
            raise ConfigurationError(
                f"the cloud {source.cloud.name!r} in shard {source.shard.id!r} cannot move to {target.id!r}",
                hint=allowed,
            )

    def _only(self, owner: Owner) -> Found:
        found = self.provisioner.find(owner)
        if found is None:
            raise NoSuchCloudError(f"there is no cloud {owner.name!r}", hint="see `satchel-infra list`")
        return found

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
    """Passes each stage of copying on as a step, with how much there is to copy."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        """Report a stage once."""
        if progress.stage.value != self._stage:
            self._stage = progress.stage.value
            self._report(f"{self._stage}{_size(progress)}")


def _size(progress: Progress) -> str:
    return f": {progress.all_objects} objects, {progress.all_bytes} bytes" if progress.all_objects else ""


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
