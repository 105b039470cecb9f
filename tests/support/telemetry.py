"""What the tests of telemetry share: an identity, facts, and the lines of the specification's vector."""

from typing import Final

from satchel.telemetry.document import Facts
from satchel.telemetry.identity import Identity

TODAY: Final = "2026-11-30"
COMMANDS: Final = ("list", "save", "show", "telemetry", "crash")
FACTS: Final = Facts(
    satchel="0.1.0",
    python="3.12.4",
    system="macos",
    extras=("ocr", "models"),
    pieces=1_234,
    store_bytes=7_340_032,
)


def identity(month: str = "2026-11") -> Identity:
    """Return the identity of the vector."""
    return Identity(id=bytes(range(16)).hex(), month=month)
