"""The language model: certain rules, whole snippets, prose, light and full version."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from satchel.models.code_or_text import is_code, probability_of_code
from satchel.models.interface import EXAMINED_CHARS, Subject
from satchel.models.language import Languages
from satchel.models.language.magika_labels import language_of_label, open_magika
from satchel.models.language.model import WEIGHTS_FILE, weighed
from satchel.models.language.rules import certain
from satchel.models.ngrams.weights import load
from satchel.models.registry import open_model
from satchel.pieces.languages import canonical_language

SNIPPETS = {
    "python": "def total(items):\n    result = 0\n    for item in items:\n        result += item.price\n    return result\n",
    "javascript": "const total = items.reduce((sum, item) => sum + item.price, 0);\nconsole.log(`total: ${total}`);\n",
    "typescript": "interface Item {\n  price: number;\n}\nexport function total(items: Item[]): number {\n  return items.length;\n}\n",
    "java": 'public class Main {\n    public static void main(String[] args) {\n        System.out.println("hi");\n    }\n}\n',
    "c": '#include <stdio.h>\n\nint main(void) {\n    printf("hi\\n");\n    return 0;\n}\n',
    "cpp": '#include <iostream>\n\nint main() {\n    std::cout << "hi" << std::endl;\n}\n',
    "csharp": "using System;\n\npublic class Item\n{\n    public decimal Price { get; set; }\n}\n",
    "go": 'func total(items []Item) (int, error) {\n\tif len(items) == 0 {\n\t\treturn 0, errors.New("empty")\n\t}\n\treturn len(items), nil\n}\n',
    "rust": "fn total(items: &[Item]) -> Option<u32> {\n    let mut sum = 0;\n    for item in items.iter() {\n        sum += item.price;\n    }\n    Some(sum)\n}\n",
    "ruby": "def total(items)\n  items.map(&:price).sum\nend\n\nputs total([])\n",
    "php": "public function total(array $items): int\n{\n    foreach ($items as $item) {\n        $this->total += $item->price;\n    }\n    return $this->total;\n}\n",
    "bash": 'for f in *.log; do\n  if [ -s "$f" ]; then\n    gzip "$f"\n  fi\ndone\n',
    "sql": "SELECT name, COUNT(*) FROM users\nWHERE created_at > '2024-01-01'\nGROUP BY name\nORDER BY name;\n",
    "html": '<div class="card">\n  <h2>Title</h2>\n  <p>Some text</p>\n</div>\n',
    "css": ".card {\n  margin: 0 auto;\n  color: #333;\n  padding: 10px;\n}\n",
    "yaml": "name: build\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n",
    "toml": '[package]\nname = "item"\nversion = "0.1.0"\n\n[dependencies]\nserde = "1"\n',
    "haskell": "total :: [Int] -> Int\ntotal [] = 0\ntotal (x:xs) = x + total xs\n",
    "elixir": "defmodule Item do\n  def total(items) do\n    items |> Enum.map(& &1.price) |> Enum.sum()\n  end\nend\n",
    "docker": 'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nCMD ["python", "app.py"]\n',
}
PROSE = (
    "Hi Ada,\n\nthanks for your mail. I will look at the report tomorrow and let you know what I think of it.\n\nBest,\nBob",
    "- buy milk and bread\n- call the dentist about next week\n- ask Tom whether he has the keys\n",
    "The meeting starts at ten. Everybody should bring the numbers of the last quarter, since we want to compare them.",
)


@pytest.fixture(scope="module")
def light() -> Languages:
    return Languages(load(WEIGHTS_FILE), None)


@pytest.mark.parametrize("language", SNIPPETS)
def test_a_snippet_gets_its_language(language: str) -> None:
    found = open_model("language").suggest(Subject(SNIPPETS[language]))
    assert (found[0].value, len(found) <= 3) == (language, True)


@pytest.mark.parametrize("language", SNIPPETS)
def test_the_light_version_names_the_language_among_three(light: Languages, language: str) -> None:
    assert language in [one.value for one in light.suggest(Subject(SNIPPETS[language]))]


def test_an_address_has_no_language(light: Languages) -> None:
    assert not light.suggest(Subject("https://example.org/a/b?c=d\nhttps://example.org\n"))


@pytest.mark.parametrize("text", PROSE, ids=range(len(PROSE)))
def test_prose_has_no_language(text: str, light: Languages) -> None:
    assert not open_model("language").suggest(Subject(text))
    assert not light.suggest(Subject(text))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("#!/usr/bin/env python3\nprint(1)\n", "python"),
        ("#!/usr/bin/env -S node --harmony\n1\n", "javascript"),
        ("#!/bin/dash\ntrue\n", "bash"),
        ("#!/usr/bin/perl -w\n1;\n", "perl"),
        ("// -*- mode: c++ -*-\nint x;\n", "cpp"),
        ("a = 1\n# vim: set ts=4 ft=ruby:\n", "ruby"),
        ("<?php echo 1;", "php"),
        ('<?xml version="1.0"?>\n<a/>', "xml"),
        ('<?xml version="1.0"?>\n<!DOCTYPE html>\n<html>', "html"),
        ("<!DOCTYPE html>\n<p>", "html"),
        ('{"a": [1, 2, {"b": null}]}', "json"),
        ("diff --git a/x b/x\n", "diff"),
        ("--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\n", "diff"),
        ("@ECHO OFF\nrem x", "bat"),
    ],
)
def test_a_text_that_states_its_language(text: str, language: str) -> None:
    told = certain(text)
    assert told is not None
    assert told.language == language == canonical_language(language)
    assert open_model("language").suggest(Subject(text))[0].confidence > 0.9


@pytest.mark.parametrize(
    "text", ["#!", "#!/usr/bin/env", "#! -x", "{", "[]", "[1]", "{x}", "-*- -*-", "@@ x", '{"a": 1} x']
)
def test_a_text_that_only_looks_as_if(text: str) -> None:
    assert certain(text) is None


def test_deeply_nested_json_is_refused_and_not_followed() -> None:
    assert certain("[" * 20_000 + '"' + "]" * 20_000) is None


@pytest.mark.parametrize(
    "text",
    [
        "a" * 65_536,
        "-*-" * 20_000,
        "vim:" * 16_000,
        "\n" * 65_536,
        "a1_" * 20_000,
        "\u202e'" * 30_000,
        "@@ -1 " * 10_000,
    ],
)
def test_hostile_text_takes_bounded_time(text: str) -> None:
    open_model("language")
    started = time.process_time()
    open_model("language").suggest(Subject(text[:EXAMINED_CHARS]))
    assert time.process_time() - started < 2


def test_confidences_are_probabilities() -> None:
    model = open_model("language")
    assert isinstance(model, Languages)
    for text in SNIPPETS.values():
        assert sum(model.probabilities(text).values()) == pytest.approx(1)


def test_a_reason_names_signs_of_the_text(light: Languages) -> None:
    text = SNIPPETS["rust"]
    reason = light.suggest(Subject(text))[0].reason
    assert reason.startswith("like ")
    assert all(word in text for word in reason.removeprefix("like ").split(", "))


def test_every_class_is_a_language_of_ours(light: Languages) -> None:
    magika = open_magika()
    assert magika is not None
    for name in (*load(WEIGHTS_FILE).classes, *magika.known):
        assert canonical_language(name) == name


def test_magika_agrees_with_its_own_interface() -> None:
    from magika import Magika

    ours, theirs = open_magika(), Magika()
    assert ours is not None
    for text in SNIPPETS.values():
        result = theirs.identify_bytes(text.encode())
        language = language_of_label(str(result.dl.label))
        if language is not None:
            assert ours.scores(text.encode())[language] > result.score - 0.02


def test_hashes_do_not_depend_on_the_process() -> None:
    script = (
        "from satchel.models.ngrams.grams import Grams\n"
        "grams = Grams(['for']); print(sorted(grams.of(grams.tokens('for a_b in X:\\n    call(1.5, \"é\")'))))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1


def test_the_light_version_loads_no_package() -> None:
    script = (
        "import sys\n"
        "from satchel.models.language.model import Languages, WEIGHTS_FILE\n"
        "from satchel.models.ngrams.weights import load\n"
        "from satchel.models.interface import Subject\n"
        "Languages(load(WEIGHTS_FILE), None).suggest(Subject('def f():\\n    pass'))\n"
        "print(sorted({'numpy', 'onnxruntime', 'magika'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert result.stdout.strip() == "[]"


def test_changed_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from satchel.errors import IntegrityError
    from satchel.models.ngrams import weights

    (tmp_path / WEIGHTS_FILE).write_bytes(b"{}\n")
    monkeypatch.setattr(weights, "WEIGHTS", tmp_path)
    load.cache_clear()
    with pytest.raises(IntegrityError, match="language"):
        load(WEIGHTS_FILE)


@pytest.mark.parametrize("language", SNIPPETS)
def test_a_snippet_is_code(language: str) -> None:
    assert is_code(SNIPPETS[language])


@pytest.mark.parametrize("text", PROSE, ids=range(len(PROSE)))
def test_prose_is_text(text: str) -> None:
    assert not is_code(text)


@pytest.mark.parametrize("text", ["", "   \n", "\0", "\ufeff"])
def test_empty_text_is_no_code(text: str) -> None:
    assert 0 <= probability_of_code(text) <= 1


def test_the_probability_of_code_moves_all_kinds_of_prose_together() -> None:
    found = weighed({"python": 0.6, "ruby": 0.2, "text": 0.15, "markdown": 0.05}, code=0.4)
    assert found == pytest.approx({"python": 0.3, "ruby": 0.1, "text": 0.45, "markdown": 0.15})


def test_markdown_is_suggested_for_a_document_with_markup() -> None:
    text = "# Widget\n\n[![build](https://example.org/b.svg)](https://example.org)\n\n## Usage\n\n```sh\nnpm install widget\n```\n\n- **fast** and `small`\n- see [docs](docs/a.md)\n"
    assert open_model("language").suggest(Subject(text))[0].value == "markdown"
