"""`--with-memory`: the memory travels in a backup, comes back, and is forgotten in the copies on this device."""

from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from satchel.memory import MEMORY_FILE, Event, MemoryStore

START_MS = 1_764_579_600_000


@pytest.fixture
def filled(cli: Cli) -> Cli:
    """A home with two Pieces and a memory of two events."""
    cli.save("first")
    cli.save("second")
    with MemoryStore.create(cli.home) as memory:
        memory.control.turn_on("shell", START_MS)
        memory.add([Event("shell", START_MS, "make test"), Event("shell", START_MS + 1, "echo marmalade")])
    return cli


def remember(cli: Cli, text: str, at_ms: int = START_MS + 1_000) -> None:
    with MemoryStore.open(cli.home) as memory:
        memory.add([Event("shell", at_ms, text)])


def texts(home: Path) -> list[str]:
    with MemoryStore.open(home) as memory:
        return [event.text for event in memory.events()]


def test_the_memory_is_included_only_on_request(filled: Cli, tmp_path: Path) -> None:
    target = tmp_path / "all.age"
    assert filled.json("backup", "--to", target)["memory"] is False
    assert filled.json("backups", "show", "--from", target)["memory"] is None
    answer = filled.ok("backup", "--to", target, "--with-memory", terminal=True)
    assert "2 Pieces and the memory" in answer.text
    assert filled.json("backups", "show", "--from", target)["memory"]["events"] == 2
    assert "2 events" in filled.ok("backups", "show", "--from", target, terminal=True).text
    assert filled.json("verify", "--from", target)["memory"] is True
    assert filled.run("--json", "status", "--offline").document["backups"][0]["memory"] is True
    assert "2 Pieces and the memory" in filled.run("status", "--offline").text


def test_the_setting_includes_it_and_the_option_overrides_the_setting(filled: Cli, tmp_path: Path) -> None:
    target = tmp_path / "all.age"
    filled.ok("settings", "set", "backup.with-memory", "on")
    assert filled.json("backup", "--to", target)["memory"] is True
    assert filled.json("backup", "--to", target, "--without-memory")["memory"] is False
    assert filled.run("settings", "set", "backup.with-memory", "perhaps").code == 2


def test_a_schedule_can_include_it(filled: Cli, tmp_path: Path) -> None:
    options = ("--using", "cron", "--dry-run", "--with-memory")
    planned = filled.json("schedule", "backup", "--to", tmp_path / "all.age", *options)
    assert planned["command"] == ["satchel", "backup", "--to", str(tmp_path / "all.age"), "--with-memory"]
    assert planned["name"] == "backup-all-age"


def test_without_a_memory_the_store_is_backed_up_and_that_is_said(cli: Cli, tmp_path: Path) -> None:
    cli.save("first")
    answer = cli.ok("backup", "--to", tmp_path / "all.age", "--with-memory")
    assert "no memory to include" in answer.err


def test_a_restore_says_what_it_leaves_and_takes_it_on_request(filled: Cli, tmp_path: Path) -> None:
    target, new = tmp_path / "all.age", tmp_path / "new"
    filled.ok("backup", "--to", target, "--with-memory")
    answer = filled.ok("restore", "--from", target, "--into", new)
    assert "--with-memory" in answer.err
    assert not (new / MEMORY_FILE).exists()
    done = filled.json("restore", "--from", target, "--into", new, "--with-memory", "--yes")
    assert done["memory"] == {"events": 2, "restored": True, "kept": None}
    assert texts(new) == ["make test", "echo marmalade"]
    state = Cli(new).json("memory", "status")
    assert not any(source["on"] for source in state["sources"]), "nobody switched it on there"
    filled.ok("backup", "--to", target)
    refused = filled.run("restore", "--from", target, "--into", tmp_path / "other", "--with-memory")
    assert refused.code == 3
    assert "no memory" in refused.err


