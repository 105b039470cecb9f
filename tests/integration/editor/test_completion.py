"""Completion by `satchel lsp`, as pytest-lsp's client asks for it with the abilities of real editors."""

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from lsprotocol import types
from tests.support.device import Device
from tests.support.editor import Editor, connected
from tests.support.minilm import require_weights
from tests.support.waiting import wait_until

from satchel.store import Draft, Store

SNIPPETS: Final = {
    "For with index": {
        "prefix": ["forin", "!loop"],
        "scope": "python",
        "body": ["for ${1:index}, ${2:item} in enumerate(${3|items,lines|}):", "\t$TM_SELECTED_TEXT$0"],
        "description": "A loop",
    }
}
BODY: Final = "for ${1:index}, ${2:item} in enumerate(${3|items,lines|}):\n\t$TM_SELECTED_TEXT$0"


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    """A device with a snippet of VS Code and Pieces in two languages."""
    folder = tmp_path_factory.mktemp("editor")
    device = Device(folder / "home")
    device.run("init")
    source = folder / "python.code-snippets"
    source.write_text(json.dumps(SNIPPETS))
    device.run("import", source)
    code = b"def parse_header(line):\n    name, _, value = line.partition(':')\n    return name, value\n"
    device.save(code, title="parse_header of HTTP", language="python", tags=("http",))
    device.save(b"func parseHeader() {}\n", title="parse a header in Go", language="go")
    return device


@pytest.fixture(scope="module")
def editor(device: Device) -> Iterator[Editor]:
    """An editor with the abilities of VS Code."""
    with connected(device) as editor:
        yield editor


def labels(editor: Editor, text: str, language: str = "python") -> list[str]:
    """Return the labels offered at the end of the last line of a text, sorted."""
    uri = editor.open(f"file:///work/{len(text)}-{language}", text, language)
    *_, last = text.split("\n")
    return sorted(item.label for item in editor.complete(uri, text.count("\n"), len(last)))


def edit_of(item: types.CompletionItem) -> types.TextEdit:
    """Return the edit of an item."""
    assert isinstance(item.text_edit, types.TextEdit)
    return item.text_edit


def test_a_snippet_of_vs_code_keeps_its_stops_and_variables(editor: Editor) -> None:
    uri = editor.open("file:///work/a.py", "if x:\n    fori")
    [item] = editor.complete(uri, 1, 8)
    assert (item.label, item.kind) == ("forin", types.CompletionItemKind.Snippet)
    assert item.insert_text_format == types.InsertTextFormat.Snippet
    assert edit_of(item) == types.TextEdit(types.Range(types.Position(1, 4), types.Position(1, 8)), BODY)


def test_an_editor_without_stops_gets_the_text_that_they_hold(device: Device) -> None:
    with connected(device, "emacs") as editor:
        uri = editor.open("file:///work/a.py", "if x:\n    fori")
        [item] = editor.complete(uri, 1, 8)
    assert item.insert_text_format == types.InsertTextFormat.PlainText
    assert edit_of(item).new_text == "for index, item in enumerate(items):\n    \t"


def test_prefixes_of_tags_titles_and_names_are_completed_in_fitting_languages(editor: Editor) -> None:
    assert labels(editor, "!lo") == ["!loop"]
    assert labels(editor, "x = parse_h") == ["parse_header of HTTP"]
    assert labels(editor, "htt") == ["parse_header of HTTP"]
    assert labels(editor, "parse", "go") == ["parse a header in Go"]
    assert labels(editor, "parse", "plaintext") == ["parse a header in Go", "parse_header of HTTP"]
    assert labels(editor, "zzz") == []
    assert labels(editor, "") == []


def test_a_piece_that_is_no_snippet_is_inserted_literally(device: Device, editor: Editor) -> None:
    device.save(b"echo ${HOME} $1 }\n", title="dollars", language="bash")
    uri = editor.open("file:///work/a.sh", "doll", "shellscript")
    [item] = editor.complete(uri, 0, 4)
    assert item.insert_text_format == types.InsertTextFormat.PlainText
    assert edit_of(item).new_text == "echo ${HOME} $1 }"
    assert item.documentation is None
    resolved = editor.wait(editor.client.completion_item_resolve_async(item))
    assert isinstance(resolved.documentation, types.MarkupContent)
    assert "echo ${HOME} $1 }" in resolved.documentation.value


