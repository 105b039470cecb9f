"""The outline of code in every language, with grammars and with patterns."""

import time

import pytest

from satchel.models.interface import Subject
from satchel.models.parsing import language_of, outline_of
from satchel.models.parsing.outline import Outline
from satchel.models.parsing.patterns import outline_by_patterns

TEXTS = {
    "python": 'import os.path as p\n\n@app.route("/x")\ndef f(a, *b, c=1):\n    """Doc."""\n    p.join(a)\n',
    "javascript": 'const { a: b } = require("p");\n/** Doc. */\nfunction f(a, b, c) {\n  p.join(a);\n}\n',
    "typescript": 'import { b } from "p";\n// Doc.\nexport const f = (a: number, b?: string, c = 1) => {\n  p.join(a);\n};\n',
    "java": "import a.p;\nclass K {\n  /** Doc. */\n  int f(int a, String... b, int c) {\n    p.join(a);\n  }\n}\n",
    "c": "#include <p>\n/* Doc. */\nstatic char *f(int a, const char *b, int c[]) {\n  p.join(a);\n}\n",
    "cpp": "#include <p>\n// Doc.\nint f(int a, const K& b, int* c) {\n  p.join(a);\n}\n",
    "csharp": "using p;\nclass K {\n  // Doc.\n  int f(int a, string b, int c = 1) {\n    p.join(a);\n  }\n}\n",
    "go": 'package m\nimport (\n  x "p"\n)\n// Doc.\nfunc f(a, b int, c string) {\n  p.join(a)\n}\n',
    "ruby": 'require "p"\n# Doc.\ndef f(a, b = 1, *c)\n  p.join(a)\nend\n',
    "rust": "use x::p;\n/// Doc.\nfn f(a: i32, b: &str, mut c: u8) {\n    p.join(a);\n}\n",
    "php": "<?php\nuse X\\p;\n// Doc.\nfunction f(int $a, $b, &$c) {\n  $p->join($a);\n}\n",
    "bash": "source p\n# Doc.\nf() {\n  join a b\n}\n",
    "kotlin": "import x.p\n// Doc.\nfun f(a: Int, b: String, c: Int) {\n  p.join(a)\n}\n",
    "scala": "import x.p\nobject K {\n  // Doc.\n  def f(a: Int, b: Int, c: Int) = p.join(a)\n}\n",
    "lua": 'local x = require("p")\n-- Doc.\nlocal function f(a, b, c)\n  p.join(a)\nend\n',
}
MODULES = {"python": "os.path", "java": "a.p", "rust": "x", "php": "X\\p", "kotlin": "x.p", "scala": "x.p"}


def _function(outline: Outline) -> tuple[str, ...]:
    return next(one.parameters for one in outline.declarations if one.name == "f")


@pytest.mark.parametrize("language", TEXTS)
def test_a_grammar_finds_imports_declarations_and_calls(language: str) -> None:
    outline = outline_of(TEXTS[language], language)
    assert outline.is_parsed
    assert not outline.has_errors
    assert [one.module for one in outline.imports] == [MODULES.get(language, "p")]
    found = next(one for one in outline.declarations if one.name == "f")
    assert found.doc == "Doc."
    assert found.parameters == (() if language == "bash" else ("a", "b", "c"))
    assert TEXTS[language].splitlines()[found.last_line - 1].strip() != ""
    assert found.lead_line <= found.first_line <= found.last_line
    assert any(call.name.endswith("join") for call in outline.calls)


@pytest.mark.parametrize("language", TEXTS)
def test_patterns_find_the_same_imports_and_names(language: str) -> None:
    parsed, found = outline_of(TEXTS[language], language), outline_by_patterns(TEXTS[language], language)
    assert not found.is_parsed
    assert [one.module for one in found.imports] == [one.module for one in parsed.imports]
    assert [one.bindings for one in found.imports] == [one.bindings for one in parsed.imports]
    if language != "scala":
        assert "f" in [one.name for one in found.declarations]


def test_a_declaration_knows_its_decorators_and_the_class_around_it() -> None:
    text = "@one\nclass K:\n    @two.three('x')\n    def m(self):\n        pass\n"
    outer, inner = outline_of(text, "python").declarations
    assert (outer.kind, outer.decorators, outer.lead_line, outer.last_line) == ("class", ("one",), 1, 5)
    assert (inner.kind, inner.parent, inner.decorators, inner.lead_line) == ("method", "K", ("two.three",), 3)


def test_markup_in_typescript_is_parsed() -> None:
    outline = outline_of('import x from "y";\nexport const A = (p: P) => <div>{x(p)}</div>;\n', "typescript")
    assert (outline.has_errors, [one.name for one in outline.declarations]) == (False, ["A"])


@pytest.mark.parametrize("language", ["python", "javascript", "cpp", "bash"])
@pytest.mark.parametrize(
    "unit",
    ["{", "}{", "(", "a(", "def f(:\n", "'", "import {", "*", "/*", "a<b<", "\0", "# x\n", '"""', "@a\n"],
)
def test_no_text_takes_long(language: str, unit: str) -> None:
    before = time.thread_time()
    outline_of(unit * (8_192 // len(unit)), language)
    assert time.thread_time() - before < 3


@pytest.mark.parametrize("language", TEXTS)
def test_telling_lines_give_the_language(language: str) -> None:
    text = TEXTS[language]
    if language in ("python", "javascript", "go", "rust", "php", "ruby", "lua"):
        assert language_of(Subject(text)) == language
    assert language_of(Subject(text, language=language)) == language


def test_a_file_name_gives_the_language() -> None:
    assert language_of(Subject("x = 1", file_name="a/b.rb")) == "ruby"
    assert language_of(Subject("Some prose about nothing.")) == ""
