"""The core for the window: runs commands in this process, and opens everything as commands do.

A command that the window runs gets its arguments as a list, prints one document with --json into memory, and has no
terminal: it asks nothing. What it would tell a person meanwhile becomes a notice of the job.
"""

import datetime as dt
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from satchel.cli.app import App
from satchel.cli.environment import Environment, Globals, Streams
from satchel.cli.running import invoke, usage_error
from satchel.window.core import WHY, Core, Cores, Notice, Passphrase

if TYPE_CHECKING:
    from satchel.progress import Progress


class WindowHost:
    """Stands for the terminal of a command that the window runs."""

    def __init__(self, operation: str, passphrase: Passphrase, progress: "Progress") -> None:
        self._operation = operation
        self._passphrase = passphrase
        self._progress = progress

    @property
    def why(self) -> str:
        """What the ledger names as the command: the window, and what was clicked."""
        return f"{WHY}{self._operation}"

    def passphrase(self) -> str:
        """Return the passphrase that was typed in the window. Raise LockedError if none was."""
        return self._passphrase.get()

    def progress(self) -> "Progress":
        """Return the progress of the job."""
        return self._progress


class _Notices(io.StringIO):
    """Standard error of a command: each text becomes a notice."""

    def __init__(self, notice: Notice) -> None:
        super().__init__()
        self._notice = notice

    def write(self, text: str) -> int:
        """Pass a text on."""
        if text.strip():
            self._notice(text.rstrip("\n"))
        return len(text)


class WindowCore(App):
    """The core for one call of an operation."""

    def __init__(
        self, environment: Environment, home: Path, host: WindowHost, notice: Notice, *, offline: bool
    ) -> None:
        self._options = Globals(
            environment, _streams(io.BytesIO(), notice), home=home, json=True, offline=offline, host=host
        )
        self._notice = notice
        super().__init__(self._options)

    def variables(self) -> Mapping[str, str]:
        """Return the variables of the environment."""
        return self.environment.variables

    def progress(self) -> "Progress":
        """Return where progress is shown."""
        return self.out.progress()

    def run(self, *arguments: str) -> Mapping[str, Any]:
        """Run a command, and return its document. Raise what it raises."""
        answer = io.BytesIO()
        options = replace(self._options, streams=_streams(answer, self._notice))
        try:
            invoke(list(arguments), options)
        except click.UsageError as exc:
            raise usage_error(exc) from exc
        document: dict[str, Any] = json.loads(answer.getvalue() or b"{}")
        return document

    def protection(self, *, ask_cloud: bool) -> Mapping[str, Any]:
        """Return the fields of `status --json`, and every finding."""
        from satchel.cli.protection.assessment import assess  # noqa: PLC0415  only this view needs it
        from satchel.cli.protection.gathering import gather  # noqa: PLC0415
        from satchel.cli.protection.report import protection_fields  # noqa: PLC0415

        now = dt.datetime.now(dt.UTC)
        with self.open_store(read_only=True) as store:
            facts = gather(self, store, now, ask_cloud=ask_cloud and self.may_ask_in_passing())
            size_bytes = store.path.stat().st_size
        findings = assess(facts, now)
        return {
            **protection_fields(facts, now),
            "pieces": facts.pieces,
            "store_bytes": size_bytes,
            "healthy": all(each.verdict != "failed" for each in findings),
            "findings": [
                {"name": each.name, "verdict": each.verdict, "detail": each.detail, "hint": each.hint}
                for each in findings
            ],
        }


def cores_of(app: App, passphrase: Passphrase) -> Cores:
    """Return what makes the cores of the window that a command serves."""

    def make(operation: str, progress: "Progress", notice: Notice) -> Core:
        host = WindowHost(operation, passphrase, progress)
        return WindowCore(app.environment, app.home, host, notice, offline=app.is_offline_by_option)

    return make


def _streams(answer: io.BytesIO, notice: Notice) -> Streams:
    return Streams(
        stdin=io.BytesIO(),
        stdout=answer,
        stderr=_Notices(notice),
        stdin_is_terminal=False,
        stdout_is_terminal=False,
        stderr_is_terminal=False,
    )