def test_a_comment_is_answered_by_meaning_and_stays(device: Device) -> None:
    require_weights()
    code = b"with open(path, newline='') as file:\n    rows = list(csv.DictReader(file))\n"
    device.save(code, title="load a spreadsheet export", language="python")
    text = "def f():\n    # import data from a sheet"

    def is_found(found: types.CompletionList) -> bool:
        return bool(found.items) and found.items[0].label == "load a spreadsheet export"

    with connected(device) as editor:  # a start embeds what waits
        uri = editor.open("file:///work/a.py", text)
        first = editor.complete(uri, 1, len(text.split("\n")[1]), is_found)[0]
    assert edit_of(first).new_text.startswith("# import data from a sheet\nwith open(path")
    assert edit_of(first).range.start == types.Position(1, 4)


def test_places_are_counted_in_the_units_of_the_editor(editor: Editor) -> None:
    text = "\f\u2028s = '😀' + fori"  # neither is an end of a line to an editor
    uri = editor.open("file:///work/b.py", text)
    end = len(text) + 1
    [item] = editor.complete(uri, 0, end)
    assert edit_of(item).range == types.Range(types.Position(0, end - 4), types.Position(0, end))


def test_answers_are_bounded(device: Device, editor: Editor) -> None:
    for number in range(40):
        device.save(f"{number}".encode() * 20_000, title=f"widget {number}", language="python")
    device.save(b"x" * 70_000, title="widget too large", language="python")
    device.save(b"\x89PNG\r\n\x1a\n" + bytes(20), title="widget picture")
    uri = editor.open("file:///work/c.py", "widg")
    items = editor.complete(uri, 0, 4, lambda found: found.items)
    assert 0 < len(items) <= 30
    assert sum(len(edit_of(item).new_text) for item in items) <= 512 * 1024
    assert not {"widget too large", "widget picture"} & {item.label for item in items}


def test_of_many_completions_at_once_the_last_is_answered(editor: Editor) -> None:
    """An editor that asks at every key, without waiting: what a later key replaces is empty and asks to be asked again."""
    uri = editor.open("file:///work/burst.py", "parse_h")
    place = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(0, 7))

    async def ask_at_once() -> list[object]:
        asked = [editor.client.text_document_completion_async(place) for _ in range(120)]
        return list(await asyncio.gather(*asked))

    def is_answered() -> bool:
        answers = [one for one in editor.wait(ask_at_once()) if isinstance(one, types.CompletionList)]
        assert len(answers) == 120
        assert all(one.items or one.is_incomplete for one in answers), (
            "an empty answer never counts as the whole one"
        )
        whole = [[item.label for item in one.items] for one in answers[-1:] if not one.is_incomplete]
        assert whole in ([["parse_header of HTTP"]], []), (
            "a slow machine has no time for an answer now and then"
        )
        return bool(whole)

    wait_until(is_answered, timeout_s=120)


def test_while_the_index_is_built_a_completion_asks_to_be_asked_again(tmp_path: Path) -> None:
    device = Device(tmp_path / "home")
    device.run("init")
    with Store.open(device.home) as store:
        text = " ".join(f"word{number}" for number in range(400))
        for _ in store.add_many(
            Draft(f"{text} {number}".encode(), title="filler") for number in range(6_000)
        ):
            pass
        store.add(Draft(b"pass", title="wanted_snippet", language="python"))
    with connected(device, options={"meaning": False}) as editor:
        uri = editor.open("file:///work/a.py", "wanted_s")
        answers = [editor.complete_once(uri, 0, 8)]
        until = time.monotonic() + 120
        while not answers[-1].items and time.monotonic() < until:
            answers.append(editor.complete_once(uri, 0, 8))
    assert [item.label for item in answers[-1].items] == ["wanted_snippet"]
    assert len(answers) > 1, "the index was not built meanwhile"
    assert all(one.is_incomplete for one in answers[:-1]), "an empty answer never counts as the whole one"


def test_a_piece_saved_elsewhere_is_completed_at_once_and_a_removed_one_never(
    device: Device, editor: Editor
) -> None:
    assert labels(editor, "brandn") == []
    piece_id = device.save(b"1\n", title="brandnew", language="python")
    assert labels(editor, " brandn") == ["brandnew"]
    device.run("rm", "--yes", piece_id)
    assert labels(editor, "  brandn") == []
