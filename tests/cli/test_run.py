"""`satchel run`: values for placeholders, the command shown, and run on Enter only."""

from pathlib import Path

import pytest
from tests.cli.conftest import Cli

ASKED = "anything else cancels: "
GREET = "printf '%s, %s!\\n' <greeting:hello|good bye> <name=world>"


@pytest.fixture
def greet(cli: Cli) -> str:
    return cli.save(GREET, "--language", "bash")


def test_values_are_asked_for_and_enter_runs_the_command(cli: Cli, greet: str) -> None:
    answers = [("greeting [hello]: ", "2"), ("name [world]: ", "it's me"), (ASKED, "")]
    code, said = cli.talk("run", greet, answers=answers)
    assert code == 0
    shown, _, ran = said.partition(ASKED)
    assert "  1  hello\r\n  2  good bye\r\n" in shown
    assert "  printf '%s, %s!\\n' 'good bye' 'it'\"'\"'s me'\r\n" in shown
    assert ran.strip() == "good bye, it's me!"


def test_defaults_are_taken_on_enter_and_given_values_are_not_asked_for(cli: Cli, greet: str) -> None:
    code, said = cli.talk(
        "run", greet, "--set", "greeting=hello", answers=[("name [world]: ", ""), (ASKED, "")]
    )
    assert code == 0
    assert "greeting [" not in said
    assert "hello, world!" in said.partition(ASKED)[2]


@pytest.mark.parametrize("answer", ["n", "no", "\x04"])
def test_anything_but_enter_runs_nothing(cli: Cli, tmp_path: Path, answer: str) -> None:
    piece = cli.save(f"touch {tmp_path / 'made'}", "--language", "bash")
    code, said = cli.talk("run", piece, answers=[(ASKED, answer)])
    assert code == 1
    assert "cancelled; nothing was run" in said
    assert not (tmp_path / "made").exists()


def test_what_was_typed_before_the_question_does_not_answer_it(cli: Cli, tmp_path: Path) -> None:
    piece = cli.save(f"touch {tmp_path / 'made'} <x>", "--language", "bash")
    code, said = cli.talk("run", piece, answers=[("x: ", "a\n\n"), (ASKED, "no")])
    assert code == 1
    assert not (tmp_path / "made").exists()
    assert "cancelled" in said


@pytest.mark.parametrize(("command", "code"), [("exit 7", 7), ("kill -TERM $$", 143), ("true", 0)])
def test_the_exit_code_is_the_commands(cli: Cli, command: str, code: int) -> None:
    piece = cli.save(command, "--language", "bash")
    assert cli.talk("run", piece, answers=[(ASKED, "")])[0] == code


def test_the_command_reads_the_terminal_and_is_in_no_process_list(cli: Cli) -> None:
    text = "read -r line\ntr '\\0' ' ' < /proc/$$/cmdline\necho got $line"
    piece = cli.save(text, "--language", "bash")
    code, said = cli.talk("run", piece, "--shell", "bash", answers=[(ASKED, ""), (f"{ASKED}\r\n", "typed")])
    assert code == 0
    assert "got typed" in said
    listed = said.rpartition(ASKED)[2].partition("got")[0]
    assert "/dev/fd/" in listed
    assert "read -r" not in listed


@pytest.mark.tool("fish", "zsh")
@pytest.mark.parametrize(
    ("shell", "text"), [("fish", "set x <v>; echo $x $FISH_VERSION"), ("zsh", "x=<v>; echo $x $ZSH_VERSION")]
)
def test_other_shells_run_their_commands(cli: Cli, shell: str, text: str) -> None:
    piece = cli.save(text, "--language", "fish" if shell == "fish" else "bash")
    code, said = cli.talk("run", piece, "--set", r"v=it's \ $HOME", answers=[(ASKED, "")])
    if shell == "zsh":
        code, said = cli.talk(
            "run", piece, "--set", r"v=it's \ $HOME", "--shell", "zsh", answers=[(ASKED, "")]
        )
    assert code == 0
    assert r"it's \ $HOME " in said.partition(ASKED)[2]


def test_printing_runs_nothing_and_needs_no_terminal(cli: Cli, greet: str, tmp_path: Path) -> None:
    answer = cli.ok("run", greet, "--print", "--set", "greeting=good bye")
    assert answer.text == "printf '%s, %s!\\n' 'good bye' world\n"
    piece = cli.save(f"touch {tmp_path / 'made'}", "--language", "bash")
    document = cli.json("run", piece, "--print")
    assert document["command"] == f"touch {tmp_path / 'made'}"
    assert not (tmp_path / "made").exists()


def test_without_a_terminal_nothing_is_run(cli: Cli, greet: str) -> None:
    answer = cli.run("run", greet, "--set", "greeting=hello")
    assert (answer.code, answer.out) == (2, b"")
    assert (
        answer.err
        == "satchel: there is no terminal to show the command on\nhint: --print prints it, and runs nothing\n"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "greeting"], "has no value"),
        (["--set", "nam=x"], "no placeholder 'nam'"),
        (["--set", "greeting=hi"], "none of hello, good bye"),
        (["--set", "name=\x1b[2J"], "control character"),
        ([], "no value is given for <greeting>"),
        (["--shell", "tcsh"], "tcsh"),
    ],
)
def test_wrong_values_are_refused(cli: Cli, greet: str, arguments: list[str], message: str) -> None:
    answer = cli.run("run", greet, "--print", *arguments)
    assert answer.code == 2
    assert message in answer.err


def test_a_refused_answer_is_asked_for_again(cli: Cli) -> None:
    piece = cli.save("echo <a:x|y> <b>", "--language", "bash")
    answers = [("a [x]: ", "z"), ("a [x]: ", "y"), ("b: ", ""), ("b: ", "''"), (ASKED, "")]
    code, said = cli.talk("run", piece, answers=answers)
    assert code == 0
    assert "a: it is none of x, y" in said
    assert "b: it is empty" in said
    assert "  echo y ''\r\n" in said


def test_other_languages_are_refused_and_shells_can_be_named(cli: Cli) -> None:
    piece = cli.save("print(1)", "--language", "python")
    answer = cli.run("run", piece, "--print")
    assert (answer.code, "in python" in answer.err) == (2, True)
    assert cli.ok("run", piece, "--print", "--shell", "sh").text == "print(1)\n"
    image = cli.save(b"\x89PNG\r\n\x1a\n" + bytes(40))
    assert cli.run("run", image, "--print", "--shell", "sh").code == 2


def test_a_command_with_angle_brackets_can_be_taken_as_it_is(cli: Cli) -> None:
    piece = cli.save("cat <in>out", "--language", "bash")
    assert cli.ok("run", piece, "--print", "--as-is").text == "cat <in>out\n"
    assert cli.run("run", piece, "--print").code == 2


def test_hidden_characters_of_a_command_are_shown(cli: Cli) -> None:
    piece = cli.save("echo safe\u202e; rm -rf x\x1b[8m", "--language", "bash")
    code, said = cli.talk("run", piece, answers=[(ASKED, "n")])
    assert code == 1
    assert "echo safe\\x202e; rm -rf x\\x1b[8m" in said
