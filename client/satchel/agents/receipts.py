"""Receipts: the ledger records what an agent reads and writes before it happens.

What cannot be recorded is not told, and not written.
"""

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from satchel.errors import IntegrityError, SatchelError
from satchel.ledger import Handled, Ledger, Read, Wrote

Kind = Literal["read", "wrote"]


def record(
    home: Path,
    kind: Kind,
    tool: str,
    data: bytes,
    pieces: Iterable[tuple[str, int]],
    *,
    agent: str,
    client: str,
    version: str,
) -> None:
    """Record what is told, or written. Raise SatchelError if that is impossible; then it must not happen."""
    receipt = (Read if kind == "read" else Wrote)(
        at=time.time_ns() // 1_000_000,
        agent=agent,
        tool=tool,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        pieces=tuple(Handled(piece_id, revision) for piece_id, revision in pieces),
        client=client,
        version=version,
    )
    try:
        with Ledger.create(home) as ledger:
            ledger.add(receipt)
    except SatchelError as exc:
        error = IntegrityError if isinstance(exc, IntegrityError) else SatchelError
        done = "told" if kind == "read" else "written"
        raise error(
            f"nothing was {done}, because it cannot be recorded: {exc.message}", hint=exc.hint
        ) from exc
