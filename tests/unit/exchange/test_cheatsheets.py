"""Importing the commands of navi, pet, cheat and tldr: each becomes a Piece, its placeholders become ours."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from satchel.errors import SatchelError
from satchel.exchange.cheatsheets.tldr import converted
from satchel.placeholders import Placeholder, placeholders_of

if TYPE_CHECKING:
    from tests.unit.exchange.conftest import Found

Read = Callable[..., "Found"]

# In the form of navi's documentation.
NAVI: Final = """\
; a comment for authors
% git, code

# Change branch
git checkout <branch>

$ branch: git branch | awk '{print $NF}'

# Say <x> to several
# people
echo <x> \\
    && echo <y>

$ x: echo "hello hi" | tr ' ' '\\n'
$ y: printf 'one\\ntwo' --- --multi

% docker
@ git, code

# Remove
```sh
docker rmi <1>

docker tag <branch>
```
true
"""
# In the form that pet 0.4 and 1.0 write.
PET: Final = """\
[[Snippets]]
  Description = "ping"
  Output = "PING 8.8.8.8"
  Tag = ["network", "google"]
  command = "ping <host=8.8.8.8>"

[[Snippets]]
  Description = "greet"
  Output = ""
  Tag = []
  command = "echo <greeting=|_Hello_||_Good day_|> <full name>, <rest=>"

[[Snippets]]
  Description = "no command"
"""
# In the form of cheat's community sheets.
CHEAT: Final = """\
---
syntax: bash
tags: [ compression, archive ]
---
# To extract an uncompressed archive:
tar -xvf <archive>

# Archives

# To list:
# (of any kind)
tar -tf <archive>
tar -tvf <archive>

ls

# the end
"""
# In the form of tldr's pages.
TLDR: Final = """\
# tar

> Archiving utility.
> Often combined with a compression method, such as `gzip`.
> More information: <https://www.gnu.org/software/tar/manual/tar.html>.

- [c]reate an archive and write it to a [f]ile:

`tar cf {{path/to/target.tar}} {{path/to/file1 path/to/file2 ...}}`

- E[x]tract it, with {{[-v|--verbose]}} output:

