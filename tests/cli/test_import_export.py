"""`satchel import` and `satchel export`."""

import json
import stat
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Cli

NewCli = Callable[[], Cli]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "src"
    (root / "deep").mkdir(parents=True)
    (root / "a.py").write_text("print('a')")
    (root / "deep" / "b.md").write_text("# b")
    (root / "prog").write_bytes(b"\x7fELF\x00\x00")
    (root / "empty.txt").write_text("")
    (root / "skipped.log").write_text("x")
    (root / ".gitignore").write_text("*.log\n")
    return root


def contents(cli: Cli) -> list[tuple[str, str, int]]:
    shown = [cli.json("show", piece["id"]) for piece in cli.json("list", "--all")["pieces"]]
    return sorted((each["title"], each["content"], each["revision"]) for each in shown)


def test_a_folder_is_imported_and_counted(cli: Cli, folder: Path) -> None:
    document = cli.json("import", folder, "--tag", "src")
    assert {name: document[name] for name in ("imported", "skipped", "problems", "kind")} == {
        "imported": 3, "skipped": 2, "problems": [], "kind": "folder",
    }  # fmt: skip
    assert document["skipped_because"] == {"neither text nor image": 1, "empty": 1}
    pieces = {piece["title"]: piece for piece in cli.json("list")["pieces"]}
    assert pieces.keys() == {".gitignore", "a.py", "deep/b.md"}
    assert (pieces["a.py"]["language"], pieces["a.py"]["tags"]) == ("python", ["src"])


def test_importing_again_skips_existing_pieces(cli: Cli, folder: Path) -> None:
    cli.ok("import", folder)
    (folder / "new.txt").write_text("new")
    document = cli.json("import", folder)
    assert (document["imported"], document["skipped_because"]["already here"]) == (1, 3)
    assert "1 Piece\n" in cli.ok("import", folder).text.replace("0 Pieces", "1 Piece")


def test_equal_files_in_one_import_are_one_piece(cli: Cli, tmp_path: Path) -> None:
    twins = tmp_path / "twins"
    twins.mkdir()
    for name in ("a.txt", "b.txt"):
        (twins / name).write_text("the same")
    document = cli.json("import", twins)
    assert (document["imported"], document["skipped"]) == (1, 1)


def test_imported_pieces_are_indexed(cli: Cli, folder: Path) -> None:
    cli.ok("import", folder)
    assert [piece["title"] for piece in cli.json("search", "print")["pieces"]] == ["a.py"]


def test_a_bad_item_is_reported_and_the_others_are_imported(cli: Cli, tmp_path: Path) -> None:
    good = {"id": "g", "files": {"a.txt": {"filename": "a.txt", "content": "good"}}}
    cut = {"id": "t", "files": {"b.txt": {"filename": "b.txt", "content": "ba", "truncated": True}}}
    path = tmp_path / "gists.json"
    path.write_text(json.dumps([good, {"id": 1}, cut]))
    answer = cli.run("import", path, "--json")
    document = answer.document
    assert (answer.code, document["imported"], document["unread"]) == (1, 1, 2)
    assert [problem["where"] for problem in document["problems"]] == ["gist 2 of 3", "gist t: b.txt"]
    answer = cli.run("import", path)
    text = answer.text
    assert (answer.code, "imported 0 Pieces" in text) == (1, True)  # repeating it is harmless
    assert "could not read 2 items" in text
    assert "gist t: b.txt: GitHub truncated its content" in text


def test_an_item_over_a_limit_is_reported_and_the_others_are_imported(cli: Cli, tmp_path: Path) -> None:
    ok = {"id": "g", "files": {"ok.txt": {"filename": "ok.txt", "content": "fine"}}}
    path = tmp_path / "gists.json"
    path.write_text(json.dumps([{**ok, "description": "x" * 200_000}, ok]))
    document = cli.run("import", path, "--json").document
    assert document["imported"] == 1
    assert len(document["problems"]) == 1


