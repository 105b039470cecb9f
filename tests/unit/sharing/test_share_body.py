"""Bodies round-trip, every truncation and harmful bit flip is refused, and other tools agree."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel.age import X25519Identity, seal
from satchel.errors import IntegrityError, UsageError
from satchel.pieces.model import File, Piece, Source, SuggestedValue, WholeFile
from satchel.sharing import body as bodies
from satchel.sharing import container
from satchel.sharing.body import SharedFile, SharedPiece, from_zip, open_body, seal_piece, to_zip
from satchel.sharing.container import MAX_CONTENT_BYTES, MAX_FILES, MAX_RATIO, MAX_ZIP_BYTES, pack, unpack
from satchel.sharing.identity import LinkSecret, share_key

KEY = share_key(LinkSecret(b"\x05" * 32))


@given(st.binary(max_size=3000), st.binary(max_size=300), st.lists(st.binary(max_size=300), max_size=4))
def test_a_zip_round_trips(content: bytes, document: bytes, files: list[bytes]) -> None:
    assert unpack(pack(content, document, files)) == (content, tuple(files), document)


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(0, 12))
def test_other_zip_tools_see_the_same_entries(start: bytes, zeros: int, files: int) -> None:
    content = start + bytes(zeros)
    contents = [b"file %d" % number for number in range(1, files + 1)]
    with zipfile.ZipFile(io.BytesIO(pack(content, b"{}", contents))) as opened:
        names = [f"files/{number}" for number in range(1, files + 1)]
        assert opened.namelist() == ["content", *names, "piece.json"]
        assert opened.testzip() is None
        assert [opened.read(name) for name in opened.namelist()[:-1]] == [content, *contents]


def test_every_truncation_of_a_zip_is_refused() -> None:
    data = pack(b"some content, some content", b'{"some": "document"}', [b"a file"])
    for length in range(len(data)):
        with pytest.raises(IntegrityError):
            unpack(data[:length])


def test_a_flipped_bit_is_refused_or_has_no_effect() -> None:
    read = (b"some content, some content", (b"a file",), b'{"some": "document"}')
    data = pack(read[0], read[2], read[1])
    refused = 0
    for at in range(len(data) * 8):
        flipped = bytearray(data)
        flipped[at // 8] ^= 1 << at % 8
        try:
            assert unpack(bytes(flipped)) == read
        except IntegrityError:
            refused += 1
    # What may differ: two headers' version needed, the directory's version made by, attributes.
    assert refused > len(data) * 8 * 0.8


def test_content_that_compresses_like_a_bomb_is_stored() -> None:
    data = pack(bytes(1 << 20), b"{}")
    assert len(data) > 1 << 20
    assert unpack(data)[0] == bytes(1 << 20)
    below = (b"0123456789abcdef" * 8 + bytes(range(256))) * 64
    assert len(pack(below, b"{}")) > len(below) / MAX_RATIO


def test_a_sealed_piece_round_trips(piece: SharedPiece) -> None:
    assert open_body(seal_piece(piece, KEY), KEY) == piece


def test_a_body_opens_with_its_own_key_only(piece: SharedPiece) -> None:
    with pytest.raises(IntegrityError, match="does not authenticate"):
        open_body(seal_piece(piece, KEY), share_key(LinkSecret(b"\x06" * 32)))


def test_a_damaged_body_is_refused(piece: SharedPiece) -> None:
    body = bytearray(seal_piece(piece, KEY))
    body[-20] ^= 1
    with pytest.raises(IntegrityError, match="does not authenticate"):
        open_body(bytes(body), KEY)


def test_a_body_without_a_share_is_refused() -> None:
    with pytest.raises(IntegrityError, match=r"the share.s zip is malformed"):
        open_body(seal(b"hello", [KEY.recipient]), KEY)


def test_a_document_that_is_nested_too_deep_is_refused(piece: SharedPiece) -> None:
    document = unpack(to_zip(piece)).document
    deep = document.rstrip()[:-1] + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(IntegrityError, match=r"piece\.json is malformed"):
        from_zip(pack(b"text", deep))


def test_an_oversized_body_is_refused_before_anything_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_BODY_BYTES", 10)
    with pytest.raises(IntegrityError, match="11 bytes, more than the limit"):
        open_body(bytes(11), KEY)


def test_a_piece_that_is_too_large_is_not_shared(piece: SharedPiece) -> None:
    with pytest.raises(UsageError, match="a share holds up to") as caught:
        to_zip(replace(piece, content=bytes(MAX_CONTENT_BYTES + 1)))
    assert "export" in caught.value.hint
    with pytest.raises(UsageError, match="title, description, tags, links and names"):
        to_zip(replace(piece, description="x" * 300_000))


def several(piece: SharedPiece) -> SharedPiece:
    files = (SharedFile("a.rs", b"mod a;\n", "rust", "text/plain"), SharedFile("b", b"", "", "text/plain"))
    return replace(piece, name="main.rs", files=files)


def test_a_sealed_piece_of_several_files_round_trips(piece: SharedPiece) -> None:
    assert open_body(seal_piece(several(piece), KEY), KEY) == several(piece)


def test_contents_share_one_limit_and_its_largest_zip_fits_the_limit_of_zips(
    piece: SharedPiece, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tuple(SharedFile(f"{number}.txt", b"x", "", "") for number in range(MAX_FILES))
    data = to_zip(replace(piece, files=files))
    contents = len(piece.content) + MAX_FILES
    assert len(data) < MAX_ZIP_BYTES - MAX_CONTENT_BYTES
    monkeypatch.setattr(container, "MAX_CONTENT_BYTES", contents)
    assert len(from_zip(data).files) == MAX_FILES
    monkeypatch.setattr(container, "MAX_CONTENT_BYTES", contents - 1)
    with pytest.raises(IntegrityError, match="beyond the limit of a share"):
        from_zip(data)
    monkeypatch.setattr(bodies, "MAX_CONTENT_BYTES", contents - 1)
    with pytest.raises(UsageError, match=f"the Piece has {contents} bytes"):
        to_zip(replace(piece, files=files))


def test_a_share_needs_all_files_of_the_piece() -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    kept = Piece(
        id="01J" + "0" * 23,
        title="notes",
        description="",
        language=None,
        media_type="text/plain",
        tags=(),
        links=(),
        source=Source("file", "/home/mallory/notes.txt", "notes.txt"),
        created=moment,
        updated=moment,
        size_bytes=4,
        revision=7,
        files=(File("a.py", "python", "text/plain", 1), File("b", None, "text/plain", 1)),
    )
    whole = (WholeFile("a.py", b"1", "python", "text/plain"), WholeFile("b", b"2", "", "text/plain"))
    shared = from_zip(to_zip(SharedPiece.of(kept, b"text", whole, now=moment)))
    assert shared.name == "notes.txt"
    assert [(file.name, file.language, file.content) for file in shared.files] == [
        ("a.py", "python", b"1"),
        ("b", "", b"2"),
    ]
    for missing in ((), whole[:1], whole[::-1]):
        with pytest.raises(ValueError, match="not the files"):
            SharedPiece.of(kept, b"text", missing, now=moment)
    odd = replace(kept, source=Source("gist", "", "a\u202eb"))
    assert SharedPiece.of(odd, b"text", whole, now=moment).name == ""


def test_a_share_does_not_contain_the_source() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    kept = Piece(
        id="01J" + "0" * 23,
        title="notes",
        description="d",
        language=None,
        media_type="text/plain",
        tags=("a",),
        links=("https://example.com/",),
        source=Source("file", "/home/mallory/secret-project/notes.txt", "notes.txt"),
        created=moment,
        updated=moment,
        size_bytes=4,
        revision=7,
    )
    data = to_zip(SharedPiece.of(kept, b"text", now=moment))
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        document = opened.read("piece.json")
    assert b"mallory" not in document
    assert kept.id.encode() not in document
    assert from_zip(data).shared == "2026-01-02T03:04:05Z"
    assert from_zip(data).language == ""


def test_a_body_does_not_reveal_its_recipient(piece: SharedPiece) -> None:
    body = seal_piece(piece, KEY)
    assert str(KEY.recipient).encode() not in body
    assert bytes(KEY.recipient) not in body
    assert X25519Identity.generate().recipient != KEY.recipient


def test_a_share_does_not_tell_what_models_suggested() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    plain = Piece("01", "a title", "", "python", "text/plain", ("http",), (), None, now, now, 1, 1)
    suggested = (
        SuggestedValue("title", "a title", "titles/1"),
        SuggestedValue("tags", "refused-tag", "tags/1"),
    )
    shared = to_zip(SharedPiece.of(replace(plain, suggested=suggested), b"x", now=now))
    assert shared == to_zip(SharedPiece.of(plain, b"x", now=now))
    assert not any(word in unpack(shared)[2] for word in (b"titles/1", b"refused-tag"))
