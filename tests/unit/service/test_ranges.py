"""Byte ranges and conditions of RFC 9110."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.service.conftest import InProcess

from satchel_service.problems import ProblemError
from satchel_service.web.responses import ByteRange, parse_range


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=2-4", ByteRange(2, 3)),
        ("bytes=2-", ByteRange(2, 8)),
        ("bytes=-3", ByteRange(7, 3)),
        ("bytes=-100", ByteRange(0, 10)),
        ("bytes=5-100", ByteRange(5, 5)),
        ("BYTES = 1 - 2", ByteRange(1, 2)),
    ],
)
def test_a_single_range_is_parsed(header: str, expected: ByteRange) -> None:
    assert parse_range(header, 10) == expected


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=",
        "bytes=-",
        "bytes=4-2",
        "bytes=0-1,3-4",
        "lines=0-1",
        "bytes=a-b",
        "bytes=0x1-2",
        "0-1",
    ],
)
def test_an_ignored_range_requests_the_whole_object(header: str | None) -> None:
    assert parse_range(header, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=999-", "bytes=-0"])
def test_a_range_outside_the_object_is_refused_with_its_size(header: str) -> None:
    with pytest.raises(ProblemError) as refused:
        parse_range(header, 10)
    assert dict(refused.value.headers) == {"Content-Range": "bytes */10"}


@given(st.text(alphabet="bytes=-,0123456789 ", max_size=40), st.integers(1, 1000))
def test_a_range_always_lies_inside_the_object(header: str, size: int) -> None:
    try:
        found = parse_range(header, size)
    except ProblemError:
        return
    if found is not None:
        assert found.length > 0
        assert 0 <= found.start < found.start + found.length <= size


DATA = bytes(range(256)) * 3000


@pytest.fixture
def archive(cloud: InProcess) -> str:
    return f"/v1/archives/{cloud.device.backup(DATA)}"


def test_a_range_gets_a_206_response(cloud: InProcess, archive: str) -> None:
    answer = cloud.device.call("GET", archive, headers={"Range": "bytes=100000-599999"})
    assert (answer.status, answer.body) == (206, DATA[100_000:600_000])
    assert answer.headers["content-range"] == f"bytes 100000-599999/{len(DATA)}"
    assert answer.headers["content-length"] == "500000"


def test_a_range_outside_the_object_gets_a_416_response(cloud: InProcess, archive: str) -> None:
    answer = cloud.device.call("GET", archive, headers={"Range": f"bytes={len(DATA)}-"})
    assert (answer.status, answer.problem) == (416, "range")
    assert answer.headers["content-range"] == f"bytes */{len(DATA)}"


def test_head_returns_size_and_tag_without_a_body(cloud: InProcess, archive: str) -> None:
    answer = cloud.device.call("HEAD", archive, headers={"Range": "bytes=0-1"})
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-length"] == str(len(DATA))
    assert answer.headers["accept-ranges"] == "bytes"


def test_conditional_requests_are_honoured(cloud: InProcess, archive: str) -> None:
    tag = cloud.device.call("HEAD", archive).headers["etag"]
    unchanged = cloud.device.call("GET", archive, headers={"If-None-Match": f'"other", {tag}'})
    assert (unchanged.status, unchanged.body) == (304, b"")
    same = cloud.device.call("GET", archive, headers={"Range": "bytes=0-1", "If-Range": tag})
    assert same.status == 206
    other = cloud.device.call("GET", archive, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (other.status, other.body) == (200, DATA)


def test_long_responses_have_no_content_length(cloud: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    from satchel_service.web import responses as downloads

    monkeypatch.setattr(downloads, "STREAMED_BYTES", len(DATA) - 1)
    backup = cloud.device.backup(DATA)
    answer = cloud.device.call("GET", f"/v1/archives/{backup}")
    assert "content-length" not in answer.headers
    assert answer.body == DATA
