"""Write the vectors of docs/spec/request.md anew: `python tests/vectors/request/make.py`.

They are kept as they were first written. Run this only for a new version of the format, or for new cases; the golden
answers (`*.age`) are written only where they are missing.
"""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from satchel.age import seal
from satchel.keys.secret import RequestSeed
from satchel.requesting.answer import AnswerFile, receipt_of, seal_answer
from satchel.requesting.identity import RequestKey, request_identity, request_key
from satchel.requesting.link import RequestLink, format_key
from satchel.requesting.sheet import Sheet, seal_sheet
from satchel.sharing.container import pack

HERE = Path(__file__).parent
SEED = RequestSeed(bytes(range(32)))
REQUEST_ID = "000102030405060708090a0b0c0d0e0f"
ANSWER_ID = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
KEY = request_key(SEED, REQUEST_ID)
OTHER = request_key(SEED, "f" * 32)
GOOD = str(RequestLink("https://cloud.example.com", REQUEST_ID, KEY))
SENT = "2026-01-02T03:04:05Z"
FILES = (
    AnswerFile("", b"the staging key is in staging.pem\n"),
    AnswerFile("staging.pem", b"-----BEGIN EXAMPLE-----\nAAAA\n-----END EXAMPLE-----\n"),
    AnswerFile("größe 文件.bin", bytes(range(256))),
)
DOCUMENT: dict[str, Any] = {
    "format": "satchel-answer/1",
    "request": REQUEST_ID,
    "answer": ANSWER_ID,
    "sent": SENT,
    "name": "",
    "files": ["a.txt", "b.txt"],
}


class Entropy:
    """Bytes that are the same in every run."""

    def __init__(self) -> None:
        self._drawn = 0

    def __call__(self, size: int) -> bytes:
        self._drawn += 1
        return hashlib.shake_256(b"request vectors %d" % self._drawn).digest(size)


def links() -> list[dict[str, str]]:
    origins = (
        "https://cloud.example.com",
        "https://cloud.example.com:8443",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    )
    good = [
        {
            "link": f"{origin}/r/{REQUEST_ID}#{format_key(KEY)}",
            "origin": origin,
            "id": REQUEST_ID,
            "recipient": str(KEY.recipient),
        }
        for origin in origins
    ]
    key = format_key(KEY)
    bad = {
        "no key": GOOD.partition("#")[0],
        "an empty key": GOOD.partition("#")[0] + "#",
        "the key is cut off by one": GOOD[:-1],
        "the key is cut off in half": GOOD[:-30],
        "the key has one character more": GOOD + "q",
        "two characters of the key are swapped": GOOD.replace(key, key[:10] + key[11] + key[10] + key[12:]),
        "the key in capital letters": GOOD.replace(key, key.upper()),
        "the key with its prefix": GOOD.replace(key, f"age1{key}"),
        "an identity for a key": GOOD.replace(
            key, str(request_identity(SEED, REQUEST_ID)).removeprefix("AGE-SECRET-KEY-1").lower()
        ),
        "a space behind it": GOOD + " ",
        "a line end behind it": GOOD + "\n",
        "a place behind the key": GOOD + ":L10",
        "the id is cut off": GOOD.replace(REQUEST_ID, REQUEST_ID[:-1]),
        "the id in capital letters": GOOD.replace(REQUEST_ID, REQUEST_ID.upper()),
        "a link of a share": GOOD.replace("/r/", "/s/"),
        "a path before /r/": GOOD.replace("/r/", "/x/r/"),
        "a path behind the id": GOOD.replace("#", "/answers#"),
        "a query": GOOD.replace("#", "?x=1#"),
        "the hash sign as %23": GOOD.replace("#", "%23"),
        "another scheme": GOOD.replace("https", "ftp"),
        "a name and password": GOOD.replace("cloud.", "user:pass@cloud."),
        "nothing": "",
    }
    return good + [{"link": link, "refused": why} for why, link in bad.items()]


def keys() -> list[dict[str, str]]:
    cases = [(SEED, REQUEST_ID), (SEED, "f" * 32), (RequestSeed(b"\xff" * 32), REQUEST_ID)]
    return [
        {
            "request_seed": seed.hex(),
            "id": request_id,
            "identity": str(request_identity(seed, request_id)),
            "recipient": str((key := request_key(seed, request_id)).recipient),
            "proof": key.proof.hex(),
            "proof_sha256": key.proof_sha256.hex(),
            "sheet_identity": str(key.sheet_identity),
        }
        for seed, request_id in cases
    ]


