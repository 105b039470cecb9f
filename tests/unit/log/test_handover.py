"""Which entries of a move may follow which, and what a closed log says."""

import pytest
from tests.unit.log.memory_store import POLICY, MemoryStore, open_writer, state, write_entries

from satchel_service.log.errors import ClosedLogError, DamagedLogError, FencedError
from satchel_service.log.format import Entry, Kind, WriterId
from satchel_service.log.handover import (
    Closed,
    Link,
    MoveId,
    SourceId,
    closed_by,
    closing_payloads,
    is_public_url,
    link_in,
    may_follow,
)
from satchel_service.log.reader import Opening
from satchel_service.log.startup import check_open, is_head

MOVE, OTHER = MoveId(b"m" * 16), MoveId(b"o" * 16)
SOURCE = SourceId(b"s" * 16)
URL = "https://new.example.org"
LEFT, RESERVED = Closed(MOVE, URL), Closed(MOVE, source=SOURCE)


def entry(kind: Kind, *payloads: bytes, schema: int = 3) -> Entry:
    return Entry(kind, 9, WriterId(bytes(16)), bytes(32), 0, schema, payloads)


CLOSING = entry(Kind.CLOSING, *closing_payloads(MOVE, URL))
AWAITING = entry(Kind.AWAITING, MOVE, SOURCE)
REOPENING = entry(Kind.OPENING, Link(MOVE, 8, bytes(32)).encode())
OPENING = entry(Kind.OPENING, Link(MOVE, 8, bytes(32)).encode(), b"image")


@pytest.mark.parametrize(
    ("following", "head", "is_allowed"),
    [
        (CLOSING, None, True),
        (CLOSING, RESERVED, True),
        (CLOSING, LEFT, False),
        (AWAITING, None, False),
        (AWAITING, LEFT, True),
        (AWAITING, RESERVED, False),
        (OPENING, None, False),
        (OPENING, RESERVED, True),
        (OPENING, LEFT, False),
        (REOPENING, LEFT, True),
        (REOPENING, RESERVED, False),
        (entry(Kind.CLOSING, *closing_payloads(OTHER, URL)), RESERVED, False),
        (entry(Kind.OPENING, Link(OTHER, 8, bytes(32)).encode(), b"image"), RESERVED, False),
        (entry(Kind.OPENING, Link(OTHER, 8, bytes(32)).encode()), LEFT, False),
        (entry(Kind.CLOSING, *closing_payloads(MOVE, URL), schema=4), None, False),
        (entry(Kind.OPENING, Link(MOVE, 8, bytes(32)).encode(), schema=4), LEFT, False),
        (entry(Kind.OPENING, Link(MOVE, 8, bytes(32)).encode(), b"image", schema=4), RESERVED, True),
    ],
)
def test_the_order_of_the_entries_of_a_move(
    following: Entry, head: Closed | None, *, is_allowed: bool
) -> None:
    assert may_follow(following, head, is_first=False, schema=3) is is_allowed


def test_only_a_reservation_may_begin_a_log() -> None:
    first = [each for each in (CLOSING, AWAITING, OPENING) if may_follow(each, None, is_first=True, schema=3)]
    assert first == [AWAITING]


@pytest.mark.parametrize(
    "broken",
    [
        entry(Kind.CLOSING, MOVE),
        entry(Kind.CLOSING, b"short", b""),
        entry(Kind.CLOSING, MOVE, b"http://example.org"),
        entry(Kind.CLOSING, MOVE, b"https://example.org/path"),
        entry(Kind.CLOSING, MOVE, b"\xff"),
        entry(Kind.AWAITING, MOVE),
        entry(Kind.AWAITING, MOVE, b"short"),
    ],
)
def test_wrong_payloads_are_damage(broken: Entry) -> None:
    with pytest.raises(DamagedLogError):
        closed_by(broken)


@pytest.mark.parametrize("payloads", [(), (b"short",), (bytes(56), b"", b"")])
def test_an_opening_entry_without_a_link_is_damage(payloads: tuple[bytes, ...]) -> None:
    with pytest.raises(DamagedLogError):
        link_in(entry(Kind.OPENING, *payloads))


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://cloud.example.org", True),
        ("https://cloud.example.org:8443", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://cloud.example.org", False),
        ("https://cloud.example.org/", False),
        ("https://user@cloud.example.org", False),
        ("https://cloud.example.org?a", False),
        ("https://cloud.example.org#a", False),
        ("https://cloud.example.org\n", False),
        ("https://", False),
        ("ftp://cloud.example.org", False),
        ("//cloud.example.org", False),
        ("javascript:alert(1)", False),
        ("https://cloud.example.org:443", False),
        ("https://Cloud.example.org", False),
        ("https://cloud.example.org:99999", False),
    ],
)
def test_a_closing_entry_names_an_origin_and_never_plain_http(url: str, *, is_allowed: bool) -> None:
    assert is_public_url(url) is is_allowed


@pytest.mark.parametrize("url", ["https://Cloud.example.org:443", "https://cloud.example.org:99999"])
def test_an_address_that_an_earlier_release_wrote_can_be_read(url: str) -> None:
    assert closed_by(entry(Kind.CLOSING, MOVE, url.encode())) == Closed(MOVE, url)


async def test_a_closed_log_keeps_its_state_and_fences_its_writer() -> None:
    store = MemoryStore()
    serving = await open_writer(store, 1)
    await write_entries(serving, b"a", b"b")
    closer = await open_writer(store, 2)
    await closer.write(Kind.CLOSING, closer.history.schema, closing_payloads(MOVE, URL))
    with pytest.raises(FencedError):
        await write_entries(serving, b"c")
    assert await state(store) == [b"a", b"b"]
    history = (await Opening(store, POLICY).run()).history
    assert history.closed == LEFT
    with pytest.raises(ClosedLogError, match=r"the cloud has moved to https://new\.example\.org") as error:
        check_open(history)
    assert error.value.head == history.sequence
    assert await is_head(store, history.sequence)
    assert not await is_head(store, history.sequence - 1)


async def test_a_change_after_a_closing_entry_is_damage() -> None:
    store = MemoryStore()
    closer = await open_writer(store, 1)
    await write_entries(closer, b"a")
    await closer.write(Kind.CLOSING, closer.history.schema, closing_payloads(MOVE, URL))
    rogue = await open_writer(store, 2)
    rogue.history.closed = None
    await write_entries(rogue, b"b")
    with pytest.raises(DamagedLogError, match="does not continue the log"):
        await state(store)


async def test_a_reserved_log_is_not_open() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await writer.write(Kind.AWAITING, 0, (MOVE, SOURCE))
    with pytest.raises(ClosedLogError, match="reserved for a cloud"):
        check_open((await Opening(store, POLICY).run()).history)


async def test_a_cancelled_reservation_restores_what_the_log_said_before() -> None:
    store = MemoryStore()
    writer = await open_writer(store)
    await write_entries(writer, b"a")
    schema = writer.history.schema
    await writer.write(Kind.CLOSING, schema, closing_payloads(MOVE, URL))
    await writer.write(Kind.AWAITING, schema, (OTHER, SOURCE))
    assert writer.history.closed == Closed(OTHER, source=SOURCE)
    await writer.write(Kind.CLOSING, schema, closing_payloads(OTHER, "https://elsewhere.example.org"))
    assert (await Opening(store, POLICY).run()).history.closed == LEFT
    await writer.write(Kind.OPENING, schema, (Link(MOVE, 8, bytes(32)).encode(),))
    assert (await Opening(store, POLICY).run()).history.closed is None
    assert await state(store) == [b"a"]
