"""`satchel memory`: opt-in source by source, pauses, exclusions, forgetting, export, settings."""

import datetime as dt
import json
import os
import stat
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Cli
from tests.golden.memories.make import EVENTS, UNFORMED

from satchel.memory import MEMORY_FILE, Episode, Event, MemoryStore
from satchel.memory.model import SHELLS

DAY_MS = 86_400_000


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def user(tmp_path: Path) -> Path:
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


@pytest.fixture
def desk(tmp_path: Path, user: Path) -> Cli:
    """A command line with a home directory of its own, in which the shell bash is on."""
    cli = Cli(tmp_path / "home", {"HOME": str(user), "SHELL": "/bin/bash", "PATH": os.environ["PATH"]})
    cli.ok("memory", "on", "shell", "--yes")
    return cli


def _tell(cli: Cli, text: str, *, directory: str = "/home/ann", exit_code: int = 0) -> bool:
    fields = ("1", "bash", "4711-1", directory, str(exit_code), "250", text, "")
    told: bool = cli.json("memory", "record", stdin="\0".join(fields).encode())["recorded"]
    return told


def _texts(cli: Cli) -> list[str]:
    return [event["text"] for event in cli.json("memory", "export")["events"]]


def test_nothing_is_written_until_a_source_is_on(empty: Cli) -> None:
    assert not _tell(empty, "make test")
    assert all(not each["on"] for each in empty.json("memory")["sources"])
    assert empty.run("memory", "export").code == 3
    assert empty.run("memory", "commands").code == 3
    assert not empty.home.exists()


def test_only_the_sources_that_are_on_are_taken_in(desk: Cli) -> None:
    assert _tell(desk, "make test")
    state = {each["name"]: each for each in desk.json("memory", "status")["sources"]}
    assert [name for name, each in state.items() if each["on"]] == ["shell"]
    assert state["shell"]["events"] == 1
    desk.ok("memory", "off", "shell", "--keep")
    assert not _tell(desk, "make install")
    assert _texts(desk) == ["make test"]


def test_a_pause_takes_nothing_in(desk: Cli) -> None:
    desk.ok("memory", "pause", "1h")
    assert not _tell(desk, "make test")
    assert desk.json("memory", "status")["paused_until"]
    desk.ok("memory", "resume")
    assert _tell(desk, "make test")
    assert desk.json("memory", "pause")["paused_until"] == "resume"
    assert not _tell(desk, "make test")


def test_exclusions_leave_out_commands_and_directories(desk: Cli, user: Path) -> None:
    desk.ok("memory", "exclude", "ssh")
    private = user / "private"
    private.mkdir()
    desk.ok("memory", "exclude", private)
    assert desk.json("memory", "exclude")["exclusions"] == sorted(["ssh", str(private)])
    assert not _tell(desk, "ssh host")
    assert not _tell(desk, "ls", directory=str(private / "deep"))
    assert _tell(desk, "ls")
    desk.ok("memory", "exclude", "--remove", "ssh")
    assert _tell(desk, "ssh host")
    assert desk.run("memory", "exclude", "--remove", "ssh").code == 3


def test_forget_shows_what_it_erases_and_asks(desk: Cli) -> None:
    _tell(desk, "echo marmalade")
    _tell(desk, "make test")
    assert desk.run("memory", "forget").code == 2, "say what to forget"
    refused = desk.run("memory", "forget", "--matching", "MARMALADE")
    assert refused.code == 2
    assert "--yes" in refused.err
    code, said = desk.talk("memory", "forget", "--matching", "marmalade", answers=[("? [y/N] ", "n")])
    assert code == 2
    assert "echo marmalade" in said
    assert "make test" not in said
    assert len(_texts(desk)) == 2
    code, _ = desk.talk("memory", "forget", "--matching", "marmalade", answers=[("? [y/N] ", "y")])
    assert code == 0
    assert _texts(desk) == ["make test"]
    assert b"marmalade" not in b"".join(file.read_bytes() for file in desk.home.iterdir())


def test_forget_takes_a_range_of_time(desk: Cli) -> None:
    now = _now_ms()
    with MemoryStore.open(desk.home) as memory:
        memory.add([Event("shell", now - days * DAY_MS, f"{days} days ago") for days in (1, 3, 5)])
    assert desk.json("memory", "forget", "--from", "4d", "--to", "2d", "--yes") == {
        "forgotten": 1,
        "episodes": 0,
    }
    assert _texts(desk) == ["5 days ago", "1 days ago"]
    assert desk.json("memory", "forget", "--all", "--yes") == {"forgotten": 2, "episodes": 0}


