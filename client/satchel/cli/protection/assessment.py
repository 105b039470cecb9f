"""The assessment of the facts: one finding for each thing that protects the owner's Pieces.

A finding is `failed` where the owner should act, and only then do `status` and `doctor` end with 1. A home
without any place for backups gets one warning: its owner may want none.
"""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from satchel.cli.protection.facts import Facts, ScheduleState
from satchel.cli.terminal.text import format_count, format_duration, format_moment, format_size

if TYPE_CHECKING:
    from collections.abc import Callable

Verdict = Literal["ok", "warning", "failed"]

OLD: Final = dt.timedelta(days=7)  # of a backup that no schedule repeats
LATE: Final = 1.25  # a scheduled backup may be this many periods old: an hour for its tick, some for its run
LATE_SLACK: Final = dt.timedelta(hours=2)
SOON: Final = dt.timedelta(days=7)  # the last backup ends this soon
STUCK: Final = dt.timedelta(days=1)  # a run that has not ended


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check. `exit_code` is the exit code of doctor if the check failed."""

    name: str
    verdict: Verdict
    detail: str
    hint: str = ""
    exit_code: int = 1


def assess(facts: Facts, now: dt.datetime) -> list[Finding]:
    """Return the findings, causes before effects."""
    checks: tuple[Callable[[Facts, dt.datetime], Finding | None], ...] = (
        _cloud, _audit, _backup, _expiry, _deletions, _schedules, _words, _proof, _disk,
    )  # fmt: skip
    return [finding for check in checks if (finding := check(facts, now)) is not None]


def _cloud(facts: Facts, _now: dt.datetime) -> Finding | None:
    cloud = facts.cloud
    if cloud is None:
        return None
    if not cloud.was_asked:
        return Finding("cloud", "ok", f"{cloud.url} (not asked)")
    if cloud.problem:
        return Finding("cloud", "failed", cloud.problem, cloud.hint)
    return Finding("cloud", "ok", f"{cloud.url} answers")


def _audit(facts: Facts, _now: dt.datetime) -> Finding | None:
    cloud = facts.cloud
    if cloud is None or (cloud.audit_entries is None and not cloud.audit_problem):
        return None
    if cloud.audit_problem:
        return Finding("audit", "failed", cloud.audit_problem, cloud.audit_hint, exit_code=5)
    what = format_count(cloud.audit_entries or 0, "entry", "entries")
    return Finding("audit", "ok", f"the audit log continues what this device has seen; {what}")


# -- backups ----------------------------------------------------------------------------------


def _backup(facts: Facts, now: dt.datetime) -> Finding:
    newest = newest_backup(facts)
    if newest is None:
        return _no_backup(facts)
    for state in facts.schedules:
        late = _late(state, facts, now)
        if late:
            return Finding("backup", "failed", late, f"satchel schedule run {state.schedule.name}")
    age = max(now - newest, dt.timedelta(0))
    detail = f"the last backup is {_age(age)} old"
    is_repeated = any(state.schedule.makes_backups for state in facts.schedules)
    if age > OLD and not is_repeated:
        return Finding("backup", "failed", detail, _how_to_back_up(facts))
    return Finding("backup", "ok", detail)


def newest_backup(facts: Facts) -> dt.datetime | None:
    """Return when the newest backup of this store was made, here or, as the cloud says, by any device."""
    own = _answered(facts)
    cloud_url = facts.cloud.url if facts.cloud else None
    local = [
        each.created
        for each in facts.last_backups
        if each.kind == "file" or (each.destination == cloud_url and not own)
    ]
    listed = [each.created for each in facts.own_backups]
    return max([*local, *listed], default=None)


def _answered(facts: Facts) -> bool:
    return facts.cloud is not None and facts.cloud.was_asked and not facts.cloud.problem


def _no_backup(facts: Facts) -> Finding:
    if facts.pieces == 0:
        return Finding("backup", "ok", "none yet, and no Pieces")
    lost = [each for each in facts.last_backups if each.kind == "cloud" and _answered(facts)]
    if lost and facts.cloud and lost[0].destination == facts.cloud.url:
        gone = f"the cloud no longer has the backup of {format_moment(lost[0].created)}, or any other"
        return Finding("backup", "failed", gone, "satchel backup")
    if facts.cloud is None and not any(state.schedule.makes_backups for state in facts.schedules):
        hint = "satchel backup --to FILE, or connect a cloud: satchel connect"
        return Finding("backup", "warning", "there is no backup", hint)
    return Finding("backup", "failed", "there is no backup", _how_to_back_up(facts))


def _late(state: ScheduleState, facts: Facts, now: dt.datetime) -> str:
    """Return what is wrong if a scheduled backup is older than its schedule says; empty if nothing is."""
    schedule = state.schedule
    if not schedule.makes_backups:
        return ""
    allowed = max(schedule.every * LATE, schedule.every + LATE_SLACK)
    at = _last_at(schedule.target, facts)
    since = at or schedule.created
    if now - since <= allowed:
        return ""
    every = format_duration(schedule.every_s)
    if at is None:
        return f"the schedule {schedule.name!r} has made no backup since {format_moment(since)}"
    return f"the backup of the schedule {schedule.name!r} (every {every}) is {_age(now - at)} old"


def _last_at(target: str | None, facts: Facts) -> dt.datetime | None:
    """Return when this store was last backed up to a file, or to the cloud if `target` is None."""
    if target is not None:
        return max((each.created for each in facts.last_backups if each.destination == target), default=None)
    listed = [each.created for each in facts.own_backups]
    recorded = [each.created for each in facts.last_backups if each.kind == "cloud"]
    return max(listed if _answered(facts) else recorded, default=None)


def _expiry(facts: Facts, now: dt.datetime) -> Finding | None:
    """Warn if all backups in the cloud end soon and nothing makes another one before."""
    own = facts.own_backups
    if not own or any(each.expires is None for each in own):
        return None
    last = max(own, key=lambda each: each.expires or now)
    end = last.expires or now
    if end - now > SOON or _is_followed(facts, end, now):
        return None
    detail = f"the last backup in the cloud ends on {format_moment(end)}, and none follows"
    return Finding("expiry", "failed", detail, "satchel backup, or a schedule: satchel schedule backup")


def _is_followed(facts: Facts, end: dt.datetime, now: dt.datetime) -> bool:
    return any(
        state.schedule.makes_backups and state.schedule.target is None and now + state.schedule.every < end
        for state in facts.schedules
        if state.is_installed
    )


def _deletions(facts: Facts, _now: dt.datetime) -> Finding | None:
    waiting = facts.cloud.deletions if facts.cloud else ()
    pending = [each for each in waiting if not each.is_routine]
    if not pending:
        return None
    first = min(pending, key=lambda each: each.until)
    others = [each for each in pending if not each.is_ours]
    who = ", ".join(sorted({each.device for each in others or pending}))
    what = format_count(len(others or pending), "backup")
    detail = f"{what} deleted by {who}; the first can be brought back until {format_moment(first.until)}"
    hint = "satchel backups --deleted lists them, satchel backups undelete brings them back"
    if others:
        return Finding("deletions", "failed", detail, f"{hint}; if it was not you: satchel devices revoke ID")
    return Finding("deletions", "warning", detail, hint)


def _how_to_back_up(facts: Facts) -> str:
    target = next((each.destination for each in facts.last_backups if each.kind == "file"), None)
    if facts.cloud is None and target is not None:
        return f"satchel backup --to {target}"
    return "satchel backup; to repeat it: satchel schedule backup --every 1d"


# -- everything else --------------------------------------------------------------------------


def _schedules(facts: Facts, now: dt.datetime) -> Finding | None:
    if not facts.schedules:
        return None
    for state in facts.schedules:
        problem = _schedule_problem(state, facts, now)
        if problem:
            detail, hint = problem
            return Finding("schedule", "failed", f"{state.schedule.name}: {detail}", hint)
    names = ", ".join(state.schedule.name for state in facts.schedules)
    return Finding("schedule", "ok", names)


def _schedule_problem(state: ScheduleState, facts: Facts, now: dt.datetime) -> tuple[str, str] | None:
    schedule, run = state.schedule, state.run
    if state.is_installed is None:
        return (
            f"{schedule.manager} does not say whether it is still installed",
            f"run it now: satchel schedule run {schedule.name}",
        )
    if not state.is_installed:
        return (
            f"it is no longer installed with {schedule.manager}",
            f"install it again, or forget it: satchel schedule remove {schedule.name}",
        )
    if run is None:
        return None
    if run.finished is None and now - run.started > STUCK:
        return f"the run of {format_moment(run.started)} has not ended", _rerun(schedule.name)
    if run.has_failed and not _is_made_good(state, facts):
        return (
            f"the run of {format_moment(run.started)} failed: {run.message or f'exit code {run.exit_code}'}",
            _rerun(schedule.name),
        )
    return None


def _is_made_good(state: ScheduleState, facts: Facts) -> bool:
    """Return whether the owner has made the backup that the run should have made."""
    at = _last_at(state.schedule.target, facts) if state.schedule.makes_backups else None
    return at is not None and state.run is not None and at > state.run.started


def _rerun(name: str) -> str:
    return f"run it now: satchel schedule run {name}"


def _words(facts: Facts, _now: dt.datetime) -> Finding:
    if facts.words_confirmed is not None:
        return Finding("words", "ok", f"confirmed on {format_moment(facts.words_confirmed)}")
    if not facts.has_target:
        return Finding("words", "ok", "not confirmed; a backup needs them")
    return Finding(
        "words",
        "failed",
        "you have never confirmed that you wrote down the recovery words",
        "satchel recovery show, then satchel recovery check",
    )


def _proof(facts: Facts, _now: dt.datetime) -> Finding | None:
    if facts.proof is not None:
        return Finding("proof", "ok", f"proven on {format_moment(facts.proof.at)}")
    return None


def _disk(facts: Facts, _now: dt.datetime) -> Finding:
    detail = f"{format_size(facts.disk.free_bytes)} free"
    if facts.disk.free_bytes < facts.disk.needed_bytes:
        needed = format_size(facts.disk.needed_bytes)
        return Finding("disk", "failed", detail, f"free some space: a restore needs {needed}")
    return Finding("disk", "ok", detail)


def _age(age: dt.timedelta) -> str:
    return format_duration(max(age.total_seconds(), 0))
