"""Collections and favourites: kept by history, export, import and merge; filters of list and search; not shared."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

from satchel.sharing.body import SharedPiece
from satchel.store import Store, utc_now


def ids(cli: Cli, *arguments: str) -> list[str]:
    return [piece["id"] for piece in cli.json(*arguments)["pieces"]]


@pytest.fixture
def three(cli: Cli) -> tuple[str, str, str]:
    one, two, three = (cli.save(f"text {number}", "--title", f"title {number}") for number in "123")
    return one, two, three


def test_pieces_are_added_listed_and_removed(cli: Cli, three: tuple[str, str, str]) -> None:
    one, two, _ = three
    answer = cli.json("collection", "add", "Release Notes", one, two)
    assert answer["collection"] == "release-notes"
    assert cli.json("collection") == {"collections": [{"name": "release-notes", "pieces": 2}]}
    assert set(ids(cli, "list", "--collection", "release notes")) == {one, two}
    cli.ok("collection", "remove", "release-notes", one)
    assert ids(cli, "list", "--collection", "release-notes") == [two]
    assert ids(cli, "search", "text", "--collection", "release-notes", "--no-meaning") == [two]
    assert ids(cli, "search", "collection:release-notes") == [two]


def test_a_missing_piece_changes_nothing(cli: Cli, three: tuple[str, str, str]) -> None:
    assert cli.run("collection", "add", "x", three[0], "UUUUUUUU").code == 3
    assert cli.json("collection") == {"collections": []}


def test_collections_are_renamed_merged_and_deleted_and_their_pieces_stay(
    cli: Cli, three: tuple[str, str, str]
) -> None:
    one, two, three_ = three
    cli.ok("collection", "add", "a", one, two)
    cli.ok("collection", "add", "b", three_)
    cli.ok("collection", "rename", "a", "b")
    assert cli.json("collection") == {"collections": [{"name": "b", "pieces": 3}]}
    cli.ok("collection", "delete", "b")
    assert cli.json("collection") == {"collections": []}
    assert len(ids(cli, "list")) == 3
    assert cli.run("collection", "delete", "b").code == 3
    assert cli.run("collection", "rename", "c", "C").code == 2


def test_favourites_are_pinned_and_found(cli: Cli, three: tuple[str, str, str]) -> None:
    one, two, _ = three
    cli.ok("edit", one, "--pin")
    new = cli.save("text 4", "--pin", "--collection", "new")
    assert set(ids(cli, "list", "--pinned")) == {one, new}
    assert set(ids(cli, "search", "text is:pinned", "--no-meaning")) == {one, new}
    assert set(ids(cli, "search", "text", "--pinned", "--no-meaning")) == {one, new}
    assert ids(cli, "list", "--pinned", "--collection", "new") == [new]
    assert "★ title 1" in cli.ok("list", terminal=True).text
    cli.ok("edit", one, "--unpin")
    assert ids(cli, "list", "--pinned") == [new]
    assert two in ids(cli, "search", "text -is:pinned", "--no-meaning")
    assert cli.run("search", "is:new").code == 2


def test_the_words_of_the_tags_find_nothing_but_the_name_does(cli: Cli, three: tuple[str, str, str]) -> None:
    cli.ok("collection", "add", "zebras", three[0])
    cli.ok("edit", three[0], "--pin")
    assert ids(cli, "search", "zebras", "--no-meaning") == [three[0]]
    assert ids(cli, "search", "collection", "--no-meaning") == []
    assert ids(cli, "search", "pinned", "--no-meaning") == []


def test_history_keeps_collections_and_pins(cli: Cli, three: tuple[str, str, str]) -> None:
    cli.ok("collection", "add", "a", three[0])
    cli.ok("edit", three[0], "--pin")
    tags = [revision["tags"] for revision in cli.json("history", three[0])["revisions"]]
    assert sorted(tags, key=len) == [[], ["collection:a"], ["collection:a", "pinned"]]


def test_export_import_and_merge_keep_them(
    cli: Cli, another: Callable[[], Cli], three: tuple[str, str, str], tmp_path: Path
) -> None:
    cli.ok("collection", "add", "a", three[0])
    cli.ok("edit", three[0], "--pin")
    cli.ok("export", str(tmp_path / "x.zip"))
    other = another()
    other.ok("init")
    other.ok("import", str(tmp_path / "x.zip"))
    assert other.json("collection") == {"collections": [{"name": "a", "pieces": 1}]}
    assert len(ids(other, "list", "--pinned", "--collection", "a")) == 1
    backup = tmp_path / "backup.age"
    cli.ok("backup", "--to", str(backup))
    cli.ok("collection", "remove", "a", three[0])
    cli.ok("edit", three[0], "--unpin")
    cli.ok("restore", "--from", str(backup), "--yes")
    assert ids(cli, "list", "--pinned", "--collection", "a") == [three[0]]


def test_a_share_shows_neither(cli: Cli, three: tuple[str, str, str]) -> None:
    cli.ok("tag", three[0], "http")
    cli.ok("collection", "add", "secret-client", three[0])
    cli.ok("edit", three[0], "--pin")
    with Store.open(cli.home) as store:
        shared = SharedPiece.of(store.piece(three[0]), b"text 1", now=utc_now())
    assert shared.tags == ("http",)
