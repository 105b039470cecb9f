"""systemd, through `systemctl`: the only module that talks to it.

The commands are the ones that the polkit rule of `satchel-infra render box` allows to the user satchel-infra.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from satchel_infra.errors import DeniedError, FailedError, InfraError, UnavailableError

SYSTEMCTL: Final = ("systemctl",)
OPTIONS: Final = ("--no-ask-password", "--no-pager", "--quiet")
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C"}
PROPERTIES: Final = ("Id", "ActiveState", "Result")
DENIED: Final = ("Access denied", "Interactive authentication required", "Permission denied")
UNREACHABLE: Final = (
    "Failed to connect to bus",
    "Connection refused",
    "Connection timed out",
    "Transport endpoint",
)
NOT_LOADED: Final = "not loaded"
POLKIT_HINT: Final = (
    "install the polkit rule of `satchel-infra render box`, and run as the user satchel-infra"
)


class UnitState(NamedTuple):
    """What systemd says of a unit, in its own words; see `systemctl show`."""

    active: str = "inactive"
    result: str = "success"

    @property
    def is_active(self) -> bool:
        """Whether it runs or listens, or is about to."""
        return self.active in ("active", "activating", "reloading")

    @property
    def has_failed(self) -> bool:
        """Whether its last run failed."""
        return self.active == "failed"


@dataclass(frozen=True)
class Systemd:
    """The service manager of this machine. Every call raises DeniedError, UnavailableError or FailedError.

    `command` runs systemctl. No call takes longer than `timeout_s`.
    """

    timeout_s: float
    command: Sequence[str] = SYSTEMCTL

    def start(self, *units: str) -> None:
        """Start units, and wait until they are active."""
        self._run("start", *units)

    def stop(self, *units: str) -> None:
        """Stop units, and wait until they are inactive."""
        self._run("stop", *units)

    def reset(self, *units: str) -> None:
        """Forget the failures of units and how often they were started."""
        for unit in units:
            try:
                self._run("reset-failed", unit)
            except FailedError as exc:
                if NOT_LOADED not in str(exc):
                    raise

    def delete_data(self, service: str) -> None:
        """Delete the state directory of a stopped service."""
        self._run("clean", "--what=state", service)

    def states(self, *patterns: str) -> dict[str, UnitState]:
        """Return the states of units by their names. A pattern names only the units that systemd has loaded."""
        properties = ",".join(PROPERTIES)
        text = self._run("show", f"--property={properties}", "--", *patterns)
        return dict(_parse_unit(block) for block in text.split("\n\n") if block.strip())

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run(
                [*self.command, *OPTIONS, *arguments],
                capture_output=True,
                text=True,
                check=False,
                env=ENVIRONMENT,
                stdin=subprocess.DEVNULL,
                timeout=self.timeout_s,
            )
        except subprocess.TimeoutExpired as exc:
            raise UnavailableError(
                f"systemctl {arguments[0]} has not ended after {self.timeout_s:g} s", hint="try again"
            ) from exc
        except OSError as exc:
            raise FailedError(
                f"cannot run {self.command[0]!r}: {exc.strerror}", hint="use a machine with systemd"
            ) from exc
        if done.returncode:
            raise _translate(arguments[0], done.stderr)
        return done.stdout


def _parse_unit(block: str) -> tuple[str, UnitState]:
    values = dict(line.split("=", 1) for line in block.strip().splitlines())
    return values["Id"], UnitState(values.get("ActiveState", ""), values.get("Result", "success"))


def _translate(verb: str, said: str) -> InfraError:
    line = next((line for line in said.splitlines() if line.strip()), "it failed").strip()
    message = f"systemctl {verb}: {line}"
    if any(words in said for words in DENIED):
        return DeniedError(message, hint=POLKIT_HINT)
    if any(words in said for words in UNREACHABLE):
        return UnavailableError(message, hint="see whether systemd and its bus are running, then try again")
    return FailedError(message, hint="see the journal of the unit: journalctl -u UNIT")
