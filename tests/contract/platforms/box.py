"""Clouds of one machine: a real systemd and its polkit in a container, with light programs in place of the service."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final

from tests.contract.platforms.subject import Fault, Killed, Subject
from tests.support.box_machine import LIGHT, BoxMachine

from satchel_infra.box.box import Box
from satchel_infra.box.layout import socket_unit
from satchel_infra.box.records import Record
from satchel_infra.box.registry import Stage
from satchel_infra.box.systemd import Systemd
from satchel_infra.platform import CloudSpec

NOBODY: Final = "65534"
NO_BUS: Final = "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent"
SOON_S: Final = 0.0005


@dataclass(frozen=True)
class CountedSystemd(Systemd):
    """systemd whose caller is killed after a number of commands."""

    left: list[int] | None = None

    def _run(self, *arguments: str) -> str:
        if self.left:
            if not self.left[0]:
                raise Killed
            self.left[0] -= 1
        return super()._run(*arguments)


class BoxSubject(Subject):
    """A machine without clouds."""

    faults = frozenset({Fault.QUOTA, Fault.DENIED, Fault.UNAVAILABLE, Fault.DEADLINE})
    counts_requests = True
    many = 100

    def __init__(self, machine: BoxMachine) -> None:
        self.machine = machine
        self.normal = machine.box()
        systemd = self.normal.systemd
        self.counted = CountedSystemd(systemd.timeout_s, systemd.command, [])
        self.box = self.normal

    def platform(self) -> Box:
        return replace(self.box)

    def image(self, number: int = 1) -> str:
        return f"{LIGHT}/{number}"

    def broken_image(self) -> str:
        return f"{LIGHT}/broken"

    def remains(self, name: str) -> list[str]:
        """Return the record, the socket and the data. What an update keeps counts only without a record."""
        machine = self.machine
        records = [path.suffix for path in machine.records.iterdir() if path.name.startswith(f"{name}.")]
        stages = [suffix for suffix in records if suffix in (Stage.EXISTS.value, Stage.REMOVING.value)]
        found = ["record"] * len(stages) or [f"leftover{suffix}" for suffix in records]
        found += ["socket"] * (machine.sockets / f"{name}.sock").exists()
        data = machine.data / name
        found += ["link"] * (machine.state / "satchel-clouds" / name).is_symlink()
        return sorted(
            [*found, *(["data", *(f"data/{path.name}" for path in data.iterdir())] if data.exists() else [])]
        )

    def store_data(self, name: str) -> None:
        (self.machine.data / name / "piece").write_bytes(b"sealed")

    def fill(self, specs: list[CloudSpec]) -> None:
        self.box.registry.prepare()
        for spec in specs:
            self.box.registry.write(spec.name, replace(Record.of(spec), is_complete=True))
        self.box.systemd.start(*(socket_unit(spec.name) for spec in specs))

    @contextmanager
    def cut_after(self, requests: int) -> Iterator[None]:
        self.box = replace(self.normal, systemd=replace(self.counted, left=[requests]))
        try:
            yield
        finally:
            self.box = self.normal

    @contextmanager
    def fault(self, fault: Fault) -> Iterator[None]:
        systemd = self.normal.systemd
        user = [word for word in systemd.command if word.isdigit()][1:]
        disturbed = {
            Fault.QUOTA: replace(self.normal, max_clouds=0),
            Fault.DENIED: replace(
                self.normal, systemd=replace(systemd, command=self.machine.systemctl(NOBODY, NOBODY))
            ),
            Fault.UNAVAILABLE: replace(
                self.normal, systemd=replace(systemd, command=self.machine.systemctl(*user, NO_BUS))
            ),
            Fault.DEADLINE: replace(self.normal, systemd=replace(systemd, timeout_s=SOON_S)),
        }
        self.box = disturbed[fault]
        try:
            yield
        finally:
            self.box = self.normal
