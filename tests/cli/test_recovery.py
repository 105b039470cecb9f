"""`satchel recovery`."""

from collections.abc import Callable

from tests.cli.conftest import Cli

NewCli = Callable[[], Cli]


def test_the_words_are_shown_as_a_grid_on_a_terminal_and_as_a_line_in_a_pipe(cli: Cli) -> None:
    line = cli.ok("recovery", "show").text
    words = line.split()
    assert len(words) == 24
    grid = cli.ok("recovery", "show", terminal=True).text
    assert len(grid.splitlines()) == 6
    assert all(f"{number:>2} {word}" in grid for number, word in enumerate(words, 1))
    assert cli.json("recovery", "show") == {"words": " ".join(words)}


def test_the_identity_is_the_one_that_age_takes(cli: Cli) -> None:
    identity = cli.ok("recovery", "show", "--age").text
    assert identity.startswith("AGE-SECRET-KEY-1")
    assert cli.json("recovery", "show", "--age") == {"identity": identity.strip()}


def test_the_words_bring_the_same_secret_to_another_home(cli: Cli, another: NewCli) -> None:
    words = cli.ok("recovery", "show").out
    other = another()
    document = other.json("recovery", "use", stdin=words)
    assert document.keys() == {"home", "owner", "kept"}
    assert other.ok("recovery", "show", "--age").out == cli.ok("recovery", "show", "--age").out


def test_words_are_taken_in_any_case_and_spacing(cli: Cli, another: NewCli) -> None:
    words = cli.ok("recovery", "show").text.upper().replace(" ", "\n  ")
    another().ok("recovery", "use", stdin=words.encode())


def test_wrong_words_are_refused_without_repeating_them(cli: Cli, another: NewCli) -> None:
    words = cli.ok("recovery", "show").text.split()
    for typed in (words[:23], [*words[:23], "xylophonic"], [words[1], words[0], *words[2:]]):
        answer = another().run("recovery", "use", stdin=" ".join(typed).encode())
        assert answer.code == 2
        assert not any(word in answer.err.split() for word in words if len(word) > 6)
        assert "xylophonic" not in answer.err


def test_a_secret_that_is_here_is_not_replaced_unasked(cli: Cli, another: NewCli) -> None:
    other = another()
    other.ok("init")
    words = other.ok("recovery", "show").out
    mine = cli.ok("recovery", "show").out
    answer = cli.run("recovery", "use", stdin=words)
    assert answer.code == 4
    assert cli.ok("recovery", "show").out == mine
    cli.ok("recovery", "use", "--replace", stdin=words)
    assert cli.ok("recovery", "show").out == words


def test_without_a_secret_there_is_nothing_to_show(empty: Cli) -> None:
    assert empty.run("recovery", "show").code == 3


def test_the_group_alone_shows_its_help(cli: Cli) -> None:
    answer = cli.ok("recovery")
    assert "show" in answer.text
    assert "use" in answer.text


def test_input_that_is_not_text_is_refused(another: NewCli) -> None:
    assert another().run("recovery", "use", stdin=b"\xff\xfe").code == 1


def test_on_a_terminal_the_words_are_asked_for_and_not_shown(cli: Cli, another: NewCli) -> None:
    words = cli.ok("recovery", "show").text.strip()
    code, said = another().talk("recovery", "use", answers=[("(not shown): ", words)])
    assert code == 0
    assert words not in said
    assert another().ok("recovery", "show").text.strip() == words


def test_a_new_passphrase_is_asked_for_twice_on_a_terminal(empty: Cli) -> None:
    differ = [("new passphrase: ", "one"), ("once more: ", "two")]
    code, said = empty.talk("init", "--passphrase", answers=differ)
    assert (code, "differ" in said) == (2, True)
    assert not (empty.home / "store.db").exists()
    same = [("new passphrase: ", "one"), ("once more: ", "one")]
    assert empty.talk("init", "--passphrase", answers=same)[0] == 0
    code, said = empty.talk("recovery", "show", answers=[("passphrase of the keys: ", "one")])
    assert code == 0
    assert len(said.replace("passphrase of the keys:", "").split()) > 24


def test_an_interrupted_question_changes_nothing(cli: Cli) -> None:
    piece = cli.save("keep me")
    code, said = cli.talk("rm", piece, answers=[("[y/N] ", "\x03")])
    assert code == 130
    assert "satchel: interrupted" in said
    assert cli.ok("show", piece).out == b"keep me"
