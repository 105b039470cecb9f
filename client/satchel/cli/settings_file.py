"""A person's settings: other defaults for options, kept in HOME/settings.json.

A setting is called after its command and option: `share.expires` is the default of `satchel share
--expires`. Commands need not know: click asks `SettingDefaults` for the default of an option.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from satchel.errors import IntegrityError

FILE_NAME: Final = "settings.json"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, the default that holds without it, and what it is for."""

    name: str
    default: str
    help: str

    @property
    def command(self) -> str:
        """The command whose option this is the default of."""
        return self.name.partition(".")[0]

    @property
    def option(self) -> str:
        """The option's name, without its hyphens."""
        return self.name.partition(".")[2]


# A test holds that each is an option of its command, with this default.
SETTINGS: Final[dict[str, Setting]] = {
    setting.name: setting
    for setting in (
        Setting("list.limit", "50", "how many Pieces satchel list shows"),
        Setting("search.limit", "20", "how many Pieces satchel search shows"),
        Setting("share.expires", "7d", "how long a link works"),
        Setting("share.views", "unlimited", "how often a link can be opened"),
        Setting("backup.expires", "30d", "how long the cloud keeps a backup"),
    )
}


def read_settings(home: Path) -> dict[str, str]:
    """Return the settings of a home, by name; unknown ones, of another version, are left out."""
    try:
        document = json.loads((home / FILE_NAME).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as exc:
        raise _damaged(home) from exc
    if not isinstance(document, dict):
        raise _damaged(home)
    return {name: value for name, value in document.items() if name in SETTINGS and isinstance(value, str)}


def write_settings(home: Path, settings: dict[str, str]) -> None:
    """Keep the settings of a home; they are replaced in one step."""
    from satchel.local_files import write_private  # noqa: PLC0415  rarely needed

    write_private(home / FILE_NAME, (json.dumps(settings, indent=2, sort_keys=True) + "\n").encode())


class SettingDefaults(dict[str, Any]):
    """The defaults of every command's options, as click looks them up; read when the first is asked for."""

    def __init__(self, find_home: Callable[[], Path]) -> None:
        super().__init__()
        self._find_home = find_home

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401  as dict has it
        """Return the defaults of one command; None for one that has no settings."""
        has_settings = any(setting.command == key for setting in SETTINGS.values())
        return CommandDefaults(key, self._find_home) if has_settings else default


class CommandDefaults(dict[str, Any]):
    """The defaults of one command's options, read from the home when the first is asked for."""

    def __init__(self, command: str, find_home: Callable[[], Path]) -> None:
        super().__init__()
        self._command = command
        self._find_home = find_home
        self._read: dict[str, str] | None = None

    def __contains__(self, option: object) -> bool:
        name = f"{self._command}.{option}"
        if name not in SETTINGS:
            return False
        if self._read is None:
            self._read = read_settings(self._find_home())
        return name in self._read

    def __missing__(self, option: str) -> str:
        if option not in self or self._read is None:
            raise KeyError(option)
        return self._read[f"{self._command}.{option}"]


def _damaged(home: Path) -> IntegrityError:
    return IntegrityError(
        f"the settings in {str(home / FILE_NAME)!r} cannot be read",
        hint="satchel settings reset --all starts them anew",
    )
