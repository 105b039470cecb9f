"""Terminal output: progress bars, tables, highlighting, and formatted numbers."""

import io
import re
from contextlib import suppress

import pytest
from tests.cli.conftest import Cli

from satchel.cli.terminal.highlighting import HIGHLIGHTED_CHARS
from satchel.cli.terminal.meter import Meter
from satchel.cli.terminal.tables import cell_width, draw_table, fit
from satchel.cli.terminal.text import Column, format_count, format_duration, format_size, one_line, printable


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_bar_appears_after_a_second_and_is_cleared_at_the_end() -> None:
    clock, terminal = Clock(), io.StringIO()
    with Meter(terminal, clock=clock).phase("reading", 1000 * 1024) as advance:
        advance(1)
        assert terminal.getvalue() == ""
        clock.now += 2
        advance(500 * 1024 - 1)
        drawn = terminal.getvalue()
    assert "reading   50% ━━━━━━━━━━━━────────────  500 KiB  250 KiB/s  2.0 s left" in drawn
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_bar_is_drawn_at_most_ten_times_a_second() -> None:
    clock, terminal = Clock(), io.StringIO()
    with Meter(terminal, clock=clock).phase("reading", 100) as advance:
        clock.now += 1.5
        for _ in range(100):
            advance(1)
    assert terminal.getvalue().count("reading") == 1


def test_a_phase_of_unknown_length_shows_amount_and_rate() -> None:
    clock, terminal = Clock(), io.StringIO()
    with Meter(terminal, clock=clock).phase("importing", unit="pieces") as advance:
        clock.now += 4
        advance(2000)
    assert "importing  2,000  500/s" in terminal.getvalue()
    assert "left" not in terminal.getvalue()


def test_a_short_phase_draws_nothing() -> None:
    terminal = io.StringIO()
    with Meter(terminal, clock=Clock()).phase("reading", 5) as advance:
        advance(5)
    assert terminal.getvalue() == ""


def test_an_error_in_a_phase_clears_the_line() -> None:
    clock, terminal = Clock(), io.StringIO()
    with suppress(ValueError), Meter(terminal, clock=clock).phase("reading", 5) as advance:
        clock.now += 3
        advance(1)
        raise ValueError("x")
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_table_fits_the_terminal_by_shrinking_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    columns = [Column("ID"), Column("TITLE", shrinks=True), Column("SIZE", right=True)]
    rows = [
        ["01KB3XABCD", "a title that is far too long for this place", "12 KiB"],
        ["01KB3XABCE", "日本語", "1 B"],
    ]
    lines = draw_table(columns, rows, color=False).splitlines()
    assert all(cell_width(line) <= 40 for line in lines)
    assert lines[0].startswith("ID          TITLE")
    assert "01KB3XABCD" in lines[1]
    assert "12 KiB" in lines[1]
    assert "…" in lines[1]
    assert len(lines) == 3


def test_a_very_narrow_terminal_gets_every_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "5")
    rows = [["01KB3XABCD", "x" * 30], ["01KB3XABCE", ""]]
    assert len(draw_table([Column("ID"), Column("TITLE", shrinks=True)], rows, color=False).splitlines()) == 3


@pytest.mark.parametrize(
    ("text", "width", "fitted"),
    [
        ("short", 10, "short"),
        ("exactly ten", 10, "exactly t…"),
        ("src/deep/folder/name.py", 12, "…der/name.py"),
        ("a / b and more", 8, "a / b a…"),
        ("日本語テキスト", 7, "日本語…"),
        ("日本語テキスト", 8, "日本語…"),
        ("src/日本語/テキスト.py", 12, "…テキスト.py"),
        ("src/日本語/テキスト.py", 13, "…/テキスト.py"),
        ("👩‍👩‍👧 family", 5, "👩‍👩‍👧 f…"),
    ],
)
def test_text_is_cut_at_its_end_and_paths_at_their_start(text: str, width: int, fitted: str) -> None:
    assert fit(text, width) == fitted
    assert cell_width(fitted) <= width


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("日", 2),
        ("\u200b", 0),
        ("a…", 2),
        ("👩‍👩‍👧", 2),
        ("⚠\ufe0f", 2),
    ],
)
def test_cells_are_counted_like_a_terminal(text: str, width: int) -> None:
    assert cell_width(text) == width


