"""Values reach the program as they were typed, in real shells, wherever the placeholder stands."""

import subprocess
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from satchel.errors import UsageError
from satchel.placeholders import fill, placeholders_of
from satchel.placeholders.syntax import Placeholder, written

HOSTILE: Final = (
    "",
    "plain",
    "two words",
    "it's",
    'say "hi"',
    "$HOME `id` $(id)",
    "; id; #",
    "a\\b\\",
    "*?[a]{b,c}~",
    "!! !$ wow!",
    "-rf --",
    "grün 日本",
    "tab\tend",
    "two\nlines",
    "' \" ` $( ${x} \\' \\\" <",
)
# Each prints the value alone, or between brackets.
POSIX: Final = (
    "printf '[%s]' <v>",
    "printf '[%s]' \"<v>\"",
    "printf '[%s]' '<v>'",
    "printf '%s' '['<v>']'",
    "printf '[%s]' \"$(printf '%s' <v>)\"",
    "printf '[%s]' \"$(printf '%s' \"<v>\")\"",
    "printf '[%s]' \"`printf '%s' <v>`\"",
    "x=<v>; printf '[%s]' \"$x\"",
    "printf '[%s]' \"$(printf '%s' '<v>')\" # it's \"odd\" here",
    "if true; then (printf '[%s]' \"<v>\"); fi",
)
BASH: Final = (*POSIX, "printf '[%s]' $'<v>'", "read -rd '' x <<< \"<v>\"; printf '[%s]' \"${x%$'\\n'}\"")
HERE: Final = (
    "cat <<EOF\n[<v>]\nEOF\n",
    "cat <<'EOF'\n[<v>]\nEOF\n",
    "cat <<-E; echo '<v>' >/dev/null\n\t[<v>]\n\tE\n",
)
FISH: Final = (
    "printf '[%s]' <v>",
    "printf '[%s]' \"<v>\"",
    "printf '[%s]' '<v>'",
    "printf '[%s]' (printf '%s' <v> | string collect -N)",
    "set x <v>; printf '[%s]' $x # it's",
)


def printed(shell: str, line: str) -> str:
    done = subprocess.run([shell, "-c", line], capture_output=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, (line, done.stderr)
    return done.stdout.decode()


@pytest.mark.tool("bash")
@pytest.mark.parametrize("template", BASH)
def test_bash_takes_hostile_values_as_text(template: str) -> None:
    values = [value for value in HOSTILE if "read" not in template or value == value.strip()]
    script = "\n".join(fill(template, {"v": value}, "posix") for value in values)
    assert printed("bash", script) == "".join(f"[{value}]" for value in values)


@pytest.mark.parametrize(
    "shell",
    [
        pytest.param("dash", marks=pytest.mark.tool("dash")),
        pytest.param("zsh", marks=pytest.mark.tool("zsh")),
    ],
)
def test_other_posix_shells_do_too(shell: str) -> None:
    script, wanted = [], []
    for template in POSIX:
        for value in HOSTILE:
            script.append(fill(template, {"v": value}, "posix"))
            wanted.append(f"[{value}]")
    assert printed(shell, "\n".join(script)) == "".join(wanted)


@pytest.mark.tool("fish")
@pytest.mark.parametrize("template", FISH)
def test_fish_takes_hostile_values_as_text(template: str) -> None:
    values = [value for value in HOSTILE if value or "collect" not in template]
    script = "\n".join(fill(template, {"v": value}, "fish") for value in values)
    assert printed("fish", script) == "".join(f"[{value}]" for value in values)


@pytest.mark.tool("bash")
@pytest.mark.parametrize("template", HERE)
def test_values_in_here_documents_are_text(template: str) -> None:
    for value in HOSTILE:
        if "\n" in value:
            with pytest.raises(UsageError, match="several lines"):
                fill(template, {"v": value}, "posix")
        else:
            assert printed("bash", fill(template, {"v": value}, "posix")) == f"[{value}]\n"


@pytest.mark.tool("bash")
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.text(alphabet="ab '\"\\$`!(){}<>|&;#*~\n\té", max_size=12).map(lambda text: text.rstrip("\n")),
        min_size=5,
        max_size=20,
    )
)
def test_any_value_is_text_in_any_place(values: list[str]) -> None:
    pairs = [(template, value) for value in values for template in (*POSIX, BASH[-2])]
    script = "\n".join(fill(template, {"v": value}, "posix") for template, value in pairs)
    assert printed("bash", script) == "".join(f"[{value}]" for _, value in pairs)


def test_a_value_in_a_comment_cannot_end_it() -> None:
    assert fill("ls # <v>\n", {"v": "; id"}, "posix") == "ls # ; id\n"
    with pytest.raises(UsageError, match="several lines"):
        fill("ls # <v>", {"v": "a\nid"}, "posix")


@pytest.mark.tool("bash")
def test_only_plain_values_stand_in_braces() -> None:
    template = 'echo "${unset:-<v>}"'
    assert printed("bash", fill(template, {"v": "v1.2/x-y"}, "posix")) == "v1.2/x-y\n"
    for value in ("two words", "}; id", "'", "$(id)"):
        with pytest.raises(UsageError, match="shells differ"):
            fill(template, {"v": value}, "posix")


def test_control_characters_and_missing_values_are_refused() -> None:
    with pytest.raises(UsageError, match="control character"):
        fill("ls <v>", {"v": "a\x1b[2J"}, "posix")
    with pytest.raises(UsageError, match="'w' has no value"):
        fill("ls <v> <w>", {"v": "a"}, "posix")


def test_placeholders_are_found_once_with_the_first_default_and_choices() -> None:
    found = placeholders_of("a <x> <y=1 2> <x=d> <z:a|b|b|> <y=3> <e=>")
    assert found == (
        Placeholder("x", "d"),
        Placeholder("y", "1 2"),
        Placeholder("z", None, ("a", "b", "")),
        Placeholder("e", ""),
    )


@pytest.mark.parametrize(
    "text",
    [
        "cat < file > out",
        "cat <<EOF",
        "diff <(ls) <(ls a)",
        r"grep '\<word\>' f",
        "sort <in>>out",
        "a <1> b",
        "<a b>",
        "<a:b>",
        "x << y >> z",
    ],
)
def test_what_shells_write_alike_is_no_placeholder(text: str) -> None:
    assert placeholders_of(text) == ()


def test_importers_write_only_what_can_be_read_back() -> None:
    assert placeholders_of(written("branch name", default="a>b")) == (Placeholder("branch_name", "a b"),)
    assert placeholders_of(written("1", choices=("a", "b|c"))) == (Placeholder("_1", None, ("a", "b c")),)
    assert placeholders_of(written("  ", choices=("only",))) == (Placeholder("value"),)
