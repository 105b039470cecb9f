"""Crash reports: the type and our own places, and nothing of what the exception was about."""

import json
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from unittest import mock

import apsw
import pytest
from tests.support.telemetry import FACTS, TODAY

from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.telemetry.consent import turn_on
from satchel.telemetry.crash_files import (
    MOST_KEPT,
    clear_reports,
    delete_report,
    keep_report,
    list_reports,
    read_report,
)
from satchel.telemetry.crash_report import MOST_EXCEPTIONS, MOST_FRAMES, make_report, type_name
from satchel.telemetry.identity import monthly_identity
from satchel_wire.telemetry import MAX_REPORT_BYTES

SECRET: Final = "Zq-hunter2-Zq"
PLACE: Final = "satchel.telemetry.identity:monthly_identity:"


def caught(raising: Callable[[], object]) -> BaseException:
    """Return what a function raises, after it has passed through satchel's own code."""
    try:
        monthly_identity(Path(SECRET), TODAY, lambda _: raising())  # type: ignore[arg-type,return-value]
    except BaseException as exc:  # noqa: BLE001  whatever it is
        return exc
    raise AssertionError


def report(error: BaseException) -> dict[str, Any]:
    data = make_report(error, TODAY, FACTS, command="show")
    assert len(data) <= MAX_REPORT_BYTES
    assert SECRET.encode() not in data
    assert str(Path.cwd()).encode() not in data
    assert b"/" not in data.replace(b"satchel-crash/1", b"")
    found: dict[str, Any] = json.loads(data)
    return found


def throw(error: BaseException) -> Callable[[], object]:
    def raising() -> object:
        raise error

    return raising


def test_a_report_names_type_and_place() -> None:
    [found] = report(caught(throw(ValueError(SECRET))))["exceptions"]
    assert (found["relation"], found["type"], found["is_subclass"]) == ("raised", "ValueError", False)
    assert len(found["frames"]) == 1
    assert found["frames"][0].startswith(PLACE)
    assert found["others"] >= 2


def made_class(name: str, module: str = "builtins") -> type[Exception]:
    return type(name, (KeyError,), {"__module__": module, "__qualname__": name, "__str__": lambda _: SECRET})


class LyingError(Exception):
    """Raises whenever it is looked at."""

    @property
    def __cause__(self) -> BaseException | None:  # type: ignore[override]
        raise RuntimeError(SECRET)

    def __getattribute__(self, name: str) -> Any:  # noqa: ANN401  whatever is asked
        raise RuntimeError(SECRET)

    def __repr__(self) -> str:
        raise RuntimeError(SECRET)


HOSTILE: Final[dict[str, Callable[[], BaseException]]] = {
    "its type is named after a secret": made_class(SECRET),
    "its module is named after a secret": made_class("Zq", SECRET),
    "its type claims to be Python's": made_class("ValueError"),
    "its type claims to be a module": made_class("path", "os"),
    "its type has a name of two lines": made_class("a.b\nc"),
    "it raises whenever it is looked at": lambda: LyingError(SECRET),
    "its message is huge": lambda: ValueError("x" * 10_000_000 + SECRET),
    "its message cannot be printed": lambda: ValueError("\ud800\x00\x1b" + SECRET),
    "it quotes undecodable bytes": lambda: UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET),
    "it names a file": lambda: OSError(2, SECRET, f"/home/{SECRET}"),
    "a key is missing": lambda: KeyError(SECRET),
    "memory is missing": lambda: MemoryError(SECRET),
    "it ends the program": lambda: SystemExit(SECRET),
    "it is an interrupt": lambda: KeyboardInterrupt(SECRET),
    "it ends a generator": lambda: GeneratorExit(SECRET),
    "it is a nested group": lambda: ExceptionGroup(
        SECRET, [ValueError(SECRET), ExceptionGroup(SECRET, [TypeError(SECRET)])]
    ),
    "it is SQLite's": lambda: apsw.SQLError(SECRET),
    "it is satchel's own": lambda: SatchelError(SECRET, hint=SECRET),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_exception_leaks_nothing(make: Callable[[], BaseException]) -> None:
    error = make()
    with suppress(RuntimeError):
        BaseException.add_note(error, SECRET)
    found = report(caught(throw(error)))["exceptions"]
    assert found[0]["frames"][0].startswith(PLACE)
    assert "Zq" not in json.dumps(found)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (ValueError, ("ValueError", False)),
        (apsw.SQLError, ("apsw.SQLError", False)),
        (IntegrityError, ("satchel.errors.IntegrityError", False)),
        (json.JSONDecodeError, ("json.decoder.JSONDecodeError", False)),
        (made_class("Anything"), ("KeyError", True)),
        (made_class("ValueError"), ("KeyError", True)),
        (pytest.fail.Exception, ("BaseException", True)),
    ],
)
def test_only_known_types_are_named(kind: type[BaseException], expected: tuple[str, bool]) -> None:
    name, is_subclass = type_name(kind)
    assert is_subclass == expected[1]
    assert name == expected[0] or (is_subclass and name in {"Exception", "BaseException"})


