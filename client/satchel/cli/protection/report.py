"""The facts as fields of `status --json` and as rows of `status`."""

import datetime as dt
from typing import Any

from satchel.cli.protection.assessment import newest_backup
from satchel.cli.protection.facts import (
    CloudAnswer,
    Facts,
    LastBackup,
    PendingDeletion,
    Proof,
    ScheduleState,
    StoredBackup,
)
from satchel.cli.terminal.text import format_count, format_duration, format_moment, format_size
from satchel.cli.views import moment
from satchel.schedule.due import next_run

Row = tuple[str, str]


def protection_fields(facts: Facts, now: dt.datetime) -> dict[str, Any]:
    """Return the fields. Times are RFC 3339 in UTC; what is unknown is null."""
    newest, ending = newest_backup(facts), next_to_end(facts)
    following = next_backup(facts, now)
    return {
        "cloud": _cloud_fields(facts.cloud),
        "last_backup": _time(newest),
        "last_backup_age_s": None if newest is None else max(int((now - newest).total_seconds()), 0),
        "backups": [_backup_fields(each, now) for each in facts.last_backups],
        "next_backup": _time(following),
        "next_pruned": None if ending is None else {"id": ending.id, "at": _time(ending.expires)},
        "next_displaced": facts.cloud.next_displaced if facts.cloud else None,
        "pending_deletions": [
            {
                "id": each.id,
                "until": _time(each.until),
                "requested": _time(each.requested),
                "device": each.device,
                "is_this_device": each.is_ours,
                "reason": each.reason,
                "routine": each.is_routine,
            }
            for each in (facts.cloud.deletions if facts.cloud else ())
        ],
        "schedules": [_schedule_fields(state, now) for state in facts.schedules],
        "proven": None if facts.proof is None else _time(facts.proof.at),
        "proof": None if facts.proof is None else _proof_fields(facts.proof),
        "words_confirmed": _time(facts.words_confirmed),
        "disk_free_bytes": facts.disk.free_bytes,
        "interrupted_edits": facts.leftover_edits,
    }


def protection_rows(facts: Facts, now: dt.datetime) -> list[Row]:
    """Return the rows. Those that say nothing new are left out."""
    rows = [("words", _words(facts)), ("cloud", _cloud(facts.cloud))]
    if facts.cloud and facts.cloud.provisioner:
        rows.append(("made by", facts.cloud.provisioner))
    if facts.cloud and facts.cloud.waiting_answers:
        waiting = format_count(facts.cloud.waiting_answers, "answer")
        rows.append(("requests", f"{waiting} not taken yet; satchel requests lists them"))
    rows += _backup_rows(facts, now)
    following, ending = next_backup(facts, now), next_to_end(facts)
    if following is not None:
        rows.append(("next backup", f"about {format_moment(following)}"))
    if ending is not None and ending.expires is not None:
        rows.append(("next to end", f"{ending.id[:8]}, on {format_moment(ending.expires)}"))
    if facts.cloud and facts.cloud.next_displaced:
        rows.append(("next pruned", f"{facts.cloud.next_displaced[:8]}, when the next backup is made"))
    rows += _deletion_rows(facts.cloud.deletions if facts.cloud else ())
    if facts.has_target and (facts.proof or newest_backup(facts)):
        rows.append(("proven", _proven(facts.proof) if facts.proof else "never; satchel verify proves one"))
    rows += [(f"schedule {state.schedule.name}", _schedule(state, now)) for state in facts.schedules]
    rows.append(("disk", f"{format_size(facts.disk.free_bytes)} free"))
    if facts.leftover_edits:
        rows.append(
            (
                "edits",
                f"{format_count(facts.leftover_edits, 'unsaved edit')}; satchel doctor says how to save it",
            )
        )
    return rows


def _deletion_rows(deletions: tuple[PendingDeletion, ...]) -> list[Row]:
    """Return a row for each backup that somebody deleted, and one for all that time has ended."""
    rows = [("deletion", _deletion(each)) for each in deletions if not each.is_routine]
    routine = [each for each in deletions if each.is_routine]
    if routine:
        first = min(each.until for each in routine)
        what = format_count(len(routine), "backup")
        rows.append(("pruned", f"{what}; can be brought back until {format_moment(first)} or later"))
    return rows


def _deletion(deletion: PendingDeletion) -> str:
    who = "this device" if deletion.is_ours else deletion.device
    return f"{deletion.id[:8]} by {who}; can be brought back until {format_moment(deletion.until)}"