def test_export_prints_and_writes_json_lines(desk: Cli, tmp_path: Path) -> None:
    _tell(desk, "printf 'a\nb' \u20ac", exit_code=3)
    _tell(desk, "make test")
    first, *lines = [json.loads(line) for line in desk.ok("memory", "export").lines]
    assert first == {"format": "satchel-memory-export/1"}
    assert [line["kind"] for line in lines] == ["event", "event", "episode"]
    assert [line["text"] for line in lines[:2]] == ["printf 'a\nb' \u20ac", "make test"]
    assert lines[0]["exit_code"] == 3
    assert lines[0]["duration_ms"] == 250
    target = tmp_path / "memory.jsonl"
    written = desk.json("memory", "export", "--output", target)
    assert (written["events"], written["episodes"]) == (2, 1)
    assert [json.loads(line) for line in target.read_text().splitlines()] == [first, *lines]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert desk.run("memory", "export", "--output", target).code == 2, "it exists"


def test_an_export_has_all_that_the_memory_has(desk: Cli) -> None:
    with MemoryStore.open(desk.home) as memory:
        memory.add(replace(event, id=0) for event in (*EVENTS, UNFORMED))
    document = desk.json("memory", "export")
    assert [read_event(line) for line in document["events"]] == [*EVENTS, UNFORMED]
    with MemoryStore.open(desk.home) as memory:
        episodes = list(memory.episodes())
    assert len(episodes) == 3
    assert [read_episode(line) for line in document["episodes"]] == episodes
    lines = [json.loads(line) for line in desk.ok("memory", "export").lines]
    assert lines[0] == {"format": document["format"]}
    assert lines[1:] == [
        *({"kind": "event", **one} for one in document["events"]),
        *({"kind": "episode", **one} for one in document["episodes"]),
    ]


def read_event(line: dict[str, Any]) -> Event:
    """Read an event of an export as docs/spec/memory.md specifies it."""
    return Event(**{name: value for name, value in line.items() if name != "time"}, at_ms=_ms(line["time"]))


def read_episode(line: dict[str, Any]) -> Episode:
    """Read an episode of an export as docs/spec/memory.md specifies it."""
    return Episode(
        start_ms=_ms(line["start"]),
        end_ms=_ms(line["end"]),
        title=line["title"],
        done="\n".join(line["done"]),
        repository=line["repository"] or "",
        places=tuple(line["places"]),
        commands=tuple(line["commands"]),
        files=tuple(line["files"]),
        links=tuple(line["links"]),
        outcome=line["outcome"],
        events=tuple(line["events"]),
        agents=tuple(line["agents"]),
        hosts=tuple(line["hosts"]),
        id=line["id"],
    )


def _ms(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).timestamp() * 1000)


def test_the_retention_is_a_setting(desk: Cli) -> None:
    now = _now_ms()
    with MemoryStore.open(desk.home) as memory:
        memory.add([Event("shell", now - days * DAY_MS, f"{days} days ago") for days in (1, 20, 91)])
    assert desk.json("memory", "collect")["pruned"] == 1
    desk.ok("settings", "set", "memory.retention", "10d")
    assert desk.json("memory", "collect")["pruned"] == 1
    assert _texts(desk) == ["1 days ago"]
    desk.ok("settings", "set", "memory.retention", "never")
    assert desk.json("memory", "collect")["pruned"] == 0


@pytest.mark.parametrize("what", ["keep", "forget"])
def test_off_keeps_or_erases(desk: Cli, what: str) -> None:
    _tell(desk, "make test")
    refused = desk.run("memory", "off", "shell")
    assert refused.code == 2
    assert "--keep or --forget" in refused.err
    assert desk.json("memory", "off", "shell", f"--{what}")["forgotten"] == (what == "forget")
    assert len(_texts(desk)) == (what == "keep")


