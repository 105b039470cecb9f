"""`satchel discover` and `satchel similar`."""

from pathlib import Path

import pytest
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


def test_a_port_is_similar_by_meaning(cli: Cli) -> None:
    python = cli.save(CODE, "--language", "python")
    cli.save("SELECT name, count(*) FROM visits GROUP BY name ORDER BY 2 DESC LIMIT 10;")
    port = (
        "func namesIn(folder string) []string {\n\tfound := []string{}\n\tentries, _ := os.ReadDir(folder)\n"
        '\tfor _, entry := range entries {\n\t\tif !strings.HasPrefix(entry.Name(), ".") {\n'
        "\t\t\tfound = append(found, strings.ToLower(entry.Name()))\n\t\t}\n\t}\n\tsort.Strings(found)\n\treturn found\n}\n"
    )
    go = cli.save(port, "--language", "go")
    (one,) = cli.json("similar", go)["pieces"]
    assert (one["id"], one["reason"]) == (python, "similar meaning")
    assert one["meaning"] > 0.45 > one["similarity"]


def test_without_the_extra_similar_says_what_it_compares(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    piece = cli.save(CODE)
    cli.save(CODE.replace("found", "result"))
    monkeypatch.setattr("satchel.cli.commands.models.similar.is_available", lambda: False)
    (one,) = cli.json("similar", piece)["pieces"]
    assert (one["meaning"], one["reason"]) == (None, "the same structure")
    assert "by structure alone" in cli.ok("similar", piece).err


def test_parts_of_a_file_are_marked_and_all_saves_no_line_twice(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("\n\n".join(CODE.replace("names_in", f"names_{n}") for n in range(3)))
    found = cli.json("discover", tmp_path)["proposals"]
    assert [one["number"] for one in found] == list(range(1, len(found) + 1))
    inner = [one for one in found if one["alternative_to"]]
    assert inner
    for one in inner:
        other = found[one["alternative_to"] - 1]
        assert one["alternative_to"] < one["number"]
        assert other["first_line"] <= one["last_line"]
        assert one["first_line"] <= other["last_line"]
    saved = [one for one in cli.json("discover", tmp_path, "--save", "all")["proposals"] if one["id"]]
    lines = [line for one in saved for line in range(one["first_line"], one["last_line"] + 1)]
    assert len(saved) >= 2
    assert len(lines) == len(set(lines))


def test_what_is_worth_keeping_is_ranked_from_files_and_standard_input(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text("import acme\n\nprint(acme.get('hello'))  # => world\n")
    (tmp_path / "cut.py").write_text(
        "            return None\n        self._a = b\n\n    def pop(self, index,\n"
    )
    found = cli.json("suggest", "save", tmp_path, "-", stdin=b"$ pip install acme\n$ acme serve\n")["texts"]
    by_path = {Path(one["path"]).name if one["path"] else "-": one["worth"] for one in reversed(found)}
    assert min(by_path["use.py"], by_path["-"]) > 0.7
    assert by_path["cut.py"] < 0.3
    assert [one["worth"] for one in found] == sorted((one["worth"] for one in found), reverse=True)
    assert len(cli.json("suggest", "save", tmp_path, "--limit", "1")["texts"]) == 1
    assert cli.run("suggest", "save", "-", "-").code == 2
    assert cli.run("suggest", "save", tmp_path / "missing").code == 3
