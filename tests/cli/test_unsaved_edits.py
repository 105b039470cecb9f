"""What a person typed in an editor is kept, named, offered and recovered when it cannot be saved."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM, Cli
from tests.cli.test_edit import edit_with, editor

from satchel.cli.edits import leftovers
from satchel.pieces.fields import MAX_CONTENT_BYTES

TYPED = "an hour of typing"
WRITE = f"path.write_text({TYPED!r})"


@pytest.fixture
def piece(cli: Cli) -> str:
    return cli.save("old text\n", "--title", "note.py")


def kept_files(home: Path) -> list[Path]:
    """Return the private files in the home that hold the typed text."""
    return [
        path
        for path in home.rglob("*")
        if path.is_file()
        and not path.is_symlink()
        and path.name not in {"store.db", "store.db-wal"}
        and TYPED.encode() in path.read_bytes()
    ]


def named_in(said: str) -> Path:
    """Return the path that an error names. The terminal breaks no lines of it."""
    found = re.search(r"your text is kept in '([^']+)'", said)
    assert found, said
    return Path(found[1])


FAILURES = {
    "exits": (f"{WRITE}; sys.exit(1)", 1),
    "crashes": (f"{WRITE}; os.kill(os.getpid(), 11)", 1),
    "is killed": (f"{WRITE}; os.kill(os.getpid(), 9)", 1),
    "satchel is terminated": (f"{WRITE}; os.kill(os.getppid(), 15); import time; time.sleep(1)", 1),
    "the terminal hangs up": (f"{WRITE}; os.kill(os.getppid(), 1); import time; time.sleep(1)", 1),
    "too large": (f"path.write_text({TYPED!r} + 'x' * ({MAX_CONTENT_BYTES} + 1))", 2),
    "binary": (f"path.write_bytes({TYPED.encode()!r} + bytes(1))", 2),
    "only a swap file": (f"(path.parent / '.note.py.swp').write_text({TYPED!r}); sys.exit(1)", 1),
    "removed, with a backup": (f"(path.parent / 'note.py~').write_text({TYPED!r}); path.unlink()", 1),
    "emptied, with a backup": (f"(path.parent / 'note.py~').write_text({TYPED!r}); path.write_text('')", 1),
    "replaced by a link": (
        f"(path.parent / 'b').write_text({TYPED!r}); path.unlink(); path.symlink_to(path.parent / 'b')", 1
    ),
    "the Piece is removed meanwhile": (
        f"{WRITE}; os.system('{PROGRAM} rm --quiet --yes ' + os.environ['PIECE'])", 3
    ),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), FAILURES.values(), ids=FAILURES.keys())
def test_a_text_that_cannot_be_saved_is_kept_and_named(
    cli: Cli, piece: str, tmp_path: Path, code: str, expected: int
) -> None:
    cli.variables["PIECE"] = piece
    status, said = edit_with(cli, editor(tmp_path, code), piece)
    assert status == expected, said
    assert "unexpected" not in said
    named = named_in(said)
    (kept,) = kept_files(cli.home)
    assert kept.is_relative_to(named)
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_a_kept_text_is_offered_by_the_next_edit_and_recovered(cli: Cli, piece: str, tmp_path: Path) -> None:
    _, said = edit_with(cli, editor(tmp_path, FAILURES["exits"][0]), piece)
    kept = named_in(said)
    _, again = edit_with(cli, editor(tmp_path, "pass"), piece)
    assert str(kept) in again
    assert "--recover" in again
    assert cli.json("edit", piece, "--recover")["revision"] == 2
    assert cli.ok("show", piece).text == TYPED
    assert kept_files(cli.home) == []
    assert cli.run("edit", piece, "--recover").code == 3


def test_several_kept_texts_become_revisions_in_their_order(cli: Cli, piece: str, tmp_path: Path) -> None:
    for number in range(2):
        edit_with(cli, editor(tmp_path, f"path.write_text('{TYPED} {number}'); sys.exit(1)"), piece)
        time.sleep(1.1)  # the names of edits sort by seconds
    cli.ok("edit", piece, "--recover")
    shown = [cli.ok("show", piece, "--revision", number).text for number in ("2", "3")]
    assert shown == [f"{TYPED} 0", f"{TYPED} 1"]


def test_a_further_file_is_recovered_into_that_file(cli: Cli, piece: str, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("more")
    cli.ok("edit", piece, "--add-file", tmp_path / "more.txt")
    edit_with(cli, editor(tmp_path, FAILURES["exits"][0]), piece, "--only", "more.txt")
    cli.ok("edit", piece, "--recover")
    assert cli.ok("show", piece).text == "old text\n"
    assert cli.json("show", piece)["files"][0]["content"] == TYPED


def test_a_kept_text_is_discarded_on_request_only(cli: Cli, piece: str, tmp_path: Path) -> None:
    edit_with(cli, editor(tmp_path, FAILURES["exits"][0]), piece)
    assert cli.run("edit", piece, "--discard", "--title", "t").code == 2
    assert cli.run("edit", piece, "--discard", "--recover").code == 2
    assert len(kept_files(cli.home)) == 1
    assert len(cli.json("edit", piece, "--discard")["discarded"]) == 1
    assert kept_files(cli.home) == []
    assert list((cli.home / "edits").iterdir()) == []
    assert cli.ok("show", piece).text == "old text\n"


def test_a_refused_text_stays_after_a_failed_recovery(cli: Cli, piece: str, tmp_path: Path) -> None:
    edit_with(cli, editor(tmp_path, FAILURES["binary"][0]), piece)
    answer = cli.run("edit", piece, "--recover")
    assert answer.code == 2
    (kept,) = kept_files(cli.home)
    assert str(kept) in answer.err


def test_removing_a_piece_removes_its_kept_texts(cli: Cli, piece: str, tmp_path: Path) -> None:
    edit_with(cli, editor(tmp_path, FAILURES["exits"][0]), piece)
    edit_with(cli, editor(tmp_path, FAILURES["only a swap file"][0]), piece)
    edit_with(cli, editor(tmp_path, "os.kill(os.getppid(), 15); import time; time.sleep(1)"), piece)
    cli.ok("rm", piece, "--yes")
    assert kept_files(cli.home) == []
    assert list((cli.home / "edits").iterdir()) == []


def test_what_the_editor_writes_after_satchel_has_stopped_is_recovered(
    cli: Cli, piece: str, tmp_path: Path
) -> None:
    code = f"os.kill(os.getppid(), 15); import time; time.sleep(1); {WRITE}"
    script = editor(tmp_path, f"import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); {code}")
    status, said = edit_with(cli, script, piece)
    assert status == 1, said
    deadline = time.monotonic() + 60
    while not kept_files(cli.home):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    cli.ok("edit", piece, "--recover")
    assert cli.ok("show", piece).text == TYPED


def test_ctrl_c_belongs_to_the_editor(cli: Cli, piece: str, tmp_path: Path) -> None:
    code = f"""
