"""`satchel recovery`."""

from collections.abc import Callable

from tests.cli.conftest import Cli

NewCli = Callable[[], Cli]


def test_the_words_are_a_grid_on_a_terminal_and_a_line_in_a_pipe(cli: Cli) -> None:
    line = cli.ok("recovery", "show").text
    words = line.split()
    assert len(words) == 24
    grid = cli.ok("recovery", "show", terminal=True).text
    assert len(grid.splitlines()) == 6
    assert all(f"{number:>2} {word}" in grid for number, word in enumerate(words, 1))
    assert cli.json("recovery", "show") == {"words": " ".join(words)}


def test_the_age_identity_is_printed(cli: Cli) -> None:
    identity = cli.ok("recovery", "show", "--age").text
    assert identity.startswith("AGE-SECRET-KEY-1")
    assert cli.json("recovery", "show", "--age") == {"identity": identity.strip()}


def test_the_words_recreate_the_secret_in_another_home(cli: Cli, another: NewCli) -> None:
    words = cli.ok("recovery", "show").out
    other = another()
    document = other.json("recovery", "use", stdin=words)
    assert document.keys() == {"home", "owner", "kept"}
    assert other.ok("recovery", "show", "--age").out == cli.ok("recovery", "show", "--age").out


def test_words_are_accepted_in_any_case_and_spacing(cli: Cli, another: NewCli) -> None:
    words = cli.ok("recovery", "show").text.upper().replace(" ", "\n  ")
    another().ok("recovery", "use", stdin=words.encode())


def test_wrong_words_are_refused_and_not_printed(cli: Cli, another: NewCli) -> None:
    words = cli.ok("recovery", "show").text.split()
    for typed in (words[:23], [*words[:23], "xylophonic"], [words[1], words[0], *words[2:]]):
        answer = another().run("recovery", "use", stdin=" ".join(typed).encode())
        assert answer.code == 2
        assert not any(word in answer.err.split() for word in words if len(word) > 6)
        assert "xylophonic" not in answer.err


def test_an_existing_secret_is_replaced_only_with_replace(cli: Cli, another: NewCli) -> None:
    other = another()
    other.ok("init")
    words = other.ok("recovery", "show").out
    mine = cli.ok("recovery", "show").out
    answer = cli.run("recovery", "use", stdin=words)
    assert answer.code == 4
    assert cli.ok("recovery", "show").out == mine
    cli.ok("recovery", "use", "--replace", stdin=words)
    assert cli.ok("recovery", "show").out == words


def test_without_a_secret_show_fails(empty: Cli) -> None:
    assert empty.run("recovery", "show").code == 3


def test_without_a_subcommand_the_help_is_printed(cli: Cli) -> None:
    answer = cli.ok("recovery")
    assert "show" in answer.text
    assert "use" in answer.text


def test_input_that_is_not_text_is_refused(another: NewCli) -> None:
    assert another().run("recovery", "use", stdin=b"\xff\xfe").code == 1


def test_words_typed_on_a_terminal_are_not_echoed(cli: Cli, another: NewCli) -> None:
    words = cli.ok("recovery", "show").text.strip()
    code, said = another().talk("recovery", "use", answers=[("(not shown): ", words)])
    assert code == 0
    assert words not in said
    assert another().ok("recovery", "show").text.strip() == words


def test_a_new_passphrase_is_typed_twice(empty: Cli) -> None:
    differ = [("new passphrase: ", "one"), ("once more: ", "two")]
    code, said = empty.talk("init", "--passphrase", answers=differ)
    assert (code, "differ" in said) == (2, True)
    assert not (empty.home / "store.db").exists()
    same = [("new passphrase: ", "one"), ("once more: ", "one")]
    assert empty.talk("init", "--passphrase", answers=same)[0] == 0
    code, said = empty.talk("recovery", "show", answers=[("passphrase of the keys: ", "one")])
    assert code == 0
    assert len(said.replace("passphrase of the keys:", "").split()) > 24


def test_an_interrupted_prompt_changes_nothing(cli: Cli) -> None:
    piece = cli.save("keep me")
    code, said = cli.talk("rm", piece, answers=[("[y/N] ", "\x03")])
    assert code == 130
    assert "satchel: interrupted" in said
    assert cli.ok("show", piece).out == b"keep me"
