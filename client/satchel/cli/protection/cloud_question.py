"""Asks the connected cloud what it holds, for some seconds at most. An unreachable cloud is an answer too."""

import queue
import threading
from dataclasses import replace
from typing import Final

from satchel.backup.listing import open_summaries
from satchel.cli.app import App
from satchel.cli.protection.facts import CloudAnswer, StoredBackup
from satchel.cloud.client import CloudClient
from satchel.cloud.clocks import clock_warning
from satchel.cloud.connection import Connection, read_connection
from satchel.cloud.destination import CloudDestination
from satchel.errors import SatchelError
from satchel.keys import OwnerKeys

DEADLINE_S: Final = 12.0
"""Longer than a sleeping cloud takes to wake, short enough to wait for."""


def name_cloud(app: App) -> CloudAnswer:
    """Return the cloud's address without asking it anything."""
    connection = _connection(app)
    if isinstance(connection, CloudAnswer):
        return connection
    return CloudAnswer(str(connection.origin), connection.device_id, was_asked=False)


def ask_cloud(app: App) -> CloudAnswer:
    """Ask the cloud. The question runs in a thread that ends with the process if no answer comes in time."""
    connection = _connection(app)
    if isinstance(connection, CloudAnswer):
        return connection
    url = str(connection.origin)
    nothing = CloudAnswer(url, connection.device_id)
    answers: queue.Queue[CloudAnswer] = queue.Queue()
    keys = _keys(app)
    threading.Thread(target=lambda: answers.put(_answer(app, nothing, keys)), daemon=True).start()
    try:
        return answers.get(timeout=DEADLINE_S)
    except queue.Empty:
        return replace(
            nothing,
            problem=f"the cloud at {url!r} has not answered within {DEADLINE_S:.0f} seconds",
            hint="check its log and the network",
        )


def _connection(app: App) -> Connection | CloudAnswer:
    try:
        return read_connection(app.home)
    except SatchelError as exc:
        return CloudAnswer("", problem=exc.message, hint=exc.hint)


def _answer(app: App, nothing: CloudAnswer, keys: OwnerKeys | None) -> CloudAnswer:
    try:
        client = app.cloud()
        backups = _backups(client, keys)
        return replace(nothing, backups=backups, clock_warning=clock_warning(client.clock_offset))
    except SatchelError as exc:
        return replace(nothing, problem=exc.message, hint=exc.hint)
    except Exception as exc:  # noqa: BLE001  a thread has no other way to report it
        return replace(nothing, problem=f"the cloud could not be asked: unexpected {type(exc).__name__}")


def _backups(client: CloudClient, keys: OwnerKeys | None) -> tuple[StoredBackup, ...]:
    stored = CloudDestination(client).inventory().backups
    if keys is None:
        return tuple(StoredBackup(each.id, each.created, each.expires, None, None, None) for each in stored)
    return tuple(
        StoredBackup(
            entry.stored.id,
            entry.summary.created,
            entry.stored.expires,
            entry.summary.store,
            entry.summary.device,
            entry.summary.pieces,
        )
        for entry in open_summaries(stored, keys)
        if entry.summary is not None
    )


def _keys(app: App) -> OwnerKeys | None:
    """Return the keys, or None if they would have to be asked for: `status` asks nothing."""
    try:
        if app.vault().describe().kept == "passphrase" and app.environment.passphrase_file is None:
            return None
        return app.owner()
    except SatchelError:
        return None
