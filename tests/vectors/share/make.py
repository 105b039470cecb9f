"""Write the vectors of docs/spec/share.md anew: `python tests/vectors/share/make.py`.

They are kept as they were first written. Run this only for a new version of the format, or for new cases; the golden
bodies (`*.age`) are written only where they are missing.
"""

import base64
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from satchel.age import seal
from satchel.keys.secret import ShareSeed
from satchel.sharing.body import SharedFile, SharedPiece, to_zip
from satchel.sharing.container import MAX_FILES, pack
from satchel.sharing.identity import LinkSecret, PasswordProfile, owner_secret, share_key
from satchel.sharing.link import ShareLink, format_key

HERE = Path(__file__).parent
SECRET = bytes(range(32))
SHARE_ID = "000102030405060708090a0b0c0d0e0f"
SALT = bytes(range(0xF0, 0x100))
KEY = format_key(LinkSecret(SECRET))
GOOD = f"https://cloud.example.com/s/{SHARE_ID}#{KEY}"


def links() -> list[dict[str, str]]:
    origins = (
        "https://cloud.example.com",
        "https://cloud.example.com:8443",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
    )
    good = [
        {
            "link": f"{origin}/s/{SHARE_ID}#{KEY}",
            "origin": origin,
            "id": SHARE_ID,
            "secret": SECRET.hex(),
            "identity": f"AGE-SECRET-KEY-1{KEY.upper()}",
        }
        for origin in origins
    ]
    places = (":L10", ":L10-L20", ":f2", ":f2:L1-L99999999")
    good += [{**good[0], "link": good[0]["link"] + place} for place in places]
    swapped = KEY[:10] + KEY[11] + KEY[10] + KEY[12:]
    bad = {
        "no key": GOOD.partition("#")[0],
        "an empty key": GOOD.partition("#")[0] + "#",
        "the key is cut off by one": GOOD[:-1],
        "the key is cut off in half": GOOD[:-30],
        "the key has one character more": GOOD + "q",
        "two characters of the key are swapped": GOOD.replace(KEY, swapped),
        "the key in capital letters": GOOD.replace(KEY, KEY.upper()),
        "the key with its prefix": GOOD.replace(KEY, f"age-secret-key-1{KEY}"),
        "a recipient for a key": GOOD.replace(
            KEY, str(share_key(LinkSecret(SECRET)).recipient).removeprefix("age1")
        ),
        "a space behind it": GOOD + " ",
        "a line end behind it": GOOD + "\n",
        "a second hash sign": GOOD + "#L10",
        "a place without a number": GOOD + ":L",
        "a colon and nothing behind it": GOOD + ":",
        "a place before a file": GOOD + ":L10:f2",
        "a place without a key": GOOD.partition("#")[0] + "#:L10",
        "the id is cut off": GOOD.replace(SHARE_ID, SHARE_ID[:-1]),
        "the id is longer": GOOD.replace(SHARE_ID, SHARE_ID + "0"),
        "the id in capital letters": GOOD.replace(SHARE_ID, SHARE_ID.upper()),
        "no id": GOOD.replace(SHARE_ID, ""),
        "a path before /s/": GOOD.replace("/s/", "/x/s/"),
        "a path behind the id": GOOD.replace("#", "/raw#"),
        "a query": GOOD.replace("#", "?x=1#"),
        "the hash sign as %23": GOOD.replace("#", "%23"),
        "the hash sign lost": GOOD.replace("#", ""),
        "another scheme": GOOD.replace("https", "ftp"),
        "no scheme": GOOD.removeprefix("https://"),
        "a name and password": GOOD.replace("cloud.", "user:pass@cloud."),
        "a host in capital letters": GOOD.replace("cloud", "Cloud"),
        "no host": GOOD.replace("cloud.example.com", ""),
        "nothing": "",
    }
    return good + [{"link": link, "refused": why} for why, link in bad.items()]