`tar xf {{path/to/target.tar}} {{[-v|--verbose]}} --owner {{root|daemon}} --port {{8080}} {{name}}`
"""


def texts(found: "Found") -> dict[str, str]:
    return {draft.title: draft.content.decode() for draft in found.drafts}


def test_navi(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "mine.cheat"
    path.write_text(NAVI)
    found = read_source(path)
    assert found.kind == "navi"
    assert texts(found) == {
        "Change branch": "git checkout <branch>",
        "Say <x> to several people": "echo <x:hello|hi> \\\n    && echo <y:one|two>",
        "Remove": "docker rmi <_1>\n\ndocker tag <branch>",
        "true": "true",
    }
    change, _, remove, _ = found.drafts
    assert (change.tags, change.language, change.description) == (
        ("code", "git"),
        "bash",
        "branch: git branch | awk '{print $NF}'",
    )
    assert remove.tags == ("docker",)
    assert remove.description.startswith("branch: "), "the suggestions of the extended sheet"
    assert not found.problems


def test_pet(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "snippet.toml"
    path.write_text(PET)
    found = read_source(path)
    assert found.kind == "pet"
    assert texts(found) == {
        "ping": "ping <host=8.8.8.8>",
        "greet": "echo <greeting:Hello|Good day> <full_name>, <rest=>",
    }
    assert found.drafts[0].description == "Output:\nPING 8.8.8.8"
    assert found.drafts[0].tags == ("google", "network")
    assert [problem.reason for problem in found.problems] == ["it has no command"]


def test_cheat(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "tar"
    path.write_text(CHEAT)
    found = read_source(path)
    assert found.kind == "cheat"
    assert texts(found) == {
        "tar: To extract an uncompressed archive": "tar -xvf <archive>",
        "tar: Archives To list: (of any kind)": "tar -tf <archive>\ntar -tvf <archive>",
        "ls": "ls",
    }
    assert found.drafts[0].tags == ("archive", "compression", "tar")
    assert [skipped.reason for skipped in found.skipped] == ["only a comment"]


def test_a_cheatsheet_in_another_syntax_is_one_piece(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "arrays"
    path.write_text("---\nsyntax: js\ntags: []\n---\n// map\na.map(f)\n\n// filter\na.filter(f)\n")
    (draft,) = read_source(path).drafts
    assert (draft.title, draft.language) == ("arrays", "javascript")
    assert draft.content.decode().count("a.") == 2


def test_tldr(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "tar.md"
    path.write_text(TLDR)
    found = read_source(path)
    assert found.kind == "tldr"
    first, second = found.drafts
    assert first.title == "tar: create an archive and write it to a file"
    assert first.content.decode() == "tar cf <target_tar> <file1>"
    assert first.links == ("https://www.gnu.org/software/tar/manual/tar.html",)
    assert first.description.startswith("Archiving utility.")
    assert (
        second.content.decode()
        == "tar xf <target_tar> --verbose --owner <choice1:root|daemon> --port <value2=8080> <name>"
    )


@pytest.mark.parametrize(
    ("page", "ours"),
    [
        (
            r"docker inspect --format '\{\{.Name\}\}' {{container}}",
            "docker inspect --format '{{.Name}}' <container>",
        ),
        ("echo {{a b}} {{a b}}", "echo <value1=a b> <value1=a b>"),
        ("jq {{.[0].key}}", "jq <value1=.[0].key>"),
        ("awk '{{{print $1}}}' f", "awk '<value1={print $1}>' f"),
        ("kill {{-9|-15}} {{pid}}", "kill <choice1:-9|-15> <pid>"),
    ],
)
def test_placeholders_of_tldr_become_ours(page: str, ours: str) -> None:
    assert converted(page) == ours


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        ("navi", "git/mine.cheat", NAVI),
        ("cheat", "personal/tar", CHEAT),
        ("tldr", "pages/common/tar.md", TLDR),
    ],
)
def test_a_folder_of_sheets_is_detected_and_read(
    tmp_path: Path, read_source: Read, kind: str, name: str, text: str
) -> None:
    for at in ("one", "two"):
        path = tmp_path / at / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    (tmp_path / "README.md").write_text("# My sheets\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("[core]\n")
    found = read_source(tmp_path)
    assert found.kind == kind
    assert len(found.drafts) >= 4
    assert not found.problems


def test_a_damaged_sheet_of_a_folder_is_a_problem_and_the_others_are_read(
    tmp_path: Path, read_source: Read
) -> None:
    (tmp_path / "a.cheat").write_bytes(b"% x\n# \xff\nls \xff\n")
    (tmp_path / "b.cheat").write_text("% x\n# list\nls\n")
    (tmp_path / "c.cheat").symlink_to("b.cheat")
    (tmp_path / "list.txt").write_text("other\n")
    found = read_source(tmp_path)
    assert texts(found) == {"list": "ls"}
    assert [(problem.where, problem.reason) for problem in found.problems] == [
        ("a.cheat", "its text is not UTF-8")
    ]
    assert [(skipped.where, skipped.reason) for skipped in found.skipped] == [("list.txt", "no cheatsheet")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("notes.md", "# Notes\n\n> a quotation\n\n- an item\n\ntext\n"),
        ("pyproject.toml", "[project]\nname = 'x'\n"),
        ("broken.toml", "[[Snippets]]\ncommand = \n"),
        ("script", "#!/bin/sh\nls\n"),
        ("post", "---\ntitle: x\ntags: [a]\n---\ntext\n"),
    ],
)
def test_other_files_are_not_taken_for_sheets(
    tmp_path: Path, read_source: Read, name: str, text: str
) -> None:
    path = tmp_path / name
    path.write_text(text)
    found = read_source(path)
    assert found.kind == "file"
    assert found.drafts[0].content.decode() == text


def test_a_damaged_toml_is_refused_in_one_line(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "snippet.toml"
    path.write_text("[[Snippets]]\ncommand = \n")
    with pytest.raises(SatchelError, match="not valid TOML") as caught:
        read_source(path, "pet")
    assert "\n" not in caught.value.message


def test_no_suggestion_of_navi_is_run(tmp_path: Path, read_source: Read) -> None:
    path = tmp_path / "mine.cheat"
    made = tmp_path / "made"
    path.write_text(f"% x\n# y\necho <z>\n\n$ z: echo \"a $(touch {made})\" | tr ' ' '\\n'\n")
    (draft,) = read_source(path).drafts
    assert placeholders_of(draft.content.decode()) == (Placeholder("z"),)
    assert not made.exists()