import signal
hit = []
signal.signal(signal.SIGINT, lambda *_: hit.append(1))
{WRITE}
sys.stderr.write('READY'); sys.stderr.flush()
while not hit: signal.pause()
path.write_text({TYPED!r} + ' and more')"""
    status, said = cli.talk(
        "edit", piece, answers=[("READY", "\x03")], variables={"EDITOR": editor(tmp_path, code)}
    )
    assert status == 0, said
    assert cli.ok("show", piece).text == f"{TYPED} and more"


def test_the_text_of_a_killed_edit_is_offered_and_an_edit_in_progress_is_not(
    cli: Cli, piece: str, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    waiting = editor(tmp_path, f"{WRITE}; open({str(ready)!r}, 'w'); sys.stdin.read()")
    controller, terminal = os.openpty()
    process = subprocess.Popen(
        [PROGRAM, "edit", piece],
        env={**os.environ, **cli.variables, "EDITOR": waiting},
        stdin=terminal, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    try:
        os.close(terminal)
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert cli.run("edit", piece, "--recover").code == 3
        process.send_signal(signal.SIGKILL)
        process.wait()
    finally:
        os.close(controller)
    cli.ok("edit", piece, "--recover")
    assert cli.ok("show", piece).text == TYPED


@pytest.mark.parametrize("command", ["it's", '"', "a\\"])
def test_an_editor_that_is_not_a_command_is_named(cli: Cli, piece: str, command: str) -> None:
    status, said = edit_with(cli, command, piece)
    assert status == 2
    assert "is not a command" in said


def test_a_damaged_record_hides_no_text(cli: Cli, piece: str, tmp_path: Path) -> None:
    edit_with(cli, editor(tmp_path, FAILURES["exits"][0]), piece)
    (record,) = (cli.home / "edits").glob("*/.edit.json")
    for damage in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000):
        record.write_bytes(damage)
        (left,) = leftovers(cli.home)
        assert left.subject is None
        assert left.path.read_text() == TYPED


def test_a_typed_text_that_cannot_be_saved_is_kept_and_named(cli: Cli) -> None:
    answer = cli.run("save", "-", "--title", "x" * 1001, stdin=TYPED.encode(), terminal=True)
    assert answer.code == 2
    assert named_in(answer.err).read_text() == TYPED
    assert cli.run("save", "-", "--title", "x" * 1001, stdin=b"piped").code == 2
    assert len(leftovers(cli.home)) == 1


def test_an_edit_typed_on_the_terminal_that_cannot_be_saved_is_kept_and_named(cli: Cli, piece: str) -> None:
    answer = cli.run("edit", piece, "-", "--title", "x" * 1001, stdin=TYPED.encode(), terminal=True)
    assert answer.code == 2
    assert named_in(answer.err).read_text() == TYPED


def test_a_piece_is_looked_up_before_its_new_text_is_read(cli: Cli, piece: str) -> None:
    assert piece
    answer = cli.run("edit", "01ZZZZ", "-", stdin=TYPED.encode(), terminal=True)
    assert (answer.code, kept_files(cli.home)) == (3, [])