def decorated() -> dict[str, str]:
    """The first link as other programs decorate it; each is read as the link itself."""
    address, _, key = GOOD.partition("#")
    safelinks = "https://eur01.safelinks.protection.outlook.com"

    return {
        "nothing": GOOD,
        "angle brackets": f"<{GOOD}>",
        "round brackets": f"({GOOD})",
        "quotes": f"'{GOOD}'",
        "typographic quotes": f"\u201c{GOOD}\u201d",
        "backticks": f"`{GOOD}`",
        "a full stop": f"{GOOD}.",
        "a comma": f"{GOOD},",
        "a bracket and a full stop": f"{GOOD}).",
        "an ellipsis": f"{GOOD}\u2026",
        "an ideographic full stop": f"{GOOD}\u3002",
        "spaces": f"  {GOOD} \n",
        "zero-width spaces": f"\u200b{GOOD[:30]}\u200b{GOOD[30:]}\u2060",
        "a byte order mark": f"\ufeff{GOOD}",
        "a parameter before the key": f"{address}?fbclid=IwAR0#{key}",
        "several parameters before the key": f"{address}?utm_source=x&utm_medium=y#{key}",
        "a parameter behind the key": f"{GOOD}&utm_source=newsletter",
        "a query behind the key": f"{GOOD}?fbclid=IwAR0",
        "a second fragment": f"{GOOD}#reply",
        "a text fragment": f"{GOOD}:~:text=hello",
        "a slash before the key": f"{address}/#{key}",
        "a slash behind the key": f"{GOOD}/",
        "a capital letter": "H" + GOOD[1:],
        "a scheme and host in capitals": GOOD.replace("https://cloud.example.com", "HTTPS://Cloud.Example.COM"),
        "no scheme": GOOD.removeprefix("https://"),
        "an encoded hash sign": f"{address}%23{key}",
        "everything encoded": quote(GOOD, safe=""),
        "a line break": f"{GOOD[:60]}\r\n{GOOD[60:]}",
        "a line break in the address": f"{GOOD[:30]}\n{GOOD[30:]}",
        "a quoted mail": f"> {GOOD[:60]}\r\n> {GOOD[60:]}",
        "a quoted-printable break": f"{GOOD[:72]}=\r\n{GOOD[72:]}",
        "words around it": f"look at {GOOD} before noon",
        "markdown": f"[the notes]({GOOD})",
        "markdown with a title": f'[the notes]({GOOD} "notes")',
        "html": f'<a href="{GOOD}">notes</a>',
        "entities": f"&lt;{GOOD}&gt;",
        "an encoded ampersand": f"{GOOD}&amp;utm_source=x",
        "Outlook": f"{safelinks}/?url={quote(GOOD, safe='')}&data=05%7C01%7C&sdata=x&reserved=0",
        "Outlook, with the key outside": f"{safelinks}/?url={quote(address, safe='')}&data=05#{key}",
        "Google": f"https://www.google.com/url?q={quote(GOOD, safe='')}&sa=D",
        "Facebook": f"https://l.facebook.com/l.php?u={quote(GOOD, safe='')}&h=AT0",
        "two wrappers": safelinks + "/?url=" + quote("https://www.google.com/url?q=" + quote(GOOD, safe=""), safe=""),
        "Proofpoint": f"https://urldefense.com/v3/__{GOOD.replace('#', '*')}__;Iw!!DZ3fjg!abc$",
    }  # fmt: skip


def keys() -> list[dict[str, object]]:
    cases = [
        (SECRET, None, None),
        (bytes(31) + b"\x01", None, None),
        (b"\xff" * 32, None, None),
        (SECRET, "correct horse battery staple", PasswordProfile(SALT)),
        (SECRET, "cafe\u0301 \u2603", PasswordProfile(SALT)),
        (SECRET, "caf\u00e9 \u2603", PasswordProfile(SALT)),
        (SECRET, "x", PasswordProfile(SALT, 17)),
    ]
    return [_key(*case) for case in cases]


def _key(secret: bytes, password: str | None, profile: PasswordProfile | None) -> dict[str, object]:
    key = share_key(LinkSecret(secret), password=password, profile=profile)
    given: dict[str, object] = {"secret": secret.hex()}
    if password is not None and profile is not None:
        given |= {"password": password, "salt": profile.salt.hex(), "log_n": profile.log_n}
    return given | {
        "identity": str(key.identity),
        "recipient": str(key.recipient),
        "proof": key.proof.hex(),
        "proof_sha256": key.proof_sha256.hex(),
    }


def owner() -> list[dict[str, str]]:
    seed = bytes(range(0x80, 0xA0))
    ids = (SHARE_ID, "f" * 32)
    return [
        {"share_seed": seed.hex(), "id": one, "secret": bytes(owner_secret(ShareSeed(seed), one)).hex()}
        for one in ids
    ]


