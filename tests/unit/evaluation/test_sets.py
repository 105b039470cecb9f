"""How items are cut out of files."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageFont

from models.evaluation.archives import Member
from models.evaluation.fetching import read_table
from models.evaluation.rows.images import compared
from models.evaluation.sets import planting, syntax
from models.evaluation.sets.documents import _document
from models.evaluation.sets.functions import functions_of
from models.evaluation.sets.imports import TONGUES, head, imported, known
from models.evaluation.sets.languages import is_named, is_telling, window_texts
from models.evaluation.sets.planting import Rule, in_python, is_found, token_lines
from models.evaluation.sets.prose import is_prose
from models.evaluation.sets.regions import without_marks

SOURCE = read_table()[0]


def member(path: str, text: str) -> Member:
    return Member(SOURCE, path, text)


def test_functions_lose_their_docstring_and_margin() -> None:
    text = '''class A:
    @cached
    def total(self, items):
        """Add up the prices of items.

        More.
        """
        total = sum(items)
        return total

    def __init__(self):
        """Make a new empty list of items."""
        self.items = []
        self.total = 0
        self.other = 0

    def short(self):
        """Say one thing of four."""
'''
    (found,) = functions_of("package:a.py", text)
    assert found.said == "Add up the prices of items."
    assert found.code == "@cached\ndef total(self, items):\n    total = sum(items)\n    return total\n"
    assert found.origin == "package:a.py#3"


def test_file_of_another_python_has_no_functions() -> None:
    assert list(functions_of("package:a.py", "print 'old'")) == []


def test_windows_start_at_blocks_and_have_code() -> None:
    text = "\n\n".join(
        f"first_{block} = {block}\nsecond_line_{block}()\nthird = 'text {block}'" for block in range(30)
    )
    windows = list(window_texts(member("a.py", text), (5, 12), ("#",)))
    assert windows
    for window in windows:
        assert window.startswith("first_")
        assert 5 <= window.count("\n") <= 12
    assert windows == list(window_texts(member("a.py", text), (5, 12), ("#",)))


def test_comments_and_blank_lines_tell_nothing() -> None:
    assert not is_telling(["# a long comment of words"] * 4 + ["x = 1"], 3, ("#",))
    assert not is_telling(["x", "", ""], 3, ("#",))
    assert is_telling(["value = compute(of, some, names)"] * 3, 3, ("#",))


@pytest.mark.parametrize(
    ("path", "names"), [("a/B.PY", [".py"]), ("Makefile", ["makefile"]), ("x/Dockerfile.dev", ["dockerfile"])]
)
def test_names_of_files(path: str, names: list[str]) -> None:
    assert is_named(member(path, ""), names)
    assert not is_named(member("other.txt", ""), names)


def test_prose_has_no_line_of_code() -> None:
    words = "This is a paragraph with enough words to be read as a text by people"
    assert is_prose([words])
    assert not is_prose([words, "    indented = code"])
    assert not is_prose([words, "return x;"])
    assert not is_prose(["Too few words"])
    assert not is_prose(["1F600 ; 1F601 ; # 2700 2701 2702 2703 2704 2705 2706 2707 2708 2709"])


def test_documents_hold_marked_links_alone() -> None:
    text = "# Title\n\nSee [one](https://a.example/x) and <http://b.example>, or [two][2].\n\n[2]: https://c.example\n"
    found = _document(member("README.md", text))
    assert found is not None
    assert found.links == ("http://b.example", "https://a.example/x", "https://c.example")
    assert _document(member("README.md", f"{text}\nhttps://bare.example\n")) is None
    assert _document(member("README.md", "no link")) is None


@pytest.mark.parametrize(
    ("language", "text", "frameworks"),
    [
        ("python", "import os\nfrom django.db import models\nimport torchlike\n", ("django",)),
        (
            "javascript",
            "const x = require('./own');\nimport React from 'react';\nimport '@nestjs/core';\n",
            ("nestjs", "react"),
        ),
        ("java", "import static org.junit.Assert.assertTrue;\nimport java.util.List;\n", ("junit",)),
        ("go", 'import (\n\t"fmt"\n\tlog "github.com/sirupsen/logrus"\n)\n', ("logrus",)),
        ("rust", "use std::fmt;\nuse tokio::net::TcpListener;\n", ("tokio",)),
        ("csharp", "using System;\nusing NUnit.Framework;\n", ("nunit",)),
    ],
)
def test_frameworks_follow_from_imports(language: str, text: str, frameworks: tuple[str, ...]) -> None:
    assert imported(text, TONGUES[language]) == frameworks


def test_head_starts_at_the_first_import() -> None:
    text = "# licence\n\nimport os\n" + "x = 1\n" * 200
    found = head(member("a.py", text), TONGUES["python"])
    assert found.startswith("import os\n")
    assert found.count("\n") == 80
    assert head(member("a.py", "x = 1\n"), TONGUES["python"]) == ""


def test_frameworks_have_one_spelling() -> None:
    assert known("javascript", "React") == known("javascript", "ReactJS") == "react"
    assert known("python", "scikit-learn") == known("python", "Scikit Learn") == "scikit-learn"
    assert known("python", "React") == known("java", "Unheard") == ""


def test_marks_are_removed_and_regions_kept() -> None:
    text = "one\n// tag::a[]\ntwo\nthree\n// end::a[]\n//! [0]\nfour\n//! [0]\n// [START s]\n\nfive\n// [END s]\nsix"
    kept, regions = without_marks(text)
    assert kept == "one\ntwo\nthree\nfour\n\nfive\nsix"
    assert regions == [(2, 3), (4, 4), (6, 6)]


def test_renamed_code_keeps_its_structure() -> None:
    code = "def total(items):\n    # add up\n    return sum(i.price for i in items) + items\n"
    other = syntax.renamed("python", code, "salt")
    assert "total" not in other
    assert "add up" not in other
    assert other.count(syntax.other_name("items", "salt")) == 3
    assert other == syntax.renamed("python", code, "salt") != syntax.renamed("python", code, "other")


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("python", "class A:\n    def f(self):\n        pass\n", "f"),
        ("javascript", "A.prototype.g = function (x) {\n  return x;\n};\n", "g"),
        ("java", "class A { int h(int x) {\n return x; } }", "h"),
        ("cpp", "int A::k(int x) {\n return x;\n}\n", "k"),
        ("go", "package a\nfunc (a A) M(x int) int {\n return x\n}\n", "M"),
        ("rust", "impl A { fn n(&self) -> u8 {\n 1 } }", "n"),
        ("csharp", "class A { int P(int x) {\n return x; } }", "P"),
    ],
)
def test_functions_of_languages(language: str, text: str, name: str) -> None:
    assert [one.name for one in syntax.functions_in(language, text)] == [name]


def test_ports_share_a_key() -> None:
    assert syntax.key("readI32") == syntax.key("read_i32") == syntax.key("ReadI32")


def test_tokens_are_found_by_their_rule() -> None:
    plain = Rule("plain", in_python(r"\b(key-(?i)[a-z0-9]{20})(?:['\"\s;]|$)"), 2.0, ("key-",))
    named = Rule(
        "named",
        in_python(
            r"""(?i)[\w.-]{0,50}?(?:acme)(?:[ \t\w.-]{0,20})[\s'"]{0,3}(?:=|:)['"\s=]{0,5}([a-f0-9]{32})(?:['"\s;]|$)"""
        ),
        2.0,
        (),
    )
    for rule in (plain, named):
        lines = token_lines(rule)
        assert len(lines) == 3
        assert all(is_found(rule, line) for line in lines)
        assert lines == token_lines(rule)
    assert not is_found(plain, "key-aaaaaaaaaaaaaaaaaaaa")


def test_missing_oracle_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(planting, "ORACLE", tmp_path / "none.toml")
    planting.rules.cache_clear()
    with pytest.raises(planting.NoOracleError, match="is not there"):
        planting.rules()
    planting.rules.cache_clear()


def test_read_text_is_compared_line_by_line() -> None:
    assert compared("a\n  b\n", "a\n  b \n") == (0, 5, 2, 2)
    assert compared("a\nb\n", "a\n  b\n") == (2, 5, 1, 2)
    assert compared("a\n", "a\n  b\n")[2:] == (1, 2)
    assert compared("a\n  b\n", "    a\n      b\n") == (0, 5, 2, 2)


def test_pictures_have_their_theme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.evaluation.sets import pictures

    font = ImageFont.load_default(20)
    monkeypatch.setattr(pictures, "_font", lambda _source: b"")
    monkeypatch.setattr(ImageFont, "truetype", lambda *_: font)
    item = pictures.Pictured("x", "python", "dark", "debian/fonts-hack", "def f():\n    return 1\n")
    for theme, ground in (("dark", (30, 30, 30)), ("light", (255, 255, 255))):
        picture = Image.open(io.BytesIO(pictures.draw(replace(item, theme=theme), SOURCE)))
        assert picture.getpixel((0, 0)) == ground
        assert len(picture.getcolors(1_000_000) or []) > 5
