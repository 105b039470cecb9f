"""A computer without systemd, whose `crontab` works on a file."""

from pathlib import Path
from typing import Final

CRONTAB: Final = """#!/bin/sh
case "$1" in
-l) [ -e '{table}' ] || {{ echo "no crontab for ann" >&2; exit 1; }}; cat '{table}' ;;
-r) rm '{table}' ;;
-) cat > '{table}' ;;
esac
"""
NO_SYSTEMD: Final = "#!/bin/sh\nexit 1\n"


def write_programs(folder: Path, table: Path, **others: str) -> Path:
    """Write the programs, and others by name, into a new folder that goes first in PATH. Return the folder."""
    folder.mkdir()
    scripts = {"crontab": CRONTAB.format(table=table), "systemctl": NO_SYSTEMD, **others}
    for name, text in scripts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    return folder
