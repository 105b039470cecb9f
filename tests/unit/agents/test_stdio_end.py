"""The end of a server on standard input and output. A warning of Python about lost work fails these tests."""

import gc
import io
import os
import threading
from pathlib import Path

import pytest
from tests.support.waiting import wait_until

from satchel.agents import Policy
from satchel.agents.server import serve_stdio

READER = "satchel-mcp-reader"


class NobodyReads(io.BytesIO):
    """The output of a server whose client has gone."""

    def write(self, _data: object) -> int:
        raise BrokenPipeError


def is_reading() -> bool:
    return any(each.name == READER for each in threading.enumerate())


@pytest.mark.parametrize(
    "late", [b'{"jsonrpc": "2.0", "method": "ping", "id": 1}\n', b""], ids=["line", "end"]
)
def test_what_arrives_after_the_end_is_dropped_silently(
    home: Path, monkeypatch: pytest.MonkeyPatch, late: bytes
) -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as incoming, os.fdopen(writing, "wb", buffering=0) as client:
        monkeypatch.setattr("satchel.agents.server.claim_streams", lambda: (incoming, NobodyReads()))
        client.write(b"{\n")  # answered with an error, which nobody reads
        serve_stdio(home, Policy(), "tester")
        assert is_reading()
        client.write(late)
        client.close()
        wait_until(lambda: not is_reading())
    gc.collect()
