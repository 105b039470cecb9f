"""Related links are judged by what a text really uses and by pages that exist."""

import json

import pytest

from models.evaluation.metadata import addresses, canonical, of_wheel
from models.evaluation.metrics import Value
from models.evaluation.rows.related import most_common, precision
from models.evaluation.sets.documented import Documented, is_right
from models.evaluation.sets.published import place, plain
from models.evaluation.sets.uses import (
    go_names,
    java_names,
    package_of,
    python_names,
    python_prefix,
    rust_paths,
    script_modules,
)

ITEM = Documented(
    "python",
    "package:a.py",
    "import os\nimport numpy\n",
    ("docs.python.org/library/os.path.html", "docs.python.org/library/os.path.html#os.path.join"),
    ("numpy.org", "github.com/numpy/numpy", "docs.rs/serde_json"),
    (),
)


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("https://docs.python.org/3/library/os.html#os.getcwd", "docs.python.org/library/os.html#os.getcwd"),
        (
            "https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/List.html",
            "docs.oracle.com/api/java.base/java/util/List.html",
        ),
        ("https://nodejs.org/docs/latest-v20.x/api/fs.html", "nodejs.org/api/fs.html"),
        ("https://developer.mozilla.org/en-US/docs/Web/API/URL", "developer.mozilla.org/docs/Web/API/URL"),
        ("https://doc.rust-lang.org/stable/std/fs/index.html", "doc.rust-lang.org/std/fs"),
        ("http://www.example.org/", "example.org"),
    ],
)
def test_the_same_page_has_one_plain_address(address: str, page: str) -> None:
    assert plain(address) == page
    assert plain(f"https://{page}") == page


@pytest.mark.parametrize(
    ("address", "right"),
    [
        ("https://docs.python.org/3/library/os.path.html", True),
        ("https://docs.python.org/3/library/os.path.html#os.path.join", True),
        ("https://docs.python.org/3/library/os.path.html#os.path.split", False),
        ("https://docs.python.org/3/library/os.html", False),
        ("https://numpy.org/doc/stable/reference/", True),
        ("https://docs.numpy.org/doc/", True),
        ("https://notnumpy.org/", False),
        ("https://github.com/numpy/numpy#readme", True),
        ("https://github.com/numpy/other", False),
        ("https://docs.rs/serde-json/latest/serde_json/", True),
        ("https://docs.rs/serde", False),
    ],
)
def test_links_are_judged_by_page_and_by_place(address: str, right: bool) -> None:
    assert is_right(ITEM, address) is right


def test_a_link_cannot_be_judged_beside_a_module_without_metadata() -> None:
    unknown = Documented("python", "p:a", "", ITEM.pages, ITEM.places, ("mystery",))
    assert is_right(unknown, "https://mystery.example.org/") is None
    assert is_right(unknown, "https://docs.python.org/3/library/re.html") is False
    assert is_right(unknown, "https://example.org/search?q=mystery") is False


def test_precision_counts_judged_links_of_texts_that_have_one() -> None:
    links = {"a": ["https://numpy.org/", "https://example.org/"], "b": []}
    items = [ITEM, Documented("python", "p:b", "", (), (), ())]

    def suggest(item: Documented) -> list[str]:
        return links["a" if item is ITEM else "b"]

    found = precision(items, suggest)
    assert isinstance(found, Value)
    assert (found.value, found.n) == (0.5, 1)
    assert len(most_common(items)(ITEM)) == 3


def test_names_of_python_are_resolved() -> None:
    text = "import os.path as p\nfrom json import loads as read\nimport a.b\nfrom . import c\np.join(read(x).y, a.b.z)\n"
    modules, names = python_names(text)
    assert modules == {"os.path", "json", "a.b"}
    assert {"os.path.join", "json.loads", "a.b.z"} <= names
    assert "c" not in names
    assert python_prefix(text + "def cut(\n") == text
    assert python_prefix("def cut(") == ""


def test_modules_of_scripts() -> None:
    text = """import a from 'a/part';\nimport {\n  b,\n} from "@s/b/c";\nimport "d";\nimport x from "./x";\nconst fs = require("node:fs");\n// note from 'nobody'\n"""
    assert script_modules(text) == {"a/part", "@s/b/c", "d", "node:fs"}
    assert {package_of("@s/b/c"), package_of("a/part")} == {"@s/b", "a"}


def test_names_of_go_with_their_qualifier() -> None:
    text = 'package m\n\nimport (\n\t"fmt"\n\ty "gopkg.in/yaml.v3"\n\t"github.com/a/go-b/v2"\n)\n\nfunc f() { fmt.Println(y.Marshal(b.New())) }\n'
    assert go_names(text) == {
        "fmt": {"Println"},
        "gopkg.in/yaml.v3": {"Marshal"},
        "github.com/a/go-b/v2": {"New"},
    }


def test_names_of_java() -> None:
    text = "import java.util.*;\nimport java.io.File;\nimport static java.lang.Math.max;\n"
    assert java_names(text) == {"java.util", "java.io.File", "java.io", "java.lang.Math", "java.lang"}


def test_paths_of_rust_are_expanded() -> None:
    text = "use std::{fmt, io::{self, Read}};\npub use a::b as c;\nextern crate d;\nfn f() { std::mem::swap(x, y) }\n"
    assert rust_paths(text) == {"std::fmt", "std::io", "std::io::Read", "a::b", "d", "std::mem::swap"}


def test_addresses_of_metadata() -> None:
    wheel = of_wheel(
        "Name: a\nHome-page: https://a.org\nProject-URL: Docs, https://docs.a.org\nProject-URL: Issue Tracker, https://b.org\n\n"
    )
    assert addresses("pypi", wheel) == ("https://a.org", "https://docs.a.org")
    npm = json.dumps(
        {"name": "a", "homepage": "https://a.org", "repository": {"url": "git+ssh://git@github.com/o/a.git"}}
    )
    found = addresses("npm", canonical("npm", npm))
    assert found == ("https://a.org", "https://github.com/o/a.git")
    assert [place(one) for one in found] == ["a.org", "github.com/o/a"]
    assert addresses("npm", canonical("npm", '{"name": "a", "repository": "o/a"}')) == (
        "https://github.com/o/a",
    )
    with pytest.raises(ValueError, match="no metadata"):
        canonical("pypi", "{}")
