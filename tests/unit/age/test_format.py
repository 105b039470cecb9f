"""Headers are parsed strictly and marshaled byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.age import Header, HeaderError, Stanza
from satchel.age.format import MAX_HEADER_BYTES, VERSION_LINE, decode_base64, encode_base64, header_length

WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80)
STANZAS = st.builds(Stanza, WORDS, st.lists(WORDS, max_size=4).map(tuple), st.binary(max_size=200))
HEADERS = st.builds(
    Header, st.lists(STANZAS, min_size=1, max_size=4).map(tuple), st.binary(min_size=32, max_size=32)
)
SMALL = Header((Stanza("kind", ("argument",), b"body"),), bytes(32))


@given(HEADERS)
def test_a_header_round_trips(header: Header) -> None:
    written = header.marshal()
    assert Header.parse(written) == header
    assert header_length(written + b"payload", is_whole=False) == len(written)


@given(HEADERS, st.data())
def test_a_changed_header_is_refused_or_round_trips(header: Header, data: st.DataObject) -> None:
    written = bytearray(header.marshal())
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= data.draw(st.integers(1, 255))
    try:
        parsed = Header.parse(bytes(written))
    except HeaderError:
        return
    assert parsed.marshal() == written
    assert parsed != header


@given(st.binary(max_size=300))
def test_arbitrary_lines_are_refused_or_round_trip(tail: bytes) -> None:
    data = VERSION_LINE + tail
    try:
        parsed = Header.parse(data)
    except HeaderError:
        return
    assert parsed.marshal() == data


@given(HEADERS, st.data())
def test_a_truncated_header_is_incomplete_until_the_file_ends(header: Header, data: st.DataObject) -> None:
    written = header.marshal()
    start = written[: data.draw(st.integers(0, len(written) - 1))]
    assert header_length(start, is_whole=False) is None
    with pytest.raises(HeaderError):
        header_length(start, is_whole=True)


@pytest.mark.parametrize(
    "text",
    [
        b"age-encryption.org/v1",
        b"age-encryption.org/v1\n",
        b"age-encryption.org/v1\n\n",
        b"age-encryption.org/v1\n--- " + b"A" * 43 + b"\n",
        SMALL.marshal() + b"\n",
        SMALL.marshal() + b"x",
        SMALL.marshal().replace(b"\n", b"\r\n"),
        SMALL.marshal().replace(b"-> ", b"->  "),
        SMALL.marshal().replace(b"argument", b"argument "),
        SMALL.marshal().replace(b"argument", "ärgument".encode()),
    ],
)
def test_a_malformed_header_is_refused(text: bytes) -> None:
    with pytest.raises(HeaderError):
        Header.parse(text)


@pytest.mark.parametrize("start", [b"x", b"age-encryption.org/v2\n", b"-----BEGIN AGE ENCRYPTED FILE-----\n"])
def test_another_file_is_recognised_by_its_first_bytes(start: bytes) -> None:
    with pytest.raises(HeaderError, match="not an age file"):
        header_length(start, is_whole=False)


def test_an_endless_header_is_refused_at_the_limit() -> None:
    endless = VERSION_LINE + b"-> x\n" * (MAX_HEADER_BYTES // 5 + 1)
    with pytest.raises(HeaderError, match="does not end correctly"):
        header_length(endless, is_whole=False)


def test_an_endless_mac_line_is_refused_at_once() -> None:
    with pytest.raises(HeaderError, match="does not end correctly"):
        header_length(SMALL.authenticated_bytes + b" " + b"A" * 60, is_whole=False)


@pytest.mark.parametrize("word", ["", "two words", "line\nfeed"])
def test_a_stanza_with_an_invalid_word_is_not_written(word: str) -> None:
    with pytest.raises(ValueError, match="visible ASCII"):
        Stanza("kind", (word,), b"").marshal()


@given(st.binary(max_size=100))
def test_base64_round_trips(data: bytes) -> None:
    assert decode_base64(encode_base64(data)) == data


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "AA=", "A A", "AA\n", "_w", "AAAAA"])
def test_non_canonical_base64_is_refused(text: str) -> None:
    with pytest.raises(HeaderError):
        decode_base64(text)
