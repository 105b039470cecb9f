"""`satchel discover` and `satchel similar`."""

from pathlib import Path

from tests.cli.conftest import Cli

CODE = (
    "import os\n\n\ndef names_in(folder):\n    found = []\n    for name in os.listdir(folder):\n"
    "        if not name.startswith('.'):\n            found.append(name.lower())\n    return sorted(found)\n"
)


def test_a_proposal_is_saved_with_its_file_and_lines(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    (tmp_path / "b.py").write_text(CODE)
    (tmp_path / ".gitignore").write_text("b.py\n")
    (one,) = cli.json("discover", tmp_path)["proposals"]
    assert (one["title"], one["first_line"], one["last_line"], one["id"]) == ("names_in", 4, 9, None)
    (saved,) = cli.json("discover", tmp_path, "--save", "1", "--tag", "found")["proposals"]
    piece = cli.json("show", saved["id"])
    assert piece["source"]["location"] == f"{tmp_path.resolve() / 'a.py'}:4-9"
    assert piece["tags"] == ["found"]
    assert cli.json("discover", tmp_path, "--save", "all")["proposals"][0]["is_new"] is False


def test_places_outside_the_list_are_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CODE)
    for places in ("2", "0", "x", "1-9", ""):
        assert cli.run("discover", tmp_path, "--save", places).code == 2
    assert cli.run("discover", tmp_path / "missing").code == 3


def test_a_clone_with_other_names_is_similar(cli: Cli, tmp_path: Path) -> None:
    piece = cli.save(CODE)
    cli.save("SELECT name, count(*) FROM visits GROUP BY name ORDER BY 2 DESC LIMIT 10;")
    clone = tmp_path / "clone.py"
    clone.write_text(CODE.replace("found", "result").replace("name", "entry").replace("folder", "place"))
    (one,) = cli.json("similar", clone)["pieces"]
    assert one["id"] == piece
    assert one["similarity"] > 0.8
    assert cli.json("similar", piece)["pieces"] == []
    cli.ok("edit", piece, "--title", "other")
    assert [found["id"] for found in cli.json("similar", clone)["pieces"]] == [piece]
    cli.ok("rm", piece, "--yes")
    assert cli.json("similar", clone)["pieces"] == []


def test_documentation_and_pieces_that_use_the_same(cli: Cli) -> None:
    piece = cli.save(CODE, "--language", "python")
    other = cli.save("import os\n\nprint(os.sep)\n", "--language", "python")
    found = cli.json("related", piece)
    assert found["links"][0]["address"] == "https://docs.python.org/3/library/os.html#os.listdir"
    assert [(one["id"], one["reason"]) for one in found["pieces"]] == [(other, "uses os")]
