"""Keeps the few inputs of a long run that matter: those that reach lines that no seed and no kept input reaches."""

import hashlib
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Final

from tests.security.fuzzing.table import CORPUS, Target

if TYPE_CHECKING:
    from _typeshed import TraceFunction

MOST_INPUTS: Final = 24  # of one target
MOST_BYTES: Final = 12 << 10  # of one target
PACKAGES: Final = ("/satchel/", "/satchel_wire/", "/satchel_service/")

Line = tuple[str, int, int]


def distil(target: Target, found: Path) -> int:
    """Add new inputs to the target's corpus, small ones first, within its limits. Return how many it has then."""
    folder = CORPUS / target.name
    reached: set[Line] = set()
    spent = count = 0
    for data in target.inputs():
        reached |= lines_of(target, data)
    for path in target.stored():
        spent, count = spent + path.stat().st_size, count + 1
    candidates = sorted(found.iterdir() if found.is_dir() else (), key=lambda path: path.stat().st_size)
    for path in candidates:
        data = path.read_bytes()
        new = lines_of(target, data) - reached
        if new and count < MOST_INPUTS and spent + len(data) <= MOST_BYTES:
            reached |= new
            folder.mkdir(parents=True, exist_ok=True)
            (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
            spent, count = spent + len(data), count + 1
    return count


def lines_of(target: Target, data: bytes) -> set[Line]:
    """Return the steps between lines of the product that an input makes."""
    found: set[Line] = set()

    def trace(frame: FrameType, event: str, _: object) -> "TraceFunction | None":
        name = frame.f_code.co_filename
        if not any(package in name for package in PACKAGES):
            return None
        last = 0

        def step(inner: FrameType, what: str, _: object) -> "TraceFunction":
            nonlocal last
            if what == "line":
                found.add((name, last, inner.f_lineno))
                last = inner.f_lineno
            return step

        return step if event == "call" else None

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        target.run(data)
    except Exception:  # noqa: BLE001  a fault is another test's business
        return set()
    finally:
        sys.settrace(before)
    return found
