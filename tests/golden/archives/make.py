"""Create the golden archives of the current version in a new folder. Run as a program, once for each version:

    python -m tests.golden.archives.make FOLDER [--with-memory]

`full.age` stands alone; `second.age` borrows from `first.age`; `expected.json` says what they hold. Archives with a
memory are of version 2 of the format; their folders begin with `memory`. The owner is the one of PHRASE. What was made once is never made again: later code must read it as it is.
"""

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.golden.memories.make import START_MS
from tests.golden.memories.make import make as make_memory
from tests.support.archives import NOON, FolderDestination, add_pieces, make_store

from satchel.archive.manifest import Manifest
from satchel.backup import Context
from satchel.backup.create.backup import BackupOptions, back_up, back_up_to_file
from satchel.backup.restore.restore import select_backup, select_file, verify
from satchel.keys import derive_owner_keys, from_phrase
from satchel.memory import MEMORY_FILE, Event, MemoryStore
from satchel.store import Draft, Store, SuggestedValue, WholeFile

WITH_MEMORY: Final = "--with-memory"
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
        has_memory = WITH_MEMORY in sys.argv
        if has_memory:
            make_memory(home / MEMORY_FILE)
        context = Context(home, keys, clock=lambda: NOON)
        options = BackupOptions("läptop", memory=has_memory)
        destination = FolderDestination(Path(name) / "destination")
        for label in ("first", "second"):
            done = back_up(context, destination, options)
            shutil.copy(destination.folder / f"{done.summary.archive}.age", target / f"{label}.age")
            with select_backup(destination, context) as selection:
                expected[label] = described(verify(context, selection).manifest, home)
            add_pieces(home, range(1000, 1010), 700)
            if has_memory:
                with MemoryStore.open(home) as memory:
                    memory.add([Event("shell", START_MS, f"make test-{number}") for number in range(50)])
                    memory.erase_traces()
            with Store.open(home) as store:
                store.remove(next(store.pieces(after=None)).id)
        back_up_to_file(context, target / "full.age", options)
        with select_file(target / "full.age") as selection:
            expected["full"] = described(verify(context, selection).manifest, home)
    (target / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


def described(manifest: Manifest, home: Path) -> dict[str, object]:
    """Return what a restore of this archive must produce."""
    memory = home / MEMORY_FILE
    events = (
        {}
        if manifest.memory_facts is None
        else {
            "events": manifest.memory_facts.events,
            "memory_sha256": hashlib.sha256(memory.read_bytes()).hexdigest(),
        }
    )
    return events | {
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