# -- the hook -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", SHELLS)
def test_the_block_is_added_once_and_removed_without_a_trace(empty: Cli, user: Path, shell: str) -> None:
    empty.variables |= {"HOME": str(user)}
    path = {"bash": user / ".bashrc", "zsh": user / ".zshrc", "fish": user / ".config/fish/config.fish"}[
        shell
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    before = b"alias ll='ls -l'\n# latin-1: \xe9"
    path.write_bytes(before)
    path.chmod(0o640)
    for _ in range(2):
        empty.ok("memory", "on", "shell", "--shell", shell, "--yes")
        assert path.read_bytes().startswith(before)
        assert path.read_bytes().count(b">>> satchel memory >>>") == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert stat.S_IMODE((empty.home / f"memory-hook.{shell}").stat().st_mode) == 0o600
    empty.ok("memory", "off", "shell")
    assert path.read_bytes().rstrip(b"\n") == before
    assert not list(empty.home.glob("memory-hook.*"))


def test_the_block_is_shown_and_asked_about(empty: Cli, user: Path) -> None:
    empty.variables |= {"HOME": str(user), "SHELL": "/bin/zsh"}
    assert empty.run("memory", "on", "shell").code == 2, "no terminal to ask on"
    code, said = empty.talk("memory", "on", "shell", answers=[("? [y/N] ", "n")])
    assert code == 2
    assert "memory-hook.zsh" in said
    assert not (user / ".zshrc").exists()
    assert not empty.home.exists()


def test_a_linked_start_file_stays_a_link(desk: Cli, user: Path) -> None:
    (user / "dotfiles").mkdir()
    (user / "dotfiles" / "zshrc").write_text("setopt autocd\n")
    (user / ".zshrc").symlink_to("dotfiles/zshrc")
    desk.ok("memory", "on", "shell", "--shell", "zsh", "--yes")
    assert (user / ".zshrc").is_symlink()
    assert "satchel memory" in (user / "dotfiles" / "zshrc").read_text()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_hook_quotes_the_home(empty: Cli, tmp_path: Path, shell: str) -> None:
    home = tmp_path / "it's a $(touch pwned) \\home"
    script = empty.ok("--home", home, "memory", "hook", shell).text
    if shell != "fish":
        subprocess.run(["bash", "-n"], input=script.replace("&!", "&").encode(), check=True, cwd=tmp_path)
    assert "$(touch pwned)" in script
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    "data",
    [b"", b"1\0bash", b"2\0bash\x004711-1\0/\x000\x000\0ls\0", b"1\0csh\x004711-1\0/\x000\x000\0ls\0", b"1\0bash\x00$(x)\0/\x000\x000\0ls\0"],
)  # fmt: skip
def test_what_no_hook_tells_is_refused(desk: Cli, data: bytes) -> None:
    assert desk.run("memory", "record", stdin=data).code == 2
    assert _texts(desk) == []


def test_the_installed_program_records_quickly_and_quietly(desk: Cli) -> None:
    fields = ("1", "bash", "4711-1", "/home/ann", "0", "250", "export TOKEN=hunter2", "")
    done = desk.process("memory", "record", "--home", desk.home, stdin="\0".join(fields).encode())
    assert (done.code, done.out, done.err) == (0, b"", "")
    assert _texts(desk) == ["export TOKEN=[secret]"]
    assert b"hunter2" not in (desk.home / MEMORY_FILE).read_bytes()
    assert desk.process("memory", "record", "--home", desk.home, stdin=b"x").code == 2


# -- commits and notes --------------------------------------------------------------------------


def _git(folder: Path, *arguments: str, email: str = "ann@example.org") -> None:
    identity = {
        "GIT_AUTHOR_NAME": "Ann",
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": "Ann",
        "GIT_COMMITTER_EMAIL": email,
    }
    subprocess.run(
        ["git", *arguments], cwd=folder, env={**os.environ, **identity}, check=True, capture_output=True
    )


@pytest.fixture
def repository(user: Path) -> Path:
    folder = user / "parser"
    folder.mkdir()
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "config", "user.email", "ann@example.org")
    (folder / "a b.py").write_text("x = 1\n")
    _git(folder, "add", ".")
    _git(folder, "commit", "-qm", "Parse headers\n\nBoth kinds.")
    return folder