def test_colours_can_be_turned_off() -> None:
    assert "\x1b" not in draw_table([Column("ID", dim=True)], [["x"]], color=False)
    assert "\x1b" in draw_table([Column("ID", dim=True)], [["x"]], color=True)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_no_colour_and_dumb_terminals_are_honoured(cli: Cli, variables: dict[str, str]) -> None:
    cli.save("x = 1", "--language", "python")
    plain = Cli(cli.home, variables)
    for command in ("list", "status", "doctor"):
        assert "\x1b" not in plain.ok(command, terminal=True).text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttab\nline", "plain\ttab\nline"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\rb", "a\\x0db"),
        ("\x9b", "\\x9b"),
        ("\u202eabc", "\\x202eabc"),
        ("\x00\x7f", "\\x00\\x7f"),
        ("pay\u200bpal", "pay\\x200bpal"),
        ("a\u200db", "a\\x200db"),
        ("a\u200cb", "a\\x200cb"),
        ("a\u2060\u00ad\u180e\u3164b", "a\\x2060\\xad\\x180e\\x3164b"),
        ("\ufff9a\ufffab\ufffb", "\\xfff9a\\xfffab\\xfffb"),
        ("a\ufe0f", "a\\xfe0f"),
        ("1\ufe0f", "1\\xfe0f"),
        ("\U000e0041\U000e007f", "\\xe0041\\xe007f"),
        ("😀\U000e0101\U000e0102", "😀\\xe0101\\xe0102"),
        ("⚠\ufe0f\ufe0f", "⚠\ufe0f\\xfe0f"),
        ("🏴\U000e0067\U000e0062", "🏴\\xe0067\\xe0062"),
        ("👩\u200d", "👩\\x200d"),
        ("\u034f\u115f\u1160\u17b4\uffa0", "\\x34f\\x115f\\x1160\\x17b4\\xffa0"),
    ],
)
def test_control_characters_are_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧", "👩🏽\u200d💻", "🏳\ufe0f\u200d🌈", "⚠\ufe0f", "1\ufe0f\u20e3", "#\u20e3",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "نمی\u200cشود", "क्\u200dष", "ක්\u200dර", "葛\U000e0100", "≨\ufe00", "e\u0301", "한국어", "עִבְרִית",
    ],
)  # fmt: skip
def test_characters_that_belong_to_an_emoji_or_a_word_are_kept(text: str) -> None:
    assert printable(text) == text


HIDDEN = "\u200b\u200d\u2060\u00ad\u180e\u3164\ufff9\U000e0041\ufe0f\u202e"


def test_hidden_characters_are_made_visible_wherever_a_piece_is_printed(cli: Cli) -> None:
    piece = cli.save(f"x{HIDDEN}\n", "--title", f"t{HIDDEN}", "--tag", f"a{HIDDEN}", "--language", "python")
    for arguments in (
        ["list"], ["search", "x"], ["show", piece], ["show", piece, "--json"], ["list", "--json"], ["history", piece],
        ["tag", piece], ["tag", piece, "--quiet"], ["edit", piece, "--title", f"u{HIDDEN}"],
        ["show", f"x{HIDDEN}"], ["list", "--limit", f"1{HIDDEN}"], ["save", f"no{HIDDEN}.py"],
    ):  # fmt: skip
        answer = cli.run(*arguments, terminal=True)
        shown = answer.text + answer.err
        assert not set(shown) & set(HIDDEN), arguments


def test_a_pipe_gets_hidden_characters_as_they_are(cli: Cli) -> None:
    content = f"x{HIDDEN}\n".encode()
    piece = cli.save(content, "--title", "t\u200bt")
    assert cli.ok("show", piece).out == content
    assert "t\u200bt" in cli.ok("list").text
    assert cli.json("show", piece)["content"].encode() == content


def test_a_cell_is_one_line() -> None:
    assert one_line(" a\tb\n\nc\x00d ") == "a b c d"


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 KiB"), (1536, "1.5 KiB"), (10240, "10 KiB"), (2**20, "1.0 MiB"),
     (5 * 2**30, "5.0 GiB"), (3 * 2**50, "3072 TiB")],
)  # fmt: skip
def test_sizes_are_formatted(size: int, text: str) -> None:
    assert format_size(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.44, "0.4 s"),
        (12.2, "12 s"),
        (59.9, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7800, "2 h 10 min"),
        (500_000, "5 d"),
    ],
)
def test_durations_are_formatted(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_counts_are_formatted() -> None:
    assert [format_count(number, "Piece") for number in (0, 1, 1234)] == [
        "0 Pieces",
        "1 Piece",
        "1,234 Pieces",
    ]


def test_long_lines_are_not_wrapped(cli: Cli) -> None:
    line = "value = " + " + ".join(["something"] * 60)
    piece = cli.save(f"{line}\n\n# end\n", "--language", "python", "--title", "long")
    text = re.sub(r"\x1b\[[0-9;]*m", "", cli.ok("show", piece, terminal=True).text)
    assert text.splitlines()[1:] == [line, "", "# end"]


def test_long_content_is_not_highlighted(cli: Cli) -> None:
    piece = cli.save("x = 1\n" * HIGHLIGHTED_CHARS, "--language", "python", "--title", "long")
    _, _, content = cli.ok("show", piece, terminal=True).text.partition("\n")
    assert content == "x = 1\n" * HIGHLIGHTED_CHARS


def test_an_unknown_language_is_not_highlighted(cli: Cli) -> None:
    piece = cli.save("moo", "--language", "cowspeak")
    assert "moo" in cli.ok("show", piece, terminal=True).text


def test_with_quiet_there_is_no_heading(cli: Cli) -> None:
    assert cli.ok("show", cli.save("just this"), "--quiet", terminal=True).text == "just this\n"
