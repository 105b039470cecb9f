"""Lines of bounded length, from pieces of any size."""

import io

from hypothesis import given
from hypothesis import strategies as st

from satchel.agents.lines import bounded_lines


def test_a_long_line_is_dropped_and_the_next_is_read() -> None:
    file = io.BytesIO(b"one\n" + b"x" * 1_000 + b"\ntwo\r\n\nlast")
    assert list(bounded_lines(file, 10)) == [b"one", None, b"two", b"", b"last"]


def test_a_long_line_without_an_end_is_reported_once() -> None:
    assert list(bounded_lines(io.BytesIO(b"x" * 100), 10)) == [None]


@given(
    st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line and b"\r" not in line), max_size=6)
)
def test_every_line_is_reported(lines: list[bytes]) -> None:
    file = io.BytesIO(b"".join(line + b"\n" for line in lines))
    assert list(bounded_lines(file, 10)) == [line if len(line) <= 10 else None for line in lines]
