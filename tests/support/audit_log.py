"""The audit log of a cloud as a device reads it, verified independently of the product's code."""

import hashlib
from base64 import b64decode
from datetime import datetime, timedelta
from typing import Any

from tests.support.wire_device import WireDevice

TEXTS = ("event", "actor", "actor_id", "target", "outcome", "request", "address")
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")
DEFAULTS = {"outcome": "done", "occurrences": 1}

Entry = dict[str, Any]


def digest(previous: bytes, entry: Entry) -> bytes:
    """Return the hash of an entry, as docs/spec/audit.md section 3 defines it."""
    time_ms = (datetime.fromisoformat(entry["time"]) - EPOCH) // timedelta(milliseconds=1)
    data = b"sataud\x00\x01" + previous + entry["number"].to_bytes(8, "big")
    data += time_ms.to_bytes(8, "big", signed=True) + entry.get("occurrences", 1).to_bytes(8, "big")
    for name in TEXTS:
        text = entry.get(name, DEFAULTS.get(name, "")).encode()
        data += len(text).to_bytes(4, "big") + text
    return hashlib.sha256(data).digest()


def read_log(device: WireDevice, after: int = 0) -> list[Entry]:
    """Return all entries after a number, having verified every hash and number."""
    found: list[Entry] = []
    while True:
        page = device.call("GET", f"/v1/audit?after={after}").json()
        start, head = page["start"], page["head"]
        number, previous = start["number"], b64decode(start["sha256"])
        for entry in page["entries"]:
            number += 1
            assert entry["number"] == number
            previous = digest(previous, entry)
            assert b64decode(entry["sha256"]) == previous
            found.append(entry)
        after = number
        if number == head["number"]:
            assert previous == b64decode(head["sha256"])
            return found


def events(device: WireDevice, after: int = 0) -> list[str]:
    """Return the names of the events after a number."""
    return [entry["event"] for entry in read_log(device, after)]


def head_number(device: WireDevice) -> int:
    """Return the number of the latest entry."""
    headers = {"Satchel-Capabilities": "audit"}
    return int(device.call("GET", "/v1/status", headers=headers).json()["audit"]["number"])
