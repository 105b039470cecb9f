"""The command line of a move: options, the file of settings, exit codes and what it prints."""

from pathlib import Path

import pytest
from tests.unit.moving.conftest import NEW_URL, OLD_URL
from tests.unit.moving.places import entries_of, folder_of, is_open, objects_of

from satchel_service.log.handover import closed_by
from satchel_service.main import main
from satchel_service.moving import MismatchError, Progress, Stage, UnreachableError, command
from satchel_service.moving.command import Printer, read_settings
from satchel_service.settings import Settings, SettingsError

SECRET = "a-secret-value"


@pytest.fixture
def environ(old: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment of the old cloud."""
    monkeypatch.setenv("SATCHEL_STORAGE", old.storage)
    monkeypatch.setenv("SATCHEL_PUBLIC_URL", OLD_URL)


@pytest.mark.usefixtures("environ")
def test_the_command_moves_and_prints_each_stage_once(
    old: Settings, new: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["move", "--to", new.storage, "--url", NEW_URL]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"the cloud is in {new.storage}: start its service now, at {NEW_URL}\n"
    lines = printed.err.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        stage.value for stage in Stage if stage not in (Stage.CANCEL, Stage.REOPEN, Stage.KEEP, Stage.ERASE)
    ]
    assert lines[1].startswith("copying while the cloud still runs: 8 objects, ")
    assert (is_open(old), is_open(new)) == (False, True)


@pytest.mark.parametrize("url", [f"{NEW_URL}/", NEW_URL.upper(), f"{NEW_URL}:443"])
@pytest.mark.usefixtures("environ")
def test_the_new_address_is_written_as_a_canonical_origin(
    url: str, old: Settings, new: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["move", "--to", new.storage, "--url", url]) == 0
    assert capsys.readouterr().out.endswith(f" at {NEW_URL}\n")
    closed = closed_by(entries_of(old)[-1])
    assert closed is not None
    assert closed.url == NEW_URL


@pytest.mark.usefixtures("environ")
def test_an_undo_prints_where_the_cloud_is(new: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["move", "--undo", "--to", new.storage]) == 0
    assert capsys.readouterr().out == "the old log goes on: the cloud is where it was\n"


@pytest.mark.usefixtures("environ")
def test_finishing_erases_the_old_objects_and_keeps_the_log(
    old: Settings, new: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = objects_of(old)
    assert main(["move", "--finish", "--to", new.storage]) == 1
    assert "the cloud in the old storage has not moved" in capsys.readouterr().err
    assert main(["move", "--to", new.storage, "--url", NEW_URL]) == 0
    assert objects_of(old) == before
    capsys.readouterr()
    for _ in range(2):
        assert main(["move", "--finish", "--to", new.storage]) == 0
        finished = f"the objects in {old.storage} are erased; its log still says where the cloud is\n"
        assert capsys.readouterr().out == finished
    assert objects_of(old) == {}
    assert objects_of(new) == before
    closed = closed_by(entries_of(old)[-1])
    assert closed is not None
    assert closed.url == NEW_URL


@pytest.mark.usefixtures("environ")
def test_a_storage_that_a_cloud_has_left_gives_no_pairing_code(
    old: Settings, new: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pair"]) == 0
    assert main(["move", "--to", new.storage, "--url", NEW_URL]) == 0
    before = objects_of(old)
    capsys.readouterr()
    for command_line in (["pair"], ["pair", "--revoke-others"]):
        assert main(command_line) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.splitlines() == [
            f"satchel-service: cannot create a pairing code: the cloud has moved to {NEW_URL}",
            "hint: run satchel-service pair with the settings of the new cloud",
        ]
    assert objects_of(old) == before
    monkeypatch.setenv("SATCHEL_STORAGE", new.storage)
    assert main(["pair"]) == 0


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ((), "--to"),
        (("--to", "file:/x"), "--url is missing"),
        (
            ("--to", "file:/x", "--url", "new.example.org"),
            "--url is 'new.example.org'; use https:// and a host",
        ),
        (("--to", "file:/x", "--url", "http://new.example.org"), "--url is 'http://new.example.org'"),
        (("--to", "file:/x", "--url", "https://new.example.org/x"), "--url is 'https://new.example.org/x'"),
        (
            ("--to", "file:/x", "--url", "https://new.example.org:99999"),
            "--url is 'https://new.example.org:99999'",
        ),
        (("--undo", "--finish", "--to", "file:/x"), "not allowed with"),
        (("--undo", "--to", "file:/x", "--url", "https://"), "--url is 'https://'"),
        (("--to", "nowhere", "--url", NEW_URL), "SATCHEL_STORAGE is 'nowhere'"),
        (("--to", "file:/x", "--url", NEW_URL, "--force"), "--force"),
        (("--to", "file:/x", "--url", NEW_URL, "--settings", "/nowhere"), "cannot read the settings file"),
    ],
)
@pytest.mark.usefixtures("environ")
def test_wrong_usage_is_one_line_and_exit_code_2(
    options: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["move", *options]) == 2
    assert reason in capsys.readouterr().err


@pytest.mark.usefixtures("environ")
def test_help_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["move", "--help"]) == 0
    assert "--undo" in capsys.readouterr().out


@pytest.mark.parametrize(("error", "code"), [(MismatchError("a"), 5), (UnreachableError("b", hint="c"), 6)])
@pytest.mark.usefixtures("environ")
def test_each_kind_of_failure_has_its_exit_code(
    error: Exception,
    code: int,
    new: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(command, "move", fail)
    assert main(["move", "--to", new.storage, "--url", NEW_URL]) == code
    assert capsys.readouterr().err.startswith(f"satchel-service: cannot move the cloud: {error}")


@pytest.mark.usefixtures("environ")
def test_a_second_cloud_in_the_way_is_refused_with_exit_code_1(new: Settings) -> None:
    (folder_of(new) / "blobs" / "archives").mkdir(parents=True)
    (folder_of(new) / "blobs" / "archives" / "a.1").write_bytes(b"x")
    assert main(["move", "--to", new.storage, "--url", NEW_URL]) == 1


def test_a_file_of_settings_is_read(tmp_path: Path) -> None:
    path = tmp_path / "new.env"
    path.write_text(
        f'# the new cloud\n\nAWS_SECRET_ACCESS_KEY={SECRET}\nSATCHEL_S3_ENDPOINT = "https://s3"\n'
    )
    assert read_settings(path) == {
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "SATCHEL_S3_ENDPOINT": "https://s3",
    }


@pytest.mark.parametrize("line", [SECRET, f"a b={SECRET}", f"={SECRET}"])
def test_a_line_that_is_no_setting_is_refused_without_quoting_it(line: str, tmp_path: Path) -> None:
    path = tmp_path / "new.env"
    path.write_text(f"NAME=value\n{line}\n")
    with pytest.raises(SettingsError, match="line 2 of") as error:
        read_settings(path)
    assert SECRET not in str(error.value)


def test_progress_is_drawn_over_itself_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    printer = Printer()
    printer(Progress(Stage.COPY, 0, 2, 0, 2 * command.MIB))
    printer(Progress(Stage.COPY, 1, 2, command.MIB, 2 * command.MIB))
    printer(Progress(Stage.CLOSE))
    printer.end_line()
    text = capsys.readouterr().err
    assert "\r\x1b[Kcopying while the cloud still runs: 1/2 objects, 1.0 MiB of 2.0 MiB\n" in text
    assert text.endswith("\r\x1b[Kclosing the old log\n")
