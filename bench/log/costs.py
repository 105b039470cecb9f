"""The requests and bytes of each action, counted while the real service runs on moto's server."""

import re
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypedDict

import urllib3
from tests.support.asgi import Answer
from tests.support.s3_servers import S3Server, moto
from tests.support.service import ServiceProcess
from tests.support.storm import sender
from tests.support.wire_device import Send, WireDevice

from bench.log.stores import on_bucket
from satchel_service.log.format import decode_entry

REQUEST: Final = re.compile(r'"(?:\x1b\[\d+m)*(GET|HEAD|PUT|POST|DELETE) /')  # failed requests are coloured
TIMES: Final = 50
"""Repetitions of each action: enough to include the snapshots that they cause in the long run."""
WAKES: Final = 5
EMPTIED: Final = 1
"""A day after an instance wrote, a later request replaces its first entry by an empty one: one PUT."""


class Act(TypedDict):
    """The mean cost of one action: requests to the bucket by price class, and requests to the service."""

    act: str
    writes: float
    reads: float
    calls: float


class Costs(TypedDict):
    """All counts. Bytes are of the last entry of an action, and of its changesets alone."""

    acts: list[Act]
    entry_bytes: dict[str, int]
    changeset_bytes: dict[str, int]


def measure() -> Costs:
    """Count the requests of one cloud."""
    with tempfile.TemporaryDirectory() as text, moto(Path(text)) as server, urllib3.PoolManager() as pool:
        place = on_bucket("moto", server).fresh()
        with ServiceProcess(Path(text) / "cloud", place.environ) as service:
            counted = Counted(Path(text) / "moto.log", sender(pool, service.url))
            device = WireDevice(counted.send)
            device.pair(service.pairing_code)
            return count(counted, device, service, Entries(server))


def count(counted: "Counted", device: WireDevice, service: ServiceProcess, entries: "Entries") -> Costs:
    """Repeat every action."""
    device.backup(bytes(100_000)), device.share(bytes(2_000))  # warm up
    acts = [counted.act("a backup of one part", TIMES, lambda: device.backup(bytes(100_000)))]
    acts.append(counted.act("a share", TIMES, lambda: device.share(bytes(2_000), views=5)))
    new_share = entries.last()
    share = device.share(bytes(2_000), views=200)
    acts.append(counted.act("a view", TIMES, lambda: device.open(share)))
    view = entries.last()
    waking = counted.act("waking up", WAKES, service.restart)
    acts.append({**waking, "writes": waking["writes"] + EMPTIED})
    return {
        "acts": acts,
        "entry_bytes": {"a share": len(new_share), "a view": len(view)},
        "changeset_bytes": {"a share": changesets_in(new_share), "a view": changesets_in(view)},
    }


def changesets_in(entry: bytes) -> int:
    """Return the size of an entry's changesets."""
    return sum(map(len, decode_entry(entry).payloads))


class Entries:
    """The log of the only cloud in a server's bucket."""

    def __init__(self, server: S3Server) -> None:
        self._client = server.client()
        self._bucket = server.bucket

    def last(self) -> bytes:
        """Return the last entry."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix="bench/")
        keys = [item["Key"] for page in pages for item in page.get("Contents", []) if "/log/" in item["Key"]]
        return self._client.get_object(Bucket=self._bucket, Key=max(keys))["Body"].read()


class Counted:
    """Counts the requests to the bucket, from its log, and those to the service, which it sends."""

    def __init__(self, bucket_log: Path, send: Send) -> None:
        self._bucket_log = bucket_log
        self._send = send
        self._calls = 0

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Send a request to the service."""
        self._calls += 1
        return self._send(method, path, headers, body)

    def act(self, what: str, times: int, act: Callable[[], object]) -> Act:
        """Repeat an action and return the mean cost."""
        before, calls = self._requests(), self._calls
        for _ in range(times):
            act()
        found, called = self._requests() - before, self._calls - calls
        writes = found["PUT"] + found["POST"] + found["LIST"]
        return {
            "act": what,
            "writes": writes / times,
            "reads": (found["GET"] + found["HEAD"]) / times,
            "calls": called / times,
        }

    def _requests(self) -> Counter[str]:
        lines = self._bucket_log.read_text().splitlines()
        kinds = ((REQUEST.search(line), "list-type=2" in line or "?uploads" in line) for line in lines)
        return Counter(
            "LIST" if is_list and found[1] == "GET" else found[1] for found, is_list in kinds if found
        )
