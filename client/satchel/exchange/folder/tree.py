"""Files and folders: one Piece per file."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from satchel.errors import NotFoundError, UsageError
from satchel.exchange.folder.generated import is_generated, reason_of
from satchel.exchange.folder.gitignore import FILE_NAME, IgnoreRules, rules_for
from satchel.exchange.items import Item, Problem, Skipped, draft_of
from satchel.exchange.limits import MAX_FOLDER_DEPTH
from satchel.exchange.reading import RejectedError, TooLargeError, read_regular
from satchel.pieces.fields import MAX_CONTENT_BYTES
from satchel.store import STORE_FILE
from satchel.store.schema import APPLICATION_ID

VERSION_CONTROL: Final = frozenset({".git", ".hg", ".svn", ".jj"})


@dataclass(frozen=True, slots=True)
class FolderOptions:
    """What the import of a folder takes in."""

    include_generated: bool = False


DEFAULT_OPTIONS: Final = FolderOptions()


def read_file(source: Path) -> Iterator[Item]:
    """Read a single file. UsageError if a Piece cannot hold it: the owner named this file, and nothing else."""
    path = source.resolve()
    if not path.exists():
        raise NotFoundError(f"there is no file {str(source)!r}", hint="check the path")
    item = _read(path, source.name)
    if isinstance(item, (Skipped, Problem)):
        raise UsageError(
            f"cannot import {str(source)!r}: it is {item.reason.removeprefix('it is ')}",
            hint="a Piece holds text or an image",
        )
    yield item


def read_folder(source: Path, options: FolderOptions = DEFAULT_OPTIONS) -> Iterator[Item]:
    """Read every file below a folder that git would not ignore, except generated ones.

    Do not follow symbolic links.
    """
    root = source.resolve()
    if is_home(root):
        raise UsageError(
            f"{str(source)!r} is a satchel home, which contains keys", hint="export it and import the export"
        )
    rules = rules_for(root)
    yield from _rejected_lines(root, rules, None)
    yield from _walk(_Visit(root, options), root, rules, 0)


@dataclass(frozen=True, slots=True)
class _Visit:
    """A walk through a folder."""

    root: Path
    options: FolderOptions


def _walk(visit: _Visit, folder: Path, rules: IgnoreRules, depth: int) -> Iterator[Item]:
    root = visit.root
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as exc:
        yield Problem(_relative(folder, root), (exc.strerror or "it cannot be read").lower())
        return
    for entry in entries:
        path = Path(entry.path)
        is_folder = entry.is_dir(follow_symlinks=False)
        if rules.ignores(path, is_folder=is_folder):
            continue
        if not is_folder:
            yield _entry(entry, path, root)
        elif entry.name not in VERSION_CONTROL:
            yield from _enter(visit, path, rules, depth + 1)


def _enter(visit: _Visit, folder: Path, rules: IgnoreRules, depth: int) -> Iterator[Item]:
    root = visit.root
    if not visit.options.include_generated and is_generated(folder):
        yield Skipped(_relative(folder, root), reason_of(folder))
        return
    if is_home(folder):
        yield Skipped(_relative(folder, root), "a satchel home, which contains keys")
        return
    if depth > MAX_FOLDER_DEPTH:
        yield Problem(_relative(folder, root), f"it is nested deeper than {MAX_FOLDER_DEPTH} folders")
        return
    inside = rules.inside(folder)
    yield from _rejected_lines(root, inside, rules)
    yield from _walk(visit, folder, inside, depth)


def _rejected_lines(root: Path, rules: IgnoreRules | None, reported: IgnoreRules | None) -> Iterator[Problem]:
    """Yield the rejected lines of every file below those already reported."""
    if rules is None or rules is reported:
        return
    yield from _rejected_lines(root, rules.parent, reported)
    where = os.fsencode(os.path.relpath(rules.folder / FILE_NAME, root)).decode("utf-8", "replace")
    for each in rules.rejected:
        yield Problem(where if each.line is None else f"{where} line {each.line}", each.reason)


def is_home(folder: Path) -> bool:
    """Tell whether a folder is a satchel home, whose keys must never become Pieces."""
    try:
        with (folder / STORE_FILE).open("rb") as file:
            header = file.read(72)
    except OSError:
        return False
    return header[68:] == APPLICATION_ID.to_bytes(4, "big")


def _entry(entry: os.DirEntry[str], path: Path, root: Path) -> Item:
    where = _relative(path, root)
    if entry.is_symlink():
        return Skipped(where, "symbolic link")
    if not entry.is_file(follow_symlinks=False):
        return Skipped(where, "not a file")
    return _read(path, where)


def _read(path: Path, where: str) -> Item:
    try:
        data = read_regular(path, MAX_CONTENT_BYTES)
    except TooLargeError as exc:
        return Skipped(where, str(exc).removeprefix("it is "))
    except RejectedError as exc:
        return Problem(where, str(exc))
    return draft_of(data, where=where, title=where, kind="file", location=str(path), file_name=path.name)


def _relative(path: Path, root: Path) -> str:
    """Return a path below the root for titles and reports: with slashes, undecodable bytes replaced."""
    return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "replace")
