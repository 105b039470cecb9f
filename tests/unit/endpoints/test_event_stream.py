"""Server-sent events: every form that the standard allows, and its limits."""

import pytest

from satchel.endpoints.event_stream import EVENT_LINES, LINE_BYTES, BadStreamError, Event, read_events

STREAM = (
    b"\xef\xbb\xbf: hello\nevent: one\ndata: first\ndata:second\n\n"
    b"data\n\nid: 7\nretry: 3\nunknown: x\ndata:  spaced\r\n\r\nevent: none\n\ndata: \xe2\x82\xac\r\r"
    b"data: cut off"
)
EVENTS = [
    Event("one", "first\nsecond"),
    Event("message", ""),
    Event("message", " spaced"),
    Event("message", "€"),
]


def test_events_are_read_in_every_form() -> None:
    assert list(read_events([STREAM])) == EVENTS


@pytest.mark.parametrize("size", range(1, 12))
def test_the_places_where_a_stream_is_divided_do_not_matter(size: int) -> None:
    assert list(read_events(STREAM[at : at + size] for at in range(0, len(STREAM), size))) == EVENTS


def test_an_event_without_an_end_is_dropped() -> None:
    assert list(read_events([b"data: 1\n\ndata: 2\n"])) == [Event("message", "1")]


def test_the_longest_line_is_read() -> None:
    data = b"x" * (LINE_BYTES - len(b"data: "))
    assert list(read_events([b"data: " + data + b"\n\n"])) == [Event("message", data.decode())]


@pytest.mark.parametrize(
    ("chunks", "why"),
    [
        ([b"data: " + b"x" * LINE_BYTES + b"\n\n"], "a line exceeds"),
        ([b"x" * 4096] * (LINE_BYTES // 4096 + 1), "a line exceeds"),
        ([b"data: x\n" * (EVENT_LINES + 1)], "more than 64 lines"),
        ([b"data: \xff\n\n"], "not UTF-8"),
    ],
    ids=["long line", "line without an end", "long event", "not UTF-8"],
)
def test_what_exceeds_a_limit_is_refused(chunks: list[bytes], why: str) -> None:
    with pytest.raises(BadStreamError, match=why):
        list(read_events(chunks))


def test_too_many_events_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satchel.endpoints.event_stream.EVENTS", 3)
    with pytest.raises(BadStreamError, match="more than 3 parts"):
        list(read_events([b"data: x\n\n" * 4]))
