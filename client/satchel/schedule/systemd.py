"""A systemd user timer and its service, in the user's configuration directory (systemd.timer(5), systemd.service(5))."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError
from satchel.local_files import remove_private, replacing
from satchel.schedule.due import minutes_of
from satchel.schedule.jobs import Job, Plan, call

SERVICE: Final = """\
# Installed by `satchel schedule`; `satchel schedule remove {name}` removes it.
[Unit]
Description=satchel {name} of {home}
{conditions}
[Service]
Type=oneshot
ExecStart={command}
Nice=10
IOSchedulingClass=idle
"""
TIMER: Final = """\
# Installed by `satchel schedule`; `satchel schedule remove {name}` removes it.
# It starts the service every hour or more often; satchel runs if {every} have passed since the last success.
[Unit]
Description=satchel {name} of {home}

[Timer]
OnCalendar=*-*-* *:{minutes}:00
Persistent=true
RandomizedDelaySec=2min

[Install]
WantedBy=timers.target
"""


class Systemd:
    """The user's service manager."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        """`directory` holds the user's units; `environment` leads `systemctl` to the user's manager."""
        self._directory = directory
        self._environment = dict(environment)

    def plan(self, job: Job) -> Plan:
        """Return the two unit files."""
        schedule = job.schedule
        home, name = _specifiers(schedule.home), schedule.name
        minutes = ",".join(f"{minute:02}" for minute in minutes_of(schedule.job_id, schedule.every))
        service = SERVICE.format(
            name=name,
            home=home,
            command=quote_command(job.command),
            conditions="" if schedule.on_battery else "ConditionACPower=true\n",
        )
        timer = TIMER.format(name=name, home=home, minutes=minutes, every=schedule.every)
        paths = self._paths(schedule.job_id)
        return Plan(schedule.job_id, "systemd", dict(zip(paths, (service, timer), strict=True)))

    def install(self, plan: Plan) -> None:
        """Write the units and start the timer."""
        try:
            for path, content in plan.files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                with replacing(path) as file:
                    file.write(content.encode("utf-8", "surrogateescape"))
            self._call("daemon-reload")
            self._call("enable", "--now", f"{plan.job_id}.timer")
            self._call("restart", f"{plan.job_id}.timer")
        except (SatchelError, OSError):
            with suppress(SatchelError):
                self.remove(plan.job_id)
            raise

    def remove(self, job_id: str) -> None:
        """Stop the timer and delete the units; they are deleted even if systemd does not answer."""
        if not self.is_installed(job_id):
            return
        try:
            self._call("disable", "--now", f"{job_id}.timer")
        finally:
            for path in self._paths(job_id):
                remove_private(path)
        self._call("daemon-reload")

    def is_installed(self, job_id: str) -> bool:
        """Return whether the timer's file is there."""
        return any(path.exists() for path in self._paths(job_id))

    def _paths(self, job_id: str) -> tuple[Path, Path]:
        return self._directory / f"{job_id}.service", self._directory / f"{job_id}.timer"

    def _call(self, *arguments: str) -> None:
        call("systemctl", "--user", *arguments, environment=self._environment)


def quote_command(command: tuple[str, ...]) -> str:
    """Return a command line for ExecStart=. systemd expands variables in the arguments but not in the path."""
    program, *arguments = command
    return " ".join([_quoted(program), *(_quoted(each).replace("$", "$$") for each in arguments)])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_specifiers(escaped)}"'


def _specifiers(text: str) -> str:
    return text.replace("%", "%%")
