"""What names a Piece: short ids, beginnings of ids, places in the last list, and exact titles."""

import datetime as dt
import json
import re
from itertools import count
from random import Random

import pytest
from tests.cli.conftest import Cli

from satchel.cli.recent_list import FILE_NAME, MAX_IDS
from satchel.pieces.ulid import SHORT_ID_CHARS, random_part
from satchel.store import Draft, Store, utc_now


@pytest.fixture
def full(cli: Cli) -> Cli:
    """A store with Pieces of the last minute, whose short ids are the same in every run.

    Random ones begin with "TW0", which is how "two" is read, or with one another's letters now and then.
    """
    start = utc_now() - dt.timedelta(minutes=1)
    moments = (start + dt.timedelta(milliseconds=number) for number in count())
    with Store.open(cli.home, clock=lambda: next(moments), entropy=Random(5).randbytes) as store:
        for title in ("one", "two", "three"):
            store.add(Draft(f"content of {title}".encode(), title=title))
    return cli


def shown(cli: Cli, name: str) -> str:
    return cli.ok("show", name).text


def ids_on_terminal(cli: Cli, *arguments: str) -> list[str]:
    text = re.sub(r"\x1b\[[0-9;]*m", "", cli.ok(*arguments, terminal=True).text)
    return re.findall(r"^ *@\d+ +([0-9A-Z]+) ", text, flags=re.MULTILINE)


def test_lists_show_short_ids_that_commands_take(full: Cli) -> None:
    ids = ids_on_terminal(full, "list")
    assert all(len(each) == 4 for each in ids)
    assert [shown(full, each) for each in ids] == ["content of three", "content of two", "content of one"]
    assert shown(full, ids[0].lower()) == "content of three"
    assert len(ids_on_terminal(full, "search", "content")) == 3


def test_beginnings_of_whole_ids_are_still_taken(full: Cli) -> None:
    for piece in full.json("list")["pieces"]:
        assert shown(full, piece["id"]) == shown(full, piece["id"][:14]) == f"content of {piece['title']}"


def test_places_count_in_the_last_list_or_search(full: Cli) -> None:
    full.ok("list", terminal=True)
    assert shown(full, "@1") == "content of three"
    assert shown(full, "@3") == "content of one"
    full.ok("search", "two", terminal=True)
    assert shown(full, "@1") == "content of two"
    full.json("list")  # for a program: the places stay
    assert shown(full, "@1") == "content of two"


def test_last_is_the_piece_saved_or_changed_last(full: Cli) -> None:
    assert shown(full, "@last") == "content of three"
    full.ok("edit", "one", "--title", "1")
    assert shown(full, "@last") == "content of one"
    full.ok("rm", "@last", "--yes")
    assert shown(full, "@last") == "content of three"


def test_an_exact_title_names_a_piece(full: Cli) -> None:
    assert shown(full, "two") == "content of two"
    for arguments in (
        ["edit", "two", "--description", "x"],
        ["tag", "two", "t"],
        ["history", "two"],
        ["cat", "two"],
    ):
        full.ok(*arguments)
    assert full.run("show", "Two").code == 3
    assert full.run("show", "thre").code == 3
    full.ok("rm", "two", "--yes")
    assert full.run("show", "two").code == 3


def id_of(cli: Cli, title: str) -> str:
    """Return the whole id of the Piece with a title."""
    return next(str(each["id"]) for each in cli.json("list")["pieces"] if each["title"] == title)


def test_a_title_shorter_than_a_listed_id_comes_before_the_ids_that_begin_with_it(full: Cli) -> None:
    part = random_part(id_of(full, "one"))
    short = part[: SHORT_ID_CHARS - 1]
    assert shown(full, short) == "content of one"
    full.save("titled", "--title", short)
    assert shown(full, short) == "titled"
    assert shown(full, part) == "content of one"
    full.save("titled as well", "--title", short)
    refused = full.run("rm", short, "--yes")
    assert (refused.code, f"several Pieces have the title {short!r}" in refused.err) == (2, True)


