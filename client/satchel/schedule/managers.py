"""Which scheduler this computer has."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from satchel.errors import SatchelError
from satchel.schedule.crontab import Crontab
from satchel.schedule.jobs import Manager, call
from satchel.schedule.launchd import Launchd
from satchel.schedule.schedules import ManagerName
from satchel.schedule.systemd import Systemd


def open_manager(name: ManagerName, variables: Mapping[str, str]) -> Manager:
    """Return a scheduler by name. `variables` is the environment of the process."""
    if name == "launchd":
        return Launchd(Path.home() / "Library" / "LaunchAgents", os.getuid())
    if name == "cron":
        return Crontab()
    configuration = Path(variables.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Systemd(configuration / "systemd" / "user", _with_runtime_directory(variables))


def choose_manager(platform: str, variables: Mapping[str, str]) -> ManagerName:
    """Return the scheduler to use: launchd on macOS, else the user's systemd, else cron.

    Raise SatchelError if there is none.
    """
    if platform == "darwin":
        return "launchd"
    with suppress(SatchelError):
        call("systemctl", "--user", "show-environment", environment=_with_runtime_directory(variables))
        return "systemd"
    if shutil.which("crontab"):
        return "cron"
    raise SatchelError(
        "this computer has no systemd for your user and no crontab",
        hint="install cron, or run satchel backup from a scheduler of your own",
    )


def _with_runtime_directory(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with the directory in which the user's systemd listens, which su and ssh may lack."""
    usual = Path(f"/run/user/{os.getuid()}")
    runtime = {} if "XDG_RUNTIME_DIR" in variables or not usual.is_dir() else {"XDG_RUNTIME_DIR": str(usual)}
    return {**variables, **runtime}
