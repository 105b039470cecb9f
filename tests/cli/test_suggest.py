"""`save` and `suggest`: suggestions are shown, can be refused, and never replace the owner's values."""

from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Cli

from satchel.models.registry import Entry
from satchel.store import Changes, Draft, Piece, Store, SuggestedValue
from satchel.suggest import quick_models

FIRST_LINE = {"field": "title", "value": "old title", "model": "first-lines/2", "is_taken": True}


@pytest.fixture(autouse=True)
def only_quick_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the same models whatever extras are installed."""
    monkeypatch.setattr("satchel.cli.suggesting.installed_models", quick_models)


@pytest.fixture
def piece(cli: Cli) -> str:
    """A Piece whose title is from a model and out of date."""
    found = cli.save("# old title\nx = 1\n", "--tag", "mine")
    cli.ok("edit", found, "-", stdin=b"# new title\nx = 1\n")
    return found


def shown(cli: Cli, piece: str) -> Any:  # noqa: ANN401  any JSON value
    return cli.json("show", piece)


# -- save


def test_what_was_suggested_is_in_the_answer(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "parse.py"
    path.write_text("x = 1\n")
    saved = cli.json("save", path, "--tag", "mine")
    assert saved["suggested"] == [
        {"field": "language", "value": "python", "model": "file-names/1", "is_taken": True},
        {"field": "title", "value": "parse.py", "model": "file-names/1", "is_taken": True},
    ]
    path.write_text("x = 2\n")
    lines = cli.ok("save", path, terminal=True).lines
    assert lines[1:] == ["  title: parse.py (file-names/1)", "  language: python (file-names/1)"]
    path.write_text("x = 3\n")
    assert len(cli.ok("save", path).lines) == 1, "only the id in a pipe"


def test_a_field_that_the_owner_sets_is_not_a_models(cli: Cli) -> None:
    saved = cli.json("save", "-", "--title", "mine", stdin=b"# first line")
    assert (saved["title"], saved["suggested"]) == ("mine", [])


@pytest.mark.parametrize(
    ("options", "setting", "title"),
    [
        ((), "all", "first line"),
        ((), "quick", "first line"),
        (("--no-suggest",), "all", "first line"),
        (("--suggest", "none"), "all", ""),
        ((), "none", ""),
        (("--suggest", "quick"), "none", "first line"),
    ],
)
def test_the_models_are_chosen(cli: Cli, options: tuple[str, ...], setting: str, title: str) -> None:
    cli.ok("settings", "set", "save.suggest", setting)
    assert cli.json("save", "-", *options, stdin=b"# first line")["title"] == title


def test_no_suggest_takes_only_the_quick_models(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[Entry]:
        raise AssertionError("no other model may be looked for")

    monkeypatch.setattr("satchel.cli.suggesting.installed_models", fail)
    assert cli.json("save", "-", "--no-suggest", stdin=b"# first line")["title"] == "first line"


def test_a_wrong_choice_of_models_is_refused(cli: Cli) -> None:
    answer = cli.run("settings", "set", "save.suggest", "some")
    assert answer.code == 2
    assert "save.suggest" in answer.err


def test_asking_needs_a_terminal(cli: Cli) -> None:
    answer = cli.run("save", "-", "--ask", stdin=b"# x")
    assert answer.code == 2
    assert "--ask needs a terminal" in answer.err
    assert cli.json("list")["pieces"] == []


@pytest.mark.parametrize(
    ("typed", "title", "is_listed"), [(b"y\n", "a.txt", True), (b"n\n", "", True), (b"\n", "", False)]
)
def test_each_suggestion_is_asked_about(
    cli: Cli, tmp_path: Path, typed: bytes, title: str, is_listed: bool
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("---\n")
    answer = cli.ok("save", path, "--ask", "--language", "text", stdin=typed, terminal=True)
    assert "title: a.txt (file-names/1)? [y/n, Enter skips it]" in answer.err
    piece = shown(cli, "@last")
    assert piece["title"] == title
    assert [each["value"] for each in piece["suggested"]] == (["a.txt"] if is_listed else [])


def test_a_suggestion_is_safe_on_a_terminal(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2Jb.txt"
    path.write_text("x")
    answer = cli.ok("save", path, terminal=True)
    assert b"\x1b[2J" not in answer.out


def test_a_model_that_cannot_be_loaded_is_named_and_the_piece_is_saved(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Entry("first-lines-2", 1, "a purpose", "no_such_module", ("title",))
    monkeypatch.setattr("satchel.models.registry.ENTRIES", (*quick_models(), broken))
    monkeypatch.setattr("satchel.cli.suggesting.installed_models", lambda: [broken, *quick_models()])
    answer = cli.ok("save", "-", stdin=b"# first line", terminal=True)
    assert "the model first-lines-2/1 cannot be loaded" in answer.err
    assert shown(cli, "@last")["title"] == "first line"


def test_many_pieces_are_imported_with_the_quick_models_and_a_hint(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.py").write_text("x = 1\n")
    answer = cli.ok("import", tmp_path / "in", terminal=True)
    assert "satchel suggest --all" in answer.err
    assert [each["model"] for each in shown(cli, "@last")["suggested"]] == ["file-names/1"]


# -- show and history


def test_show_marks_what_is_from_a_model_on_a_terminal(cli: Cli, piece: str) -> None:
    cli.variables["NO_COLOR"] = "1"
    assert b"suggested: title (first-lines/2)\n" in cli.ok("show", piece, terminal=True).out
    assert b"suggested" not in cli.ok("show", piece).out
    assert shown(cli, piece)["suggested"] == [FIRST_LINE]
    cli.ok("edit", piece, "--title", "mine")
    assert b"suggested" not in cli.ok("show", piece, terminal=True).out
    assert shown(cli, piece)["suggested"] == [{**FIRST_LINE, "is_taken": False}]


def test_history_tells_what_each_revision_took(cli: Cli, piece: str) -> None:
    cli.variables["NO_COLOR"] = "1"
    cli.ok("suggest", piece)
    cli.ok("edit", piece, "--title", "mine")
    revisions = cli.json("history", piece)["revisions"]
    assert [[each["value"] for each in one["suggested"]] for one in revisions] == [
        ["old title"], ["old title"], ["new title"], ["new title"],
    ]  # fmt: skip
    table = cli.ok("history", piece, terminal=True).lines
    assert table[0].endswith("SUGGESTED")
    assert [line.endswith("title") for line in table[1:]] == [True, True, True, False]
    changed = cli.json("history", piece, "--diff", "--revision", "3")["revisions"][0]["changed"]
    assert changed["suggested"] == ["old title (first-lines/2)", "new title (first-lines/2)"]
    assert all(len(line.split("\t")) == 7 for line in cli.ok("history", piece).lines)


# -- suggest


def test_a_newer_suggestion_replaces_an_older_one(cli: Cli, piece: str) -> None:
    answer = cli.json("suggest", piece)
    [changed] = answer["changed"]
    assert (changed["id"], changed["title"], changed["revision"]) == (piece, "new title", 3)
    assert changed["fields"] == [
        {"field": "title", "before": ["old title"], "after": ["new title"], "models": ["first-lines/2"]}
    ]
    assert shown(cli, piece)["suggested"] == [{**FIRST_LINE, "value": "new title"}]
    assert cli.json("suggest", piece)["changed"] == []


def test_a_preview_changes_nothing(cli: Cli, piece: str) -> None:
    answer = cli.json("suggest", piece, "--dry-run")
    assert (answer["dry_run"], len(answer["changed"])) == (True, 1)
    assert shown(cli, piece)["revision"] == 2
    lines = cli.ok("suggest", piece, "--dry-run", terminal=True).lines
    assert lines[1:] == ["  title: old title → new title (first-lines/2)", "would change 1 of 1 Piece"]
    row = cli.ok("suggest", piece, "--dry-run").text
    assert row == f"{piece}\ttitle\told title\tnew title\tfirst-lines/2\n"


def test_what_the_owner_set_is_never_changed(cli: Cli, piece: str) -> None:
    cli.ok("edit", piece, "--title", "mine")
    assert cli.json("suggest", "--all")["changed"] == []
    cli.ok("edit", piece, "--title", "old title")
    assert cli.json("suggest", "--all")["changed"] == [], (
        "the owner chose it, though a model suggested it once"
    )


def test_values_of_earlier_versions_are_the_owners(cli: Cli) -> None:
    with Store.open(cli.home) as store:
        store.add(Draft(b"# first line", title="another"))
    assert cli.json("suggest", "--all") == {
        "dry_run": False, "checked": 1, "changed": [], "failed": [], "missing": cli.json("suggest", "--all")["missing"],
    }  # fmt: skip


def test_all_pieces_since_a_time(cli: Cli, piece: str) -> None:
    assert cli.json("suggest", "--all", "--since", "1h", "--dry-run")["checked"] == 1
    assert cli.json("suggest", "--all", "--since", "2100-01-01")["checked"] == 0
    assert len(cli.json("suggest", "--all")["changed"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["PIECE", "--all"],
        ["PIECE", "--since", "7d"],
        ["--refuse", "PIECE"],
        ["--refuse", "PIECE", "title", "more"],
        ["--refuse", "--all", "PIECE", "title"],
        ["--refuse", "--dry-run", "PIECE", "title"],
    ],
)
def test_unclear_requests_are_refused(cli: Cli, piece: str, arguments: list[str]) -> None:
    line = [piece if each == "PIECE" else each for each in arguments]
    answer = cli.run("suggest", *line)
    assert answer.code == 2
    assert "hint:" in answer.err
    assert shown(cli, piece)["revision"] == 2


def test_an_unknown_piece_is_not_found(cli: Cli) -> None:
    assert cli.run("suggest", "nothing").code == 3


def test_a_damaged_piece_does_not_stop_the_others(cli: Cli, piece: str) -> None:
    damaged = cli.save("damaged content")
    with Store.open(cli.home) as store:
        store._connection.execute(
            "UPDATE contents SET sha256 = zeroblob(32) WHERE data = x'64616d6167656420636f6e74656e74'"
        )
    answer = cli.run("suggest", "--all", "--json")
    assert answer.code == 5
    assert [each["id"] for each in answer.document["failed"]] == [damaged]
    assert [each["id"] for each in answer.document["changed"]] == [piece]


def test_an_interrupted_run_keeps_what_is_done(cli: Cli, piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        other = cli.save(f"# old {number}\n")
        cli.ok("edit", other, "-", stdin=b"# new %d\n" % number)
    edits: list[str] = []
    edit = Store.edit

    def interrupted(store: Store, piece_id: str, changes: Changes, *, based_on: int | None = None) -> Piece:
        if len(edits) == 2:
            raise KeyboardInterrupt
        edits.append(piece_id)
        return edit(store, piece_id, changes, based_on=based_on)

    monkeypatch.setattr(Store, "edit", interrupted)
    with pytest.raises(KeyboardInterrupt) as stopped:
        cli.run("suggest", "--all")
    assert stopped.value.__notes__ == ["2 Pieces done; run it again for the others"]
    monkeypatch.undo()
    monkeypatch.setattr("satchel.cli.suggesting.installed_models", quick_models)
    assert len(cli.json("suggest", "--all")["changed"]) == 2


def test_a_piece_that_changes_meanwhile_is_read_again(
    cli: Cli, piece: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = Store.content
    raced: list[str] = []

    def race(store: Store, piece_id: str, revision: int | None = None) -> bytes:
        found = content(store, piece_id, revision)
        if not raced:
            raced.append(piece_id)
            cli.ok("edit", piece_id, "-", stdin=b"# newest title\n")
        return found

    monkeypatch.setattr(Store, "content", race)
    cli.ok("suggest", piece)
    assert shown(cli, piece)["title"] == "newest title"


# -- refusing


def test_a_refused_title_is_gone_and_not_suggested_again(cli: Cli) -> None:
    piece = cli.save("# old title\n")
    refused = cli.json("suggest", "--refuse", piece, "title")
    assert (refused["title"], refused["refused"]) == ("", ["old title"])
    assert cli.json("suggest", piece)["changed"] == []
    assert shown(cli, piece)["suggested"] == [{**FIRST_LINE, "is_taken": False}]
    cli.ok("edit", piece, "-", stdin=b"# another line\n")
    assert cli.json("suggest", piece)["changed"][0]["title"] == "another line"


def test_one_of_several_values_is_refused(cli: Cli) -> None:
    tags = (SuggestedValue("tags", "http", "tags/1"), SuggestedValue("tags", "wire", "tags/1"))
    with Store.open(cli.home) as store:
        piece = store.add(Draft(b"---", tags=("http", "mine", "wire"), suggested=tags)).id
    said = cli.ok("suggest", "--refuse", piece, "http", terminal=True).text
    assert said.startswith("refused for ")
    assert said.endswith(": http\n")
    assert shown(cli, piece)["tags"] == ["mine", "wire"]
    assert cli.ok("suggest", "--refuse", piece, "tags").text == f"{piece}\n"
    assert shown(cli, piece)["tags"] == ["mine"]
    missing = cli.run("suggest", "--refuse", piece, "mine")
    assert missing.code == 3
    assert "no model suggested 'mine'" in missing.err


def test_the_whole_life_of_a_suggestion_survives_an_export(cli: Cli, piece: str, tmp_path: Path) -> None:
    cli.ok("suggest", piece)
    cli.ok("suggest", "--refuse", piece, "title")
    cli.ok("export", tmp_path / "e.zip")
    cli.ok("init", "--home", tmp_path / "other")
    cli.ok("import", tmp_path / "e.zip", "--home", tmp_path / "other")
    [imported] = cli.json("list", "--home", tmp_path / "other")["pieces"]
    mine, theirs = (
        cli.json("history", each, "--home", home)["revisions"]
        for each, home in ((piece, cli.home), (imported["id"], tmp_path / "other"))
    )
    assert [each["suggested"] for each in mine] == [each["suggested"] for each in theirs]
