"""Asks the connected cloud what it holds, for a few seconds at most. That it is unreachable is an answer too."""

import datetime as dt
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from satchel.archive.destination import StoredBackup as ListedBackup
from satchel.backup.listing import open_summaries
from satchel.cli.app import App
from satchel.cli.protection.facts import CloudAnswer, PendingDeletion, StoredBackup
from satchel.cloud.audit_heads import AuditHeads
from satchel.cloud.audit_log import follow
from satchel.cloud.client import CloudClient
from satchel.cloud.clocks import clock_warning
from satchel.cloud.connection import Connection, read_connection
from satchel.cloud.deletions import PendingDeletion as NamedDeletion
from satchel.cloud.deletions import name_deletions, next_displaced
from satchel.cloud.destination import CloudDestination
from satchel.errors import IntegrityError, SatchelError
from satchel.keys import OwnerKeys
from satchel_wire.capabilities import Capability
from satchel_wire.messages import Deletion

SAME_MOMENT: Final = dt.timedelta(minutes=1)
"""A retention prunes at once when it is set; later pruning is routine."""

NO_LOG: Final = "an earlier version of the service serves it; ask its operator"

DEADLINE_S: Final = 12.0
"""Longer than a sleeping cloud takes to wake, short enough to wait for."""


def name_cloud(app: App) -> CloudAnswer:
    """Return the cloud's address without asking it anything."""
    connection = _connection(app)
    if isinstance(connection, CloudAnswer):
        return connection
    return replace(_described(connection), was_asked=False)


def ask_cloud(app: App, now: dt.datetime) -> CloudAnswer:
    """Ask the cloud. The question runs in a thread that ends with the process if no answer comes in time."""
    connection = _connection(app)
    if isinstance(connection, CloudAnswer):
        return connection
    nothing = _described(connection)
    answers: queue.Queue[CloudAnswer] = queue.Queue()
    keys = _keys(app)
    threading.Thread(target=lambda: answers.put(_answer(app, nothing, keys, now)), daemon=True).start()
    try:
        return answers.get(timeout=DEADLINE_S)
    except queue.Empty:
        return replace(
            nothing,
            problem=f"the cloud at {nothing.url!r} has not answered within {DEADLINE_S:.0f} seconds",
            hint="check its log and the network",
        )


def _connection(app: App) -> Connection | CloudAnswer:
    try:
        return read_connection(app.home)
    except SatchelError as exc:
        return CloudAnswer("", problem=exc.message, hint=exc.hint)


def _described(connection: Connection) -> CloudAnswer:
    provisioner = str(connection.provisioner) if connection.provisioner else None
    return CloudAnswer(str(connection.origin), connection.device_id, provisioner)


def _answer(app: App, nothing: CloudAnswer, keys: OwnerKeys | None, now: dt.datetime) -> CloudAnswer:
    try:
        client = app.cloud()
        inventory, deleted = CloudDestination(client).listing()
        displaced, changed = None, None
        if client.supports(Capability.RETENTION):
            state = client.retention()
            displaced = next_displaced(state.retention, inventory.backups, nothing.device_id, now)
            changed = state.changed
        nothing = _with_audit(app, client, nothing, now)
        return replace(
            nothing,
            backups=_backups(inventory.backups, keys),
            next_displaced=displaced,
            deletions=_deletions(deleted, keys, nothing.device_id, changed),
            clock_warning=clock_warning(client.clock_offset),
            waiting_answers=_waiting_answers(client),
        )
    except SatchelError as exc:
        return replace(nothing, problem=exc.message, hint=exc.hint)
    except Exception as exc:  # noqa: BLE001  a thread has no other way to report it
        return replace(nothing, problem=f"the cloud could not be asked: unexpected {type(exc).__name__}")


def _with_audit(app: App, client: CloudClient, answer: CloudAnswer, now: dt.datetime) -> CloudAnswer:
    """Verify what is new in the audit log, and remember its latest entry."""
    heads, cloud = AuditHeads(app.home), str(client.origin)
    try:
        known = heads.find(cloud)
        if not client.supports(Capability.AUDIT):
            lost = (
                f"the cloud no longer has the audit log of which this device has seen entry {known.number:,}"
                if known
                else ""
            )
            return replace(answer, audit_problem=lost, audit_hint=NO_LOG if known else "")
        head = follow(client, known.link if known else None)
        with suppress(SatchelError):  # a home that cannot be written
            heads.advance(cloud, head, now)
    except IntegrityError as exc:
        return replace(answer, audit_problem=exc.message, audit_hint=exc.hint)
    return replace(answer, audit_entries=head.number)


def _waiting_answers(client: CloudClient) -> int | None:
    if not client.supports(Capability.REQUESTS):
        return None
    return sum(receipt.taken is None for request in client.requests() for receipt in request.received)


def _backups(stored: Sequence[ListedBackup], keys: OwnerKeys | None) -> tuple[StoredBackup, ...]:
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


def _deletions(
    found: Sequence[tuple[ListedBackup, Deletion]],
    keys: OwnerKeys | None,
    device_id: str | None,
    changed: dt.datetime | None,
) -> tuple[PendingDeletion, ...]:
    """Return the backups that wait for their deletion. `changed`: when the retention was last set, if it was."""
    named = name_deletions([each for _, each in found], keys.identity if keys else None)
    return tuple(
        PendingDeletion(
            id=deletion.backup,
            until=deletion.final,
            requested=deletion.asked,
            device=deletion.by,
            is_ours=deletion.device == device_id,
            reason=deletion.reason,
            is_routine=is_routine(deletion, maker=stored.device, changed=changed),
        )
        for (stored, _), deletion in zip(found, named, strict=True)
    )


def is_routine(deletion: NamedDeletion, *, maker: str | None, changed: dt.datetime | None) -> bool:
    """Return whether time ended a backup as its owner had planned.

    It is not if a device deleted it, if lowering the retention did, or if a device other than its maker set its expiry:
    that is how a thief would hide a deletion.
    """
    if deletion.reason == "retention":
        return changed is None or abs(deletion.asked - changed) > SAME_MOMENT
    return deletion.reason == "expired" and deletion.device in (None, maker)


def _keys(app: App) -> OwnerKeys | None:
    """Return the keys, or None if they would have to be asked for: `status` asks nothing."""
    try:
        if app.vault().describe().kept == "passphrase" and app.environment.passphrase_file is None:
            return None
        return app.owner()
    except SatchelError:
        return None
