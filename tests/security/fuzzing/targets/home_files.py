"""Files in the home, keys and words: what satchel reads of its own, which a person, a sync program or a thief changed."""

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Final

from tests.security.fuzzing.table import JSON_SYNTAX, Target, require
from tests.support.archives import OWNER

from satchel.age import seal
from satchel.archive.blockmap import BlockMap, Run
from satchel.archive.digests import Digests
from satchel.archive.plan import Borrowed
from satchel.backup.local.known_blocks import (
    KnownBlocks,
    KnownBlocksWriter,
    _UnusableError,
    open_known_blocks,
)
from satchel.backup.local.merged import merged_archives, record_merged
from satchel.backup.local.outbox import Outbox
from satchel.backup.local.places import Places
from satchel.backup.local.record import MadeBackup, Proof, read_record, record_backup, record_proof
from satchel.backup.local.sequences import SequenceRecord
from satchel.cli.edits import _read_record, _started
from satchel.cli.recent_list import MAX_IDS, read_recent, write_recent
from satchel.cli.settings_file import SETTINGS, read_settings, write_settings
from satchel.cli.terminal.hidden_characters import escape_controls, escape_hidden, escape_hidden_json
from satchel.cloud.connection import read_connection
from satchel.cloud.pairing import open_label
from satchel.errors import SatchelError
from satchel.index.query import parse as parse_query
from satchel.keys import RootSecret
from satchel.keys.confirmation import confirmed_at, record_confirmation
from satchel.keys.documents import (
    RootInFile,
    RootUnderPassphrase,
    TokenInFile,
    TokenInKeyring,
    decode_root,
    decode_token,
    encode,
)
from satchel.keys.passphrase import Profile
from satchel.keys.phrase import from_phrase, to_phrase
from satchel.ledger.records import decode
from satchel.local_files import DurableFile
from satchel.pieces.ulid import is_id
from satchel.schedule.runs import Run as ScheduledRun
from satchel.schedule.runs import read_run, write_run
from satchel.schedule.schedules import read_schedules
from satchel.store.rows import read_list

ID: Final = "00112233445566778899aabbccddeeff"
DIGEST: Final = "ab" * 32
NOON: Final = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ROOT: Final = RootSecret(bytes(range(32)))
GOLDEN: Final = Path(__file__).parents[3] / "golden" / "records"
ULID: Final = "01KB0000000000000000000000"


@cache
def home() -> Path:
    """Return a home of this process; in memory where the system has such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="satchel-fuzz-", dir=memory if memory.is_dir() else None))


def at(path: Path, data: bytes) -> Path:
    """Write a private file of the home."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def made(write: Callable[[Path], object], path: Path) -> Callable[[], list[bytes]]:
    """Return seeds: what satchel itself writes to a path."""

    def seeds() -> list[bytes]:
        path.unlink(missing_ok=True)
        write(home())
        return [path.read_bytes()]

    return seeds


def settings(data: bytes) -> None:
    at(home() / "settings.json", data)
    require(read_settings(home()).keys() <= SETTINGS.keys(), "an unknown setting")


def connection(data: bytes) -> None:
    at(home() / "cloud.json", data)
    found = read_connection(home())
    require(found.allow_http or found.origin.scheme == "https" or found.origin.is_loopback, "plain HTTP")


CONNECTIONS: Final = (
    b'{"format":"satchel-cloud/1","url":"https://cloud.example.com","device_id":"0123"}',
    b'{"format":"satchel-cloud/2","url":"https://c.example.com","device_id":"0123","provisioner":"https://example.com"}',
)


def recent(data: bytes) -> None:
    at(home() / "recent.json", data)
    found = read_recent(home())
    require(len(found) <= MAX_IDS and all(map(is_id, found)), "ids that are none")


def record(data: bytes) -> None:
    at(Places(home()).record, data)
    found = read_record(home())
    found.last_backup()
    found.last_proof()


def write_record(folder: Path) -> None:
    record_backup(
        folder,
        MadeBackup(
            place="cloud:https://x", archive=ID, store=ID, sequence=1, device="d", pieces=1, size_bytes=1,
            created=NOON, confirmed=NOON, expires=None,
        ),
    )  # fmt: skip
    for is_whole in (True, False):
        record_proof(
            folder,
            Proof(
                place="file:/x",
                archive=ID,
                store=ID,
                created=NOON,
                proven=NOON,
                checked=1,
                pieces=1,
                is_whole=is_whole,
            ),
        )