@pytest.mark.tool("git")
def test_new_commits_of_the_owner_are_taken_in_once(desk: Cli, repository: Path) -> None:
    desk.ok("memory", "on", "git", repository / ".git" / "..")
    assert desk.json("memory", "status")["repositories"] == [str(repository)]
    (repository / "c.py").write_text("y = 1\n")
    _git(repository, "add", ".")
    _git(repository, "commit", "-qm", "Add y with ghp_" + "Zq3vT8kLm2Xw9RbN5cYd7HfJ4sPgA1eUoKiM")
    _git(repository, "commit", "-qm", "Not mine", "--allow-empty", email="bob@example.org")
    assert desk.json("memory", "collect")["git"] == 1
    assert desk.json("memory", "collect")["git"] == 0
    first, second = desk.json("memory", "export")["events"]
    assert (first["text"], first["repository"]) == ("Parse headers\n\nBoth kinds.", str(repository))
    assert first["detail"]["files"] == "a b.py"
    assert first["detail"]["branch"] == "main"
    assert second["text"] == "Add y with [secret]"
    _git(
        repository,
        "commit",
        "-q",
        "--amend",
        "--no-edit",
        "--allow-empty",
        "--reset-author",
        "-m",
        "Mine now",
    )
    assert desk.json("memory", "collect")["git"] == 1


@pytest.mark.tool("git")
def test_a_rebased_commit_is_taken_in_once(desk: Cli, repository: Path) -> None:
    desk.ok("memory", "on", "git", repository)
    _git(repository, "commit", "-q", "--amend", "--no-edit")
    desk.ok("memory", "collect")
    assert len(_texts(desk)) == 1


@pytest.mark.tool("git")
def test_a_hostile_repository_runs_nothing(desk: Cli, repository: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    trap.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "gpg.program", "diff.external", "core.sshCommand", "core.editor",
                 "diff.x.textconv", "core.alternateRefsCommand", "pager.log", "credential.helper", "alias.log"):  # fmt: skip
        _git(repository, "config", name, str(trap))
    for name, value in (("log.showSignature", "true"), ("log.diffMerges", "on"), ("format.pretty", "%H"),
                        ("core.hooksPath", str(tmp_path)), ("diff.noprefix", "true"), ("log.follow", "true")):  # fmt: skip
        _git(repository, "config", name, value)
    (repository / ".gitattributes").write_text("* diff=x\n")
    (tmp_path / "ran").unlink(missing_ok=True)
    desk.ok("memory", "on", "git", repository)
    assert _texts(desk) == ["Parse headers\n\nBoth kinds."]
    assert not (tmp_path / "ran").exists()


@pytest.mark.tool("git")
def test_a_repository_that_is_gone_stops_nothing_else(desk: Cli, repository: Path, user: Path) -> None:
    desk.ok("memory", "on", "git", repository)
    notes = user / "notes"
    notes.mkdir()
    desk.ok("memory", "on", "files", notes)
    repository.rename(user / "moved")
    (notes / "a.md").write_text("# Headers\nfolded lines\n")
    answer = desk.run("memory", "collect")
    assert answer.code == 0
    assert str(repository) in answer.err
    assert "a.md\n# Headers\nfolded lines" in _texts(desk)


@pytest.mark.tool("git")
def test_one_repository_is_switched_off_and_the_others_stay(desk: Cli, repository: Path, user: Path) -> None:
    other = user / "other"
    subprocess.run(["git", "clone", "-q", repository, other], check=True)
    desk.ok("memory", "on", "git", repository, other, "--everyone")
    answer = desk.json("memory", "off", "git", other, "--forget")
    assert answer["on"]
    assert {event["repository"] for event in desk.json("memory", "export")["events"]} == {str(repository)}
    assert desk.run("memory", "on", "git", user / "nowhere").code == 2
    assert desk.run("memory", "on", "git").code == 2


def test_changed_notes_are_taken_in_and_nothing_else(desk: Cli, user: Path, tmp_path: Path) -> None:
    notes = user / "notes"
    (notes / "deep").mkdir(parents=True)
    (notes / ".hidden").mkdir()
    (tmp_path / "outside.md").write_text("outside")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "far.md").write_text("outside")
    (notes / "link.md").symlink_to(tmp_path / "outside.md")
    (notes / "linked").symlink_to(tmp_path / "out")
    (notes / ".hidden" / "h.md").write_text("hidden")
    (notes / "code.py").write_text("code")
    (notes / "binary.txt").write_bytes(b"\x00\xff\x00")
    (notes / "huge.md").write_bytes(b"x" * (1024 * 1024 + 1))
    os.mkfifo(notes / "pipe.md")
    (notes / os.fsdecode(b"odd-\xff.md")).write_text("odd")
    (notes / "deep" / "b.md").write_text("password: ghp_" + "Zq3vT8kLm2Xw9RbN5cYd7HfJ4sPgA1eUoKiM")
    desk.ok("memory", "on", "files", notes)
    assert _texts(desk) == ["b.md\npassword: [secret]"]
    assert desk.json("memory", "collect")["files"] == 0
    (notes / "deep" / "b.md").write_text("changed")
    assert desk.json("memory", "collect")["files"] == 1
    assert _texts(desk)[-1] == "b.md\nchanged"
    desk.ok("memory", "forget", "--all", "--yes")
    assert desk.json("memory", "collect")["files"] == 0, "what was forgotten does not come back"


