"""`satchel mcp` on standard input and output: the SDK's own client, and clients that break every rule."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from tests.support.agents import RawClient, connected
from tests.support.device import Device

from satchel.ledger import Ledger

MOST_LINE_BYTES: Final = 4 * 2**20


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """A device with a Piece."""
    device = Device(tmp_path / "home")
    device.run("init")
    device.save(b"def parse_header(line):\n    pass\n", title="Headers")
    return device


def test_an_sdk_client_finds_and_reads_a_piece(device: Device) -> None:
    async def use() -> None:
        async with connected(device, "--agent", "tester") as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert set(tools) == {"search_pieces", "read_piece", "list_recent"}
            for tool in tools.values():
                assert tool.output_schema is not None
                assert {"total", "truncated"} <= tool.output_schema["properties"].keys()
                assert tool.annotations is not None
                assert (tool.annotations.read_only_hint, tool.annotations.open_world_hint) == (True, False)
            found = await client.call_tool("search_pieces", {"query": "parse header"})
            assert found.structured_content is not None
            assert json.loads(found.content[0].text) == found.structured_content  # type: ignore[union-attr]
            [piece] = found.structured_content["pieces"]
            read = await client.call_tool("read_piece", {"id": piece["id"]})
            assert read.structured_content is not None
            assert read.structured_content["text"].startswith("def parse_header")
            resource = await client.read_resource(f"satchel://piece/{piece['id']}")
            assert resource.contents[0].text == read.structured_content["text"]  # type: ignore[union-attr]
            [template] = (await client.list_resource_templates()).resource_templates
            assert template.uri_template == "satchel://piece/{id}"
            wrong = await client.call_tool("read_piece", {"id": "0000000000"})
            assert wrong.is_error

    asyncio.run(use())
    with Ledger.open(device.home) as ledger:
        found = [access.record for access in ledger.accesses()]
    assert [(one.agent, one.tool) for one in found] == [
        ("tester", "search_pieces"), ("tester", "read_piece"), ("tester", "resources/read"),
    ]  # fmt: skip
    assert all(one.client for one in found)


def test_lines_that_are_no_messages_are_answered_and_the_server_goes_on(device: Device) -> None:
    with RawClient(device) as client:
        client.greet()
        for line in (
            b"{",
            b"\xff\xfe\x00",
            b"[]",
            b'{"jsonrpc":"1.0"}',
            b'"' + b"[" * 100_000,
            b"null",
            b'{"id":' + b"9" * 5_000 + b"}",
        ):
            client.send(line)
            answer = client.answer()
            assert (answer["id"], answer["error"]["code"]) == (None, -32700)
        client.send(b'{"jsonrpc":"2.0","id":1,"method":"' + b"m" * (MOST_LINE_BYTES + 5) + b'"}')
        assert client.answer()["error"]["code"] == -32600
        client.send(b"")
        wrong: list[tuple[str, dict[str, Any]]] = [
            ("no/such", {}), ("tools/call", {}), ("tools/call", {"name": 7}), ("resources/read", {"uri": "x"}),
        ]  # fmt: skip
        for number, (method, params) in enumerate(wrong, 2):
            client.ask(method, params, number)
            answer = client.answer()
            assert (answer["id"], "error" in answer) == (number, True), answer
        client.ask("tools/call", {"name": "list_recent", "arguments": {}}, 9)
        assert client.answer()["result"]["structuredContent"]["total"] == 1
        code, out, err = client.end()
    assert (code, out) == (0, "")
    assert "Traceback" not in err
    assert "parse_header" not in err


def test_many_requests_at_once_are_all_answered(device: Device) -> None:
    with RawClient(device) as client:
        client.greet()
        asked = set(range(1, 401))
        for number in asked:
            params = {"name": "list_recent", "arguments": {}} if number % 20 == 0 else {"name": "nothing"}
            client.ask("tools/call", params, number)
        answered = {client.answer()["id"] for _ in asked}
        assert answered == asked
        assert client.end()[:2] == (0, "")


def test_a_cancelled_request_gets_no_answer_and_the_next_one_does(device: Device) -> None:
    with RawClient(device) as client:
        client.greet()
        for number in range(1, 4):
            client.ask("tools/call", {"name": "search_pieces", "arguments": {"query": "header"}}, number)
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}}
        client.send(json.dumps(cancel).encode())
        client.ask("ping", number=9)
        answered = set[int]()
        while 9 not in answered or not {1, 3} <= answered:
            answered.add(client.answer()["id"])
        assert answered <= {1, 2, 3, 9}
        assert client.end()[:2] == (0, "")


def test_a_client_that_goes_away_ends_the_server(device: Device) -> None:
    with RawClient(device) as client:
        client.greet()
        client.output.close()
        for number in range(1, 40):
            try:
                client.ask("tools/list", number=number)
            except BrokenPipeError:
                break
        assert client.process.wait(60) == 0
        assert client.process.stderr is not None
        assert client.process.stderr.read() == b""


def test_without_a_store_there_is_one_line_and_nothing_on_standard_output(tmp_path: Path) -> None:
    done = Device(tmp_path / "home").run("mcp", code=3)
    assert done.stdout == b""
    assert re.match(r"satchel: there is no store in .*\n", done.stderr.decode())


@pytest.mark.tool("strace")
def test_the_server_opens_no_connection(device: Device, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    trace = ("strace", "-f", "-qq", "-o", log, "-e", "trace=%network", "--")
    with RawClient(device, trace=trace) as client:
        client.greet()
        client.ask("tools/call", {"name": "search_pieces", "arguments": {"query": "parse header"}})
        assert "parse_header" in json.dumps(client.answer())
        assert client.end()[0] == 0
    calls = log.read_text().splitlines()
    assert [call for call in calls if re.search(r"AF_INET6?\b|\b(?:connect|listen|bind)\(", call)] == []
