"""Files that cannot be opened as a backup: what they really are, and what to do with them."""

from pathlib import Path
from typing import Final

from satchel.age.errors import NoMatchError
from satchel.age.reader import SealedFile
from satchel.archive.contents import MAP_NAME, ReadAt, frame_name
from satchel.backup.archive_opening import Readable
from satchel.errors import IntegrityError
from satchel.exchange.satchel_zip.document import DOCUMENT_NAME
from satchel.keys.derive import OwnerKeys

_AGE: Final = b"age-encryption.org/v1\n"
_ARMOR: Final = b"-----BEGIN AGE ENCRYPTED FILE-----"
_ZIP: Final = b"PK\x03\x04"
_EMPTY_ZIP: Final = b"PK\x05\x06"
_SQLITE: Final = b"SQLite format 3\0"
_APPLICATION_ID_AT: Final = 68
_STORE: Final = b"stch"
_PASSPHRASE: Final = b"\n-> scrypt "

_HEAD_BYTES: Final = 512
_DIRECTORY_BYTES: Final = 128 * 2**10
"""How much of a zip's end is searched for the name of an export's document, which is its last entry."""

_NAME_AT: Final = 30
_FIRST_NAMES: Final = (frame_name(0).encode(), MAP_NAME.encode())

_BACKUPS: Final = "a backup is made by satchel backup --to FILE"


def explain(reader: Readable, keys: OwnerKeys, path: Path, error: IntegrityError) -> IntegrityError:
    """Return the error to raise for a file that could not be opened as a backup for the reason `error`."""
    head = reader.read_at(0, min(_HEAD_BYTES, reader.size_bytes))
    if head.startswith(_AGE):
        return _explain_sealed(reader, keys, path, error, is_passphrase=_PASSPHRASE in head)
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return _explain_zip(path, is_export=_names_export(_tail(reader.read_at, reader.size_bytes)))
    return _explain_unsealed(path, head)


def _explain_unsealed(path: Path, head: bytes) -> IntegrityError:
    name = repr(str(path))
    if not head:
        return IntegrityError(f"the file {name} is empty", hint="copy the backup again, or use another one")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_ARMOR):
        return IntegrityError(
            f"the file {name} is an age file in text form, not a backup",
            hint="if it holds a backup, turn it into binary form with the age program",
        )
    if head.startswith(_SQLITE):
        return _explain_database(path, head)
    if _AGE.startswith(head):
        return IntegrityError(f"the file {name} is cut off after {len(head)} bytes", hint="copy it again")
    return IntegrityError(f"the file {name} is not a backup: it is not sealed", hint=_BACKUPS)


def _explain_sealed(
    reader: Readable, keys: OwnerKeys, path: Path, error: IntegrityError, *, is_passphrase: bool
) -> IntegrityError:
    name = repr(str(path))
    if isinstance(error, NoMatchError):
        if is_passphrase:
            return IntegrityError(
                f"the file {name} is sealed with a passphrase; a backup is sealed to its owner's keys",
                hint=_BACKUPS,
            )
        return IntegrityError(
            f"the file {name} is sealed to other keys than yours",
            hint="use the keys of its owner: satchel recovery use",
        )
    try:
        sealed = SealedFile(reader.read_at, reader.size_bytes, [keys.identity])
        start = sealed.read_at(0, _HEAD_BYTES)
        is_other = not start.startswith(_ZIP) or not start.startswith(_FIRST_NAMES, _NAME_AT)
        is_export = start.startswith(_ZIP) and _names_export(_tail(sealed.read_at, sealed.size))
    except IntegrityError:
        return IntegrityError(
            f"the file {name} is damaged or cut off: {error.message}",
            hint="copy it again, or use another backup",
        )
    if is_export:
        return _explain_export(path, "a sealed export")
    if is_other:
        return IntegrityError(f"the file {name} opens with your keys, but is not a backup", hint=_BACKUPS)
    return error


def _explain_zip(path: Path, *, is_export: bool) -> IntegrityError:
    if is_export:
        return _explain_export(path, "an export")
    return IntegrityError(f"the file {str(path)!r} is a zip file, not a backup", hint=_BACKUPS)


def _explain_export(path: Path, what: str) -> IntegrityError:
    return IntegrityError(
        f"the file {str(path)!r} is {what} of satchel, not a backup", hint="import it: satchel import FILE"
    )


def _explain_database(path: Path, head: bytes) -> IntegrityError:
    if head.startswith(_STORE, _APPLICATION_ID_AT):
        return IntegrityError(
            f"the file {str(path)!r} is a store, not a backup",
            hint="use it as it is: put it into a directory as store.db and name that with --home",
        )
    return IntegrityError(f"the file {str(path)!r} is an SQLite database, not a backup", hint=_BACKUPS)


def _tail(read_at: ReadAt, size_bytes: int) -> bytes:
    start = max(0, size_bytes - _DIRECTORY_BYTES)
    return read_at(start, size_bytes - start)


def _names_export(tail: bytes) -> bool:
    return DOCUMENT_NAME.encode() in tail
