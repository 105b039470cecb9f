"""Runs satchel under strace, and reads which connections and files the kernel saw.

Name look-ups and local sockets are left out.
"""

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
CALLS: Final = (
    "connect,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat"
)


def traced(log: Path) -> tuple[str | Path, ...]:
    """Return the words that run satchel and append its connections and new files, and those of its children, to a file."""
    return (
        "strace",
        "-f",
        "-qq",
        "-yy",
        "-A",
        "--seccomp-bpf",
        "-o",
        log,
        "-e",
        f"trace={CALLS}",
        "--",
        PROGRAM,
    )


def connections(log: Path) -> Counter[Address]:
    """Return how often each address and port was dialled."""
    found: Counter[Address] = Counter()
    for line in log.read_text().splitlines():
        if re.search(r"\bconnect\(", line):
            call = _CALL.search(line)
            assert call is not None, line
            if call["family"] != "AF_UNIX" and call["protocol"] not in ("UDP", "UDPv6", "NETLINK"):
                found[call["address"], int(call["port"])] += 1
    return found


def dialed(entries: Iterable[Entry]) -> Counter[Address]:
    """Return how often each address and port was dialled according to a ledger."""
    return Counter((one.address, one.port) for entry in entries if entry.ended for one in entry.ended.tried)


def opened_below(log: Path, folder: Path) -> list[str]:
    """Return the paths below a folder, relative to it, that were opened, made or renamed, in order."""
    found = []
    for line in log.read_text().splitlines():
        if " = -1 " not in line:
            found += re.findall(rf'"{re.escape(str(folder))}/([^"]+)"', line)
    return found