def example(content: bytes = b"print('hello')\n") -> SharedPiece:
    return SharedPiece(
        content=content,
        title="A greeting \u2603",
        description="Says hello.",
        language="python",
        media_type="text/x-python",
        tags=("demo", "greeting"),
        links=("https://docs.python.org/3/",),
        shared="2026-01-02T03:04:05Z",
    )


SMALLEST_GIF = bytes.fromhex(
    "47494638396101000100800000ffffff00000021f90401000000002c00000000010001000002024401003b"
)


def several() -> SharedPiece:
    """A Piece of four files: text, an empty one, a picture, and a name that is not ASCII."""
    files = (
        SharedFile("test_hello.py", b"import hello\n" * 40, "python", "text/plain"),
        SharedFile("__init__.py", b"", "python", "text/plain"),
        SharedFile("dot.gif", SMALLEST_GIF, "", "image/gif"),
        SharedFile("gr\u00f6\u00dfe \u6587\u4ef6.md", b"# notes\n", "markdown", "text/plain"),
    )
    return replace(example(), name="hello.py", files=files)


def several_zips() -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Zips of several files: those that are read, and those that are refused."""
    data = to_zip(several())
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        entries = [(name, opened.read(name)) for name in opened.namelist()]
        told = json.loads(opened.read("piece.json"))

    def renamed(name: object) -> bytes:
        return changed(files=[{**told["files"][0], "name": name}, *told["files"][1:]])

    def changed(contents: int = 4, **fields: object) -> bytes:
        document = json.dumps({**told, **fields}).encode()
        return pack(b"x", document, [b"y"] * contents)

    def many(count: int) -> bytes:
        files = [{"name": f"{number}.txt", "language": "", "media_type": ""} for number in range(count)]
        return changed(count, files=files)

    read = {
        "several files": data,
        "as many files as there may be": many(MAX_FILES),
        "a file name of 255 bytes": renamed("\u00e9" * 127 + "x"),
        "a content without a name": changed(name=""),
        "a field of a file that is not known": changed(files=[{**one, "mode": 420} for one in told["files"]]),
        "several zeros, stored": pack(bytes(1000), entries[-1][1], [bytes(1000)] * 4),
    }
    refused = {
        "one file more than there may be": many(MAX_FILES + 1),
        "piece.json before the files": _plain_zip([entries[0], entries[-1], *entries[1:-1]]),
        "the files before the content": _plain_zip([*entries[1:-1], entries[0], entries[-1]]),
        "two files swapped in the zip": _plain_zip([entries[0], entries[2], entries[1], *entries[3:]]),
        "files that are numbered from 0": _renamed_entries(data, lambda number: number - 1),
        "files that are numbered in two digits": _plain_zip(
            [entries[0], *((name.replace("/", "/0"), one) for name, one in entries[1:-1]), entries[-1]]
        ),
        "fewer files than piece.json tells": changed(3),
        "more files than piece.json tells": changed(5),
        "version 2 without a file": changed(0, files=[]),
        "version 2 without the field files": pack(b"x", _without(told, "files"), [b"y"] * 4),
        "version 2 without the field name": pack(b"x", _without(told, "name"), [b"y"] * 4),
        "version 1 with further files": changed(format="satchel-share/1"),
        "two files of one name": renamed(told["files"][1]["name"]),
        "a file name of 256 bytes": renamed("\u00e9" * 128),
        "a file name that is not in NFC": renamed("cafe\u0301"),
        "a name of the content that leads elsewhere": changed(name="../hello.py"),
        "a file without a language": changed(files=[{"name": "a", "media_type": ""}, *told["files"][1:]]),
        "files that are an object": changed(files={}),
    }
    wrong = {
        "empty": "", "a dot": ".", "two dots": "..", "a path": "a/b", "an absolute path": "/etc/passwd",
        "a path of Windows": "..\\x", "a zero byte": "a\0b", "a line end": "a\nb", "an escape": "\x1b[31m",
        "U+0085": "a\x85b", "U+202E": "a\u202egpj.exe", "U+2066": "\u2066a", "U+061C": "a\u061cb",
        "U+FEFF": "\ufeffa", "U+2028": "a\u2028b", "half a character": "\ud83d", "a space before": " a",
        "a space behind": "a ", "a wide space behind": "a\u3000", "a number": 5, "nothing": None,
    }  # fmt: skip
    refused |= {f"a file whose name is or has {what}": renamed(name) for what, name in wrong.items()}
    return read, refused


def _without(told: dict[str, object], name: str) -> bytes:
    return json.dumps({key: value for key, value in told.items() if key != name}).encode()


def _plain_zip(entries: list[tuple[str, bytes]]) -> bytes:
    """A zip with nothing wrong in itself, of any entries in any order."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(zipfile.ZipInfo(name), data)
    return sink.getvalue()


