"""The service: the log's objects, headers and paths of requests, codes, settings, and its small stored objects."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import apsw
import msgspec
from tests.security.fuzzing.table import Target, require
from tests.security.fuzzing.targets.messages import request_with

from satchel_service.cursors import Cursor
from satchel_service.devices.codes import (
    CODE_LETTERS,
    Grant,
    code_digest,
    format_code,
    grant_key,
    read_grant,
)
from satchel_service.lifecycle.recovery import RecoveryError, parse_time
from satchel_service.log.errors import DamagedLogError
from satchel_service.log.format import (
    GENESIS,
    Entry,
    Kind,
    Snapshot,
    WriterId,
    decode_entry,
    decode_snapshot,
    entry_key,
    sequence_of,
)
from satchel_service.log.handover import (
    Link,
    MoveId,
    closed_by,
    closing_payloads,
    image_in,
    is_public_url,
    link_in,
)
from satchel_service.log.replica import build_database
from satchel_service.page.rendering import negotiate_language
from satchel_service.problems import ProblemError
from satchel_service.settings import SETTINGS, Settings, SettingsError
from satchel_service.shares.rows import ShareRow
from satchel_service.storage import BlobKey, Storage, StorageError, blob_key
from satchel_service.times import to_ms
from satchel_service.web.requests import ContentDigest, check_host, content_length, object_id, require_type
from satchel_service.web.responses import matches, parse_range
from satchel_service.web.routing import OperationTree
from satchel_wire.capabilities import ALL, format_header, parse_header
from satchel_wire.messages import Card
from satchel_wire.operations import OPERATIONS

WRITER: Final = WriterId(bytes(16))
ENTRY: Final = Entry(Kind.CHANGES, 3, WRITER, GENESIS, 5, 1, (b"ab", b"", b"c"))
MOVE: Final = MoveId(bytes(range(16)))
CLOSING: Final = Entry(Kind.CLOSING, 4, WRITER, GENESIS, 5, 1, closing_payloads(MOVE, "https://a.example"))
OPENING: Final = Entry(Kind.OPENING, 5, WRITER, GENESIS, 5, 1, (Link(MOVE, 4, GENESIS).encode(), b"image"))
SNAPSHOT: Final = Snapshot(3, GENESIS, WRITER, 1, 5, 1, (1, 2), ((2, WRITER),), b"image")


def entry(data: bytes) -> None:
    """An entry under a valid digest."""
    whole = data + hashlib.sha256(data).digest()
    decoded = decode_entry(whole)
    require(decoded.encode() == whole, "an entry with two forms")
    closed = closed_by(decoded)
    require(
        closed is None or closed.url == "" or is_public_url(closed.url), "a closed log with a bad address"
    )
    image_in(decoded)
    if decoded.kind is Kind.OPENING:
        require(link_in(decoded).encode() == decoded.payloads[0], "a link with two forms")


def any_entry(data: bytes) -> None:
    require(decode_entry(data).encode() == data, "an entry with two forms")


def snapshot(data: bytes) -> None:
    """A snapshot under a valid digest."""
    whole = data + hashlib.sha256(data).digest()
    require(decode_snapshot(whole).encode() == whole, "a snapshot with two forms")


def any_snapshot(data: bytes) -> None:
    require(decode_snapshot(data).encode() == data, "a snapshot with two forms")


def log_key(data: bytes) -> None:
    key = data.decode("utf-8", "replace")
    sequence = sequence_of(key)
    require(sequence is None or key.endswith(entry_key(sequence).partition("/")[2]), "a key of two entries")


@cache
def folder() -> Path:
    """Return a folder of this process; in memory where the system has such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="satchel-fuzz-", dir=memory if memory.is_dir() else None))


@cache
def image_and_changes() -> tuple[bytes, bytes]:
    """Return a database as the log holds it, and the changeset of one write."""
    connection = apsw.Connection(":memory:")
    connection.execute(
        "CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT, data BLOB); INSERT INTO t VALUES (1, 'a', x'00')"
    )
    image = bytes(connection.serialize("main"))
    session = apsw.Session(connection, "main")
    session.attach()
    connection.execute(
        "INSERT INTO t VALUES (2, 'b', x'0102'); UPDATE t SET text = 'c' WHERE id = 1; DELETE FROM t WHERE id = 2"
    )
    connection.execute("INSERT INTO t VALUES (3, 'd', NULL)")
    return image, bytes(session.changeset())


