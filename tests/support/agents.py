"""A client of the Model Context Protocol: the SDK's own, and one that writes raw lines."""

import json
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from tests.support.device import PROGRAM, Device


@asynccontextmanager
async def connected(device: Device, *options: str) -> AsyncIterator[Client]:
    """Connect the SDK's client to `satchel mcp` of a device."""
    parameters = StdioServerParameters(command=str(PROGRAM), args=["mcp", *options], env=dict(device.environ))
    async with Client(stdio_client(parameters)) as client:
        yield client


class RawClient:
    """Writes lines to `satchel mcp`, and reads the lines that it answers."""

    def __init__(self, device: Device, *options: str, trace: Sequence[str | Path] = ()) -> None:
        self.process = subprocess.Popen(
            [*trace, PROGRAM, "mcp", *options],
            env=device.environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def send(self, line: bytes) -> None:
        """Write a line."""
        self.input.write(line + b"\n")
        self.input.flush()

    def ask(self, method: str, params: dict[str, Any] | None = None, number: int = 1) -> None:
        """Write a request."""
        self.send(
            json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params or {}}).encode()
        )

    def answer(self) -> dict[str, Any]:
        """Read the next message."""
        message: dict[str, Any] = json.loads(self.output.readline())
        return message

    def greet(self, name: str = "raw-client") -> None:
        """Do the handshake of 2025-11-25."""
        client = {"name": name, "version": "1"}
        self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}, 0)
        assert self.answer()["result"]["serverInfo"]["name"] == "satchel"
        self.send(b'{"jsonrpc":"2.0","method":"notifications/initialized"}')

    def end(self) -> tuple[int, str, str]:
        """Close the input, and return the exit code and what is left of output and errors."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out.decode(), err.decode()
