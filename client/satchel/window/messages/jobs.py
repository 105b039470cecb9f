"""Messages about jobs: operations that take long, run in the background, and report their progress.

An operation that begins a job answers with its `Job`. The stream of events sends the job again whenever it changes.
"""

from typing import Literal

from satchel.window.messages.backups import BackupMade, MergeView, Restored, RestorePreview, Verified
from satchel.window.messages.base import Answer, JobId, Problem, Request
from satchel.window.messages.drafts import Imported
from satchel.window.messages.records import PairingCode
from satchel.window.messages.requesting import Taken
from satchel.window.messages.settings import Connected, SignedIn
from satchel.window.messages.sharing import Published, ShareView

JobState = Literal["running", "done", "failed", "cancelled"]


class JobResult(Answer, frozen=True, kw_only=True):
    """What a job has done: the one field of its kind."""

    backup: BackupMade | None = None
    verified: Verified | None = None
    restore: RestorePreview | None = None
    restored: Restored | None = None
    merged: MergeView | None = None
    imported: Imported | None = None
    published: Published | None = None
    share: ShareView | None = None
    taken: Taken | None = None
    connected: Connected | None = None
    signed_in: SignedIn | None = None
    code: PairingCode | None = None


class Job(Answer, frozen=True, kw_only=True):
    """A job. `done` of `total` units of the phase are complete; a total of None is unknown.

    `command` does the same on the command line. `notices` are what the command would print meanwhile, such as the
    address at which to sign in.
    """

    id: str
    operation: str
    command: str
    state: JobState
    started: str
    phase: str = ""
    unit: Literal["bytes", "pieces"] = "bytes"
    done: int = 0
    total: int | None = None
    notices: tuple[str, ...] = ()
    problem: Problem | None = None
    result: JobResult | None = None


class ByJob(Request, frozen=True, kw_only=True):
    """A job."""

    id: JobId


class Jobs(Answer, frozen=True, kw_only=True):
    """The jobs of this window, newest first."""

    jobs: tuple[Job, ...]
