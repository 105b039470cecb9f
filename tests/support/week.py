"""A simulated week: three devices of one owner, one cloud, and everything that goes wrong in a week.

    week = Week(folder, seed=1)
    week.run(steps=200)
    week.settle()      # all faults end; every device syncs
    week.check()       # no Piece is lost, and every device has the same store

What a command that ended with 0 has promised is remembered in `Promises`; what a killed or failed one did is unknown,
and either outcome is right.
"""

import json
import os
import random
import resource
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.support.device import PROGRAM, Device
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret
from satchel.store import Store

ROOT: Final = RootSecret(b"\x5a" * 32)
NAMES: Final = ("laptop", "desk", "phone")
DAY_S: Final = 86_400
ROUNDS: Final = 4  # of syncs until every device knows everything
FULL_BYTES: Final = 8_192  # the size of a file at which the disk is full
SKEW: Final = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long skew(void) { const char *text = getenv("SKEW"); return text ? atol(text) : 0; }
int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    if (clock == CLOCK_REALTIME) time->tv_sec += skew();
    return result;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *out, void *zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


def build_clock(folder: Path) -> Path:
    """Compile the library that makes a program's clock wrong by SKEW seconds."""
    source, library = folder / "skew.c", folder / "skew.so"
    source.write_text(SKEW)
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@dataclass
class Promises:
    """What commands that succeeded have promised: contents by Piece, and Pieces that were removed."""

    contents: dict[str, set[str]] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)

    def lost_from(self, store: dict[str, set[str]]) -> list[str]:
        """Return what a store lacks, in words."""
        missing = [
            f"Piece {piece}" for piece in self.contents if piece not in store | dict.fromkeys(self.removed)
        ]
        missing += [
            f"a revision of {piece}: {content[:40]!r}"
            for piece, contents in self.contents.items()
            if piece in store and piece not in self.removed
            for content in contents - store[piece]
        ]
        return missing


