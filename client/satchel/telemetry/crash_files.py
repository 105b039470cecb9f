"""The crash reports of a home: the newest few, in HOME/telemetry/crashes, readable by the owner alone."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.local_files import DurableFile, read_private, remove_private
from satchel.telemetry.consent import folder_of
from satchel_wire.telemetry import CrashReport

MOST_KEPT: Final = 10
MOST_TRIES: Final = 20
CRASHES: Final = "crashes"
_SUFFIX: Final = ".json"
_NUMBER: Final = re.compile(r"[1-9]\d{0,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report on this device: its number, its bytes, and the decoded document."""

    number: int
    data: bytes = field(repr=False)
    report: CrashReport


def keep_report(home: Path, data: bytes) -> int:
    """Keep a report and return its number. Delete the oldest reports beyond MOST_KEPT.

    Raise SatchelError without the owner's consent, because there is no folder to keep it in.
    """
    folder = folder_of(home) / CRASHES
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
    except OSError as exc:
        raise SatchelError("the crash report cannot be kept") from exc
    number = _write_next(folder, data)
    for old in _numbers(folder)[:-MOST_KEPT]:
        remove_private(_path(folder, old))
    return number


def read_report(home: Path, number: int) -> KeptReport:
    """Return a report. Raise NotFoundError if there is none, IntegrityError if it is damaged."""
    try:
        data = read_private(_path(folder_of(home) / CRASHES, number)).data
    except NotFoundError as exc:
        raise NotFoundError(
            f"there is no crash report {number}", hint="list them: satchel crash list"
        ) from exc
    try:
        return KeptReport(number, data, msgspec.json.decode(data, type=CrashReport))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise IntegrityError(
            f"crash report {number} is damaged, or of another version", hint="delete it: satchel crash clear"
        ) from exc


def list_reports(home: Path) -> list[KeptReport]:
    """Return the reports, oldest first, without damaged ones."""
    found = []
    for number in _numbers(folder_of(home) / CRASHES):
        with suppress(SatchelError):
            found.append(read_report(home, number))
    return found


def delete_report(home: Path, number: int) -> None:
    """Delete a report, if it exists."""
    remove_private(_path(folder_of(home) / CRASHES, number))


def clear_reports(home: Path) -> int:
    """Delete every report, including damaged ones, and return how many there were."""
    numbers = _numbers(folder_of(home) / CRASHES)
    for number in numbers:
        delete_report(home, number)
    return len(numbers)


def _write_next(folder: Path, data: bytes) -> int:
    """Write a file with the next free number; another process may take a number at the same time."""
    number = max(_numbers(folder), default=0)
    for _ in range(MOST_TRIES):
        number += 1
        try:
            file = DurableFile(_path(folder, number))
        except SatchelError as exc:
            if isinstance(exc.__cause__, FileExistsError):
                continue
            raise
        with file:
            file.write(data)
        return number
    raise SatchelError("the crash report cannot be kept")


def _numbers(folder: Path) -> list[int]:
    """Return the numbers of the files in a folder, in order; none if there is no folder."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError:
        return []
    stems = (name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX))
    return sorted(int(stem) for stem in stems if _NUMBER.fullmatch(stem))


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number}{_SUFFIX}"
