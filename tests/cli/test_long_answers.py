"""Answers that fit the screen: tables of any width, the pager, and times of any year."""

import datetime as dt
import fcntl
import io
import os
import re
import struct
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM, Cli

from satchel.cli.commands.backups.backups import COLUMNS as BACKUP_COLUMNS
from satchel.cli.commands.cloud.devices import COLUMNS as DEVICE_COLUMNS
from satchel.cli.commands.cloud.shares import COLUMNS as SHARE_COLUMNS
from satchel.cli.terminal.tables import cell_width, draw_table
from satchel.cli.terminal.text import Column, format_moment
from satchel.cli.views import LIST_COLUMNS, REVISION_COLUMNS, moment
from satchel.store import Draft, Store

WIDE = {
    "LEFT": "unlimited", "STATE": "used up", "OPENED": "1000000", "LAST OPENED": "2026-01-31 09:05", "LANGUAGE": "javascript",
    "EXPIRES": "2026-01-31 09:05", "UPDATED": "2026-01-31 09:05", "CHANGED": "2026-01-31 09:05", "CREATED": "2026-01-31 09:05",
    "CONNECTED": "2026-01-31 09:05", "LAST SEEN": "2026-01-31 09:05", "SIZE": "1.5 MiB", "NEW": "1.5 MiB", "ID": "5be01234", "PASSWORD": "yes",
}  # fmt: skip


@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize(
    "columns",
    [LIST_COLUMNS, REVISION_COLUMNS, SHARE_COLUMNS, DEVICE_COLUMNS, BACKUP_COLUMNS],
    ids=["list", "history", "shares", "devices", "backups"],
)
def test_tables_fit_any_width(columns: Sequence[Column], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    rows = [
        [WIDE.get(column.heading, "a text of more than forty characters, 日本語") for column in columns]
    ] * 3
    lines = draw_table(columns, rows, color=False).splitlines()
    assert len(lines) == 4
    assert max(map(cell_width, lines)) <= width


def test_titles_give_way_before_columns_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = [
        Column("ID"),
        Column("TITLE", shrinks=True),
        Column("A"),
        Column("B", spare=True),
        Column("C", spare=True),
    ]
    rows = [["1234", "t" * 40, "aaaa", "bbbb", "cccc"]]

    def headings(width: int) -> list[str]:
        monkeypatch.setenv("COLUMNS", str(width))
        return draw_table(columns, rows, color=False).splitlines()[0].split()

    assert headings(64) == headings(44) == ["ID", "TITLE", "A", "B", "C"]
    assert headings(43) == ["ID", "TITLE", "A", "B"]
    assert headings(36) == ["ID", "TITLE", "A"]


@pytest.mark.parametrize("year", [1, 99, 1969, 9999])
def test_years_have_four_digits(cli: Cli, year: int) -> None:
    at = dt.datetime(year, 12, 31, 12, tzinfo=dt.UTC)
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", format_moment(at))
    assert moment(at) == f"{year:04}-12-31T12:00:00.000Z"
    with Store.open(cli.home) as store:
        store.add(Draft(b"old", created=at, updated=at))
    assert cli.json("list")["pieces"][0]["updated"].startswith(f"{year:04}-12-31")
    assert f"{year:04}-12-31" in cli.ok("list", terminal=True).text


@pytest.mark.parametrize("zone", ["UTC-14", "UTC+12", "Europe/Berlin"])
def test_times_at_the_ends_of_the_calendar_are_shown(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", zone)
    for at in (dt.datetime(1, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 12, 31, 23, 59, tzinfo=dt.UTC)):
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}", format_moment(at))


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["list", "--sort"], "see satchel list --help"),
        (["search", "x", "--limt", "3"], "did you mean --limit? to search for it: satchel search -- --limt"),
        (["list", "--lang", "x"], "did you mean --language? otherwise see satchel list --help"),
        (["sohw", "x"], "did you mean show? otherwise see satchel --help"),
        (["delete", "x"], "see satchel --help"),
        (["recovery", "shwo"], "did you mean show? otherwise see satchel recovery --help"),
    ],
)
def test_only_close_names_are_suggested(cli: Cli, arguments: list[str], hint: str) -> None:
    answer = cli.run(*arguments)
    assert answer.code == 2
    assert hint in answer.err.splitlines()[1]
    assert ("did you mean" in hint) == ("did you mean" in answer.err)


def test_add_and_find_are_other_names(cli: Cli) -> None:
    piece = cli.ok("add", "-", stdin=b"some words").text.strip()
    assert piece in cli.ok("find", "words").text
    cli.ok("settings", "set", "search.limit", "1")
    cli.save("other words")
    assert len(cli.ok("find", "words").lines) == 1
    assert cli.ok("find", "--help").text == cli.ok("search", "--help").text