def sheets() -> list[dict[str, str]]:
    entropy = Entropy()

    def sealed(document: object, key: RequestKey = KEY) -> str:
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        return base64.b64encode(seal(data, [key.sheet_identity.recipient], entropy=entropy)).decode()

    texts = ("the staging key", "", "größe <b>文件</b>\n\u202egnp", "x" * 500)
    good = [
        {
            "text": text,
            "sheet": base64.b64encode(
                seal_sheet(Sheet(REQUEST_ID, text, SENT), KEY, entropy=entropy)
            ).decode(),
        }
        for text in texts
    ]
    whole = {"format": "satchel-request/1", "request": REQUEST_ID, "text": "x", "asked": SENT}
    good.append({"text": "x", "sheet": sealed({**whole, "unknown": [1]})})
    bad = {
        "the sheet of another key": sealed(whole, OTHER),
        "sealed to the recipient of the answers": base64.b64encode(
            seal(json.dumps(whole).encode(), [KEY.recipient], entropy=entropy)
        ).decode(),
        "the id of another request": sealed({**whole, "request": "f" * 32}),
        "another format": sealed({**whole, "format": "satchel-request/2"}),
        "no text": sealed({name: value for name, value in whole.items() if name != "text"}),
        "a text that is a number": sealed({**whole, "text": 1}),
        "a text that is too long": sealed({**whole, "text": "x" * 501}),
        "not JSON": sealed(b"evil"),
        "not UTF-8": sealed(b'{"format": "\xff"}'),
        "nested deeply": sealed(b"[" * 100_000),
        "not an age file": base64.b64encode(b"evil").decode(),
        "nothing": "",
    }
    return good + [{"refused": why, "sheet": sheet} for why, sheet in bad.items()]


def answers() -> list[dict[str, Any]]:
    def zipped(document: object, files: tuple[bytes, ...] = (b"A", b"B"), content: bytes = b"text") -> bytes:
        data = document if isinstance(document, bytes) else json.dumps(document).encode()
        return pack(content, data, files, is_stored=True)

    named = {**DOCUMENT, "name": "key.pem", "files": []}
    good = {
        "a typed text with two files": zipped(DOCUMENT),
        "one file": zipped(named, ()),
        "an empty text": zipped({**DOCUMENT, "files": []}, (), b""),
        "compressed entries": pack(b"x" * 1000, json.dumps(named).encode()),
        "a field that is not known": zipped({**DOCUMENT, "colour": "green"}),
        "299 further files": zipped({**DOCUMENT, "files": [f"{n}.txt" for n in range(299)]}, (b"x",) * 299),
    }
    bad = {
        "another format": zipped({**DOCUMENT, "format": "satchel-answer/2"}),
        "the format of a share": zipped({**DOCUMENT, "format": "satchel-share/1"}),
        "the id of another request": zipped({**DOCUMENT, "request": "f" * 32}),
        "the id of another answer": zipped({**DOCUMENT, "answer": "0" * 32}),
        "fewer names than files": zipped({**DOCUMENT, "files": ["a.txt"]}),
        "more names than files": zipped({**DOCUMENT, "files": ["a.txt", "b.txt", "c.txt"]}),
        "two files of one name": zipped({**DOCUMENT, "files": ["a.txt", "a.txt"]}),
        "a file of the name of the first": zipped({**DOCUMENT, "name": "a.txt"}),
        "a name that leads elsewhere": zipped({**DOCUMENT, "files": ["../a.txt", "b.txt"]}),
        "a first name that leads elsewhere": zipped({**DOCUMENT, "name": "/etc/passwd"}),
        "a name with an escape": zipped({**DOCUMENT, "files": ["\u001b[31m", "b.txt"]}),
        "a name that is a number": zipped({**DOCUMENT, "files": [1, "b.txt"]}),
        "no files": zipped({name: value for name, value in DOCUMENT.items() if name != "files"}),
        "a document that is not JSON": zipped(b"evil"),
        "a document that is nested deeply": zipped(b'{"format":' + b"[" * 100_000),
        "a byte behind the zip": zipped(DOCUMENT) + b"\0",
        "no zip": b"evil" * 100,
        "nothing": b"",
    }
    return [
        *({"name": name, "zip": base64.b64encode(data).decode()} for name, data in good.items()),
        *({"refused": why, "zip": base64.b64encode(data).decode()} for why, data in bad.items()),
    ]


def golden() -> None:
    cases = {
        "several": FILES,
        "text": FILES[:1],
        "file": FILES[1:2],
        "large": (AnswerFile("", b"x" * 200_000),),
    }
    for name, files in cases.items():
        path = HERE / f"{name}.age"
        if path.exists():
            continue
        sealed = seal_answer(REQUEST_ID, ANSWER_ID, files, KEY, sent=SENT, entropy=Entropy())
        path.write_bytes(sealed)
        digests = [[file.name, hashlib.sha256(file.content).hexdigest()] for file in files]
        told = {
            "link": GOOD,
            "answer": ANSWER_ID,
            "sent": SENT,
            "files": digests,
            "receipt": receipt_of(hashlib.sha256(sealed).digest()),
        }
        _write(f"{name}.json", told)


def _write(name: str, value: object) -> None:
    (HERE / name).write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    _write("links.json", links())
    _write("keys.json", keys())
    _write("sheets.json", sheets())
    _write("answers.json", answers())
    golden()
