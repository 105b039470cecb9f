"""Inputs of the memory: reports of a shell's hook, answers of git, notes, and rows of its database."""

from typing import Final

import apsw
from tests.security.fuzzing.table import JSON_SYNTAX, Target, require
from tests.security.fuzzing.targets.home_files import at, home

from satchel.errors import SatchelError, UsageError
from satchel.memory.control import is_excluded
from satchel.memory.event_tables import parse_detail
from satchel.memory.files_source import KEPT_CHARS, Note, read_note
from satchel.memory.filtering import MARK, MAX_CHARS, filtered
from satchel.memory.git_source import Position, parse_log
from satchel.memory.recording import parse
from satchel.memory.shell_hooks import with_block, without_block

GIT_MARK: Final = "0f1e2d3c"
HOOK: Final = b"1\0bash\x004711-123\0/home/ann\x000\x00250\0curl -u ann:hunter2 https://example.org\0"
LOG: Final = (
    f"{GIT_MARK}\0ab12\x001764480000\0ann@example.org\0refs/heads/main\0Parse\n\0\na b.py\0c.py\0".encode()
)


def hook(data: bytes) -> None:
    event = parse(data, 1_764_480_000_000, "rye")
    event.text.encode()
    is_excluded(["ssh*", "/srv"], event.text, event.place)


def log(data: bytes) -> None:
    for event in parse_log(data, GIT_MARK, "/home/ann/parser"):
        event.text.encode()
        require(len(event.text) <= MAX_CHARS + len(MARK) * 100, "a text without an end")


def note(data: bytes) -> None:
    path = at(home() / "note.md", data)
    event = read_note(Note(str(path), "1-1", 1_000), "rye")
    require(event is None or event.text.startswith("note.md"), "another file")
    require(event is None or len(event.text) <= KEPT_CHARS * 2, "more than the first lines")


def command(data: bytes) -> None:
    text = data.decode("utf-8", "backslashreplace")
    found = filtered(text, is_command=True)
    require("hunter2-hunter2" not in filtered(f"{text.strip()} ; x --password hunter2-hunter2", is_command=True)
            or "hunter2-hunter2" in text or len(text) > 2_000 or any(mark in text for mark in "'\"`\\\\#\n"), "a secret stays")  # fmt: skip
    require(len(found) <= MAX_CHARS * 8, "a text without an end")


def position(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = Position.parse(text)
    require(Position.parse(found.dump()) == found, "another position")


def start_file(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    once = with_block(text, "bash", home() / "hook")
    require(with_block(once, "bash", home() / "hook") == once, "a second block")
    require("satchel memory" not in without_block(once) or "satchel memory" in text, "a block stays")


TARGETS: Final = (
    Target("memory-hook", hook, lambda: [HOOK], (UsageError,), (b"\0", b"zsh", b"fish", b"-1")),
    Target("memory-log", log, lambda: [LOG], (SatchelError,), (b"\0", GIT_MARK.encode(), b"\n")),
    Target("memory-note", note, lambda: [b"# Headers\n", "gr\u00fcn".encode("utf-16")], (SatchelError,)),
    Target("memory-command", command, lambda: [HOOK.split(b"\0")[-2], b"TOKEN=x make"], (), (b"--password ", b"://", b"'")),
    Target("memory-position", position, lambda: [b'{"authors":["a@b"],"tips":["ab12"]}'], (), JSON_SYNTAX),
    Target("memory-detail", lambda data: parse_detail(data.decode("utf-8", "replace")), lambda: [b'{"shell":"bash"}'],
           (apsw.CorruptError,), JSON_SYNTAX),
    Target("shell-start-file", start_file, lambda: [b"alias a=b\n# >>> satchel memory >>>\nx\n# <<< satchel memory <<<\n"],
           (SatchelError,), (b"# >>> satchel memory >>>", b"# <<< satchel memory <<<", b"\n")),
)  # fmt: skip
