"""No environment, argument or file in the home leads to an unexpected error."""

import os
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM, Cli

NOT_UTF8 = os.fsdecode(b"caf\xe9")
REPLACED = (
    "store.db",
    "index.db",
    "cloud.json",
    "keys/root.json",
    "outbox",
    "backups",
    "backups/lock",
    "edits",
)


def shell(cli: Cli, line: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-c", f"satchel={PROGRAM}; {line}"],
        env={**os.environ, **cli.variables},
        capture_output=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&-", "1>&- 2>&-", "0<&- 1>&- 2>&-"])
def test_a_closed_stream_changes_no_outcome(cli: Cli, tmp_path: Path, closed: str) -> None:
    (tmp_path / "text").write_text("some text")
    done = shell(cli, f"$satchel save {tmp_path / 'text'} {closed}")
    assert (done.returncode, b"Traceback" in done.stderr, b"unexpected" in done.stderr) == (0, False, False)
    assert cli.json("status")["pieces"] == 1
    assert cli.ok("doctor").code == 0


def test_a_home_whose_name_is_not_utf8_works(tmp_path: Path) -> None:
    there = Cli(tmp_path / NOT_UTF8)
    for arguments in (
        ["init"],
        ["save", "/etc/hostname"],
        ["list"],
        ["search", "x"],
        ["doctor"],
        ["status", "--json"],
    ):
        done = there.process(*arguments)
        assert done.code == 0, done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", NOT_UTF8], ["search", NOT_UTF8], ["tag", NOT_UTF8, NOT_UTF8], ["list", "--tag", NOT_UTF8],
        ["save", NOT_UTF8], ["settings", "set", NOT_UTF8, "1"], ["get", NOT_UTF8], [NOT_UTF8],
        ["connect", "http://127.0.0.1:1", "--pair", NOT_UTF8, "--label", NOT_UTF8],
        ["import", NOT_UTF8], ["restore", "--from", NOT_UTF8],
    ],
)  # fmt: skip
def test_an_argument_that_is_not_utf8_is_no_unexpected_error(cli: Cli, arguments: list[str]) -> None:
    done = cli.process(*arguments)
    assert "unexpected" not in done.err
    assert 0 <= done.code <= 6


@pytest.mark.parametrize("home", ["~no-such-user/satchel", "~no-such-user"])
def test_a_home_of_an_unknown_user_is_named(cli: Cli, home: str) -> None:
    done = cli.process("list", variables={"SATCHEL_HOME": home})
    assert done.code == 2
    assert home in done.err


@pytest.mark.parametrize("columns", ["0", "1", "-5", "99999999999999999999", "abc"])
def test_any_width_is_survived(cli: Cli, columns: str) -> None:
    piece = cli.save("hello")
    for arguments in (["list"], ["show", piece], ["--help"], ["doctor"]):
        code, said = cli.talk(*arguments, variables={"COLUMNS": columns, "LINES": columns})
        assert code == 0, said


@pytest.mark.parametrize("umask", ["777", "577"])
def test_a_umask_that_takes_the_owners_rights_is_survived(empty: Cli, umask: str) -> None:
    done = shell(empty, f"umask {umask}; $satchel init && echo x | $satchel save - && $satchel search x")
    assert done.returncode == 0, done.stderr
    assert empty.home.stat().st_mode & 0o777 == 0o700


def _as_directory(path: Path, _target: Path) -> None:
    path.mkdir()
    (path / "x").touch()


def _as_link(path: Path, target: Path) -> None:
    path.symlink_to(target)


def _as_pipe(path: Path, _target: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("name", [*REPLACED, "settings.json"])
@pytest.mark.parametrize("replace", [_as_directory, _as_link, _as_pipe])
def test_another_kind_of_file_in_place_of_ours_is_refused_and_its_target_untouched(
    cli: Cli, tmp_path: Path, name: str, replace: object
) -> None:
    piece = cli.save("hello")
    target = tmp_path / "target"
    target.write_text("mine")
    path = cli.home / name
    if path.is_dir():
        path.rename(tmp_path / "aside")
    path.unlink(missing_ok=True)
    path.parent.mkdir(exist_ok=True)
    assert callable(replace)
    replace(path, target)
    for arguments in (
        ["list"], ["search", "hello"], ["save", "/etc/hostname"], ["backup", "--to", str(tmp_path / "b.age")],
        ["edit", piece, "--title", "t"], ["doctor"], ["rm", piece, "--yes"],
    ):  # fmt: skip
        done = cli.process(*arguments)
        assert "unexpected" not in done.err, done.err
        assert 0 <= done.code <= 6
    assert target.read_text() == "mine"


def test_an_existing_home_that_others_can_use_is_named(empty: Cli) -> None:
    empty.home.mkdir()
    (empty.home / "other").touch()
    empty.home.chmod(0o777)
    assert "chmod 700" in empty.ok("init").err


def test_an_empty_home_is_made_private(empty: Cli) -> None:
    empty.home.mkdir()
    empty.home.chmod(0o777)
    assert "chmod" not in empty.ok("init").err
    assert empty.home.stat().st_mode & 0o777 == 0o700
