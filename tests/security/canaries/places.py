"""The places where a secret could be: files, the memory of processes, command lines and environments, requests."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

REQUEST_LINE: Final = re.compile(
    rb"^(?:GET|HEAD|PUT|POST|PATCH|DELETE) [^\r\n]* HTTP/1\.[01]\r$", re.MULTILINE
)
ZEROS: Final = re.compile(rb"\0{256,}")
"""Unused memory, which holds nothing and takes time to search."""


def files_below(folder: Path, prefix: str = "") -> dict[str, bytes]:
    """Return the files below a folder with their names, which are a place as well."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = f"{prefix}{path.relative_to(folder).as_posix()}"
        found[name] = os.fsencode(name) + b"\n" + (path.read_bytes() if path.is_file() else b"")
    return found


def processes_of(leader: int) -> list[int]:
    """Return a process and its descendants."""
    parents = dict[int, int]()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status = entry.joinpath("stat").read_bytes()  # a name in it may be cut within a character
                parents[int(entry.name)] = int(status.rpartition(b")")[2].split()[1])
            except (OSError, IndexError):
                continue
    found = [leader]
    for process in found:
        found += [child for child, parent in parents.items() if parent == process]
    return found


def memory_of(process: int) -> Iterator[bytes]:
    """Yield the writable memory of a process, one mapping at a time: heap, stacks, buffers."""
    with Path(f"/proc/{process}/maps").open() as maps, Path(f"/proc/{process}/mem").open("rb", 0) as memory:
        for line in maps:
            span, modes, *_rest = line.split()
            if modes.startswith("rw"):
                start, end = (int(each, 16) for each in span.split("-"))
                try:
                    memory.seek(start)
                    yield ZEROS.sub(bytes(256), memory.read(end - start))
                except (OSError, OverflowError, ValueError):
                    continue


def visible_of(process: int) -> bytes:
    """Return what other programs see of a process: its command line and its environment."""
    base = Path(f"/proc/{process}")
    return base.joinpath("cmdline").read_bytes() + b"\n" + base.joinpath("environ").read_bytes()


def reported(path: Path) -> list[dict[str, Any]]:
    """Return the processes that the hook has reported."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def request_lines(sent: bytes) -> bytes:
    """Return the first lines of the requests in a recording: what proxies and servers log."""
    return b"\n".join(REQUEST_LINE.findall(sent))
