"""Runs satchel under strace, and reads which connections the kernel saw. Name look-ups and local sockets are left out."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from tests.support.device import PROGRAM

from satchel.ledger import Entry

_CALL: Final = re.compile(
    r"\bconnect\(\d+<(?P<protocol>\w+)[^>]*>, \{sa_family=(?P<family>AF_\w+)"
    r"(?:, sin6?_port=htons\((?P<port>\d+)\).*?\"(?P<address>[^\"]+)\")?"
)

Address = tuple[str, int]


def traced(log: Path) -> tuple[str | Path, ...]:
    """Return the words that run satchel and append every connect call of it and its children to a file."""
    return ("strace", "-f", "-qq", "-yy", "-A", "-o", log, "-e", "trace=connect", "--", PROGRAM)


def connections(log: Path) -> Counter[Address]:
    """Return how often each address and port was dialled."""
    found: Counter[Address] = Counter()
    for line in log.read_text().splitlines():
        if "connect(" in line:
            call = _CALL.search(line)
            assert call is not None, line
            if call["family"] != "AF_UNIX" and call["protocol"] not in ("UDP", "UDPv6", "NETLINK"):
                found[call["address"], int(call["port"])] += 1
    return found


def dialed(entries: Iterable[Entry]) -> Counter[Address]:
    """Return how often each address and port was dialled according to a ledger."""
    return Counter((one.address, one.port) for entry in entries if entry.ended for one in entry.ended.tried)
