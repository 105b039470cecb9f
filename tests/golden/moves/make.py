"""Create the golden move of the current version in a new folder. Run once for each version:

    python -m tests.golden.moves.make FOLDER

`old` is the directory of a cloud that was undone once and then moved, `new` that of the cloud since; both were made from
the golden cloud of version 5. A golden move is never created again: later services must read it unchanged.
"""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from satchel_service.moving import MismatchError, move, undo
from satchel_service.moving.copying import Copier
from satchel_service.settings import Settings

CLOUD: Final = Path(__file__).parents[1] / "clouds" / "v5" / "storage"
OLD_URL, NEW_URL = "https://old.example.org", "https://new.example.org"


def main() -> None:
    """Create the golden move."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(CLOUD, folder / "old")
        old, new = (
            Settings.read({"SATCHEL_STORAGE": f"file:{folder / place}", "SATCHEL_PUBLIC_URL": url})
            for place, url in (("old", OLD_URL), ("new", NEW_URL))
        )
        begin(old, new)
        undo(old, new)
        move(old, new, url=NEW_URL)
        for place in ("old", "new"):
            shutil.copytree(
                folder / place,
                target / place,
                ignore=shutil.ignore_patterns("reserve", "staging", "uploads", "blobs"),
            )


def begin(old: Settings, new: Settings) -> None:
    """Move until the new log would open."""
    verify = Copier.verify

    def stop(_: Copier) -> None:
        raise MismatchError("stopped")

    setattr(Copier, "verify", stop)  # noqa: B010  mypy refuses the assignment
    try:
        move(old, new, url=NEW_URL)
    except MismatchError:
        setattr(Copier, "verify", verify)  # noqa: B010


if __name__ == "__main__":
    main()
