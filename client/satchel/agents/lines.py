"""Lines of bounded length from a pipe: a longer one is read to its end and dropped, and reported as `None`."""

from collections.abc import Iterator
from typing import BinaryIO


def bounded_lines(file: BinaryIO, most_bytes: int) -> Iterator[bytes | None]:
    """Yield each line without its end; None for one that is longer. Memory stays within the bound."""
    is_too_long = False
    while piece := file.readline(most_bytes + 1):
        is_end = piece.endswith(b"\n")
        if is_too_long or len(piece.rstrip(b"\r\n")) > most_bytes or (not is_end and len(piece) > most_bytes):
            is_too_long = not is_end
            if is_end:
                yield None
            continue
        yield piece.rstrip(b"\r\n")
    if is_too_long:
        yield None