def test_a_text_that_is_a_title_and_a_listed_id_is_refused(full: Cli) -> None:
    """An agent that knows the ids could otherwise give a command of the owner another meaning."""
    listed = random_part(id_of(full, "one"))[:SHORT_ID_CHARS]
    full.save("titled", "--title", listed)
    refused = full.run("rm", listed, "--yes")
    assert refused.code == 2
    assert f"several Pieces have the title {listed!r} or an id that begins with it" in refused.err
    named = re.findall(r"([0-9A-Z]+) \(([^)]+)\)", refused.err)
    assert {title: shown(full, name) for name, title in named} == {"one": "content of one", listed: "titled"}


def test_a_piece_titled_with_its_own_id_is_found(full: Cli) -> None:
    listed = random_part(id_of(full, "one"))[:SHORT_ID_CHARS]
    full.ok("edit", "one", "--title", listed)
    assert shown(full, listed) == "content of one"


def test_a_whole_id_is_never_a_title(full: Cli) -> None:
    whole = id_of(full, "one")
    full.save("titled", "--title", whole)
    assert shown(full, whole) == "content of one"


def test_several_pieces_of_one_title_are_listed(full: Cli) -> None:
    full.save("another", "--title", "two")
    answer = full.run("show", "two")
    assert answer.code == 2
    assert answer.err.count("(two)") == 2
    for short in re.findall(r"([0-9A-Z]{4}) \(two\)", answer.err):
        assert shown(full, short) in {"another", "content of two"}


def test_an_ambiguous_beginning_lists_titles(full: Cli) -> None:
    answer = full.run("show", "01")
    assert answer.code == 2
    assert all(f"({title})" in answer.err for title in ("one", "two", "three"))
    assert "hint: " in answer.err


@pytest.mark.parametrize("name", ["@4", "@0", "@99999999999999999999", "@first", "@", "nothing", "ZZZZ"])
def test_a_name_of_nothing_is_not_found(full: Cli, name: str) -> None:
    full.ok("list")
    answer = full.run("show", name)
    assert answer.code == 3
    assert "hint: " in answer.err


def test_a_removed_piece_leaves_its_place(full: Cli) -> None:
    full.ok("list")
    full.ok("rm", "@2", "--yes")
    answer = full.run("show", "@2")
    assert (answer.code, "was removed" in answer.err) == (3, True)
    assert shown(full, "@3") == "content of one"


def test_without_a_list_there_are_no_places(full: Cli) -> None:
    assert "satchel list" in full.run("show", "@1").err


@pytest.mark.parametrize(
    "damage",
    [b"", b"[]", b"{", b"\xff", b'{"format": "satchel-recent/1", "ids": [1]}', b'{"ids": []}', b"[" * 60_000],
)
def test_a_damaged_list_counts_as_none(full: Cli, damage: bytes) -> None:
    (full.home / FILE_NAME).write_bytes(damage)
    assert full.run("show", "@1").code == 3
    full.ok("list")
    assert shown(full, "@1") == "content of three"


def test_the_list_is_private_and_bounded(full: Cli) -> None:
    full.ok("list")
    path = full.home / FILE_NAME
    assert path.stat().st_mode & 0o777 == 0o600
    document = json.loads(path.read_bytes())
    assert document["format"] == "satchel-recent/1"
    assert len(document["ids"]) == 3 <= MAX_IDS


def test_json_keeps_whole_ids(full: Cli) -> None:
    for document in (full.json("list"), full.json("search", "content")):
        assert all(len(piece["id"]) == 26 for piece in document["pieces"])


def test_an_empty_store_has_no_last_piece(cli: Cli) -> None:
    assert cli.run("show", "@last").code == 3


def test_listing_leaves_the_permissions_of_the_home_alone(full: Cli) -> None:
    full.home.chmod(0o755)
    full.ok("list")
    assert full.home.stat().st_mode & 0o777 == 0o755
    assert (full.home / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_symbolic_link_in_place_of_the_list_is_not_followed(full: Cli) -> None:
    target = full.home.parent / "target"
    target.write_text("precious")
    (full.home / FILE_NAME).symlink_to(target)
    full.ok("list")
    assert target.read_text() == "precious"
    assert shown(full, "@1") == "content of three"
