"""`satchel recovery`."""

import re
from collections.abc import Callable

import pytest
from tests.cli.conftest import Cli

from satchel.keys import Vault, from_phrase
from satchel.store import Store

NewCli = Callable[[], Cli]
PHRASE = (
    "gorilla describe motor athlete involve airport rather quality job chapter expand fantasy "
    "sentence gorilla hedgehog special balcony define canal timber base captain hotel outdoor"
)
"""Words that no message of satchel contains. Swapping the first two makes an invalid phrase.

Of random words, the first two are equal in one phrase of 2,048, and still valid if they are swapped in one of 256.
"""


@pytest.fixture
def known(empty: Cli) -> Cli:
    """A command line on a new store with the words of PHRASE, which are not confirmed."""
    with Store.create(empty.home):
        Vault(empty.home, use_keyring=False).create(from_phrase(PHRASE), use_keyring=False)
    return empty


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


def test_wrong_words_are_refused_and_not_printed(another: NewCli) -> None:
    words = PHRASE.split()
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
    assert empty.talk("init", "--passphrase", "--no-guide", answers=same)[0] == 0
    code, said = empty.talk("recovery", "show", answers=[("passphrase of the keys: ", "one")])
    assert code == 0
    assert len(said.replace("passphrase of the keys:", "").split()) > 24


def test_an_interrupted_prompt_changes_nothing(cli: Cli) -> None:
    piece = cli.save("keep me")
    code, said = cli.talk("rm", piece, answers=[("[y/N] ", "\x03")])
    assert code == 130
    assert "satchel: interrupted" in said
    assert cli.ok("show", piece).out == b"keep me"


# -- checking that they were written down -------------------------------------------------------


def test_all_words_from_standard_input_are_checked_and_recorded(cli: Cli) -> None:
    assert cli.json("status")["words_confirmed"] is None
    document = cli.json("recovery", "check", stdin=cli.ok("recovery", "show").out)
    assert document.keys() == {"confirmed"}
    assert cli.json("status")["words_confirmed"] == document["confirmed"]


def answer_check(known: Cli, answer: Callable[[int, str], str]) -> tuple[int, str]:
    """Run the check on a terminal; type what `answer` makes of each asked number and its right word."""
    words = PHRASE.split()
    asked: list[int] = []

    def respond(said: str) -> str | None:
        found = re.findall(r"word (\d+) of 24 \(not shown\): ", said)
        if len(found) <= len(asked):
            return None
        asked.append(int(found[-1]))
        return answer(asked[-1], words[asked[-1] - 1])

    code, said = known.converse("recovery", "check", respond=respond)
    assert len(set(asked)) == 3
    assert not any(re.search(rf"\b{word}\b", said) for word in words if len(word) > 6)
    return code, said


@pytest.mark.parametrize("shape", ["{}", " {} ", "{number} {}", "{number}. {}"])
def test_three_words_are_asked_for_on_a_terminal(known: Cli, shape: str) -> None:
    code, said = answer_check(known, lambda number, word: shape.format(word, number=number))
    assert code == 0, said
    assert known.json("status")["words_confirmed"]


def test_the_first_four_letters_of_a_word_suffice_in_any_case(known: Cli) -> None:
    assert answer_check(known, lambda _, word: word[:4].upper())[0] == 0


def test_one_wrong_word_of_three_records_nothing_and_reveals_nothing(known: Cli) -> None:
    answers = iter(["zoo", None, None])
    code, said = answer_check(known, lambda _, word: next(answers) or word)
    assert (code, "nothing was recorded" in said) == (1, True)
    assert known.json("status")["words_confirmed"] is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda words: words[:23],
        lambda words: [*words[:23], "xylophonic"],
        lambda words: [words[1], words[0], *words[2:]],
        lambda _: ["abandon"] * 23 + ["art"],  # valid, but another owner's
    ],
)
def test_every_way_of_being_wrong_gives_the_same_answer(
    known: Cli, spoil: Callable[[list[str]], list[str]]
) -> None:
    answer = known.run("recovery", "check", stdin=" ".join(spoil(PHRASE.split())).encode())
    assert answer.code == 1
    assert answer.err == (
        "satchel: these are not the recovery words of this home; nothing was recorded\n"
        "hint: compare each word and its number with the paper; satchel recovery show shows the words\n"
    )
    assert known.json("status")["words_confirmed"] is None


def test_no_words_at_all_is_wrong_usage(cli: Cli) -> None:
    assert cli.run("recovery", "check", stdin=b"\n").code == 2


def test_words_that_recreated_the_secret_are_confirmed(cli: Cli, another: NewCli) -> None:
    other = another()
    other.ok("recovery", "use", stdin=cli.ok("recovery", "show").out)
    other.ok("init")
    assert other.json("status")["words_confirmed"]


def test_a_replaced_secret_needs_a_new_check(cli: Cli, another: NewCli) -> None:
    cli.ok("recovery", "check", stdin=cli.ok("recovery", "show").out)
    record = (cli.home / "keys" / "confirmed.json").read_bytes()
    other = another()
    other.ok("init")
    (other.home / "keys" / "confirmed.json").write_bytes(record)
    assert other.json("status")["words_confirmed"] is None