def next_backup(facts: Facts, now: dt.datetime) -> dt.datetime | None:
    """Return about when the next scheduled backup starts."""
    return min(
        (
            next_run(state.run.last_success if state.run else None, now, state.schedule.every)
            for state in facts.schedules
            if state.is_installed and state.schedule.makes_backups
        ),
        default=None,
    )


def next_to_end(facts: Facts) -> StoredBackup | None:
    """Return the backup in the cloud that ends first."""
    ending = [each for each in facts.own_backups if each.expires is not None]
    return min(ending, key=lambda each: (each.expires is None, each.expires), default=None)


def _cloud_fields(cloud: CloudAnswer | None) -> dict[str, Any] | None:
    if cloud is None:
        return None
    is_reachable = not cloud.problem if cloud.was_asked else None
    return {
        "url": cloud.url or None,
        "device_id": cloud.device_id,
        "provisioner": cloud.provisioner,
        "reachable": is_reachable,
        "problem": cloud.problem or None,
        "backups": len(cloud.backups) if is_reachable else None,
        "audit_entries": cloud.audit_entries,
        "audit_problem": cloud.audit_problem or None,
        "waiting_answers": cloud.waiting_answers,
    }


def _proof_fields(proof: Proof) -> dict[str, Any]:
    return {
        "at": _time(proof.at),
        "id": proof.backup_id,
        "checked": proof.checked,
        "pieces": proof.pieces,
        "whole": proof.is_whole,
    }


def _proven(proof: Proof) -> str:
    what = (
        "all of" if proof.is_whole else f"{proof.checked:,} of the {format_count(proof.pieces, 'Piece')} of"
    )
    return f"on {format_moment(proof.at)}: {what} backup {proof.backup_id[:8]}"


def _backup_fields(backup: LastBackup, now: dt.datetime) -> dict[str, Any]:
    return {
        "kind": backup.kind,
        "destination": backup.destination,
        "id": backup.id,
        "created": _time(backup.created),
        "age_s": max(int((now - backup.created).total_seconds()), 0),
        "expires": _time(backup.expires),
        "pieces": backup.pieces,
        "memory": backup.has_memory,
    }


def _schedule_fields(state: ScheduleState, now: dt.datetime) -> dict[str, Any]:
    run = state.run
    return {
        "name": state.schedule.name,
        "every_s": state.schedule.every_s,
        "using": state.schedule.manager,
        "installed": state.is_installed,
        "last_run": _time(run.started if run else None),
        "exit_code": run.exit_code if run else None,
        "message": run.message if run else "",
        "next_run": _time(next_run(run.last_success if run else None, now, state.schedule.every)),
    }


def _words(facts: Facts) -> str:
    if facts.words_confirmed is None:
        return "never confirmed; satchel recovery check"
    return f"confirmed on {format_moment(facts.words_confirmed)}"


def _cloud(cloud: CloudAnswer | None) -> str:
    if cloud is None:
        return "not connected"
    if cloud.problem:
        return cloud.problem
    if not cloud.was_asked:
        return f"{cloud.url} (not asked)"
    return f"{cloud.url}, {format_count(len(cloud.backups), 'backup')}"


def _backup_rows(facts: Facts, now: dt.datetime) -> list[Row]:
    if not facts.last_backups and newest_backup(facts) is None:
        return [("last backup", "none")]
    rows = [("last backup", _last(each, now)) for each in facts.last_backups]
    newest = max(facts.own_backups, key=lambda each: each.created, default=None)
    if newest is not None and newest.id not in {each.id for each in facts.last_backups}:
        age = format_duration(max((now - newest.created).total_seconds(), 0))
        rows.append(("last backup", f"{age} old, in the cloud, by {newest.device or 'another device'}"))
    return rows


def _last(backup: LastBackup, now: dt.datetime) -> str:
    age = format_duration(max((now - backup.created).total_seconds(), 0))
    return f"{age} old, {format_count(backup.pieces, 'Piece')}{' and the memory' if backup.has_memory else ''}, {backup.destination}"


def _schedule(state: ScheduleState, now: dt.datetime) -> str:
    every = format_duration(state.schedule.every_s)
    if state.is_installed is None:
        return f"every {every}, no answer from {state.schedule.manager}"
    if not state.is_installed:
        return f"every {every}, not installed"
    if state.run is None:
        return f"every {every}, no run yet"
    result = f"failed: {state.run.message}" if state.run.has_failed else "done"
    result = "running" if state.run.finished is None else result
    age = format_duration(max((now - state.run.started).total_seconds(), 0))
    return f"every {every}, last run {age} ago: {result}"


def _time(value: dt.datetime | None) -> str | None:
    return None if value is None else moment(value)
