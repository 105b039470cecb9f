"""Drafts: what was typed in the window and is not saved yet, in HOME/window-drafts.

    drafts = DraftFolder(home)
    drafts.keep(draft, replaces=None, incoming=uploads)
    drafts.all().drafts, drafts.read(id), drafts.drop(id, version)

Each draft is a private file of its own, written in one durable step. The files that were put into the form lie beside
it (`draft_files`), and the draft names them. A draft without files has format 1, which earlier versions read, too:

    {"format": "satchel-draft/2", "draft": {"id": "…", "version": 3, …, "files": [{"upload": "…", "name": "a.png", …}]}}

Each form has a draft of its own, so two tabs or windows cannot overwrite each other's. A form that goes on with an
earlier draft replaces it only if nobody has changed it since. A file that cannot be read is renamed, never deleted.
"""

import os
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from satchel.errors import IntegrityError, NotFoundError, RefusedError, SatchelError
from satchel.formats import newer_format
from satchel.local_files import (
    locked,
    make_directory,
    open_own,
    remove_private,
    rename,
    translate_os_errors,
    write_private,
)
from satchel.window.draft_files import DraftFiles, Incoming, Taken
from satchel.window.messages.unsaved import DraftVersion, UnsavedDraft
from satchel.window.uploads import DRAFTS, TooLargeError

FOLDER: Final = DRAFTS
_Format = Literal["satchel-draft/1", "satchel-draft/2"]
FORMAT: Final[_Format] = "satchel-draft/1"
WITH_FILES: Final[_Format] = "satchel-draft/2"
SUFFIX: Final = ".json"
DAMAGED: Final = ".damaged"
MAX_DRAFTS: Final = 200
MAX_DRAFT_BYTES: Final = 16 * 2**20
MAX_ALL_BYTES: Final = 64 * 2**20


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    format: _Format
    draft: UnsavedDraft


class Found(NamedTuple):
    """The drafts, the latest first; files that were set aside as damaged, and files of a newer format."""

    drafts: tuple[UnsavedDraft, ...]
    damaged: tuple[Path, ...]
    newer: tuple[Path, ...]


class DraftFolder:
    """The drafts of a home. Any number of processes may use it at once."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER
        self.files = DraftFiles(self._folder)

    def keep(
        self, draft: UnsavedDraft, replaces: DraftVersion | None = None, incoming: Incoming | None = None
    ) -> Taken:
        """Keep a draft and its files, unless a later version is kept already. Return the files that are not kept.

        The text is kept even if a file is not. SatchelError if there is no room for the text.
        """
        data = msgspec.json.encode(_Document(WITH_FILES if draft.files else FORMAT, draft))
        if len(data) > MAX_DRAFT_BYTES:
            raise TooLargeError("the draft is too large to keep", hint="save it before you leave")
        make_directory(self._folder)
        with self._locked():
            kept = self._find(draft.id)
            if kept is not None and kept.version > draft.version:
                return Taken()
            if kept is None or kept.version < draft.version:
                self._require_room(draft.id, len(data))
                write_private(self._path(draft.id), data)
                if replaces is not None and replaces.id != draft.id:
                    self._drop(replaces.id, replaces.version)
                if kept is not None:
                    self.files.release(_uploads_of(kept) - _uploads_of(draft))
            return self.files.take(draft, incoming) if draft.files and incoming is not None else Taken()

    def drop(self, draft_id: str, version: int) -> None:
        """Remove a draft, unless it was changed after this version."""
        if self._folder.is_dir():
            with self._locked():
                self._drop(draft_id, version)

    def sweep(self) -> None:
        """Remove what killed processes left: half-written drafts, and files that no draft names any more."""
        if self._folder.is_dir():
            with self._locked():
                for path in self._folder.glob(f".*{SUFFIX}.*"):
                    remove_private(path)
                self.files.sweep()

    def read(self, draft_id: str) -> UnsavedDraft:
        """Return a draft. NotFoundError if there is none, IntegrityError if its file is damaged."""
        return self._read(self._path(draft_id))

    def all(self) -> Found:
        """Return all drafts. A damaged one is set aside: its file is renamed."""
        drafts, newer, unreadable = [], [], []
        for path in self._files():
            try:
                drafts.append(self._read(path))
            except _NewerError:
                newer.append(path)
            except IntegrityError:
                with suppress(SatchelError):  # a home that cannot be written
                    rename(path, path.with_name(path.name + DAMAGED))
            except NotFoundError:  # dropped meanwhile
                pass
            except SatchelError:
                unreadable.append(path)
        drafts.sort(key=lambda draft: (draft.typed, draft.id), reverse=True)
        return Found(tuple(drafts), (*self.damaged(), *unreadable), tuple(newer))

    def damaged(self) -> tuple[Path, ...]:
        """Return the files that were set aside."""
        return tuple(sorted(self._folder.glob(f"*{SUFFIX}{DAMAGED}")))

    def count(self) -> int:
        """Return how many drafts there are, without reading them."""
        return len(self._files())

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"[0-9a-f]*{SUFFIX}"))

    def _path(self, draft_id: str) -> Path:
        return self._folder / f"{draft_id}{SUFFIX}"

    def _find(self, draft_id: str) -> UnsavedDraft | None:
        try:
            return self.read(draft_id)
        except NotFoundError:
            return None

    def _drop(self, draft_id: str, version: int) -> None:
        kept = self._find(draft_id)
        if kept is not None and kept.version <= version:
            remove_private(self._path(draft_id))
            self.files.release(_uploads_of(kept))

    def _require_room(self, draft_id: str, size: int) -> None:
        others = [path for path in self._files() if path.stem != draft_id]
        if len(others) >= MAX_DRAFTS:
            raise RefusedError(
                f"{MAX_DRAFTS} drafts are unsaved already", hint="save some drafts, or discard them"
            )
        if size + sum(map(_size, others)) > MAX_ALL_BYTES:
            raise RefusedError(
                f"unsaved drafts already hold {MAX_ALL_BYTES >> 20} MiB",
                hint="save some drafts, or discard them",
            )

    def _read(self, path: Path) -> UnsavedDraft:
        with os.fdopen(open_own(path, os.O_RDONLY), "rb") as file, translate_os_errors(path):
            data = file.read(MAX_DRAFT_BYTES + 1)
        newer = newer_format(data, {FORMAT, WITH_FILES})
        if newer is not None:
            raise _NewerError(
                f"{str(path)!r} is a draft of a newer version of satchel", hint="update satchel"
            )
        try:
            draft = msgspec.json.decode(data, type=_Document).draft
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise _damaged(path) from exc
        if draft.id != path.stem:
            raise _damaged(path)
        return draft

    def _locked(self) -> AbstractContextManager[None]:
        return locked(self._folder, os.O_NOFOLLOW)


class _NewerError(SatchelError):
    """A draft of a newer format."""


def _uploads_of(draft: UnsavedDraft) -> set[str]:
    return {each.upload for each in draft.files}


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0


def _damaged(path: Path) -> IntegrityError:
    return IntegrityError(f"the draft {str(path)!r} is damaged", hint="its text may still be in the file")