def test_causes_contexts_and_members_are_listed_nearest_first() -> None:
    def raising() -> None:
        try:
            dict[str, int]()[SECRET]
        except KeyError as exc:
            raise ExceptionGroup(SECRET, [TypeError(SECRET)]) from exc

    found = report(caught(raising))["exceptions"]
    assert [(each["relation"], each["type"]) for each in found] == [
        ("raised", "ExceptionGroup"),
        ("cause", "KeyError"),
        ("member", "TypeError"),
    ]


def test_a_chain_that_bites_its_tail_ends() -> None:
    first, second = ValueError(SECRET), TypeError(SECRET)
    first.__cause__, second.__cause__ = second, first
    assert len(report(caught(throw(first)))["exceptions"]) == 2


def test_long_chains_and_wide_groups_are_cut() -> None:
    group: Exception = ValueError(SECRET)
    for _ in range(300):
        group = ExceptionGroup(SECRET, [TypeError(SECRET) for _ in range(50)] + [group])
    assert len(report(caught(throw(group)))["exceptions"]) == MOST_EXCEPTIONS


def test_a_deep_recursion_is_cut() -> None:
    def again(_: int) -> bytes:
        return monthly_identity(Path(SECRET), TODAY, again).id.encode()

    with pytest.raises(RecursionError) as stopped:
        again(0)
    [found] = report(stopped.value)["exceptions"][:1]
    assert found["type"] == "RecursionError"
    assert len(found["frames"]) == MOST_FRAMES
    assert found["left_out"] > 50


def test_code_outside_satchel_is_only_counted(tmp_path: Path) -> None:
    path = tmp_path / SECRET / "satchel" / "secret.py"
    code = compile(
        f"def {SECRET.replace('-', '_')}(): raise ValueError\n{SECRET.replace('-', '_')}()", str(path), "exec"
    )
    [found] = report(caught(lambda: exec(code)))["exceptions"]
    assert [place.startswith(PLACE) for place in found["frames"]] == [True]


# -- files --------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path) -> Path:
    turn_on(tmp_path)
    return tmp_path


def made() -> bytes:
    return make_report(caught(throw(ValueError())), TODAY, FACTS, command="show")


def test_the_newest_reports_are_kept_privately(home: Path) -> None:
    for expected in range(1, MOST_KEPT + 4):
        assert keep_report(home, made()) == expected
    assert [each.number for each in list_reports(home)] == list(range(4, MOST_KEPT + 4))
    folder = home / "telemetry" / "crashes"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    delete_report(home, MOST_KEPT + 3)
    assert clear_reports(home) == MOST_KEPT - 1
    assert list_reports(home) == []


def test_without_consent_no_report_is_kept(tmp_path: Path) -> None:
    with pytest.raises(SatchelError):
        keep_report(tmp_path, made())
    assert list(tmp_path.iterdir()) == []


def test_threads_that_crash_at_once_keep_a_report_each(home: Path) -> None:
    data, numbers = made(), []
    threads = [threading.Thread(target=lambda: numbers.append(keep_report(home, data))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("damage", [b"", b"{", b"[" * 50_000, b"\xff", b'{"format":"satchel-crash/2"}'])
def test_a_damaged_report_is_told_left_out_and_cleared(home: Path, damage: bytes) -> None:
    keep_report(home, damage)
    keep_report(home, made())
    with pytest.raises(IntegrityError, match="report 1"):
        read_report(home, 1)
    assert [each.number for each in list_reports(home)] == [2]
    assert clear_reports(home) == 2
    with pytest.raises(NotFoundError):
        read_report(home, 2)


def test_files_with_other_names_are_left_alone(home: Path) -> None:
    keep_report(home, made())
    for name in ("0.json", "01.json", "-1.json", "9999999999.json", "x.json", "٣.json", "1.txt"):
        (home / "telemetry" / "crashes" / name).write_bytes(b"")
    assert clear_reports(home) == 1


def test_the_packages_that_may_be_named_are_those_of_the_project() -> None:
    with mock.patch.dict(sys.modules, {"zqsecret": mock.Mock()}):
        kind = type("Zq", (ValueError,), {"__module__": "zqsecret", "__qualname__": "Zq"})
        sys.modules["zqsecret"].Zq = kind  # type: ignore[attr-defined]
        assert type_name(kind) == ("ValueError", True)
