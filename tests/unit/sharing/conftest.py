import random
from collections.abc import Callable

import pytest

from satchel.age import X25519Identity
from satchel.sharing.body import SharedPiece


@pytest.fixture
def entropy() -> Callable[[int], bytes]:
    """Deterministic bytes that differ from call to call."""
    return random.Random(20260102).randbytes


@pytest.fixture
def owner_identity() -> X25519Identity:
    return X25519Identity.from_bytes(b"\x11" * 32)


@pytest.fixture
def piece() -> SharedPiece:
    return SharedPiece(
        content=b"fn main() {}\n" * 20,
        title="main",
        description="",
        language="rust",
        media_type="text/x-rust",
        tags=("demo",),
        links=(),
        shared="2026-01-02T03:04:05Z",
    )