def _renamed_entries(data: bytes, number: Callable[[int], int]) -> bytes:
    for place in range(1, 5):
        data = data.replace(b"files/%d" % place, b"files/%d" % number(place))
    return data


def zips() -> list[dict[str, str]]:
    data = to_zip(example(b"print('hello')\n" * 40))
    cases: dict[str, bytes] = {}
    central = data.index(b"PK\x01\x02")
    end = len(data) - 22

    def change(at: int, new: bytes) -> bytes:
        return data[:at] + new + data[at + len(new) :]

    cases["one byte missing at the end"] = data[:-1]
    cases["one byte more at the end"] = data + b"\0"
    cases["one byte more at the start"] = b"\0" + data
    cases["an archive comment"] = change(end + 20, b"\x01\x00") + b"x"
    cases["nothing"] = b""
    cases["only a final record"] = data[end:]
    cases["the first entry is called ../../x"] = data.replace(b"content", b"../../x")
    cases["an absolute name"] = data.replace(b"content", b"/ontent")
    cases["two entries of one name"] = data.replace(b"piece.json", b"content\0\0\0")
    cases["the names differ between the headers"] = change(30, b"contend")
    cases["the checksum of the content is wrong in both headers"] = _everywhere(
        data, data[14:18], b"\0\0\0\0"
    )
    cases["the sizes differ between the headers"] = change(22, b"\x00\x00\x00\x00")
    cases["the method differs between the headers"] = change(8, b"\x00\x00")
    cases["encrypted"] = change(6, b"\x01\x00")[:central] + change(central + 8, b"\x01\x00")[central:]
    cases["sizes in a data descriptor"] = (
        change(6, b"\x08\x00")[:central] + change(central + 8, b"\x08\x00")[central:]
    )
    cases["an unknown method"] = (
        change(8, b"\x0c\x00")[:central] + change(central + 10, b"\x0c\x00")[central:]
    )
    cases["a content that unpacks to less than it says"] = _resize(data, central, 601)
    cases["a content that unpacks to more than it says"] = _resize(data, central, 599)
    cases["a ratio of more than 200"] = _deflated(bytes(1 << 20), data)
    cases["a content of more than the limit"] = _resize(data, central, (64 << 20) + 1)
    cases["three entries by the final record"] = change(end + 8, b"\x03\x00\x03\x00")
    cases["another disk"] = change(end + 4, b"\x01\x00")
    cases["the directory begins later"] = change(end + 16, struct.pack("<I", central + 1))
    cases["a changed byte of the packed content"] = change(40, bytes([data[40] ^ 0xFF]))
    gap_before = data[:central] + b"\0" + data[central:end]
    cases["a byte before the directory"] = gap_before + _end(len(data[central:end]), central + 1)
    cases["a byte behind the directory"] = data[:end] + b"\0" + _end(end - central + 1, central)
    cases["an extra field in the directory"] = change(central + 30, b"\x01")
    cases["a comment in the directory"] = change(central + 32, b"\x01")
    past = struct.pack("<I", len(data))
    cases["a packed size past the end"] = change(18, past)[:central] + change(central + 20, past)[central:]
    cases["piece.json is an empty object"] = pack(b"", b"{}")
    cases["piece.json is not JSON"] = pack(b"x", b"no")
    cases["piece.json lacks a field"] = pack(b"x", b'{"format": "satchel-share/1"}')
    cases["piece.json is not UTF-8"] = pack(b"x", b'{"format": "\xff"}')
    whole = json.loads(_document(data))
    cases["another format"] = pack(b"x", json.dumps({**whole, "format": "satchel-share/9"}).encode())
    cases["a title that is a number"] = pack(b"x", json.dumps({**whole, "title": 1}).encode())
    read = {
        "a share": data,
        "an empty content": to_zip(example(b"")),
        "a content of zeros, stored": to_zip(example(bytes(1000))),
        "a field that is not known": pack(b"x", json.dumps({**whole, "colour": "green"}).encode()),
    }
    several_read, several_refused = several_zips()
    read |= several_read
    cases |= several_refused
    good = [{"name": name, "zip": base64.b64encode(zipped).decode()} for name, zipped in read.items()]
    return good + [
        {"refused": why, "zip": base64.b64encode(zipped).decode()} for why, zipped in cases.items()
    ]


