"""An answer: text or files, as a zip sealed to the key of a request (docs/spec/request.md, section 5).

The layout is that of a share. The document binds the answer to its request and to its own id, so that a cloud can pass
off neither the answer to another request nor the same answer twice.
"""

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec

from satchel.age import AgeError, seal, unseal
from satchel.errors import IntegrityError, UsageError
from satchel.formats import read_format
from satchel.pieces.fields import was_file_name
from satchel.sharing.container import MAX_CONTENT_BYTES, MAX_FILES, pack, unpack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from satchel.age import Entropy, X25519Identity
    from satchel.requesting.identity import RequestKey

FORMAT: Final = "satchel-answer/1"
STEP_BYTES: Final = (
    1024  # spaces fill the zip, so that its length does not reveal that of a password or a key
)
MAX_ANSWER_BYTES: Final = 32 << 20  # no cloud takes more: SATCHEL_ANSWER_BYTES
RECEIPT_DIGITS: Final = 16


class _Document(msgspec.Struct, frozen=True, kw_only=True):
    """`piece.json`. Unknown fields are ignored; a missing or malformed field is an error."""

    format: str
    request: str
    answer: str
    sent: str
    name: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """A file of an answer. The name of typed text is empty."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """An opened answer: typed text or a first file, further files, and when its sender says that it was sent."""

    answer_id: str
    main: AnswerFile
    files: tuple[AnswerFile, ...]
    sent: str
    receipt: str


def seal_answer(
    request_id: str,
    answer_id: str,
    files: "Sequence[AnswerFile]",
    key: "RequestKey",
    *,
    sent: str,
    entropy: "Entropy",
) -> bytes:
    """Return a sealed answer. Raise UsageError if it exceeds the limits of the format."""
    size = sum(len(file.content) for file in files)
    if not files or size > MAX_CONTENT_BYTES or len(files) > MAX_FILES + 1:
        raise UsageError(
            f"the answer has {len(files)} files of {size} bytes",
            hint=f"an answer has 1 to {MAX_FILES + 1} files of {MAX_CONTENT_BYTES >> 20} MiB together",
        )
    main, *others = files
    document = _Document(
        format=FORMAT,
        request=request_id,
        answer=answer_id,
        sent=sent,
        name=main.name,
        files=tuple(file.name for file in others),
    )
    return seal(_padded(main, others, msgspec.json.encode(document)), [key.recipient], entropy=entropy)


def open_answer(sealed: bytes, identity: "X25519Identity", *, request_id: str, answer_id: str) -> Answer:
    """Open an answer. Raise IntegrityError if it is damaged, or not this answer to this request."""
    if len(sealed) > MAX_ANSWER_BYTES:
        raise IntegrityError(
            f"answer {answer_id[:8]} has {len(sealed)} bytes, more than the limit of {MAX_ANSWER_BYTES}",
            hint=_ASK_AGAIN,
        )
    try:
        content, contents, text = unpack(unseal(sealed, [identity]))
    except AgeError as exc:
        raise IntegrityError(
            f"answer {answer_id[:8]} does not authenticate under the key of its request", hint=_ASK_AGAIN
        ) from exc
    document = _parse(text, len(contents))
    if (document.request, document.answer) != (request_id, answer_id):
        raise IntegrityError(f"answer {answer_id[:8]} is another answer than the cloud says", hint=_ASK_AGAIN)
    files = tuple(AnswerFile(name, data) for name, data in zip(document.files, contents, strict=True))
    main = AnswerFile(document.name, content)
    return Answer(answer_id, main, files, document.sent, receipt_of(hashlib.sha256(sealed).digest()))


def receipt_of(sha256: bytes) -> str:
    """Return the receipt that sender and owner compare: the start of the digest of the sealed answer."""
    digits = sha256.hex()[:RECEIPT_DIGITS]
    return "-".join(digits[at : at + 4] for at in range(0, RECEIPT_DIGITS, 4))


_ASK_AGAIN: Final = "ask for it again with a new link: satchel request"


def _padded(main: AnswerFile, others: "Sequence[AnswerFile]", document: bytes) -> bytes:
    """Return the zip, with spaces in its document that fill it to a multiple of STEP_BYTES."""
    contents = [file.content for file in others]
    length = len(pack(main.content, document, contents, is_stored=True))
    return pack(main.content, document + b" " * (-length % STEP_BYTES), contents, is_stored=True)


def _parse(text: bytes, contents: int) -> _Document:
    version = read_format(text)
    if version is not None and version != FORMAT:
        raise IntegrityError(
            f"the answer has the format {version[:40]!r}, which this version of satchel does not support",
            hint="update satchel",
        )
    try:
        document = msgspec.json.decode(text, type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise _malformed() from exc
    names = document.files
    if len(names) != contents or len(set(names)) != len(names) or not all(map(was_file_name, names)):
        raise _malformed()
    if document.name and (not was_file_name(document.name) or document.name in names):
        raise _malformed()
    return document


def _malformed() -> IntegrityError:
    return IntegrityError("the answer's piece.json is malformed", hint=_ASK_AGAIN)