def test_a_newer_memory_is_never_replaced_silently(filled: Cli, tmp_path: Path) -> None:
    target = tmp_path / "all.age"
    filled.ok("backup", "--to", target, "--with-memory")
    remember(filled, "a newer command")
    code, said = filled.talk(
        "restore",
        "--from",
        target,
        answers=[("memory of 2 events too? [y/N] ", "y"), ("store? [y/N] ", "y"), ("memory? [y/N] ", "n")],
    )
    assert code == 1
    assert "newer here than in the backup: 1 event" in said
    assert "a newer command" in texts(filled.home)
    done = filled.json("restore", "--from", target, "--yes", "--with-memory")
    assert texts(filled.home) == ["make test", "echo marmalade"]
    assert Path(done["memory"]["kept"]).exists()
    assert filled.json("restore", "--undo")["memory"] is True
    assert "a newer command" in texts(filled.home)


def test_a_restore_without_a_terminal_replaces_no_memory_unless_told(filled: Cli, tmp_path: Path) -> None:
    target = tmp_path / "all.age"
    filled.ok("backup", "--to", target, "--with-memory")
    for path in filled.home.glob("store.db*"):
        path.unlink()
    refused = filled.run("restore", "--from", target, "--with-memory")
    assert refused.code == 2
    assert "replace the memory" in refused.err
    assert texts(filled.home) == ["make test", "echo marmalade"]


def test_a_merge_leaves_memories_alone_and_says_so(filled: Cli, tmp_path: Path) -> None:
    target = tmp_path / "all.age"
    filled.ok("backup", "--to", target, "--with-memory")
    remember(filled, "a newer command")
    answer = filled.ok("restore", "--from", target, "--merge")
    assert "memories are not merged" in answer.err
    assert len(texts(filled.home)) == 3
    assert filled.run("restore", "--from", target, "--merge", "--with-memory").code == 2


@pytest.mark.parametrize("chosen", [("--matching", "marmalade"), ("--source", "shell"), ("--all",)])
def test_what_is_forgotten_goes_from_replaced_memories_too(
    filled: Cli, tmp_path: Path, chosen: tuple[str, ...]
) -> None:
    target = tmp_path / "all.age"
    filled.ok("backup", "--to", target, "--with-memory")
    filled.ok("restore", "--from", target, "--yes", "--with-memory")
    (kept,) = filled.home.glob("memory.db.before-restore-*")
    assert b"marmalade" in kept.read_bytes()
    answer = filled.ok("memory", "forget", *chosen, "--yes")
    assert "earlier backups" in answer.err
    for path in filled.home.rglob("*"):
        assert path.is_dir() or b"marmalade" not in path.read_bytes(), path


def test_a_source_that_is_switched_off_is_forgotten_in_replaced_memories(filled: Cli, tmp_path: Path) -> None:
    target = tmp_path / "all.age"
    filled.ok("backup", "--to", target, "--with-memory")
    filled.ok("restore", "--from", target, "--yes", "--with-memory")
    filled.ok("memory", "off", "shell", "--forget")
    assert all(b"marmalade" not in path.read_bytes() for path in filled.home.glob("memory.db*"))


def test_no_secret_of_a_command_is_in_a_backup_and_nothing_is_readable(filled: Cli, tmp_path: Path) -> None:
    secret = "ghp_" + "".join(f"{number:x}" for number in range(64, 82))
    command = f"git clone https://ann:{secret}@github.com/ann/private.git"
    fields = ("1", "bash", "4711-1", "/home/ann", "0", "250", command, "")
    assert filled.json("memory", "record", stdin="\0".join(fields).encode())["recorded"]
    target, new = tmp_path / "all.age", tmp_path / "new"
    filled.ok("backup", "--to", target, "--with-memory")
    assert b"marmalade" not in target.read_bytes()
    filled.ok("restore", "--from", target, "--into", new, "--with-memory", "--yes")
    assert any("[secret]" in text for text in texts(new))
    assert all(secret.encode() not in path.read_bytes() for path in new.rglob("*") if path.is_file())
