"""Gathers the facts: from the home, and from the cloud if one is connected."""

import datetime as dt
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from satchel.cli.app import App
from satchel.cli.edits import leftovers
from satchel.cli.protection.facts import CloudAnswer, Disk, Facts, LastBackup, Proof, ScheduleState
from satchel.errors import SatchelError
from satchel.keys.confirmation import confirmed_at
from satchel.schedule.runs import read_run
from satchel.schedule.schedules import Schedule, read_schedules

if TYPE_CHECKING:
    from satchel.store import Store

LOW_DISK_BYTES: Final = 256 * 1024 * 1024  # with less free space, even small writes may fail
STORES_OF_SPACE: Final = 2  # a restore builds the new store next to the old one


def gather(app: App, store: "Store", now: dt.datetime, *, ask_cloud: bool) -> Facts:
    """Return the facts. Only a connected cloud is asked, for some seconds at most, and only with `ask_cloud`."""
    last_backups, proof = _record(app.home, store.store_id)
    return Facts(
        home=app.home,
        store_id=store.store_id,
        pieces=store.count(),
        last_backups=last_backups,
        cloud=_cloud(app, now, ask=ask_cloud),
        schedules=tuple(schedule_state(app, schedule) for schedule in read_schedules(app.home)),
        words_confirmed=_words_confirmed(app),
        proof=proof,
        disk=measure_disk(app.home),
        leftover_edits=len(leftovers(app.home)),
    )


def _record(home: Path, store_id: str) -> tuple[tuple[LastBackup, ...], Proof | None]:
    """Return the last backup of this store at each place, newest first, and the last proof."""
    if not (home / "backups").exists():
        return (), None
    # It costs over 20 ms, and a home without backups does not need it.
    from satchel.backup.local.record import read_record  # noqa: PLC0415

    record = read_record(home)
    made = [
        LastBackup(
            kind="cloud" if each.is_in_cloud else "file",
            destination=each.place.partition(":")[2],
            id=each.archive,
            created=each.created,
            pieces=each.pieces,
            expires=each.expires,
            has_memory=each.has_memory,
        )
        for each in record.backups
        if each.store == store_id
    ]
    newest_first = tuple(sorted(made, key=lambda each: each.created, reverse=True))
    last = record.last_proof()
    if last is None:
        return newest_first, None
    return newest_first, Proof(last.proven, last.archive, last.checked, last.pieces, last.is_whole)


def measure_disk(home: Path) -> Disk:
    """Return the free space, and what a restore needs: the new store is built next to the old one.

    Nothing is written to a read-only home, so it needs nothing.
    """
    store = home / "store.db"
    size = store.stat().st_size if store.exists() else 0
    if not os.access(home, os.W_OK):
        return Disk(shutil.disk_usage(home).free, 0)
    return Disk(shutil.disk_usage(home).free, max(LOW_DISK_BYTES, STORES_OF_SPACE * size))


def _words_confirmed(app: App) -> dt.datetime | None:
    vault = app.vault()
    with suppress(SatchelError):  # the check of the keys reports it
        if vault.exists():
            return confirmed_at(app.home, vault.describe().owner_id)
    return None


def schedule_state(app: App, schedule: Schedule) -> ScheduleState:
    """Return a schedule with its last run, and whether its scheduler still has it."""
    # Most homes have no schedule, and the modules of the schedulers cost some milliseconds.
    from satchel.schedule.managers import open_manager  # noqa: PLC0415

    try:
        manager = open_manager(schedule.manager, app.environment.variables)
        is_installed: bool | None = manager.is_installed(schedule.job_id)
    except SatchelError:
        is_installed = None
    return ScheduleState(schedule, read_run(app.home, schedule.name), is_installed)


def _cloud(app: App, now: dt.datetime, *, ask: bool) -> CloudAnswer | None:
    if not (app.home / "cloud.json").exists():
        return None
    # The cloud client costs over 20 ms, and only connected homes need it.
    from satchel.cli.protection.cloud_question import ask_cloud, name_cloud  # noqa: PLC0415

    return ask_cloud(app, now) if ask else name_cloud(app)
