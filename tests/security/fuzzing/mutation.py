"""Inputs made from seeds without any knowledge of the program: small changes, and long repetitions.

Each is a pure function of the seed number, so that a run can be repeated.
"""

import random
import time
from collections.abc import Iterator, Sequence
from typing import Final

MOST_CHANGES: Final = 4
NUMBERS: Final = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\xff" * 8,
)


def mutants(
    seeds: Sequence[bytes], words: Sequence[bytes], seed: int, *, max_bytes: int, runs: int, seconds: int = 0
) -> Iterator[bytes]:
    """Yield the seeds, then `runs` changed ones; with `seconds`, until that time has passed."""
    yield from seeds
    draw = random.Random(seed)
    until = time.monotonic() + seconds
    number = 0
    while number < runs or (seconds and time.monotonic() < until):
        number += 1
        data = draw.choice(seeds)
        for _ in range(draw.randint(1, MOST_CHANGES)):
            data = _changed(data, seeds, words, draw)
        yield data[:max_bytes]


def _changed(data: bytes, seeds: Sequence[bytes], words: Sequence[bytes], draw: random.Random) -> bytes:
    at = draw.randint(0, len(data))
    to = min(len(data), at + draw.choice((1, 2, 4, 16, 64)))
    start, piece, end = data[:at], data[at:to], data[to:]
    word, other = draw.choice((*words, *NUMBERS)), draw.choice(seeds)
    flipped = bytes([piece[0] ^ 1 << draw.randrange(8)]) + piece[1:] if piece else b""
    results = (
        start + flipped + end,
        start + end,
        start + piece + piece * draw.choice((1, 2, 8)) + end,
        start + word + piece + end,
        start + word + data[at + len(word) :],
        start + other[draw.randint(0, len(other)) :],
        start + draw.randbytes(len(piece)) + end,
    )
    return draw.choice(results)


def pumped(
    seeds: Sequence[bytes], words: Sequence[bytes], seed: int, size_bytes: int, count: int
) -> Iterator[bytes]:
    """Yield `count` inputs of about `size_bytes`: a seed in which one piece is repeated, open or closed after it."""
    draw = random.Random(seed)
    for _ in range(count):
        data = draw.choice(seeds)
        at = draw.randint(0, len(data))
        piece = data[at : at + draw.choice((1, 2, 5, 20, 100))]
        if words and (not piece or draw.random() < 0.5):
            piece = draw.choice(words) + (draw.choice(words) if draw.random() < 0.5 else b"")
        if piece:
            tail = data[at:] if draw.random() < 0.6 else b""
            yield data[:at] + piece * (size_bytes // len(piece)) + tail
