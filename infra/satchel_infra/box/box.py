"""The platform: clouds as records, sockets and services of one machine."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from http.client import HTTPException
from pathlib import Path
from typing import Final

from satchel_infra.box.layout import DATA_DIR, PROXY_GROUP, SOCKET_SUFFIX, service_unit, socket_unit
from satchel_infra.box.probe import is_ready
from satchel_infra.box.records import Record
from satchel_infra.box.registry import Registry, Stage
from satchel_infra.box.state_directories import create_state
from satchel_infra.box.systemd import Systemd, UnitState
from satchel_infra.errors import (
    DeniedError,
    FailedError,
    InfraError,
    NoSuchCloudError,
    OwnerMismatchError,
    QuotaError,
    UnavailableError,
)
from satchel_infra.platform import Cloud, CloudSpec, Report, State, ignore
from satchel_infra.shards import Shard

POLL_S: Final = 0.05
REPORT_S: Final = 3.0
ALL_SOCKETS: Final = socket_unit("*")
SLEEPING: Final = UnitState()


@dataclass(frozen=True)
class Box:
    """The clouds of one machine.

    `state` is the directory of state directories, /var/lib. `ready_s` limits how long a cloud may take to start,
    `max_clouds` their number.
    """

    shard: Shard
    registry: Registry
    systemd: Systemd
    sockets: Path
    state: Path
    ready_s: float
    max_clouds: int

    def ensure(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Register the cloud, open its socket and start it once."""
        with self.registry.locked(spec.name):
            found = self._settle(spec, report)
            if found is not None and found.is_complete:
                units = self._units(spec.name)
                if _state_of(Stage.EXISTS, found, units) is State.READY:
                    return self._describe(Stage.EXISTS, found, units)
                return self._complete(found, report)
            return self._complete(self._register(spec, found, report), report)

    def prepare(self, spec: CloudSpec, report: Report = ignore) -> Mapping[str, str]:
        """Register the cloud and create its state directory. Only root can do that."""
        with self.registry.locked(spec.name):
            found = self._settle(spec, report)
            if found is None:
                self._register(spec, None, report)
            if found is None or not found.is_complete:
                report("create the directory of its data")
                create_state(self.state, spec.name)
        return {"SATCHEL_STORAGE": f"file:{self.state / DATA_DIR / spec.name}"}

    def find(self, name: str) -> Cloud | None:
        """Return a cloud by its record and the states of its units."""
        units = self._units(name)
        found = self.registry.find(name)
        return None if found is None else self._describe(*found, units)

    def list(self) -> Iterator[Cloud]:
        """Yield every cloud, with one question to systemd."""
        units = self.systemd.states(ALL_SOCKETS)
        for name in self.registry.names():
            found = self.registry.find(name)
            if found is not None:
                yield self._describe(*found, units)

    def update(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Replace the record, stop the earlier release, and start the new one once."""
        with self.registry.locked(spec.name):
            found = self._own(spec)
            if found is None or found[0] is Stage.REMOVING:
                raise NoSuchCloudError(f"there is no cloud {spec.name!r}", hint="see `satchel-infra list`")
            record, earlier = self._end_update(found[1], spec, report)
            cloud = self._describe(*found, self._units(spec.name))
            if record.is_for(spec) and earlier is None and cloud.state is State.READY:
                return cloud
            new = replace(Record.of(spec), is_complete=record.is_complete)
            report("store the new release and settings")
            if earlier is None and record.is_complete:
                self.registry.write(spec.name, record, Stage.EARLIER)
            self.registry.write(spec.name, new)
            return self._restart(new, report)

    def remove(self, name: str, report: Report = ignore) -> None:
        """Take the name away, close the socket, stop the service, and delete its data."""
        with self.registry.locked(name):
            if self.registry.find(name) is not None:
                self._remove(name, report)

    def _end_update(self, record: Record, spec: CloudSpec, report: Report) -> tuple[Record, Record | None]:
        """Return the record, and the one before an interrupted update that `spec` repeats.

        End an interrupted update to something else: only a release that has served may be returned to.
        """
        earlier = self.registry.earlier(spec.name)
        if earlier is None or record.is_for(spec):
            return record, earlier
        try:
            self._restart(record, report)
        except FailedError:
            record = earlier
        return record, self.registry.earlier(spec.name)

    def _own(self, spec: CloudSpec) -> tuple[Stage, Record] | None:
        """Return the stage and record of the owner's cloud. Raise OwnerMismatchError if it is someone else's."""
        found = self.registry.find(spec.name)
        if found is not None and found[1].owner != spec.owner:
            raise OwnerMismatchError(
                f"the cloud {spec.name!r} belongs to another account",
                hint="see whether two provisioners use one machine",
            )
        return found

    def _settle(self, spec: CloudSpec, report: Report) -> Record | None:
        """Complete a removal that has begun, and return the owner's record."""
        found = self._own(spec)
        if found is None or found[0] is Stage.EXISTS:
            return None if found is None else found[1]
        self._remove(spec.name, report)
        return None

    def _register(self, spec: CloudSpec, found: Record | None, report: Report) -> Record:
        """Store the record of a cloud that has not served yet. Raise QuotaError beyond the limit of the machine."""
        record = Record.of(spec)
        if found is None and len(self.registry.names()) >= self.max_clouds:
            raise QuotaError(
                f"this machine has its limit of {self.max_clouds} clouds",
                hint="add a shard on another machine, or raise the option max_clouds",
            )
        if found == record:  # an earlier call has begun to start it
            return record
        if found is not None:
            report("stop its running service")
            self.systemd.stop(socket_unit(spec.name), service_unit(spec.name))
        report("register the cloud")
        self.registry.write(spec.name, record)
        return record

    def _complete(self, record: Record, report: Report) -> Cloud:
        """Open the socket, wait until the cloud serves, and note that it has served.

        A start under way goes on, and so does its count of failed starts: it may take longer than one call.
        """
        name = record.owner.name
        if not self._units(name).get(socket_unit(name), SLEEPING).is_active:
            report("open its socket")
            self._open(name)
        self._await(name, report)
        complete = replace(record, is_complete=True)
        if not record.is_complete:
            report("note that it serves")
            self.registry.write(name, complete)
        return self._describe(Stage.EXISTS, complete, self._units(name))

    def _restart(self, record: Record, report: Report) -> Cloud:
        """Start the release of a record. Return to the earlier one if it does not start."""
        name = record.owner.name
        was_asleep = not self._units(name).get(service_unit(name), SLEEPING).is_active
        report("stop the earlier release")
        self.systemd.stop(service_unit(name))
        self.systemd.reset(service_unit(name))
        try:
            cloud = self._complete(record, report)
        except FailedError as exc:
            self._return_to_earlier(name, exc)
            raise
        self.registry.forget_earlier(name)
        if was_asleep:  # otherwise an update of every cloud would fill the memory
            self.systemd.stop(service_unit(name))
        return cloud

    def _return_to_earlier(self, name: str, cause: FailedError) -> None:
        earlier = self.registry.earlier(name)
        if earlier is None:
            return
        try:
            self.registry.write(name, earlier)
            self.systemd.stop(service_unit(name))
            self._open(name)
            self._await(name, ignore)
            self.registry.forget_earlier(name)
        except InfraError as exc:
            raise FailedError(
                f"{cause}; and the earlier release does not start either: {exc}", hint=exc.hint
            ) from exc

    def _remove(self, name: str, report: Report) -> None:
        report("take its name away")
        self.registry.begin_removal(name)
        report("close its socket")
        self.systemd.stop(socket_unit(name))
        report("stop its service")
        self.systemd.stop(service_unit(name))
        report("delete its data")
        self.systemd.reset(service_unit(name), socket_unit(name))
        self.systemd.delete_data(service_unit(name))
        report("forget it")
        self.registry.forget(name)

    def _open(self, name: str) -> None:
        """Start the socket. Earlier failures, and the number of earlier starts, do not count.

        A socket whose service still has its mark of too many starts would fail at once.
        """
        self.systemd.reset(service_unit(name), socket_unit(name))
        self.systemd.start(socket_unit(name))

    def _await(self, name: str, report: Report) -> None:
        """Wait until the cloud serves. Raise FailedError if systemd has given up, UnavailableError after `ready_s`."""
        deadline = time.monotonic() + self.ready_s
        while (left := deadline - time.monotonic()) > 0:
            report("wait until it serves")
            if self._is_ready(name, min(left, REPORT_S)):
                return
            time.sleep(POLL_S)
        raise UnavailableError(
            f"the cloud {name!r} is not ready after {self.ready_s:g} s",
            hint=f"see its journal: journalctl -u {service_unit(name)}",
        )

    def _is_ready(self, name: str, timeout_s: float) -> bool:
        try:
            return is_ready(self.sockets / f"{name}{SOCKET_SUFFIX}", timeout_s)
        except TimeoutError:
            return False
        except PermissionError as exc:
            raise DeniedError(
                f"the socket of the cloud {name!r} refuses this user", hint=f"join the group {PROXY_GROUP}"
            ) from exc
        except (OSError, HTTPException):
            detail = _failure(name, self._units(name))
            if detail:
                raise FailedError(
                    f"the cloud {name!r} does not start: {detail}", hint="see its journal"
                ) from None
            return False

    def _units(self, name: str) -> dict[str, UnitState]:
        return self.systemd.states(socket_unit(name), service_unit(name))

    def _describe(self, stage: Stage, record: Record, units: Mapping[str, UnitState]) -> Cloud:
        return Cloud(
            owner=record.owner,
            shard_id=self.shard.id,
            host=record.host,
            image=record.release,
            state=_state_of(stage, record, units),
            settings=record.settings,
            detail=_failure(record.owner.name, units) if stage is Stage.EXISTS else "",
        )


def _state_of(stage: Stage, record: Record, units: Mapping[str, UnitState]) -> State:
    """Return the state of a cloud by its record and units."""
    if stage is Stage.REMOVING:
        return State.REMOVING
    name = record.owner.name
    socket = units.get(socket_unit(name), SLEEPING)
    if socket.has_failed:
        return State.FAILED
    return State.READY if record.is_complete and socket.is_active else State.CREATING


def _failure(name: str, units: Mapping[str, UnitState]) -> str:
    """Return in one line why systemd has closed the socket, or an empty text."""
    socket = units.get(socket_unit(name), SLEEPING)
    if not socket.has_failed:
        return ""
    return f"systemd gave up ({socket.result}); see journalctl -u {service_unit(name)}"
