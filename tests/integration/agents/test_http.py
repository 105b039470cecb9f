"""`satchel mcp --http`: the SDK's client over HTTP, and everybody who must not get in."""

import asyncio
import http.client
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from tests.support.device import PROGRAM, Device

from satchel.agents.http_guard import FILE_NAME
from satchel.ledger import Ledger

PING: Final = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()


@dataclass(frozen=True)
class Served:
    """A server, its address and its token."""

    device: Device
    url: str
    token: str
    process: subprocess.Popen[bytes]

    def ask(self, body: bytes = PING, **headers: str) -> tuple[int, bytes]:
        """Send a request; headers with a value of `-` are left out."""
        address = urlsplit(self.url)
        connection = http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=30)
        own = {
            "Host": address.netloc, "Authorization": f"Bearer {self.token}", "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream", "Content-Length": str(len(body)),
        }  # fmt: skip
        try:
            connection.putrequest("POST", "/mcp", skip_host=True, skip_accept_encoding=True)
            for name, value in {**own, **headers}.items():
                if value != "-":
                    connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A server on a device with a Piece, traced if strace is here."""
    device = Device(tmp_path / "home")
    device.run("init")
    device.save(b"def parse_header(line):\n    pass\n", title="Headers")
    with serve(device, [PROGRAM]) as found:
        yield found


class serve:  # noqa: N801  used as a function
    """Run `satchel mcp --http` until the block ends."""

    def __init__(self, device: Device, command: list[Any]) -> None:
        self._device = device
        arguments = [*command, "mcp", "--http", "--write", "--json"]
        self.process = subprocess.Popen(
            arguments,
            env=device.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> Served:
        assert self.process.stdout is not None
        document = json.loads(self.process.stdout.readline())
        token = document["token"] or (self._device.home / FILE_NAME).read_text().strip()
        return Served(self._device, document["url"], token, self.process)

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)


async def use(served: Served) -> str:
    """Find, read and save a Piece with the SDK's client; return the id of the new one."""
    headers = {"Authorization": f"Bearer {served.token}"}
    async with (
        httpx2.AsyncClient(headers=headers) as transport,
        Client(streamable_http_client(served.url, http_client=transport)) as client,
    ):
        found = await client.call_tool("search_pieces", {"query": "parse header"})
        assert found.structured_content is not None
        assert found.structured_content["total"] == 1
        saved = await client.call_tool("save_piece", {"content": "over http\n"})
        assert saved.structured_content is not None
        return str(saved.structured_content["id"])


def test_an_sdk_client_finds_and_saves_a_piece(served: Served) -> None:
    piece = asyncio.run(use(served))
    assert served.device.run("cat", piece).stdout == b"over http\n"
    with Ledger.open(served.device.home) as ledger:
        assert [(one.kind, one.record.agent) for one in ledger.accesses()] == [
            ("read", "http"),
            ("wrote", "http"),
        ]
    served.process.send_signal(signal.SIGINT)
    _, err = served.process.communicate(timeout=30)
    assert served.process.returncode == 130
    assert b"Traceback" not in err
    assert served.token.encode() not in err


def test_who_has_no_token_or_another_name_gets_nothing(served: Served) -> None:
    port = urlsplit(served.url).port
    for headers, status in (
        ({"Authorization": "-"}, 401), ({"Authorization": "Bearer x"}, 401),
        ({"Host": f"evil.example:{port}"}, 421), ({"Host": "-"}, 400),
        ({"Origin": "http://evil.example"}, 403), ({"Origin": "null"}, 403),
    ):  # fmt: skip
        # Without `Host` uvicorn closes the connection, which resets it if a body is on its way.
        found, body = served.ask(b"" if status == 400 else PING, **headers)
        assert found == status, headers
        assert b"jsonrpc" not in body


def test_a_refusal_can_be_read_while_the_body_is_still_sent(served: Served) -> None:
    address = urlsplit(served.url)
    head = f"POST /mcp HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {len(PING)}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", address.port or 0), timeout=30) as connection:
        for _ in range(2):
            connection.sendall(head)
            assert connection.recv(1_000).startswith(b"HTTP/1.1 401 ")
            connection.sendall(PING)


def test_huge_and_malformed_requests_are_refused_and_the_server_goes_on(served: Served) -> None:
    assert served.ask(b"x" * (4 * 2**20 + 1))[0] == 413
    assert served.ask(b"{")[0] == 400
    assert served.ask(b"[" * 100_000)[0] == 400
    assert asyncio.run(use(served))


def test_the_token_is_shown_once_and_a_taken_port_is_told(served: Served) -> None:
    port = str(urlsplit(served.url).port)
    taken = served.device.run("mcp", "--http", "--port", port, code=1)
    assert taken.stdout == b""
    assert f"cannot listen on 127.0.0.1 port {port}" in taken.said
    with serve(served.device, [PROGRAM]) as second:
        assert second.token == served.token


@pytest.mark.tool("strace")
def test_the_server_listens_on_loopback_alone_and_opens_no_connection(tmp_path: Path) -> None:
    device, log = Device(tmp_path / "home"), tmp_path / "calls"
    device.run("init")
    device.save(b"def parse_header(line):\n    pass\n", title="Headers")
    trace = ["strace", "-f", "-qq", "-o", log, "-e", "trace=%network", "--", PROGRAM]
    with serve(device, trace) as served:
        asyncio.run(use(served))
        [child] = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGTERM)
        served.process.wait(30)
    calls = log.read_text().splitlines()
    bound = [call for call in calls if re.search(r"\bbind\(\d+, \{sa_family=AF_INET6?\b", call)]
    assert len(bound) == 1
    assert 'inet_addr("127.0.0.1")' in bound[0]
    assert [call for call in calls if re.search(r"\bconnect\(\d+, \{sa_family=AF_INET6?\b", call)] == []
