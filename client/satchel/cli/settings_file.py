"""The owner's settings: other defaults for options, stored in HOME/settings.json.

A setting is named after its command and option: `share.expires` is the default of `satchel share
--expires`. Commands do not read settings; click looks up an option's default in `SettingDefaults`. A setting without a
command is a global option; only `offline` is one, and `App` reads it when something is about to leave. A setting with
`set_by` is changed and read by commands of its own.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import write_private
from satchel.text_files import read_text

FILE_NAME: Final = "settings.json"


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting: its name, its built-in default, its description, and the command that changes it, if it is no option."""

    name: str
    default: str
    help: str
    set_by: str = ""

    @property
    def command(self) -> str:
        """The name of the command; empty for a global option."""
        return self.name.rpartition(".")[0]

    @property
    def option(self) -> str:
        """The name of the option's parameter, which has underscores for hyphens."""
        return self.name.rpartition(".")[2].replace("-", "_")


# A test checks that each is an option of its command with this default.
SETTINGS: Final[dict[str, Setting]] = {
    setting.name: setting
    for setting in (
        Setting("list.limit", "50", "how many Pieces satchel list shows"),
        Setting("search.limit", "20", "how many Pieces satchel search shows"),
        Setting("ask.limit", "6", "from how many Pieces satchel ask quotes"),
        Setting("ask.budget", "3000", "how many tokens a prompt of satchel ask may have"),
        Setting("ask.answer-tokens", "1024", "how many tokens its answer may have"),
        Setting(
            "ask.replace", "all", "what satchel ask replaces beside secrets: all, none, email, home, host"
        ),
        Setting("save.images", "read", "what satchel save does with screenshots of code: read or keep"),
        Setting("save.suggest", "all", "which models satchel save uses: all, quick or none"),
        Setting("share.expires", "7d", "how long a link works"),
        Setting("share.views", "unlimited", "how often a link can be opened"),
        Setting("memory.retention", "90d", "how long events of the memory are kept"),
        Setting("backup.with-memory", "off", "whether backups include the memory"),
        Setting("backup.expires", "retention", "how long the cloud keeps a backup"),
        Setting("backup.keep-last", "7", "how many of the newest backups the cloud keeps"),
        Setting("backup.keep-daily", "7", "for how many days the cloud keeps one backup each"),
        Setting("backup.keep-weekly", "4", "for how many weeks the cloud keeps one backup each"),
        Setting("backup.keep-monthly", "12", "for how many months the cloud keeps one backup each"),
        Setting("offline", "off", "whether satchel refuses everything that would leave this device"),
        Setting(
            "telemetry.asked",
            "no",
            "whether you were asked about telemetry, or have decided",
            set_by="satchel telemetry on",
        ),
        Setting(
            "telemetry.endpoint",
            "none",
            "where satchel telemetry send sends to",
            set_by="satchel telemetry endpoint URL",
        ),
    )
}


def read_settings(home: Path) -> dict[str, str]:
    """Return the settings of a home by name. Skip unknown ones, which other versions may have written."""
    if (home / FILE_NAME).exists() and not (home / FILE_NAME).is_file():
        raise _unreadable(home)  # a pipe would never end
    try:
        document = json.loads(read_text(home / FILE_NAME, "the settings file", hint=""))
    except NotFoundError:
        return {}
    except (SatchelError, ValueError, RecursionError) as exc:
        raise _unreadable(home) from exc
    if not isinstance(document, dict):
        raise _unreadable(home)
    return {name: value for name, value in document.items() if name in SETTINGS and isinstance(value, str)}


def is_offline(home: Path) -> bool:
    """Return whether the settings of a home forbid that anything leaves. Only a clear no allows it."""
    setting = SETTINGS["offline"]
    return read_settings(home).get(setting.name, setting.default) != setting.default


def write_settings(home: Path, settings: dict[str, str]) -> None:
    """Replace the settings of a home atomically."""
    write_private(home / FILE_NAME, (json.dumps(settings, indent=2, sort_keys=True) + "\n").encode())


class SettingDefaults(dict[str, Any]):
    """The defaults of all commands' options, in the form that click looks up."""

    def __init__(self, find_home: Callable[[], Path]) -> None:
        super().__init__()
        self._find_home = find_home

    def get(self, key: str, default: Any = None) -> Any:  # noqa: ANN401  dict's signature
        """Return the defaults of a command, or `default` if it has no settings."""
        has_settings = any(setting.command == key for setting in SETTINGS.values())
        return CommandDefaults(key, self._find_home) if has_settings else default


class CommandDefaults(dict[str, Any]):
    """The defaults of one command's options. The file is read at the first lookup."""

    def __init__(self, command: str, find_home: Callable[[], Path]) -> None:
        super().__init__()
        self._command = command
        self._find_home = find_home
        self._settings: dict[str, str] | None = None

    def __contains__(self, option: object) -> bool:
        name = self._name(option)
        if name not in SETTINGS:
            return False
        if self._settings is None:
            self._settings = read_settings(self._find_home())
        return name in self._settings

    def __missing__(self, option: str) -> str:
        if option not in self or self._settings is None:
            raise KeyError(option)
        return self._settings[self._name(option)]

    def _name(self, option: object) -> str:
        """Return the name of the setting of an option's parameter."""
        return f"{self._command}.{str(option).replace('_', '-')}"


def _unreadable(home: Path) -> IntegrityError:
    return IntegrityError(
        f"cannot read the settings in {str(home / FILE_NAME)!r}",
        hint="satchel settings reset --all restores the defaults",
    )