class Week:
    """The devices, the cloud, the faults and the promises."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._rng = random.Random(seed)
        self._clock = build_clock(folder)
        self._folder = folder
        self.cloud = ServiceProcess(folder / "cloud").start()
        self.promises = Promises()
        self.log: list[str] = []
        self._skew_s = dict.fromkeys(NAMES, 0)
        self._count = 0
        self.devices: dict[str, Device] = {}
        for name in NAMES:
            self._connect(name, Device(folder / name, ROOT))
        self._weights: dict[Callable[[str], None], int] = {
            self._save: 20,
            self._edit: 14,
            self._tag: 4,
            self._remove: 3,
            self._backup: 8,
            self._sync: 10,
            self._merge: 3,
            self._prune: 2,
            self._restart_cloud: 4,
            self._set_clock: 3,
            self._fill_cloud: 1,
        }

    # -- the week -----------------------------------------------------------------------------

    def run(self, steps: int) -> None:
        """Do random things. One of them, about in the middle, is the theft of the laptop."""
        chosen = self._rng.choices(list(self._weights), list(self._weights.values()), k=steps)
        for number, action in enumerate(chosen):
            if number == steps // 2:
                self._steal("laptop")
            if not self.cloud.is_ready():
                self._maybe_start_cloud()
            action(self._rng.choice(NAMES))

    def settle(self) -> None:
        """End all faults, and let every device sync until each knows everything."""
        self._skew_s = dict.fromkeys(NAMES, 0)
        self.cloud.set(SATCHEL_QUOTA_BYTES="").restart()
        for _ in range(ROUNDS):
            for name in NAMES:
                self.devices[name].run("sync")

    def check(self) -> None:
        """Assert that no device lacks what was promised, and that all have the same Pieces and histories."""
        stores = {name: contents_of(device.home) for name, device in self.devices.items()}
        for name, store in stores.items():
            lost = self.promises.lost_from(store)
            assert not lost, f"{name} lacks {lost}\n{self.story()}"
        current = {name: current_of(device.home) for name, device in self.devices.items()}
        for name in NAMES[1:]:
            assert stores[name] == stores[NAMES[0]], f"{name} has another history\n{self.story()}"
            assert current[name] == current[NAMES[0]], f"{name} has other Pieces\n{self.story()}"

    def story(self) -> str:
        """Return what happened, one line for each command."""
        return "\n".join(self.log[-400:])

    # -- what devices do ----------------------------------------------------------------------

    def _save(self, name: str) -> None:
        content = self._content(name)
        piece = self._attempt(name, "save", "-", stdin=content)
        if piece:
            self.promises.contents.setdefault(piece.strip(), set()).add(content)

    def _edit(self, name: str) -> None:
        piece = self._any_piece(name)
        content = self._content(name)
        if piece and self._attempt(name, "edit", piece, "-", stdin=content) is not None:
            self.promises.contents.setdefault(piece, set()).add(content)

    def _tag(self, name: str) -> None:
        piece = self._any_piece(name)
        if piece:
            self._attempt(name, "tag", piece, f"tag{self._rng.randrange(5)}")

    def _remove(self, name: str) -> None:
        piece = self._any_piece(name)
        if piece:
            self.promises.removed.add(piece)  # even if it is killed: it may have been done
            self._attempt(name, "rm", piece, "--yes")

    def _backup(self, name: str) -> None:
        self._attempt(name, "backup")

    def _sync(self, name: str) -> None:
        self._attempt(name, "sync")

    def _merge(self, name: str) -> None:
        backup = self._any_backup(name)
        if backup:
            self._attempt(name, "restore", backup, "--merge", "--yes")

    def _prune(self, name: str) -> None:
        self._attempt(name, "backups", "prune", "--keep-last", "2", "--yes")

    # -- what goes wrong ----------------------------------------------------------------------

    def _restart_cloud(self, _name: str) -> None:
        self.log.append("the cloud is killed")
        self.cloud.kill()

    def _maybe_start_cloud(self) -> None:
        if self._rng.random() < 0.6:
            self.log.append("the cloud starts")
            self.cloud.start()

    def _set_clock(self, name: str) -> None:
        self._skew_s[name] = self._rng.choice((0, 0, -2 * DAY_S, 3 * DAY_S, 3_600))
        self.log.append(f"the clock of {name} is wrong by {self._skew_s[name]} s")

    def _fill_cloud(self, _name: str) -> None:
        quota = self._rng.choice(("", "1"))
        self.log.append(f"the quota of the cloud is {quota or 'ample'}")
        self.cloud.set(SATCHEL_QUOTA_BYTES=quota).restart()

    def _steal(self, name: str) -> None:
        """The thief deletes every backup. The owner revokes the laptop, undoes that, and sets up a new one."""
        self.log.append(f"{name} is stolen")
        self.cloud.set(SATCHEL_QUOTA_BYTES="").restart()
        self._skew_s = dict.fromkeys(NAMES, 0)
        stolen, owner = self.devices[name], self.devices[next(each for each in NAMES if each != name)]
        stolen.run("sync")
        device_id = json.loads((stolen.home / "cloud.json").read_text())["device_id"]
        before = {each["id"] for each in owner.json("backups")["backups"]}
        for backup in before:
            stolen.run("backups", "rm", backup)
        owner.run("devices", "revoke", device_id)
        for backup in before:
            owner.run("backups", "undelete", backup)
        after = {each["id"] for each in owner.json("backups")["backups"]}
        assert before <= after, "a stolen laptop has destroyed a backup"
        stolen.run("backup", code=4)
        self._count += 1
        self._connect(name, Device(self._folder / f"{name}-{self._count}", ROOT))
        self.devices[name].run("sync")

    # -- how --------------------------------------------------------------------------------------

    def _connect(self, name: str, device: Device) -> None:
        device.run("connect", self.cloud.url, "--pair", self.cloud.new_pairing_code(), "--label", name)
        self.devices[name] = device

    def _content(self, name: str) -> str:
        self._count += 1
        size = self._rng.choice((20, 200, 2_000, 20_000))
        return f"{name} wrote {self._count}\n" + f"{self._rng.random()}\n" * (size // 20)

    def _any_piece(self, name: str) -> str | None:
        with Store.open(self.devices[name].home, read_only=True) as store:
            pieces = [piece.id for piece in store.pieces()]
        return self._rng.choice(pieces) if pieces else None

    def _any_backup(self, name: str) -> str | None:
        listed = self._attempt(name, "backups", "--json")
        backups = json.loads(listed)["backups"] if listed else []
        return str(self._rng.choice(backups)["id"]) if backups else None

    def _attempt(self, name: str, *words: str, stdin: str = "") -> str | None:
        """Run a command that may be killed or find the disk full. Return its output if it ended with 0."""
        fault = self._rng.random()
        kill_after_s = self._rng.uniform(0, 0.6) if fault < 0.12 else None
        is_full = 0.12 <= fault < 0.16
        environ = dict(self.devices[name].environ)
        if self._skew_s[name]:
            environ |= {"LD_PRELOAD": str(self._clock), "SKEW": str(self._skew_s[name])}
        with (
            subprocess.Popen(
                [PROGRAM, *words],
                env=environ,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                preexec_fn=fill_disk if is_full else None,  # noqa: PLW1509  it makes two system calls
            ) as process,
            ending(process, kill_after_s),
        ):
            out, err = process.communicate(stdin.encode())
        said = err.decode(errors="replace").strip()
        self.log.append(f"{name}: {' '.join(words)} -> {process.returncode} {said[-200:]}")
        if process.returncode == 0:
            return out.decode()
        expected = {1, 3, 4, 5, 6, -signal.SIGKILL} if kill_after_s is None else {0, 1, 3, 6, -signal.SIGKILL}
        assert process.returncode in expected, self.story()
        assert "unexpected" not in said, self.story()
        return None


def fill_disk() -> None:
    """Limit the size of files in the child, as if the disk were full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (FULL_BYTES, FULL_BYTES))


@contextmanager
def ending(process: "subprocess.Popen[bytes]", after_s: float | None) -> Iterator[None]:
    """Kill a process after some seconds, unless it has ended."""
    import threading

    timer = (
        threading.Timer(after_s, lambda: os.kill(process.pid, signal.SIGKILL))
        if after_s is not None
        else None
    )
    if timer:
        timer.start()
    try:
        yield
    finally:
        if timer:
            timer.cancel()


def contents_of(home: Path) -> dict[str, set[str]]:
    """Return the contents of all revisions of each Piece."""
    with Store.open(home, read_only=True) as store:
        return {
            piece.id: {
                store.content(piece.id, revision.number).decode() for revision in store.revisions(piece.id)
            }
            for piece in store.pieces()
        }


def current_of(home: Path) -> dict[str, Any]:
    """Return the current state of each Piece."""
    with Store.open(home, read_only=True) as store:
        return {piece.id: (piece.title, piece.tags, store.content(piece.id)) for piece in store.pieces()}