def sequences(data: bytes) -> None:
    path = at(Places(home()).sequences, data)
    found = SequenceRecord(path)
    require(found.highest(ID) >= 0, "a negative number")
    found.seen(ID)


SEQUENCES: Final = (
    b'{"format":"satchel-sequences/2","highest":{"%s":3},"seen":[{"series":"cloud:x","store":"%s","sequence":3,"archive":"%s","manifest":"%s"}]}'
    % (ID.encode(), ID.encode(), ID.encode(), DIGEST.encode()),
    b'{"format":"satchel-sequences/1","stores":{"%s":3}}' % ID.encode(),
)


def merged(data: bytes) -> None:
    at(Places(home()).merged, data)
    merged_archives(home(), ID, 5)


def outbox(data: bytes) -> None:
    folder = home() / "fuzzed-outbox"
    at(folder / f"{ID}.age", b"12345")
    at(folder / f"{ID}.json", data)
    waiting = Outbox(folder).waiting()
    require(waiting is None or waiting.id == ID, "another archive waits")


OUTBOX: Final = (
    b'{"format":"satchel-outbox/2","id":"%s","size_bytes":5,"needs":["%s"],"expires":"2026-11-22T12:00:00Z","summary":"AAAA","lifetime_s":1,"hold":true}'
    % (ID.encode(), ID.encode())
)


def known_blocks(data: bytes) -> None:
    """The names of the last backup's blocks, under a valid digest."""
    digests = Digests(OWNER.block_key)
    seal_of = digests.cache()
    seal_of.update(data)
    found = open_known_blocks(at(home() / "blocks", data + seal_of.digest()), digests, ID)
    if found is not None:
        with found:
            for number in range(3):
                _stride(found, number)


def _stride(found: KnownBlocks, number: int) -> None:
    with suppress(_UnusableError):
        found.stride(number)


def block_seeds() -> Iterator[bytes]:
    path = home() / "blocks-seed"
    path.unlink(missing_ok=True)
    block_map = BlockMap()
    block_map.append(Run(0, 2, 0, 0))
    with DurableFile(path) as file:
        writer = KnownBlocksWriter(file, 2, Digests(OWNER.block_key))
        writer.append_names(bytes(32))
        writer.finish(ID, block_map, (Borrowed(ID, DIGEST, 2),))
    yield path.read_bytes()[:-32]


def schedules(data: bytes) -> None:
    at(home() / "schedules.json", data)
    read_schedules(home())


def run(data: bytes) -> None:
    at(home() / "schedules" / "nightly.json", data)
    read_run(home(), "nightly")


def confirmation(data: bytes) -> None:
    at(home() / "keys" / "confirmed.json", data)
    confirmed_at(home(), ID)


def edit(data: bytes) -> None:
    _subject, name, digest = _read_record(at(home() / "edit.json", data))
    require("/" not in name and isinstance(digest, str), "a name that leaves its folder")
    _started(data.decode("latin-1"))


EDIT: Final = (
    b'{"format":"satchel-edit/1","piece":"p","revision":1,"file":"a.py","name":"a.py","sha256":"00"}'
)


def root_document(data: bytes) -> None:
    document = decode_root(data)
    require(document is None or decode_root(encode(document)) == document, "a document changes")


def token_document(data: bytes) -> None:
    document = decode_token(data)
    require(document is None or decode_token(encode(document)) == document, "a document changes")


def root_seeds() -> list[bytes]:
    profile = Profile(salt="00" * 16)
    return [
        encode(RootInFile(owner=ID, secret="00" * 32, reason="r")),
        encode(RootUnderPassphrase(owner=ID, profile=profile, wrapped="00" * 48)),
    ]


def phrase(data: bytes) -> None:
    found = from_phrase(data.decode("utf-8", "surrogateescape"))
    require(from_phrase(to_phrase(found)) == found, "words of another secret")


def phrase_seeds() -> list[bytes]:
    words = to_phrase(ROOT).split()
    numbered = "\n".join(f"{number}. {word[:4].upper()}" for number, word in enumerate(words, 1))
    return [" ".join(words).encode(), numbered.encode(), ", ".join(words).encode()]


def label(data: bytes) -> None:
    require(isinstance(open_label(data, OWNER.identity), str), "no name")


def query(data: bytes) -> None:
    parse_query(data.decode("utf-8", "surrogateescape"))


