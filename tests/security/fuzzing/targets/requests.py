"""Requests: links as people paste them, sheets that a cloud returns, sealed answers of strangers."""

import base64
import json
import struct
from collections.abc import Iterator
from typing import Final

from tests.security.fuzzing.table import JSON_SYNTAX, Target, require
from tests.security.fuzzing.targets.shares import PASTED, ZIP
from tests.support.archives import OWNER

from satchel.age import seal
from satchel.errors import IntegrityError, UsageError
from satchel.requesting.answer import AnswerFile, open_answer, seal_answer
from satchel.requesting.identity import request_identity, request_key
from satchel.requesting.link import RequestLink, format_key, parse_key
from satchel.requesting.sheet import MAX_TEXT_CHARS, Sheet, open_sheet, seal_sheet
from satchel.requesting.unintended import find_unintended
from satchel.sharing.container import pack, unpack
from satchel.sharing.decoration import MAX_TEXT_CHARS as MAX_PASTED_CHARS
from satchel.sharing.decoration import REQUESTS, plain_link
from satchel_service.problems import ProblemError
from satchel_service.web.endpoints.requests import parse_proof

ID: Final = "00112233445566778899aabbccddeeff"
ANSWER: Final = "f" * 32
KEY: Final = request_key(OWNER.request_seed, ID)
IDENTITY: Final = request_identity(OWNER.request_seed, ID)
LINK: Final = str(RequestLink("https://cloud.example.com", ID, KEY))
SENT: Final = "2026-11-22T12:00:00Z"
FILES: Final = (AnswerFile("", b"a key"), AnswerFile("a.txt", b"text"), AnswerFile("b.bin", bytes(9)))


def fixed(size: int) -> bytes:
    return bytes(range(size))


def read_pasted(data: bytes) -> None:
    """A pasted text becomes a link or is refused; the link that is found is in its plain form."""
    link = RequestLink.parse(plain_link(data.decode("utf-8", "surrogateescape"), REQUESTS).text)
    require(plain_link(str(link), REQUESTS).text == str(link), "a plain link changes")
    require(RequestLink.parse(str(link)) == link, "a link with two forms")


def pasted_seeds() -> Iterator[bytes]:
    yield from (LINK.encode(), f"see <{LINK}>.".encode(), LINK.replace("#", "%23").encode())
    yield LINK.replace("/r/", "/s/").encode()


def read_key(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    require(format_key(parse_key(text)) == text, "a key with two forms")


def read_sheet(data: bytes) -> None:
    """A document that somebody with the link has sealed."""
    sheet = open_sheet(seal(data, [KEY.sheet_identity.recipient], entropy=fixed), KEY, request_id=ID)
    require(sheet.request_id == ID and len(sheet.text) <= MAX_TEXT_CHARS, "more than the limits")


def read_sealed_sheet(data: bytes) -> None:
    open_sheet(data, KEY, request_id=ID)


def read_answer(data: bytes) -> None:
    """A zip that somebody with the link has sealed."""
    sealed = seal(data, [KEY.recipient], entropy=fixed)
    answer = open_answer(sealed, IDENTITY, request_id=ID, answer_id=ANSWER)
    names = [file.name for file in (answer.main, *answer.files)]
    require(
        len(set(names)) == len(names) and not any("/" in name for name in names),
        "a name that leads elsewhere",
    )


def read_document(data: bytes) -> None:
    """`piece.json` in a valid zip: the number of files is the first byte's."""
    read_answer(pack(b"content", data[1:], [b"file"] * (data[0] % 4 if data else 0)))


def read_sealed_answer(data: bytes) -> None:
    open_answer(data, IDENTITY, request_id=ID, answer_id=ANSWER)


def read_proof(data: bytes) -> None:
    """The header with the proof, as the service reads it."""
    require(len(parse_proof(data.decode("latin-1"))) == 32, "a proof of another length")


def sealed_answer() -> bytes:
    return seal_answer(ID, ANSWER, FILES, KEY, sent=SENT, entropy=fixed)


def zipped() -> bytes:
    document = {"format": "satchel-answer/1", "request": ID, "answer": ANSWER, "sent": SENT, "name": ""}
    return pack(b"a key", json.dumps({**document, "files": ["a.txt"]}).encode(), [b"text"])


def document_seeds() -> Iterator[bytes]:
    yield b"\x01" + unpack(zipped()).document


def sheet_seeds() -> Iterator[bytes]:
    yield json.dumps({"format": "satchel-request/1", "request": ID, "text": "a key", "asked": SENT}).encode()


JSON: Final = (*JSON_SYNTAX, b"satchel-answer/1", b"satchel-request/1", ID.encode(), ANSWER.encode())


def look_for_unintended(data: bytes) -> None:
    """An answer's file is looked at, whatever it holds: at most one finding of a kind, which names the file."""
    found = find_unintended([AnswerFile("a.jpg", data)], format_key(KEY))
    require(len({each.kind for each in found}) == len(found), "a kind twice")
    require(all(each.file == "a.jpg" for each in found), "another file")


def located(order: str = "<") -> bytes:
    """Return the start of a photo that names its place."""
    mark = b"II" if order == "<" else b"MM"
    directory = struct.pack(f"{order}2sHIHHHII", mark, 42, 8, 1, 0x8825, 4, 1, 26)
    return b"\xff\xd8\xff\xe1\0\x30Exif\0\0" + directory


TARGETS: Final = (
    Target("request-pasted-link", read_pasted, pasted_seeds, (UsageError,), PASTED, MAX_PASTED_CHARS),
    Target("request-link-key", read_key, lambda: [format_key(KEY).encode()], (UsageError,)),
    Target("request-sheet", read_sheet, sheet_seeds, (IntegrityError,), JSON),
    Target(
        "request-sealed-sheet",
        read_sealed_sheet,
        lambda: [seal_sheet(Sheet(ID, "a key", SENT), KEY, entropy=fixed)],
        (IntegrityError,),
    ),
    Target("answer-zip", read_answer, lambda: [zipped()], (IntegrityError,), ZIP),
    Target("answer-document", read_document, document_seeds, (IntegrityError,), JSON),
    Target("answer-proof", read_proof, lambda: [base64.b64encode(KEY.proof)], (ProblemError,)),
    Target(
        "answer-unintended",
        look_for_unintended,
        lambda: [located("<"), located(">"), b"4111 1111 1111 1111", format_key(KEY).encode()],
        words=(b"Exif\0\0", b"II", b"MM", b"\x25\x88", b"\xff\xd8"),
    ),
    Target("answer-sealed", read_sealed_answer, lambda: [sealed_answer()], (IntegrityError,), ZIP),
)
