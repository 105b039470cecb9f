"""Create the golden archives of the current version in a new folder. Run as a program, once for each version:

    python -m tests.golden.archives.make FOLDER

`full.age` stands alone; `second.age` borrows from `first.age`; `expected.json` says what they hold. The owner
is the one of PHRASE. What was made once is never made again: later code must read it as it is.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.support.archives import NOON, FolderDestination, add_pieces, make_store

from satchel.archive.manifest import Manifest
from satchel.backup import Context
from satchel.backup.create.backup import BackupOptions, back_up, back_up_to_file
from satchel.backup.restore.restore import select_backup, select_file, verify
from satchel.keys import derive_owner_keys, from_phrase
from satchel.store import Draft, Store, SuggestedValue, WholeFile

PHRASE: Final = "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth title"


def main() -> None:
    """Create the archives of this version."""
    target = Path(sys.argv[1])
    target.mkdir()
    keys = derive_owner_keys(from_phrase(PHRASE))
    expected = {}
    with tempfile.TemporaryDirectory() as name:
        home = make_store(Path(name) / "home", pieces=400, size_bytes=700)
        with Store.open(home) as store:
            store.add(Draft(b"main", title="several", files=(WholeFile("other.py", b"other"),)))
            title = SuggestedValue("title", "by a model", "titles/1")
            store.add(Draft(b"suggested", title=title.value, suggested=(title,)))
        context, options = Context(home, keys, clock=lambda: NOON), BackupOptions("läptop")
        destination = FolderDestination(Path(name) / "destination")
        for label in ("first", "second"):
            done = back_up(context, destination, options)
            shutil.copy(destination.folder / f"{done.summary.archive}.age", target / f"{label}.age")
            with select_backup(destination, context) as selection:
                expected[label] = described(verify(context, selection).manifest, home)
            add_pieces(home, range(1000, 1010), 700)
            with Store.open(home) as store:
                store.remove(next(store.pieces(after=None)).id)
        back_up_to_file(context, target / "full.age", options)
        with select_file(target / "full.age") as selection:
            expected["full"] = described(verify(context, selection).manifest, home)
    (target / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


def described(manifest: Manifest, home: Path) -> dict[str, object]:
    """Return what a restore of this archive must produce."""
    return {
        "id": manifest.archive,
        "store": manifest.store,
        "sequence": manifest.sequence,
        "created": manifest.created.isoformat(),
        "device": manifest.device,
        "pieces": manifest.pieces,
        "borrowed": [ref.archive for ref in manifest.borrowed],
        "own_blocks": manifest.frames.blocks,
        "sha256": hashlib.sha256((home / "store.db").read_bytes()).hexdigest(),
    }


if __name__ == "__main__":
    main()
