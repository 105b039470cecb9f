"""What a scheduler is asked to do, and the promises of each scheduler."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from satchel.errors import SatchelError, UsageError
from satchel.schedule.schedules import ManagerName, Schedule

TIMEOUT_S: Final = 30.0
MAX_ERROR_CHARS: Final = 300


@dataclass(frozen=True, slots=True)
class Job:
    """A schedule and the command line that a scheduler starts for it."""

    schedule: Schedule
    command: tuple[str, ...]

    @classmethod
    def of(cls, schedule: Schedule, program: Path) -> "Job":
        """Return the job of a schedule. Raise UsageError if a path cannot be written into a scheduler's file."""
        home = schedule.home
        for path in (str(program), home):
            if not path.isprintable():
                raise UsageError(
                    f"a scheduler cannot hold the path {path!r}", hint="use a path of printable characters"
                )
        return cls(schedule, (str(program), "--home", home, "schedule", "run", schedule.name, "--if-due"))


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what is installed: files by path, or lines to add to the crontab."""

    job_id: str
    manager: ManagerName
    files: Mapping[Path, str]
    lines: Sequence[str] = ()

    def __str__(self) -> str:
        """Return it as text for the owner."""
        shown = [f"{path}:\n{content}" for path, content in self.files.items()]
        shown += [f"a line of your crontab:\n{line}\n" for line in self.lines]
        return "\n".join(shown).rstrip("\n")


class Manager(Protocol):
    """A scheduler of the system."""

    def plan(self, job: Job) -> Plan:
        """Return what would be installed for a job. Changes nothing."""
        ...

    def install(self, plan: Plan) -> None:
        """Install a plan in place of an earlier one of the same job. Raise SatchelError, leaving nothing installed."""
        ...

    def remove(self, job_id: str) -> None:
        """Remove a job, if it is installed."""
        ...

    def is_installed(self, job_id: str) -> bool:
        """Return whether a job is installed."""
        ...


def call(*command: str, stdin: str | None = None, environment: Mapping[str, str] | None = None) -> str:
    """Run a program of the system and return what it prints. Raise SatchelError with its error."""
    try:
        done = subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=TIMEOUT_S,
            env=environment,
            check=False,
        )
    except FileNotFoundError as exc:
        raise SatchelError(f"there is no program {command[0]!r} on this computer") from exc
    except subprocess.TimeoutExpired as exc:
        raise SatchelError(f"{command[0]} has not answered for {TIMEOUT_S:.0f} seconds") from exc
    if done.returncode:
        error = " ".join((done.stderr or done.stdout).split())[:MAX_ERROR_CHARS]
        raise SatchelError(f"{command[0]} failed: {error or f'exit code {done.returncode}'}")
    return done.stdout
