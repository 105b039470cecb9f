"""Jobs: operations that take long. Each runs on a thread of its own, and its state goes to every page.

    job = jobs.start("start_backup", "satchel backup", work)     # work(run) -> JobResult

A job is cancelled as Ctrl-C ends a command: KeyboardInterrupt is raised in its thread, at its next progress.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import msgspec

from satchel.errors import NotFoundError, UsageError
from satchel.pieces.model import moment
from satchel.progress import Advance, Unit
from satchel.window.messages.jobs import Job, JobResult
from satchel.window.problems import problem_of

MAX_RUNNING: Final = 4
MAX_KEPT: Final = 50
MAX_NOTICES: Final = 50
REPORT_S: Final = 0.1
"""The least time between two reports of progress."""

Report = Callable[[Job], None]


class Run:
    """A running job: the progress and the notices of its work."""

    def __init__(self, jobs: "Jobs", job: Job) -> None:
        self._jobs = jobs
        self._lock = threading.Lock()
        self._reported = 0.0
        self.job = job
        self.is_cancelled = False
        self.thread = 0

    def notice(self, text: str) -> None:
        """Show what a command would print while it runs."""
        lines = (*self.job.notices, *(line for line in text.splitlines() if line.strip()))
        self.change(notices=lines[-MAX_NOTICES:])

    @contextmanager
    def phase(self, label: str, total: int | None = None, *, unit: Unit = "bytes") -> Iterator[Advance]:
        """Show a phase; see `satchel.progress.Progress`."""
        self._stop_if_cancelled()
        self.change(phase=label, total=total, unit=unit, done=0)
        yield self._advance
        self._stop_if_cancelled()

    def _advance(self, amount: int) -> None:
        with self._lock:
            self.job = msgspec.structs.replace(self.job, done=self.job.done + amount)
            now = time.monotonic()
            is_due = now - self._reported >= REPORT_S
            if is_due:
                self._reported = now
        if is_due:
            self._jobs.report(self.job)
        self._stop_if_cancelled()

    def _stop_if_cancelled(self) -> None:
        """Interrupt the job, in its own thread only: helpers of its work finish what they do."""
        if self.is_cancelled and threading.get_ident() == self.thread:
            raise KeyboardInterrupt

    def change(self, **fields: object) -> None:
        """Change the state, and report it."""
        with self._lock:
            self.job = msgspec.structs.replace(self.job, **fields)
        self._jobs.report(self.job)


Work = Callable[[Run], JobResult]


class Jobs:
    """The jobs of one window. Used from any thread."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self._runs: deque[Run] = deque(maxlen=MAX_KEPT)
        self._lock = threading.Lock()

    def start(self, operation: str, command: str, work: Work) -> Job:
        """Begin a job. Raise UsageError if too many run already."""
        new = Job(
            id=_new_id(),
            operation=operation,
            command=command,
            state="running",
            started=moment(datetime.now(UTC)),
        )
        with self._lock:
            if len(self._running()) >= MAX_RUNNING:
                raise UsageError("too many jobs are running", hint="wait until one has ended")
            run = Run(self, new)
            self._runs.append(run)
        threading.Thread(target=_do, args=(run, work), name="satchel-window-job", daemon=True).start()
        return new

    def all(self) -> tuple[Job, ...]:
        """Return all jobs, newest first."""
        with self._lock:
            return tuple(run.job for run in reversed(self._runs))

    def find(self, job_id: str) -> Job:
        """Return a job. NotFoundError if there is none."""
        return self._find(job_id).job

    def cancel(self, job_id: str) -> Job:
        """Interrupt a job at its next progress."""
        run = self._find(job_id)
        run.is_cancelled = True
        return run.job

    def cancel_all(self) -> None:
        """Interrupt all jobs."""
        for run in self._running():
            run.is_cancelled = True

    @property
    def running(self) -> int:
        """The number of jobs that have not ended."""
        with self._lock:
            return len(self._running())

    def _running(self) -> list[Run]:
        return [run for run in self._runs if run.job.state == "running"]

    def _find(self, job_id: str) -> Run:
        with self._lock:
            found = next((run for run in self._runs if run.job.id == job_id), None)
        if found is None:
            raise NotFoundError("there is no such job", hint="reload the page")
        return found


def _do(run: Run, work: Work) -> None:
    run.thread = threading.get_ident()
    try:
        result = work(run)
    except KeyboardInterrupt:
        run.change(state="cancelled")
    except Exception as exc:  # noqa: BLE001  the last place before the page
        run.change(state="failed", problem=problem_of(exc))
    else:
        run.change(state="done", result=result)


def _new_id() -> str:
    return os.urandom(16).hex()
