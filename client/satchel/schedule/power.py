"""Whether the computer runs on battery."""

import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError
from satchel.schedule.jobs import call

SUPPLIES: Final = Path("/sys/class/power_supply")


def is_on_battery(*, platform: str = sys.platform, supplies: Path = SUPPLIES) -> bool:
    """Return whether it does; False where the system does not say, as on a server."""
    if platform == "darwin":
        with suppress(SatchelError):
            return re.search(r"'Battery Power'", call("pmset", "-g", "batt")) is not None
        return False
    kinds = {path: _read(path / "type") for path in supplies.glob("*")}
    mains = [path for path, kind in kinds.items() if kind in {"Mains", "USB"}]
    is_charged_by_mains = any(_read(path / "online") == "1" for path in mains)
    has_battery = any(kind == "Battery" and _read(path / "scope") != "Device" for path, kind in kinds.items())
    return has_battery and bool(mains) and not is_charged_by_mains


def _read(path: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return path.read_text("ascii").strip()
    return ""