def _end(size: int, offset: int) -> bytes:
    return struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 2, 2, size, offset, 0)


def _document(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return opened.read("piece.json")


def _everywhere(data: bytes, old: bytes, new: bytes) -> bytes:
    if data.count(old) != 2:
        raise ValueError("choose another example")
    return data.replace(old, new)


def _resize(data: bytes, central: int, size: int) -> bytes:
    new = struct.pack("<I", size)
    return data[:22] + new + data[26 : central + 24] + new + data[central + 28 :]


def _deflated(content: bytes, data: bytes) -> bytes:
    """A zip as `pack` would write it, but for the content being deflated beyond the ratio."""
    packer = zlib.compressobj(9, wbits=-15)
    packed = packer.compress(content) + packer.flush()
    stored = pack(content, _document(data))
    local = bytearray(stored[:37])
    rest = stored[37 + len(content) :]
    fields = struct.pack("<I", len(packed))
    local[8:10] = b"\x08\x00"
    local[18:22] = fields
    out = bytes(local) + packed + rest
    shift = len(content) - len(packed)
    central = out.index(b"PK\x01\x02")
    head = bytearray(out)
    head[central + 10 : central + 12] = b"\x08\x00"
    head[central + 20 : central + 24] = fields
    second = out.index(b"PK\x01\x02", central + 4)
    for at in (second + 42, len(out) - 6):
        (offset,) = struct.unpack_from("<I", head, at)
        struct.pack_into("<I", head, at, offset - shift)
    return bytes(head)


def bodies() -> None:
    cases: dict[str, tuple[bytes, str | None, PasswordProfile | None]] = {
        "plain": (b"print('hello')\n" * 40, None, None),
        "password": (
            b"the content behind a password\n",
            "correct horse battery staple",
            PasswordProfile(SALT),
        ),
        "binary": (bytes(range(256)) * 4, None, None),
        "empty": (b"", None, None),
        "large": (
            b"".join(hashlib.sha256(str(n).encode()).hexdigest().encode() + b"\n" for n in range(3000)),
            None,
            None,
        ),
    }
    for name, (content, password, profile) in cases.items():
        path = HERE / f"{name}.age"
        if path.exists():
            continue
        key = share_key(LinkSecret(SECRET), password=password, profile=profile)
        path.write_bytes(seal(to_zip(example(content)), [key.recipient]))
        given = _told(example(content))
        if password is not None and profile is not None:
            given |= {"password": password, "salt": profile.salt.hex(), "log_n": profile.log_n}
        _write(f"{name}.json", given)
    if not (HERE / "several.age").exists():
        key = share_key(LinkSecret(SECRET))
        (HERE / "several.age").write_bytes(seal(to_zip(several()), [key.recipient]))
        files = {file.name: hashlib.sha256(file.content).hexdigest() for file in several().files}
        _write("several.json", _told(several()) | {"name": several().name, "files_sha256": files})


def _told(piece: SharedPiece) -> dict[str, object]:
    return {
        "link": str(ShareLink("https://cloud.example.com", SHARE_ID, LinkSecret(SECRET))),
        "content_sha256": hashlib.sha256(piece.content).hexdigest(),
        "title": piece.title,
    }


def _write(name: str, value: object) -> None:
    (HERE / name).write_text(json.dumps(value, indent=1, ensure_ascii=True) + "\n")


if __name__ == "__main__":
    _write("links.json", links())
    _write("decorated.json", [{"name": name, "text": text} for name, text in decorated().items()])
    _write("keys.json", keys())
    _write("owner.json", owner())
    _write("zips.json", zips())
    bodies()
