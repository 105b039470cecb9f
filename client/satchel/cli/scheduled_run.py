"""One run of a schedule: the command in a process of its own, its outcome recorded, a failure notified."""

import datetime as dt
import subprocess
from collections import deque
from typing import Final

import msgspec

from satchel.cli.app import App
from satchel.cli.environment import child_environment
from satchel.cli.program import find_program
from satchel.errors import SatchelError
from satchel.schedule.due import is_due
from satchel.schedule.notification import notify
from satchel.schedule.power import is_on_battery
from satchel.schedule.runs import Run, begun, ended, only_run, read_run, should_notify, write_run
from satchel.schedule.schedules import Schedule

MAX_LINE_BYTES: Final = 4_096
KEPT_LINES: Final = 20  # the last lines of standard error, in which the error is


def run_now(app: App, schedule: Schedule, *, if_due: bool) -> int:
    """Run a schedule and return the exit code. With `if_due`, do nothing if it is not due, on battery or running."""
    with only_run(app.home, schedule.name) as is_alone:
        if is_alone:
            return _run_alone(app, schedule, if_due=if_due)
    if if_due:
        return 0
    raise SatchelError(
        f"the schedule {schedule.name!r} is running", hint="wait until it is done, then try again"
    )


def _run_alone(app: App, schedule: Schedule, *, if_due: bool) -> int:
    previous = read_run(app.home, schedule.name)
    now = dt.datetime.now(dt.UTC)
    if if_due and not _should_start(schedule, previous, now):
        return 0
    record = begun(previous, now)
    write_run(app.home, schedule.name, record)
    code, message = _run(app, schedule)
    record = ended(record, dt.datetime.now(dt.UTC), code, message)
    if should_notify(record, now):
        environment = child_environment(schedule.environment, app.environment.variables)
        notify(f"satchel {schedule.arguments[0]} failed", record.message, environment)
        record = msgspec.structs.replace(record, notified=now)
    write_run(app.home, schedule.name, record)
    return code


def _should_start(schedule: Schedule, previous: Run | None, now: dt.datetime) -> bool:
    last_success = previous.last_success if previous else None
    if not is_due(last_success, now, schedule.every):
        return False
    return schedule.on_battery or not is_on_battery()


def _run(app: App, schedule: Schedule) -> tuple[int, str]:
    """Run the command; return its exit code and, if it failed, its error without the program's name."""
    try:
        command = [str(find_program()), "--home", str(app.home), *schedule.arguments]
        with subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if app.out.as_json or app.out.quiet else None,
            stderr=subprocess.PIPE,
            env=child_environment(schedule.environment, app.environment.variables),
        ) as process:
            lines: deque[str] = deque(maxlen=KEPT_LINES)
            for line in iter(lambda: process.stderr.readline(MAX_LINE_BYTES) if process.stderr else b"", b""):
                app.streams.stderr.write(line.decode("utf-8", "replace"))
                lines.append(line.decode("utf-8", "replace").strip())
        return process.returncode, _error_in(list(lines), process.returncode)
    except SatchelError as exc:
        return exc.exit_code, exc.message
    except OSError as exc:
        return 1, f"satchel could not be started: {(exc.strerror or 'system error').lower()}"


def _error_in(lines: list[str], code: int) -> str:
    if code < 0:
        return f"it was ended by signal {-code}"
    for line in reversed(lines):
        if line.startswith("satchel: "):
            return line.removeprefix("satchel: ")
    return lines[-1] if lines else f"exit code {code}"