def test_cat_prints_only_contents(cli: Cli) -> None:
    first, second = cli.save("x = 1\n", "--language", "python"), cli.save(b"\xff\xfebytes \x1b[31m")
    assert cli.ok("cat", first, second).out == b"x = 1\n\xff\xfebytes \x1b[31m"
    assert cli.ok("cat", first, terminal=True).text == "x = 1\n"
    document = cli.json("cat", first, first)
    assert [piece["content"] for piece in document["pieces"]] == ["x = 1\n"] * 2


# -- the pager ----------------------------------------------------------------------------------------------------


def on_screen(cli: Cli, *arguments: str, rows: int, variables: dict[str, str]) -> tuple[int, str]:
    """Run the installed program on a terminal of a known height, and return what it prints there."""
    controller, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 80, 0, 0))
    environ = {name: value for name, value in os.environ.items() if name not in {"PAGER", "LESS"}}
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        env={**environ, **cli.variables, **variables},
        stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal,
    )  # fmt: skip
    os.close(terminal)
    said = io.BytesIO()
    while True:
        try:
            chunk = os.read(controller, 65536)
        except OSError:
            break
        if not chunk:
            break
        said.write(chunk)
    os.close(controller)
    return process.wait(timeout=60), said.getvalue().decode().replace("\r\n", "\n")


@pytest.fixture
def long(cli: Cli, tmp_path: Path) -> tuple[Cli, str, dict[str, str]]:
    """A Piece of fifty lines, and a pager that says that it was used."""
    script = tmp_path / "pager"
    script.write_text('#!/bin/sh\necho "PAGED $LESS $*"\ncat\n')
    script.chmod(0o755)
    text = "".join(f"line {number}\n" for number in range(50))
    return cli, cli.save(text, "--language", "text"), {"PAGER": f"{script} -x", "NO_COLOR": "1"}


def test_an_answer_longer_than_the_screen_is_paged(long: tuple[Cli, str, dict[str, str]]) -> None:
    cli, piece, variables = long
    code, said = on_screen(cli, "show", piece, rows=24, variables=variables)
    assert (code, said.splitlines()[0]) == (0, "PAGED FRX -x")
    assert said.endswith("line 49\n")
    _, said = on_screen(cli, "show", piece, rows=24, variables={**variables, "LESS": "X"})
    assert said.startswith("PAGED X -x\n")


@pytest.mark.parametrize(
    ("rows", "options", "changed"),
    [
        (60, [], {}),
        (0, [], {}),
        (24, ["--no-pager"], {}),
        (24, [], {"PAGER": "cat"}),
        (24, [], {"PAGER": ""}),
        (24, [], {"SATCHEL_PAGER": ""}),
        (24, [], {"PAGER": "/nonexistent/pager"}),
        (24, [], {"PAGER": "'unbalanced"}),
    ],
)
def test_other_answers_are_printed(
    long: tuple[Cli, str, dict[str, str]], rows: int, options: list[str], changed: dict[str, str]
) -> None:
    cli, piece, variables = long
    code, said = on_screen(cli, "cat", piece, *options, rows=rows, variables={**variables, **changed})
    assert (code, said.count("\n"), "PAGED" in said) == (0, 50, False)


def test_the_pager_of_satchel_comes_first(long: tuple[Cli, str, dict[str, str]]) -> None:
    cli, piece, variables = long
    both = {"PAGER": "/nonexistent", "SATCHEL_PAGER": variables["PAGER"]}
    assert on_screen(cli, "cat", piece, rows=24, variables=both)[1].startswith("PAGED")


def test_long_lines_count_as_several_rows(long: tuple[Cli, str, dict[str, str]]) -> None:
    cli, _, variables = long
    piece = cli.save("x" * 80 * 30, "--language", "text")
    assert on_screen(cli, "cat", piece, rows=24, variables=variables)[1].startswith("PAGED")


def test_a_pager_that_stops_reading_is_no_failure(long: tuple[Cli, str, dict[str, str]]) -> None:
    cli, _, _ = long
    piece = cli.save("x\n" * 200_000, "--language", "text")
    code, said = on_screen(cli, "cat", piece, rows=24, variables={"PAGER": "head -n 1"})
    assert (code, said) == (0, "x\n")


def test_a_pipe_is_never_paged(long: tuple[Cli, str, dict[str, str]]) -> None:
    cli, piece, variables = long
    assert cli.process("cat", piece, variables=variables).text.count("\n") == 50
