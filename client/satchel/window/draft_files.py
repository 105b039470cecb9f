"""Files of drafts, in HOME/window-drafts/files: what was put into a form and is not saved yet.

    files = DraftFiles(home / "window-drafts")
    taken = files.take(draft, uploads)         # moved out of the window's uploads, not copied
    files.path(upload)
    files.release(uploads)                     # those that no draft names any more

Each has the name of its upload. It stays as long as a file of a draft names it, also one that is damaged, or of a newer
format. `DraftFolder` holds the lock.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from satchel.local_files import make_directory, remove_private, translate_os_errors
from satchel.window.messages.unsaved import UnsavedDraft

FOLDER: Final = "files"
MAX_BYTES: Final = 256 * 2**20
"""Of all drafts together. A Piece may have 64 MiB."""
_NAME: Final = re.compile(r"[0-9a-f]{32}")
_NAMED: Final = re.compile(rb'"([0-9a-f]{32})"')
"""Names as JSON holds them. Other text that looks like a name only keeps a file for longer."""


class Incoming(Protocol):
    """The uploads of a window."""

    def size_of(self, upload: str) -> int | None:
        """Return the size of an upload; None if there is none."""

    def give(self, upload: str, path: Path) -> None:
        """Move an upload, durably."""


class Taken(NamedTuple):
    """The files of a draft that are not kept: those that are nowhere, and those for which there is no room."""

    missing: tuple[str, ...] = ()
    too_large: tuple[str, ...] = ()


class DraftFiles:
    """The files of all drafts of a home."""

    def __init__(self, drafts: Path) -> None:
        self._drafts = drafts
        self._folder = drafts / FOLDER

    def path(self, upload: str) -> Path:
        """Return where a file is, if it is kept."""
        return self._folder / upload

    def take(self, draft: UnsavedDraft, incoming: Incoming) -> Taken:
        """Move the uploads that a draft names here, as far as there is room."""
        kept = {path.name: _size(path) for path in self._all()}
        free = MAX_BYTES - sum(kept.values())
        missing, too_large = [], []
        for upload in dict.fromkeys(each.upload for each in draft.files if each.upload not in kept):
            size = incoming.size_of(upload)
            if size is None:
                missing.append(upload)
            elif size > free:
                too_large.append(upload)
            else:
                incoming.give(upload, make_directory(self._folder) / upload)
                free -= size
        return Taken(tuple(missing), tuple(too_large))

    def release(self, uploads: Iterable[str]) -> None:
        """Remove those of the files that no draft names."""
        unnamed = [upload for upload in uploads if self.path(upload).exists()]
        if unnamed:
            named = self._named()
            for upload in unnamed:
                if upload not in named:
                    remove_private(self.path(upload))

    def sweep(self) -> None:
        """Remove what no draft names: a process was killed before it had removed the files of a draft."""
        self.release(path.name for path in self._all())

    def _all(self) -> Iterator[Path]:
        with suppress(OSError):  # there is no folder
            yield from (path for path in sorted(self._folder.iterdir()) if _NAME.fullmatch(path.name))

    def _named(self) -> set[str]:
        """Return every name in any file of the folder. SatchelError if one cannot be read: then nothing is removed."""
        found: set[str] = set()
        for path in self._drafts.iterdir():
            if path.is_file():
                with translate_os_errors(path):
                    found |= {name.decode() for name in _NAMED.findall(path.read_bytes())}
        return found


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
