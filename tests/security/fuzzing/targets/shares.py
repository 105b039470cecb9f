"""Shares: links as people paste them, sealed bodies, the zip inside, the owner's notes."""

import json
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.security.fuzzing.table import JSON_SYNTAX, Target, require
from tests.support.archives import OWNER

from satchel.age import X25519Recipient, seal
from satchel.errors import IntegrityError, SatchelError, UsageError
from satchel.sharing.body import SharedFile, SharedPiece, from_zip, open_body, to_zip
from satchel.sharing.container import MAX_CONTENT_BYTES, MAX_DOCUMENT_BYTES, pack, unpack
from satchel.sharing.decoration import MAX_TEXT_CHARS, plain_link
from satchel.sharing.identity import LinkSecret, share_key
from satchel.sharing.link import ShareLink, format_key, parse_key
from satchel.sharing.note import MAC_BYTES, _mac, open_note

ID: Final = "00112233445566778899aabbccddeeff"
SECRET: Final = LinkSecret(bytes(range(32)))
LINK: Final = str(ShareLink("https://cloud.example.com", ID, SECRET))
KEY: Final = share_key(SECRET)
PIECE: Final = SharedPiece(
    content=b"print('hello')\n" * 3, title="A title", description="d", language="python", media_type="text/plain",
    tags=("a", "b"), links=("https://example.com/",), shared="2026-11-22T12:00:00Z",
)  # fmt: skip
SEVERAL: Final = replace(
    PIECE, name="main.py", files=(SharedFile("other.txt", b"text", "text", "text/plain"),)
)


def read_link(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    link = ShareLink.parse(text)
    require(str(link) == text, "a link with two forms")


def read_pasted(data: bytes) -> None:
    """A pasted text becomes a link or is refused; the link that is found is in its plain form."""
    plain = plain_link(data.decode("utf-8", "surrogateescape"))
    link = ShareLink.parse(plain.text)
    require(plain_link(str(link)).text == str(link), "a plain link changes")


def pasted_seeds() -> Iterator[bytes]:
    yield from (
        LINK.encode(),
        f"see <{LINK}>.".encode(),
        f"[a]({LINK}:L3-L4)".encode(),
        LINK.upper().encode(),
    )
    quoted = urllib.parse.quote(LINK, safe="")
    yield f"https://safelinks.example.com/?url={quoted}&data=05".encode()
    yield f"https://urldefense.com/v3/__{LINK.replace(':', '*')}__;Og!abc".encode()
    yield LINK.replace("/s/", "/s/\r\n> ").encode()
    yield LINK.replace("#", "%23").encode()
    yield LINK.replace("/", "&#x2F;").encode()


def read_key(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    require(format_key(parse_key(text)) == text, "a key with two forms")


def read_container(data: bytes) -> None:
    unpacked = unpack(data)
    total = len(unpacked.content) + sum(map(len, unpacked.files))
    require(
        total <= MAX_CONTENT_BYTES and len(unpacked.document) <= MAX_DOCUMENT_BYTES, "more than the limits"
    )
    require(unpack(pack(unpacked.content, unpacked.document, unpacked.files)) == unpacked, "a zip changes")


def read_document(data: bytes) -> None:
    """`piece.json` in a valid zip: the number of files is the first byte's."""
    files = [b"file"] * (data[0] % 4 if data else 0)
    piece = from_zip(pack(b"content", data[1:], files))
    require(from_zip(to_zip(piece)) == piece, "a shared Piece changes")


def document_seeds() -> Iterator[bytes]:
    for piece in (PIECE, SEVERAL):
        yield bytes([len(piece.files)]) + unpack(to_zip(piece)).document


def read_body(data: bytes) -> None:
    open_body(data, KEY)


def read_note(data: bytes) -> None:
    """A note that this owner signed."""
    sealed = seal(_mac(OWNER.share_seed, data) + data, [OWNER.recipient])
    note = open_note(sealed, share_id=ID, share_seed=OWNER.share_seed, owner=OWNER.identity)
    require(note.share_id == ID, "the note of another share")


def read_sealed_note(data: bytes) -> None:
    """Bytes that a cloud returns as a note."""
    open_note(data, share_id=ID, share_seed=OWNER.share_seed, owner=OWNER.identity)


def note_seeds() -> Iterator[bytes]:
    recipient = str(X25519Recipient(bytes(KEY.recipient)))
    yield json.dumps({"share": ID, "piece": "p", "title": "t", "recipient": recipient}).encode()


ZIP: Final = (
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xff\xff\xff\xff",
    b"content",
    b"piece.json",
    b"files/1",
)
JSON: Final = (*JSON_SYNTAX, b"satchel-share/1", b"satchel-share/2")
PASTED: Final = (
    b"https://",
    b"/s/",
    b"#",
    b"%23",
    b"&#x2F;",
    b"=\r\n",
    b"\r\n> ",
    b"__;",
    b"!",
    b":L1",
    b"](",
    b"\xe2\x80\x8b",
    b"%25",
    b"?url=",
)
TARGETS: Final = (
    Target("share-link", read_link, pasted_seeds, (UsageError,), PASTED),
    Target("share-pasted-link", read_pasted, pasted_seeds, (UsageError,), PASTED, MAX_TEXT_CHARS),
    Target("share-link-key", read_key, lambda: [format_key(SECRET).encode()], (UsageError,)),
    Target("share-zip", read_container, lambda: [to_zip(PIECE), to_zip(SEVERAL)], (IntegrityError,), ZIP),
    Target("share-document", read_document, document_seeds, (IntegrityError,), JSON),
    Target("share-body", read_body, lambda: [seal(to_zip(PIECE), [KEY.recipient])], (IntegrityError,), ZIP),
    Target("share-note", read_note, note_seeds, (SatchelError,), JSON),
    Target(
        "share-sealed-note",
        read_sealed_note,
        lambda: [seal(bytes(MAC_BYTES), [OWNER.recipient])],
        (IntegrityError,),
    ),
)
