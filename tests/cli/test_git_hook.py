"""`satchel memory on git --hook` with real git: each commit at once, other hooks stay, nothing waits."""

import os
import stat
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM, Cli
from tests.support.waiting import wait_until

from satchel.memory import MemoryStore
from satchel.memory.git_hooks import with_block

pytestmark = pytest.mark.tool("git")
OWN = "#!/usr/bin/env bash\n# of the team\nset -e\necho linted >> linted.txt\nexit 3\n"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    folder = tmp_path / "user"
    folder.mkdir()
    return folder


@pytest.fixture
def desk(tmp_path: Path, user: Path) -> Cli:
    return Cli(tmp_path / "home", {"HOME": str(user), "PATH": os.environ["PATH"]})


@pytest.fixture
def repository(user: Path) -> Path:
    folder = user / "parser"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.email", "ann@example.org")
    git(folder, "config", "user.name", "Ann")
    return folder


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    environment = {"HOME": str(folder.parent), "PATH": os.environ["PATH"], "SATCHEL_KEYRING": "off"}
    return subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "commit", "-q", "--allow-empty", "-m", message)


def messages(cli: Cli) -> list[str]:
    with MemoryStore.open(cli.home) as memory:
        return [event.text for event in memory.events(source="git")]


def test_a_commit_is_taken_in_at_once_and_off_removes_the_hook(desk: Cli, repository: Path) -> None:
    hook = repository / ".git/hooks/post-commit"
    done = desk.json("memory", "on", "git", repository, "--hook", "--yes")
    assert done["files"] == [str(hook)]
    assert stat.S_IMODE(hook.stat().st_mode) == 0o755
    assert str(PROGRAM) in hook.read_text()
    commit(repository, "Parse folded headers")
    wait_until(lambda: messages(desk) == ["Parse folded headers"])
    desk.ok("memory", "on", "git", repository, "--hook", "--yes")
    assert hook.read_text().count(">>> satchel memory >>>") == 1
    assert desk.json("memory", "off", "git", "--keep")["files"] == [str(hook)]
    assert not hook.exists()


def test_a_hook_that_is_there_still_runs_and_is_left_as_it_was(desk: Cli, repository: Path) -> None:
    hook = repository / ".git/hooks/post-commit"
    hook.write_text(OWN)
    hook.chmod(0o750)
    desk.ok("memory", "on", "git", repository, "--hook", "--yes")
    commit(repository, "Parse headers")
    assert (repository / "linted.txt").read_text() == "linted\n"
    wait_until(lambda: messages(desk) == ["Parse headers"])
    desk.ok("memory", "off", "git", repository, "--keep")
    assert hook.read_text() == OWN
    assert stat.S_IMODE(hook.stat().st_mode) == 0o750


def test_the_commit_does_not_wait_for_satchel(tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.05; done\ntouch {tmp_path}/done\n")
    slow.chmod(0o755)
    hook = tmp_path / "post-commit"
    hook.write_text(with_block("", slow, tmp_path / "a 'home'"))
    hook.chmod(0o755)
    done = subprocess.run([hook], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert not (tmp_path / "done").exists(), "the hook has ended, and the program has not"
    (tmp_path / "go").touch()
    wait_until((tmp_path / "done").exists)


def test_a_generated_folder_of_hooks_is_used(desk: Cli, repository: Path) -> None:
    """As husky has it: core.hooksPath names a folder that git ignores, whose scripts start those of the team."""
    folder = repository / ".husky/_"
    folder.mkdir(parents=True)
    (folder / ".gitignore").write_text("*")
    stub = '#!/usr/bin/env sh\n. "$(dirname "$0")/h"\n'
    (folder / "h").write_text("echo ran >> ran.txt\n")
    (folder / "post-commit").write_text(stub)
    (folder / "post-commit").chmod(0o755)
    git(repository, "config", "core.hooksPath", ".husky/_")
    desk.ok("memory", "on", "git", repository, "--hook", "--yes")
    commit(repository, "Parse headers")
    wait_until(lambda: messages(desk) == ["Parse headers"])
    assert (repository / "ran.txt").read_text() == "ran\n"
    desk.ok("memory", "off", "git", "--keep")
    assert (folder / "post-commit").read_text() == stub


@pytest.mark.parametrize("kind", ["tracked", "shared", "link", "python", "not executable"])
def test_a_hook_that_is_not_ours_to_change_is_refused(
    desk: Cli, repository: Path, user: Path, kind: str
) -> None:
    hook = repository / ".git/hooks/post-commit"
    if kind == "tracked":
        hook = repository / "hooks/post-commit"
        hook.parent.mkdir()
        git(repository, "config", "core.hooksPath", "hooks")
    elif kind == "shared":
        hook = user / "hooks/post-commit"
        hook.parent.mkdir()
        git(repository, "config", "--global", "core.hooksPath", str(hook.parent))
    hook.write_text("#!/usr/bin/env python3\n" if kind == "python" else OWN)
    hook.chmod(0o644 if kind == "not executable" else 0o755)
    if kind == "tracked":
        git(repository, "add", "hooks")
    elif kind == "link":
        hook.rename(user / "script")
        hook.symlink_to(user / "script")
    before = hook.read_text()
    refused = desk.run("memory", "on", "git", repository, "--hook", "--yes")
    assert refused.code == 2
    assert "hint:" in refused.err
    assert hook.read_text() == before
    assert not desk.home.exists(), "nothing was switched on"
    desk.ok("memory", "on", "git", repository)


def test_the_hook_is_shown_and_asked_about(desk: Cli, repository: Path) -> None:
    assert desk.run("memory", "on", "git", repository, "--hook").code == 2
    code, said = desk.talk("memory", "on", "git", repository, "--hook", answers=[("? [y/N] ", "n")])
    assert code == 2
    assert "memory collect" in said
    assert not (repository / ".git/hooks/post-commit").exists()
    assert desk.run("memory", "on", "shell", "--hook").code == 2


def test_a_repository_that_is_gone_is_switched_off(desk: Cli, repository: Path) -> None:
    desk.ok("memory", "on", "git", repository, "--hook", "--yes")
    (repository / ".git").rename(repository / "gone")
    assert desk.json("memory", "off", "git", "--keep")["files"] == []
