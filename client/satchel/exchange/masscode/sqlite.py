"""massCode 4's SQLite file, read as untrusted input in a process that can be ended (`sqlite_child`).

Reading never creates files next to it: without a write-ahead log it is opened as immutable; with one, a
private copy of both is read.
"""

import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from satchel.errors import IntegrityError, SatchelError, UsageError
from satchel.exchange.items import Item, Problem
from satchel.exchange.limits import MIB
from satchel.exchange.masscode.library import pieces_of
from satchel.exchange.masscode.sqlite_child import LENGTH, Message
from satchel.exchange.reading import RejectedError, Work
from satchel.pieces.fields import MAX_CONTENT_BYTES

CHILD: Final = "satchel.exchange.masscode.sqlite_child"
PATIENCE_S: Final = 30.0  # for the next message: real files take milliseconds
MAX_MESSAGE_BYTES: Final = 2 * MAX_CONTENT_BYTES
FREE_BYTES: Final = 64 * MIB  # beyond several times the file, whose damaged pages may be shared by many rows
_CHUNK: Final = 1 << 20
_WHERE: Final = "massCode's database"


def read_masscode_sqlite(source: Path) -> Iterator[Item]:
    """Read every snippet. If the file is damaged, read those before the damage."""
    work = Work(4 * source.stat().st_size + FREE_BYTES, "it has more content than its size allows")
    with _readable(source) as arguments, _child(arguments) as output:
        try:
            while (message := _next(output, work)) != Message():
                yield from _items(source, message)
        except RejectedError as exc:
            yield Problem(_WHERE, f"{exc}; the rest was skipped")


def _items(source: Path, message: Message) -> Iterator[Item]:
    if message.refused and message.is_foreign:
        raise UsageError(
            f"{str(source)!r} is not a massCode database: {message.refused}",
            hint="name its format with --from",
        )
    if message.refused:
        raise IntegrityError(f"{str(source)!r} is damaged: {message.refused}", hint="copy it again")
    if message.problem is not None:
        yield message.problem
    if message.entry is not None:
        yield from pieces_of(message.entry)


@contextmanager
def _readable(source: Path) -> Iterator[list[str]]:
    """Yield the child's arguments for a file, or for a private copy of it and its write-ahead log."""
    log = source.with_name(f"{source.name}-wal")
    if not log.is_file() or log.stat().st_size == 0:
        yield [str(source.absolute())]
        return
    with tempfile.TemporaryDirectory(prefix="satchel-import-") as folder:
        copy = Path(folder) / "massCode.db"
        shutil.copyfile(source, copy)
        shutil.copyfile(log, copy.with_name(f"{copy.name}-wal"))
        yield [str(copy), "copy"]


def child_command(arguments: list[str]) -> list[str]:
    """Return the child's command line. It imports nothing from the current directory."""
    return [sys.executable, "-E", "-P", "-m", CHILD, *arguments]


@contextmanager
def _child(arguments: list[str]) -> Iterator[int]:
    """Start the child and yield the descriptor of its output. It is killed on leaving, whatever it does."""
    with subprocess.Popen(
        child_command(arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    ) as process:
        try:
            if process.stdout is None:
                raise SatchelError("the process that reads the database has no output")
            yield process.stdout.fileno()
        finally:
            process.kill()


def _next(output: int, work: Work) -> Message:
    """Return the next message. RejectedError if the child ends or hangs, or sends more than the file can hold."""
    (size_bytes,) = LENGTH.unpack(_read(output, LENGTH.size))
    if size_bytes > MAX_MESSAGE_BYTES:
        raise RejectedError("a snippet is too large")
    work.spend(size_bytes)
    return msgspec.msgpack.decode(_read(output, size_bytes), type=Message)


def _read(output: int, size_bytes: int) -> bytes:
    data, poll = bytearray(), select.poll()
    poll.register(output, select.POLLIN)
    while len(data) < size_bytes:
        if not poll.poll(PATIENCE_S * 1000):
            raise RejectedError(f"reading it takes longer than {PATIENCE_S:.0f} seconds")
        chunk = os.read(output, min(_CHUNK, size_bytes - len(data)))
        if not chunk:
            raise RejectedError("reading it takes more memory or time than any real one")
        data += chunk
    return bytes(data)
