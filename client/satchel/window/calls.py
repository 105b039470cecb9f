"""What an endpoint gets: the window, and the core for this one call."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from satchel.progress import SILENT
from satchel.window.catalogue import Catalogue
from satchel.window.core import NO_NOTICE, Core, Cores, Passphrase
from satchel.window.events import Hub
from satchel.window.jobs import Jobs, Run
from satchel.window.messages.jobs import Job, JobResult
from satchel.window.messages.session import ServerEvent
from satchel.window.operations import BY_NAME
from satchel.window.session import Session
from satchel.window.uploads import Uploads


@dataclass(slots=True)
class Window:
    """One window: its home, its session, its pages, its jobs and its uploads."""

    home: Path
    cores: Cores
    session: Session
    passphrase: Passphrase
    uploads: Uploads
    catalogue: Catalogue = field(default_factory=Catalogue)
    hub: Hub = field(default_factory=Hub)
    jobs: Jobs = field(init=False)

    def __post_init__(self) -> None:
        """Report every change of a job to the pages."""
        self.jobs = Jobs(lambda job: self.hub.publish(ServerEvent(kind="job", job=job)))

    def call(self, operation: str) -> "Call":
        """Return what the endpoint of an operation gets."""
        return Call(self, operation, self.cores(operation, SILENT, NO_NOTICE))

    def close(self) -> None:
        """Interrupt the jobs, and remove the uploads."""
        self.jobs.cancel_all()
        self.uploads.close()


@dataclass(frozen=True, slots=True)
class Call:
    """One call of an operation."""

    window: Window
    operation: str
    core: Core

    def start(self, work: Callable[[Core, Run], JobResult]) -> Job:
        """Begin a job, whose work gets a core of its own that shows its progress."""

        def run(job: Run) -> JobResult:
            return work(self.window.cores(self.operation, job, job.notice), job)

        return self.window.jobs.start(self.operation, BY_NAME[self.operation].command, run)

    def start_command(self, result: Callable[[dict[str, object]], JobResult], *arguments: str) -> Job:
        """Begin a job that runs a command; `result` reads what it prints with --json."""
        return self.start(lambda core, _run: result(dict(core.run(*arguments))))