def terminal(data: bytes) -> None:
    """Nothing that a terminal obeys passes; and JSON stays the same document."""
    text = data.decode("utf-8", "replace")
    for shown in (escape_controls(text), escape_hidden(text)):
        require(not any(char < " " and char not in "\t\n" for char in shown), "a control character")
        require(not {"\x7f", "\x9b", "\u202e", "\u2066"} & set(shown), "a character that a terminal obeys")
    document = json.dumps(text, ensure_ascii=False)
    require(json.loads(escape_hidden_json(document)) == text, "another document")


def row(data: bytes) -> None:
    """The columns of a store that hold JSON."""
    read_list(data.decode("utf-8", "replace"))


JSON: Final = (
    *JSON_SYNTAX,
    b":",
    b"true",
    b"\xef\xbb\xbf",
    b"1e999",
    b"NaN",
    b"-1",
    b"[" * 300,
    b"0001-01-01T00:00:00+14:00",
    ID.encode(),
)
REFUSED: Final = (SatchelError,)
LEDGER_RECORDS: Final = (
    b'{"record":"sent","at":1,"origin":"https://a.example","why":"satchel share","kind":"share-body","method":"PUT","bytes":3}',
    b'{"record":"ended","entry":1,"at":2,"status":204,"connection":"1.1","tried":[{"address":"::1","port":443,"own_port":5}]}',
    b'{"record":"forgotten","entry":1,"at":3,"why":"satchel rm"}',
)
TARGETS: Final = (
    Target(
        "home-settings",
        settings,
        made(lambda folder: write_settings(folder, {"list.limit": "5"}), home() / "settings.json"),
        REFUSED,
        JSON,
    ),
    Target("home-ledger-record", decode, lambda: LEDGER_RECORDS, (ValueError,), JSON),
    Target("home-connection", connection, lambda: list(CONNECTIONS), REFUSED, JSON),
    Target(
        "home-recent",
        recent,
        made(lambda folder: write_recent(folder, [ULID]), home() / "recent.json"),
        (),
        JSON,
    ),
    Target("home-record", record, made(write_record, Places(home()).record), (), JSON),
    Target("home-sequences", sequences, lambda: SEQUENCES, REFUSED, JSON),
    Target(
        "home-merged",
        merged,
        made(lambda folder: record_merged(folder, ID, 1, ID), Places(home()).merged),
        (),
        JSON,
    ),
    Target("home-outbox", outbox, lambda: [OUTBOX], REFUSED, JSON),
    Target("home-known-blocks", known_blocks, block_seeds, (), JSON),
    Target("home-schedules", schedules, lambda: [(GOLDEN / "schedules-1.json").read_bytes()], REFUSED, JSON),
    Target(
        "home-run",
        run,
        made(
            lambda folder: write_run(folder, "nightly", ScheduledRun(started=NOON)),
            home() / "schedules" / "nightly.json",
        ),
        (),
        JSON,
    ),
    Target(
        "home-confirmation",
        confirmation,
        made(lambda folder: record_confirmation(folder, ID, NOON), home() / "keys" / "confirmed.json"),
        (),
        JSON,
    ),
    Target("home-edit", edit, lambda: [EDIT], (), JSON),
    Target("keys-root", root_document, root_seeds, REFUSED, JSON),
    Target(
        "keys-token",
        token_document,
        lambda: [encode(TokenInFile(token="t")), encode(TokenInKeyring(entry=ID))],
        REFUSED,
        JSON,
    ),
    Target(
        "keys-phrase",
        phrase,
        phrase_seeds,
        REFUSED,
        (b"1. ", b", ", b"\n", b"abandon ", b"zoo", "\uff41".encode(), b"1/24"),
    ),
    Target("device-label", label, lambda: [seal(b"laptop", [OWNER.recipient])]),
    Target(
        "search-query",
        query,
        lambda: [b'a "b c" -d tag:x lang:python "', "x\u00e9 \u6f22\u5b57*".encode()],
        REFUSED,
        (b'"', b"-", b"tag:", b"lang:", b"*", b"(", b"NEAR", b"\0"),
    ),
    Target(
        "terminal-text",
        terminal,
        lambda: [b"a\x1b[31mb", "\u202e\u200b\U0001f468\u200d\U0001f469".encode()],
        (),
        ("\ufe0f".encode(), "\u20e3".encode(), "\U000e0067".encode()),
    ),
    Target("store-columns", row, lambda: [b'["a","b"]'], REFUSED, JSON),
)