def test_the_keys_of_a_home_are_never_imported(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("a note")
    document = cli.json("import", tmp_path)
    assert document["skipped_because"] == {"a satchel home, which contains keys": 1}
    assert [piece["title"] for piece in cli.json("list")["pieces"]] == ["note.txt"]
    assert cli.run("import", cli.home).code == 2


def test_from_overrides_the_detected_format(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "gists.json"
    path.write_text(json.dumps({"id": "g", "files": {"a": {"filename": "a", "content": "x"}}}))
    assert cli.json("import", path, "--from", "file")["kind"] == "file"
    assert cli.json("list")["pieces"][0]["title"] == "gists.json"
    answer = cli.run("import", path, "--from", "masscode")
    assert answer.code == 2


def test_a_named_link_to_a_folder_is_followed(cli: Cli, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert cli.json("import", tmp_path / "link")["imported"] == 3


def test_export_and_import_into_another_home_keep_everything(
    cli: Cli, another: NewCli, tmp_path: Path
) -> None:
    piece = cli.save("first", "--title", "edited", "--tag", "t", "--link", "https://e.org")
    cli.ok("edit", piece, "-", stdin=b"second")
    cli.save(b"\x89PNG\r\n\x1a\n\x00", "--title", "shot")
    path = tmp_path / "all.zip"
    document = cli.json("export", path)
    assert (document["path"], document["pieces"], document["size_bytes"]) == (
        str(path),
        2,
        path.stat().st_size,
    )
    other = another()
    other.ok("init")
    assert other.json("import", path)["imported"] == 2
    assert contents(other) == contents(cli)
    copy = next(each["id"] for each in other.json("list")["pieces"] if each["title"] == "edited")
    assert other.ok("show", copy, "--revision", "1").out == b"first"
    keys = ("created", "updated", "tags", "links", "source")
    assert [other.json("show", copy)[key] for key in keys] == [cli.json("show", piece)[key] for key in keys]
    assert [each["updated"] for each in other.json("history", copy)["revisions"]] == [
        each["updated"] for each in cli.json("history", piece)["revisions"]
    ]


def test_an_export_without_sources_contains_no_paths(
    cli: Cli, another: NewCli, folder: Path, tmp_path: Path
) -> None:
    cli.ok("import", folder)
    cli.ok("export", tmp_path / "whole.zip")
    cli.ok("export", tmp_path / "e.zip", "--without-sources")

    def places(path: Path) -> int:
        with zipfile.ZipFile(path) as archive:
            entries = [*archive.namelist(), *(archive.read(name).decode() for name in archive.namelist())]
        return sum(text.count(str(folder)) for text in entries)

    assert places(tmp_path / "whole.zip") > 0
    assert places(tmp_path / "e.zip") == 0
    other = another()
    other.ok("init")
    assert other.json("import", tmp_path / "e.zip")["imported"] == 3
    assert contents(other) == contents(cli)


def test_importing_an_export_into_its_own_store_changes_nothing(cli: Cli, tmp_path: Path) -> None:
    piece = cli.save("first")
    cli.ok("edit", piece, "-", stdin=b"second")
    cli.ok("export", tmp_path / "e.zip")
    document = cli.json("import", tmp_path / "e.zip")
    assert (document["imported"], document["skipped"]) == (0, 1)


def test_tags_are_added_to_pieces_with_a_history(cli: Cli, another: NewCli, tmp_path: Path) -> None:
    cli.ok("edit", cli.save("first", "--tag", "a"), "-", stdin=b"second")
    cli.ok("export", tmp_path / "e.zip")
    other = another()
    other.ok("init")
    other.ok("import", tmp_path / "e.zip", "--tag", "old")
    assert other.json("list")["pieces"][0]["tags"] == ["a", "old"]


@pytest.mark.tool("age")
def test_a_sealed_export_opens_with_age_and_imports_with_the_recovery_words(
    cli: Cli, another: NewCli, tmp_path: Path
) -> None:
    cli.save("sealed text", "--title", "s.txt")
    sealed = tmp_path / "e.zip.age"
    cli.ok("export", sealed, "--sealed")
    key = tmp_path / "key.txt"
    key.write_bytes(cli.ok("recovery", "show", "--age").out)
    opened = tmp_path / "opened.zip"
    subprocess.run(["age", "-d", "-i", key, "-o", opened, sealed], check=True)
    with zipfile.ZipFile(opened) as archive:
        assert archive.read("pieces/s.txt") == b"sealed text"
    other = another()
    other.ok("recovery", "use", stdin=cli.ok("recovery", "show").out)
    other.ok("init")
    assert other.json("import", sealed)["imported"] == 1
    assert contents(other) == contents(cli)


def test_a_sealed_export_of_another_owner_is_refused(cli: Cli, another: NewCli, tmp_path: Path) -> None:
    cli.save("text")
    cli.ok("export", tmp_path / "e.age", "--sealed")
    other = another()
    other.ok("init")
    answer = other.run("import", tmp_path / "e.age")
    assert answer.code == 5
    assert answer.err.startswith("satchel: ")


def test_an_export_is_private_and_replaces_a_file_only_with_force(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "e.zip"
    cli.ok("export", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    cli.save("more")
    answer = cli.run("export", path)
    assert answer.code == 2
    assert "--force" in answer.err
    assert path.read_bytes() == before
    cli.ok("export", path, "--force")
    assert path.read_bytes() != before
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


def test_a_failed_export_leaves_no_file(cli: Cli, tmp_path: Path) -> None:
    cli.save("text")
    before = sorted(tmp_path.iterdir())
    answer = cli.run("export", "/proc/e.zip")
    assert answer.code in {1, 3}
    assert answer.err.startswith("satchel: ")
    assert sorted(tmp_path.iterdir()) == before


def test_two_concurrent_imports_do_no_harm(cli: Cli, folder: Path) -> None:
    import os

    from tests.cli.conftest import PROGRAM

    running = [
        subprocess.Popen(
            [PROGRAM, "import", folder],
            env={**os.environ, **cli.variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for process in running:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, b"")
    assert cli.json("doctor")["healthy"] is True


def test_a_malicious_export_cannot_add_lines_to_the_report(cli: Cli, tmp_path: Path) -> None:
    cli.save("text")
    cli.ok("export", tmp_path / "e.zip")
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        document = json.loads(archive.read("pieces.json"))
    document["pieces"][0] |= {"id": "1: nothing\nimported 7 Pieces", "file": "elsewhere"}
    with zipfile.ZipFile(tmp_path / "hostile.zip", "w") as archive:
        archive.writestr("pieces.json", json.dumps(document))
    answer = cli.run("import", tmp_path / "hostile.zip", "--from", "satchel", terminal=True)
    lines = answer.lines
    assert answer.code == 1
    assert lines[0] == "imported 0 Pieces"
    assert "imported 7 Pieces" not in lines
    assert len(lines) == 3


def test_many_bad_items_are_counted_and_the_first_named(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "gists.json"
    good = {"id": "g", "files": {"a.txt": {"filename": "a.txt", "content": "good"}}}
    path.write_text(json.dumps([good, *({"id": number, "files": {}} for number in range(1_500))]))
    answer = cli.run("import", path, "--json")
    document = answer.document
    assert (answer.code, document["imported"], document["unread"]) == (1, 1, 1_500)
    assert len(document["problems"]) == 1_000
    assert "and 1,490 more" in cli.run("import", path).text


def test_a_problem_quotes_at_most_a_short_form(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "gists.json"
    path.write_text(
        json.dumps([{"id": "x" * 100_000, "files": {"a": {"content": "ok"}, "y" * 100_000: {"content": 5}}}])
    )
    answer = cli.run("import", path)
    assert (answer.code, len(answer.text) < 500) == (1, True)


def test_tags_of_the_import_over_the_limit_affect_only_their_item(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "db.json"
    tags = [{"id": str(number), "name": f"tag{number}"} for number in range(100)]
    snippets = [
        {"name": "full", "tagsIds": [tag["id"] for tag in tags], "content": [{"value": "one"}]},
        {"name": "bare", "content": [{"value": "two"}]},
    ]
    path.write_text(json.dumps({"folders": [], "tags": tags, "snippets": snippets}))
    answer = cli.run("import", path, "--tag", "more", "--json")
    assert (answer.code, answer.document["imported"], answer.document["unread"]) == (1, 1, 1)


def test_generated_folders_are_skipped_and_named_unless_asked_for(cli: Cli, folder: Path) -> None:
    for name in ("node_modules/x", "deep/.venv/lib", "target/debug", "deep/__pycache__", "env2", ".git"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file.txt").write_text(f"in {name}")
    (folder / "env2" / "pyvenv.cfg").write_text("home = /usr")
    (folder / "cache").mkdir()
    (folder / "cache" / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n")
    document = cli.json("import", folder)
    assert document["imported"] == 3
    assert {why: count for why, count in document["skipped_because"].items() if "generated" in why} == {
        "node_modules (generated files)": 1, ".venv (generated files)": 1, "target (generated files)": 1,
        "__pycache__ (generated files)": 1, "other (generated files)": 2,
    }  # fmt: skip
    assert "--include-generated imports these folders too" in cli.ok("import", folder).text
    assert cli.json("import", folder, "--include-generated")["imported"] == 7  # .git never
    assert cli.json("import", folder / "target")["skipped_because"] == {"already here": 1}


@pytest.mark.parametrize(
    ("name", "data", "error"),
    [
        ("empty.txt", b"", (2, "it is empty")),
        ("program", b"\x7fELF\0\0", (2, "it is neither text nor image")),
        ("cut.zip", b"PK\x03\x04 and no more", (5, "is a damaged zip file")),
        ("db.json", b'{"folders": [], "tags": [', (5, "cut off before the first snippet")),
        ("bare.json", b'[{"id": "aa", "files": {"a": {"filename": "a"}}}]', (1, "without their contents")),
        ("cut.db", b"SQLite format 3\0 and no more", (5, "is damaged")),
        ("x.code-snippets", b"[1]", (5, "is not a file of VS Code snippets")),
    ],
)
def test_a_file_that_cannot_be_imported_is_an_error_and_never_a_note(
    cli: Cli, tmp_path: Path, name: str, data: bytes, error: tuple[int, str]
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    answer = cli.run("import", path)
    assert (answer.code, error[1] in answer.err) == (error[0], True)
    assert "hint: " in answer.err
    assert cli.json("list")["pieces"] == []


@pytest.mark.parametrize("url", ["https://gist.github.com/me/aa11", "ssh://host/x", "file:///etc/hosts"])
def test_a_url_is_shown_as_it_is(cli: Cli, url: str) -> None:
    answer = cli.run("import", url)
    assert (answer.code, f"{url!r} is a URL" in answer.err) == (2, True)
    assert "gh api /gists/ID" in answer.err or "gist" not in url
