"""`satchel lsp` beyond completion: hovers, actions, secrets, broken input, logs and connections."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from tests.support.device import PROGRAM, Device
from tests.support.editor import Editor, connected, lines
from tests.support.traced import connections, traced
from tests.support.waiting import wait_until

from satchel.editor.messages import Abilities

TOKEN: Final = "ghp_" + "wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx"
OTHER_TOKEN: Final = "ghp_" + "yT8sQ2mVb6LrXn4KpWd9ZcHf3JgRa1Ue7Bt5"
CODE: Final = "def split_pairs(text):\n    for pair in text.split(';'):\n        yield pair.split('=')\n"


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    """A device with a Piece."""
    device = Device(tmp_path_factory.mktemp("editor") / "home")
    device.run("init")
    device.save(
        CODE.encode(), title="split_pairs", language="python", description="[x](http://a.test) ![y](z)"
    )
    return device


@pytest.fixture(scope="module")
def editor(device: Device) -> Iterator[Editor]:
    """An editor with the abilities of VS Code."""
    with connected(device) as editor:
        yield editor


def test_a_hover_shows_the_piece_that_a_name_or_an_id_stands_for(device: Device, editor: Editor) -> None:
    [piece_id] = [one["id"] for one in device.json("search", "split_pairs")["pieces"]]
    uri = editor.open("file:///work/a.py", f"y = split_pairs(x)  # satchel://piece/{piece_id}")
    by_name, by_id = editor.hover(uri, 0, 8), editor.hover(uri, 0, 50)
    assert by_name is not None
    assert by_id is not None
    assert isinstance(by_name.contents, types.MarkupContent)
    assert by_name.range == types.Range(types.Position(0, 4), types.Position(0, 15))
    assert f"```python\n{CODE}```" in by_name.contents.value
    assert "![y](z)" not in by_name.contents.value
    assert by_id.contents == by_name.contents
    assert editor.hover(uri, 0, 0) is None


def test_a_selection_becomes_a_piece_once_and_similar_ones_are_found(device: Device, editor: Editor) -> None:
    text = "class A:\n    def join_pairs(self, pairs):\n        return ';'.join(pairs)\n"
    uri = editor.open("file:///work/pairs%20of.py", text)
    assert editor.actions(uri, lines(1, 1)) == {}
    actions = editor.actions(uri, lines(1, 3))
    assert list(actions) == ["Save selection as a Piece", "Find similar Pieces"]
    save = actions["Save selection as a Piece"]
    first = editor.run(save.command, *(save.arguments or []))
    again = editor.run(save.command, *(save.arguments or []))
    other = editor.open("file:///work/b.py", CODE.replace("pair", "part").replace("text", "line"))
    find = editor.actions(other, lines(0, 3))["Find similar Pieces"]
    similar = editor.run(find.command, *(find.arguments or []))
    assert (first["is_new"], again["is_new"], again["id"]) == (True, False, first["id"])
    shown = device.json("show", first["id"])
    saved = device.run("cat", first["id"]).stdout
    assert saved == b"def join_pairs(self, pairs):\n    return ';'.join(pairs)\n"
    assert (shown["language"], shown["title"]) == ("python", "def join_pairs(self, pairs):")
    assert shown["source"]["location"] == "/work/pairs of.py"
    assert similar["pieces"][0]["title"] == "split_pairs"
    said = [one.message for one in editor.client.messages][-3:]
    assert said[0].startswith("saved: ")
    assert said[1].startswith("already saved: ")
    assert "split_pairs" in said[2]


def test_an_empty_selection_is_refused_in_one_line(editor: Editor) -> None:
    uri = editor.open("file:///work/c.py", "   \n  \nx")
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 2}}
    for name, told in ((uri, "the selection is empty"), ("file:///other", "not open")):
        with pytest.raises(JsonRpcException, match=told) as caught:
            editor.run("satchel.saveSelection", {"uri": name, "range": place})
        assert "Traceback" not in str(caught.value)


def test_a_secret_is_marked_without_its_value_until_the_owner_allows_it(
    device: Device, editor: Editor
) -> None:
    uri = editor.open("file:///work/d.py", "x = 1\n")
    editor.change(uri, f"x = 1\n😀 = '{TOKEN}'\n")
    found = editor.client.diagnostics
    wait_until(lambda: bool(found.get(uri)))
    [one] = found[uri]
    assert one.range == types.Range(types.Position(1, 6), types.Position(1, 6 + len(TOKEN)))
    assert one.severity == types.DiagnosticSeverity.Warning
    assert "GitHub" in one.message
    assert TOKEN[:8] not in str(one)
    allow = editor.actions(uri, lines(1, 1, 8))["This is no secret: allow it on this device"]
    editor.run(allow.command, *(allow.arguments or []))
    wait_until(lambda: not found[uri])
    assert TOKEN not in (device.home / "allowed-secrets.json").read_text()


def test_commands_list_find_and_read_pieces(device: Device, editor: Editor) -> None:
    other = device.save(b"SELECT 1;\n", title="the query", language="sql")
    assert editor.run("satchel.search", "", 1)["pieces"][0]["title"] == "the query"
    assert editor.run("satchel.search", "query", 10)["pieces"][0]["id"] == other
    read = editor.run("satchel.read", other)
    assert (read["text"], read["is_snippet"], read["language"]) == ("SELECT 1;\n", False, "sql")
    with pytest.raises(JsonRpcException, match="no Piece has an id"):
        editor.run("satchel.read", "0000000000")


def test_an_editor_that_declares_no_abilities_gets_plain_text() -> None:
    bare = Abilities(types.ClientCapabilities())
    assert not any((bare.stops, bare.indents, bare.item_markdown, bare.hover_markdown))


class Raw:
    """Writes bytes to `satchel lsp`."""

    def __init__(self, device: Device) -> None:
        self.process = subprocess.Popen(
            [PROGRAM, "lsp"],
            env=device.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def end(self, data: bytes) -> tuple[int, bytes, bytes]:
        """Write the last bytes, close the input, and return the exit code, the output and the errors."""
        out, err = self.process.communicate(data, timeout=120)
        return self.process.returncode, out, err


def framed(document: object) -> bytes:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def request(method: str, params: object, number: int = 1) -> bytes:
    return framed({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


INITIALIZE: Final = request("initialize", {"capabilities": {}, "processId": None, "rootUri": None})


GOODBYE: Final = request("shutdown", None, 2) + framed({"jsonrpc": "2.0", "method": "exit"})
BROKEN: Final = (
    b"Content-Length: 5\r\n\r\n{]{]{",
    framed(b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover", "params": {"secretish": "QUOTED"}}'),
    framed(b"[" * 100_000),
    b"x" * 100_000 + b"\r\n\r\n",
    request(
        "textDocument/hover", {"textDocument": {"uri": "QUOTED"}, "position": {"line": -5, "character": 1}}, 8
    ),
    request(
        "textDocument/completion",
        {"textDocument": {"uri": "QUOTED"}, "position": {"line": 0, "character": 0}},
        9,
    ),
)


def test_broken_messages_are_answered_and_never_quoted(device: Device) -> None:
    code, out, err = Raw(device).end(INITIALIZE + b"".join(BROKEN) + GOODBYE)
    assert code == 0
    assert all(
        f'"id": {number}'.encode() in out.replace(b'":', b'": ').replace(b":  ", b": ") for number in (1, 2)
    )
    assert b"Traceback" not in out + err
    assert b"QUOTED" not in err
    assert err.count(b"\n") <= 2 * len(BROKEN)


def test_a_message_without_bounds_ends_the_server(device: Device) -> None:
    code, _, err = Raw(device).end(INITIALIZE + b"Content-Length: 99999999999999999999\r\n\r\n{}" + GOODBYE)
    assert code == 0
    assert b"Traceback" not in err


@pytest.mark.tool("strace")
def test_the_server_opens_no_connection_logs_no_text_and_records_nothing_as_sent(
    device: Device, tmp_path: Path
) -> None:
    log, errors, script = tmp_path / "trace", tmp_path / "errors", tmp_path / "run"
    program = " ".join(map(str, traced(log)))
    script.write_text(f'#!/bin/sh\nexec {program} --debug "$@" 2>{errors}\n')
    script.chmod(0o755)
    with connected(device, command=(script,), options={"secrets": True}) as editor:
        uri = editor.open("file:///work/e.py", f"# split the pairs\nsplit\ntoken = '{OTHER_TOKEN}'\n")
        editor.complete_once(uri, 0, 17)
        editor.complete_once(uri, 1, 5)
        editor.hover(uri, 1, 2)
        place = {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 9}}
        editor.run("satchel.saveSelection", {"uri": uri, "range": place})
        wait_until(lambda: bool(editor.client.diagnostics.get(uri)))
    assert not connections(log)
    said = errors.read_text()
    assert not any(text in said for text in ("split", OTHER_TOKEN, "work/e.py"))
    assert not (device.home / "ledger.db").exists()


def test_options_switch_secrets_and_meaning_off(device: Device) -> None:
    with connected(device, options={"secrets": False, "meaning": False}) as editor:
        uri = editor.open("file:///work/f.py", f"x = '{OTHER_TOKEN}'\nsplit\n# split the pairs")
        assert "split_pairs" in [one.label for one in editor.complete(uri, 1, 5)]
        assert not editor.complete_once(uri, 2, 17).items
        assert editor.client.diagnostics.get(uri) is None
