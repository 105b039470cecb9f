"""A launchd agent in the user's LaunchAgents directory (launchd.plist(5))."""

import plistlib
from contextlib import suppress
from pathlib import Path

from satchel.errors import SatchelError
from satchel.local_files import remove_private, replacing
from satchel.schedule.due import minutes_of
from satchel.schedule.jobs import Job, Plan, call


class Launchd:
    """The user's launchd. Runs that were missed while the computer slept are made up for when it wakes."""

    def __init__(self, directory: Path, uid: int) -> None:
        """`directory` holds the user's agents; `uid` names the user's graphical session."""
        self._directory = directory
        self._domain = f"gui/{uid}"

    def plan(self, job: Job) -> Plan:
        """Return the property list."""
        schedule = job.schedule
        minutes = minutes_of(schedule.job_id, schedule.every)
        document = {
            "Label": schedule.job_id,
            "ProgramArguments": list(job.command),
            "StartCalendarInterval": [{"Minute": minute} for minute in minutes],
            "ProcessType": "Background",
            "LowPriorityIO": True,
            "Nice": 10,
        }
        content = plistlib.dumps(document, sort_keys=False).decode()
        return Plan(schedule.job_id, "launchd", {self._path(schedule.job_id): content})

    def install(self, plan: Plan) -> None:
        """Write the agent and load it."""
        (path,) = plan.files
        try:
            self._unload(plan.job_id)
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as file:
                file.write(plan.files[path].encode())
            call("launchctl", "bootstrap", self._domain, str(path))
        except (SatchelError, OSError):
            with suppress(SatchelError):
                self.remove(plan.job_id)
            raise

    def remove(self, job_id: str) -> None:
        """Unload the agent and delete its file."""
        if self.is_installed(job_id):
            self._unload(job_id)
            remove_private(self._path(job_id))

    def is_installed(self, job_id: str) -> bool:
        """Return whether the agent's file is there."""
        return self._path(job_id).exists()

    def _unload(self, job_id: str) -> None:
        with suppress(SatchelError):  # it fails if the agent is not loaded
            call("launchctl", "bootout", f"{self._domain}/{job_id}")

    def _path(self, job_id: str) -> Path:
        return self._directory / f"{job_id}.plist"
