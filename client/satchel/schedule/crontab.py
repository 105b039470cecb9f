"""A line of the user's crontab (crontab(5)); every other line is kept byte for byte."""

import shlex
from typing import Final

from satchel.errors import SatchelError, UsageError
from satchel.schedule.due import minutes_of
from satchel.schedule.jobs import Job, Plan, call

MAX_LINE_CHARS: Final = 990  # Debian's cron cuts longer commands off


class Crontab:
    """The user's crontab. A shell comment with the job's id ends each line of satchel."""

    def plan(self, job: Job) -> Plan:
        """Return the line."""
        schedule = job.schedule
        minutes = ",".join(map(str, minutes_of(schedule.job_id, schedule.every)))
        # cron ends the command at a bare %, inside quotes too, and removes the backslash of \%.
        command = shlex.join(job.command).replace("%", "\\%")
        line = f"{minutes} * * * * {command} {_mark(schedule.job_id)}"
        if len(line.encode("utf-8", "surrogateescape")) > MAX_LINE_CHARS:
            raise UsageError(
                "the paths of the program and the home are too long for a crontab",
                hint="move the home to a shorter path",
            )
        return Plan(schedule.job_id, "cron", {}, (line,))

    def install(self, plan: Plan) -> None:
        """Add the line, in place of an earlier one of the same job."""
        _write([*_without(_read(), plan.job_id), *plan.lines])

    def remove(self, job_id: str) -> None:
        """Remove the line."""
        lines = _read()
        left = _without(lines, job_id)
        if left != lines:
            _write(left)

    def is_installed(self, job_id: str) -> bool:
        """Return whether the crontab has the line."""
        lines = _read()
        return _without(lines, job_id) != lines


def _read() -> list[str]:
    """Return the lines of the crontab. `crontab -l` fails if there is none."""
    try:
        return call("crontab", "-l").splitlines()
    except SatchelError as exc:
        if "no crontab" in exc.message:
            return []
        raise


def _write(lines: list[str]) -> None:
    if lines:
        call("crontab", "-", stdin="".join(f"{line}\n" for line in lines))
    else:
        call("crontab", "-r")


def _without(lines: list[str], job_id: str) -> list[str]:
    return [line for line in lines if not line.endswith(_mark(job_id))]


def _mark(job_id: str) -> str:
    return f"# {job_id}"