def test_a_daemon_collects_until_it_is_stopped(desk: Cli) -> None:
    assert desk.run("memory", "daemon", "--every", "1s").code == 2
    from tests.cli.conftest import PROGRAM

    process = subprocess.Popen(
        [PROGRAM, "--json", "memory", "daemon"], env={**os.environ, **desk.variables}, stdout=subprocess.PIPE
    )
    with MemoryStore.open(desk.home) as memory:
        memory.add([Event("shell", 1, "old")])
        deadline = time.monotonic() + 60
        while memory.counts() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert memory.counts() == {}, "pruned"
    process.terminate()
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert json.loads(out) == {"events": 0}


def test_forget_takes_episodes_whose_events_are_gone(desk: Cli) -> None:
    long_ago = _now_ms() - 200 * DAY_MS
    with MemoryStore.open(desk.home) as memory:
        memory.add(
            Event("shell", long_ago + number * 10_000, f"pytest tests/marmalade_{number}.py", place="/home/ann", exit_code=0)
            for number in range(8)
        )  # fmt: skip
    assert desk.json("memory", "collect")["pruned"] == 8
    with MemoryStore.open(desk.home) as memory:
        assert list(memory.episodes()), "formed before their events went"
    assert desk.run("memory", "forget", "--matching", "marmalade").code == 2, "it asks"
    assert desk.json("memory", "forget", "--matching", "marmalade", "--yes")["episodes"] >= 1
    assert b"marmalade" not in b"".join(file.read_bytes() for file in desk.home.iterdir())


def test_status_and_doctor_mention_a_memory(desk: Cli) -> None:
    desk.ok("init")
    _tell(desk, "make test")
    assert desk.run("--json", "status", "--offline").document["memory"] == {
        "sources": ["shell"], "paused": False, "events": 1, "problem": "",
    }  # fmt: skip
    checks = {each["name"]: each for each in desk.json("doctor", "--offline")["checks"]}
    assert checks["memory"]["verdict"] == "ok"
    (desk.home / "memory-hook.bash").write_text("an older one")
    checks = {each["name"]: each for each in desk.json("doctor", "--offline")["checks"]}
    assert "another version" in checks["memory"]["detail"]
    (desk.home / MEMORY_FILE).write_bytes(b"damaged" * 1_000)
    assert "memory.db" in desk.run("--json", "status", "--offline").document["memory"]["problem"]
    assert desk.run("--json", "doctor", "--offline").code == 1


def test_a_home_without_a_memory_is_silent_about_it(cli: Cli) -> None:
    for command in ("status", "doctor"):
        names = [line.split("\t")[0] for line in cli.run(command, "--offline").lines]
        assert names
        assert "memory" not in names


@pytest.mark.tool("git")
def test_commands_that_use_the_memory_take_in_commits_first(desk: Cli, repository: Path) -> None:
    desk.ok("memory", "on", "git", repository)
    _git(repository, "commit", "-qm", "Fold marmalade headers", "--allow-empty")
    desk.ok("standup", "--since", "1d")
    assert "Fold marmalade headers" in _texts(desk)


# -- searching ----------------------------------------------------------------------------------


