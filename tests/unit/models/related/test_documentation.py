"""Documentation of imports and calls, by the patterns of each language."""

import pytest

from satchel.models.interface import Subject
from satchel.models.related import documentation_of, open_model

FIRST = {
    (
        "python",
        "from os import path as p\n\np.join(a, b)\n",
    ): "https://docs.python.org/3/library/os.path.html#os.path.join",
    (
        "python",
        "import xml.etree.ElementTree as ET\n\nET.parse(a)\n",
    ): "https://docs.python.org/3/library/xml.etree.elementtree.html#xml.etree.ElementTree.parse",
    (
        "python",
        "import os\n\nos.environ.get(a)\n",
    ): "https://docs.python.org/3/library/os.html#os.environ",
    (
        "python",
        "from email.mime.text import MIMEText\n\nMIMEText(a)\n",
    ): "https://docs.python.org/3/library/email.mime.html#email.mime.text.MIMEText",
    ("python", "import importlib.util\n"): "https://docs.python.org/3/library/importlib.html",
    ("python", "import flask\n"): "https://flask.palletsprojects.com/",
    (
        "go",
        'package m\n\nimport "fmt"\n\nfunc f() {\n\tfmt.Println(1)\n}\n',
    ): "https://pkg.go.dev/fmt#Println",
    ("rust", "use std::collections::HashMap;\n"): "https://doc.rust-lang.org/std/collections/",
    ("rust", "use std::io;\n"): "https://doc.rust-lang.org/std/io/",
    ("rust", "use std::cmp::Ordering::{self, Less};\n"): "https://doc.rust-lang.org/std/cmp/",
    ("rust", "use serde::Deserialize;\n"): "https://docs.rs/serde",
    (
        "java",
        "import java.util.List;\n",
    ): "https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/List.html",
    ("csharp", "using System.Text.Json;\n"): "https://learn.microsoft.com/dotnet/api/system.text.json",
    ("javascript", 'const fs = require("node:fs");\n'): "https://nodejs.org/api/fs.html",
    ("javascript", "fetch(url);\n"): "https://developer.mozilla.org/docs/Web/API/Window/fetch",
    ("bash", "sort names | uniq -c\n"): "https://man7.org/linux/man-pages/man1/sort.1.html",
    ("cpp", "#include <vector>\n"): "https://en.cppreference.com/w/cpp/header/vector",
}


@pytest.mark.parametrize(("language", "text"), FIRST, ids=range(len(FIRST)))
def test_the_first_address(language: str, text: str) -> None:
    assert documentation_of(text, language)[0].address == FIRST[language, text]


def test_own_modules_have_no_documentation() -> None:
    assert documentation_of("from .parts import x\nfrom mine import y\nx(y)\n", "python") == []
    assert documentation_of('import x from "./parts";\n', "javascript") == []
    assert documentation_of("mod parts;\nuse parts::x;\n", "rust") == []
    assert documentation_of("import distutils.core\nimport _thread_of_mine\n", "python") == []


def test_documentation_is_offered_and_never_taken_without_asking() -> None:
    found = open_model().suggest(Subject("import os\n\nos.getcwd()\n", language="python"))
    assert found
    assert all(one.confidence < 0.5 for one in found)