def changes(data: bytes) -> None:
    """A changeset on a sound database."""
    build_database(folder() / "changes.db", image_and_changes()[0], [data])


def image(data: bytes) -> None:
    """A database in a snapshot, with a sound changeset."""
    build_database(folder() / "image.db", data, [image_and_changes()[1]])


class OneObject:
    """A storage in which every key holds the same bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, _key: BlobKey) -> bytes:
        """Return the bytes."""
        return self._data


def grant(data: bytes) -> None:
    found = read_grant(cast("Storage", OneObject(data)), bytes(32))
    require(found is None or isinstance(found.expires, int), "a grant without an expiry")


def grant_seeds() -> list[bytes]:
    return [json.dumps(Grant(1_800_000_000_000, revokes_others=True)._asdict()).encode()]


def code(data: bytes) -> None:
    """A typed code: the digest ignores case and separators."""
    text = data.decode("utf-8", "replace")
    require(
        code_digest(text) == code_digest(f" {text.lower()}-") or text.lower().upper() != text.upper(),
        "two digests",
    )
    grant_key(code_digest(text))
    require(
        len(format_code(data[:8].ljust(8, b"\0")).replace("-", "")) == CODE_LETTERS,
        "a code of another length",
    )


def recovery_time(data: bytes) -> None:
    to_ms(parse_time(data.decode("utf-8", "surrogateescape")))


def header(check: Callable[[str], object]) -> Callable[[bytes], None]:
    """A header as the server passes it on: Latin-1."""

    def read(data: bytes) -> None:
        check(data.decode("latin-1"))

    return read


def byte_range(text: str) -> None:
    for size in (0, 1, 100, 2**40):
        try:
            found = parse_range(text, size)
        except ProblemError:
            continue
        require(
            found is None or (found.length > 0 and found.start >= 0 and found.start + found.length <= size),
            "outside",
        )


def digest(text: str) -> None:
    found = ContentDigest.parse(text)
    found.update(b"body")
    found.check()


def capabilities(text: str) -> None:
    found = parse_header(text)
    require(found <= ALL and parse_header(format_header(found)) == found, "an unknown capability")


def lengths(text: str) -> None:
    length = content_length(request_with({"content-length": text}))
    require(length is None or length >= 0, "a negative length")


def conditions(text: str) -> None:
    matches(text, '"00"')
    require(negotiate_language(text, ("en", "de")) in {"en", "de"}, "a language that there is not")
    try:
        require_type(request_with({"content-type": text}), "application/json")
    except ProblemError:
        return
    require(text.strip().lower().startswith("application/json"), "another type is accepted")


def host(text: str) -> None:
    request = request_with({"host": text})
    request.scope["http_version"] = "1.1"
    check_host(request)


TREE: Final = OperationTree(OPERATIONS)


def path(data: bytes) -> None:
    """The path of a request: the operation it names, and its id."""
    match = TREE.find(data.decode("utf-8", "replace"))
    if match is None or "id" not in match.parameters:
        return
    request = request_with({})
    request.scope["path_params"] = match.parameters
    found = object_id(request)
    require(len(found) == 32 and set(found) <= set("0123456789abcdef"), "an id that is none")


def cursor(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = Cursor.parse(text)
    require(Cursor.parse(str(found)) == found, "a cursor with two forms")


def settings(data: bytes) -> None:
    """The environment, one variable a line."""
    lines = (line.partition("=") for line in data.decode("utf-8", "surrogateescape").split("\n"))
    read = Settings.read({name.replace("\0", ""): value for name, _, value in lines})
    secrets = {getattr(read, each.name) for each in SETTINGS if each.secret} - {""}
    require(not any(secret in repr(read) for secret in secrets if len(secret) > 20), "a secret in a repr")


def settings_seeds() -> Iterator[bytes]:
    yield "\n".join(f"{each.env}={each.default}" for each in SETTINGS).encode()
    yield (
        b"SATCHEL_PUBLIC_URL=https://cloud.example.com:8443/\nSATCHEL_BLOCKED_SHARES="
        + b"00" * 16
        + b" "
        + b"11" * 32
    )


def old_card(data: bytes) -> None:
    """A card in a row of an earlier version, or an object of the storage."""
    row = ShareRow(**{**dict.fromkeys(ShareRow._fields), "card": cast("Any", data)})
    require(isinstance(row.old_card, Card), "no card")


def keys(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    key = blob_key(text)
    require(
        ".." not in key.split("/") and not key.startswith("/") and "\0" not in key,
        "a key that leaves its folder",
    )


def paths() -> Iterator[bytes]:
    for operation in OPERATIONS:
        yield operation.route.replace("{id}", "0" * 32).replace("{number}", "1").encode()


JSON: Final = (b'"', b"{", b"}", b"[", b"]", b",", b"null", b"\\ud800", b"\xff", b"1e999", b"NaN", b"[" * 300)
HEADER: Final = (
    b"bytes=",
    b"-",
    b",",
    b"=:",
    b":",
    b"sha-256",
    b"sha-512",
    b";q=",
    b'"',
    b"W/",
    b"*",
    b"\xb2",
    b"1e999",
)
DAMAGED: Final = (DamagedLogError,)
TARGETS: Final = (
    Target(
        "log-entry",
        entry,
        lambda: [each.encode()[:-32] for each in (ENTRY, CLOSING, OPENING)],
        DAMAGED,
        (b"satlog\0\1", b"satlog\0\2", b"https://", b"\xff\xff\xff\xff"),
    ),
    Target("log-entry-raw", any_entry, lambda: [ENTRY.encode()], DAMAGED),
    Target(
        "log-snapshot",
        snapshot,
        lambda: [SNAPSHOT.encode()[:-32]],
        DAMAGED,
        (b"satsnap\1", b"\xff\xff\xff\xff"),
    ),
    Target("log-snapshot-raw", any_snapshot, lambda: [SNAPSHOT.encode()], DAMAGED),
    Target("log-key", log_key, lambda: [entry_key(3).encode()], (), (b"log/", "\u0663".encode())),
    Target(
        "log-changes", changes, lambda: [image_and_changes()[1]], DAMAGED, (b"T", b"\x12", b"\x17", b"\x09")
    ),
    Target("log-image", image, lambda: [image_and_changes()[0]], DAMAGED, (b"SQLite format 3\0",), 16_384),
    Target("grant", grant, grant_seeds, (StorageError,), JSON),
    Target(
        "pairing-code", code, lambda: [b"ABCD-EFGH-JKMN", b"il0o"], (), ("\u0131".encode(), "\ufb01".encode())
    ),
    Target(
        "recovery-time",
        recovery_time,
        lambda: [b"2026-11-22T06:15:00Z"],
        (RecoveryError,),
        (b"0001-01-01T00:00:00+14:00", b"9999-12-31T23:59:59-14:00", b"W01"),
    ),
    Target("header-range", header(byte_range), lambda: [b"bytes=0-3", b"bytes=-5", b"bytes=5-"], (), HEADER),
    Target(
        "header-digest",
        header(digest),
        lambda: [b"sha-256=:I57cBa3xVbsZdOdMcl5bzV8aRYD7kLjVdlDsGGt9JFM=:, md5=:AA==:"],
        (ProblemError,),
        HEADER,
    ),
    Target("header-capabilities", header(capabilities), lambda: [format_header(ALL).encode()], (), HEADER),
    Target("header-length", header(lengths), lambda: [b"5", b"99999999999999999999"], (), HEADER),
    Target(
        "header-conditions",
        header(conditions),
        lambda: [b'"00", W/"1"', b"de;q=0.5, en", b"application/json; charset=utf-8"],
        (),
        HEADER,
    ),
    Target("header-host", header(host), lambda: [b"cloud.example.com"], (ProblemError,), HEADER),
    Target("request-path", path, paths, (ProblemError,), (b"/", b"//", b"..", b"%2f", b"/v1/", b"/s/")),
    Target("request-cursor", cursor, lambda: [b"123-" + b"0" * 32], (ProblemError,)),
    Target(
        "settings",
        settings,
        settings_seeds,
        (SettingsError,),
        (b"=", b"\n", b"https://", "\u0663".encode(), b"\xff"),
    ),
    Target(
        "card",
        old_card,
        lambda: [msgspec.json.encode(Card(title="t", language="python", lines=3))],
        (msgspec.DecodeError, UnicodeDecodeError),
        JSON,
    ),
    Target(
        "storage-key",
        keys,
        lambda: [b"archives/0123", b"log/0000000000000001"],
        (ValueError,),
        (b"/", b"..", b"\0"),
    ),
)