@pytest.fixture
def history(desk: Cli, user: Path) -> Cli:
    now = _now_ms()
    rows = [
        ("make test", str(user), 2, "1-1"), ("git commit -m 'Fix it'", str(user), 0, "1-1"), ("Make all", "/srv", 0, "2-2"),
        ("make test", "/srv", 0, "2-2"), ("grep 100% a_b", "/srv", 1, "2-2"),
    ]  # fmt: skip
    with MemoryStore.open(desk.home) as memory:
        memory.add(
            Event("shell", now - 10_000 + at, text, place=place, exit_code=code, session=session, host="rye")
            for at, (text, place, code, session) in enumerate(rows)
        )
        memory.add([Event("git", now, "make a commit")])
    return desk


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("", ["grep 100% a_b", "make test", "Make all", "git commit -m 'Fix it'"]),
        ("mk", ["make test", "Make all"]),
        ("Mk", ["Make all"]),
        ("gcm", ["git commit -m 'Fix it'"]),
        ("'mt", []),
        ("'ke_t", []),
        ("% a_b", ["grep 100% a_b"]),
        ("test make", ["make test"]),
        ("--session 1-1", ["git commit -m 'Fix it'", "make test"]),
        ("--directory /srv mk", ["make test", "Make all"]),
        ("--failed", ["grep 100% a_b", "make test"]),
        ("--exit 2", ["make test"]),
        ("--exit 0 mkt", ["make test"]),
        ("--host oak", []),
        ("--host rye --limit 1", ["grep 100% a_b"]),
    ],
)
def test_commands_are_found(history: Cli, arguments: str, found: list[str]) -> None:
    answer = history.json("memory", "commands", *arguments.split())
    assert [each["command"] for each in answer["commands"]] == found


def test_a_found_command_tells_how_it_last_ended_there(history: Cli, user: Path) -> None:
    (everywhere,) = history.json("memory", "commands", "mkt")["commands"]
    assert (everywhere["directory"], everywhere["exit_code"]) == ("/srv", 0)
    (there,) = history.json("memory", "commands", "mkt", "--directory", user)["commands"]
    assert there["exit_code"] == 2


def test_one_is_picked_on_a_full_screen(history: Cli) -> None:
    keys = iter(["mk", None])

    def respond(said: str) -> str | None:
        return "" if "Make all" in said and "\x1b[7m" in said and next(keys, None) else None

    code, said = history.converse("memory", "commands", "--pick", "mk", respond=respond)
    assert code == 0
    assert said.rpartition("\x1b[?1049l")[2].strip() == "make test", "printed after the screen is left"


def test_leaving_without_a_choice_prints_nothing(history: Cli) -> None:
    keys = iter(["\x03"])
    code, said = history.converse(
        "memory", "commands", "--pick", respond=lambda said: next(keys, None) if "Make all" in said else None
    )
    assert code == 3
    assert "no command was chosen" in said.rpartition("\x1b[?1049l")[2]


def test_keys_filter_and_select() -> None:
    from satchel.cli.terminal.picker import Screen

    screen = Screen(("everywhere", "here"), found=[("", "one"), ("", "two\x1b[31m\nlines")])
    assert screen.press("m") == "search"
    assert screen.press("ü") == "search"
    assert screen.text == "mü"
    assert screen.press("\x7f") == "search"
    assert screen.text == "m"
    assert [screen.press(key) for key in ("\x1b[B", "\x1b[B", "\r")] == ["", "", "accept"]
    assert screen.selected == 1
    drawn = screen.draw(40, 10)
    assert "\x1b[31m" not in drawn
    assert "\x1b[7m" in drawn
    assert screen.press("\x12") == "search"
    assert screen.view == 1
    assert [screen.press(key) for key in ("\x1b", "\x03")] == ["leave", "leave"]


def test_commands_that_are_run_often_and_in_no_piece_are_worth_saving(cli: Cli) -> None:
    often, kept, failing = (
        "docker compose up --build api",
        "git log --oneline --graph",
        "make a target that fails",
    )
    with MemoryStore.create(cli.home) as memory:
        at = 1_780_000_000_000
        for number in range(5):
            memory.add([Event("shell", at + number, often, place="/srv", exit_code=0)])
            memory.add([Event("shell", at + 10 + number, kept, place="/srv", exit_code=0)])
            memory.add([Event("shell", at + 20 + number, failing, place="/srv", exit_code=2)])
            memory.add([Event("shell", at + 30 + number, "ls", place="/srv", exit_code=0)])
        memory.add([Event("shell", at + 40, "a command that was run only once", place="/srv", exit_code=0)])
    answer = cli.json("memory", "commands", "--unsaved")
    assert {each["command"] for each in answer["commands"]} == {often, kept}
    cli.save(f"{kept}\n")
    answer = cli.json("memory", "commands", "--unsaved")
    assert [each["command"] for each in answer["commands"]] == [often]
    assert cli.json("memory", "commands", "graph", "--unsaved")["commands"] == []
    assert cli.run("memory", "commands", "--unsaved", "--pick").code == 2
