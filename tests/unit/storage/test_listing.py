"""Listings of a bucket are read exactly or refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_service.storage import TransientError
from satchel_service.storage.s3_requests import ListedObject, Page, parse_page, parse_time

NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
OBJECT = (
    "<Contents><Key>p/log/1&amp;2</Key><LastModified>2026-01-02T03:04:05.678Z</LastModified>"
    "<ETag>&quot;x&quot;</ETag><Size>42</Size><Owner><ID>me</ID></Owner></Contents>"
)
WHOLE = (
    f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult {NAMESPACE}><Name>b</Name><Prefix>p/</Prefix>'
    f"<IsTruncated>true</IsTruncated>{OBJECT}<NextContinuationToken>a+/=</NextContinuationToken>"
    "</ListBucketResult>"
).encode()


def test_objects_and_the_next_token_are_read() -> None:
    assert parse_page(WHOLE) == Page([ListedObject("p/log/1&2", 42, 1767323045678)], "a+/=")


def test_the_last_page_has_no_next_token() -> None:
    page = parse_page(WHOLE.replace(b">true<", b">false<"))
    assert page.next_token == ""


@given(st.integers(0, len(WHOLE) - 1))
def test_a_truncated_listing_is_refused(length: int) -> None:
    with pytest.raises(TransientError):
        parse_page(WHOLE[:length])


@pytest.mark.parametrize(
    "document",
    [
        b"<html><body>sign in</body></html>",
        b"<ListBucketResult></ListBucketResult>",
        WHOLE.replace(b"ListBucketResult", b"ListPartsResult"),
        WHOLE.replace(b">true<", b">perhaps<"),
        WHOLE.replace(b"NextContinuationToken", b"Marker"),
        WHOLE.replace(b"<Size>42</Size>", b""),
        WHOLE.replace(b"2026-01-02T03:04:05.678Z", b"yesterday"),
        b"",
    ],
)
def test_anything_but_a_listing_is_refused(document: bytes) -> None:
    with pytest.raises(TransientError):
        parse_page(document)


@given(st.datetimes(), st.sampled_from(["milliseconds", "seconds"]))
def test_times_are_those_of_datetime(naive: datetime, precision: str) -> None:
    text = f"{naive.isoformat(timespec=precision)}Z"
    exact = datetime.fromisoformat(text) - datetime(1970, 1, 1, tzinfo=UTC)
    assert parse_time(text) == exact // timedelta(milliseconds=1)


@pytest.mark.parametrize(
    "text", ["2026-01-02T04:04:05.678+01:00", "2026-01-02T03:04:05.678000Z", "20260102T030405.678Z"]
)
def test_other_forms_of_a_time_are_read(text: str) -> None:
    assert parse_time(text) == 1767323045678


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-02T03:04:05Z", "2026-00-02T03:04:05Z", "2026-01-02"[:7]]
)
def test_anything_but_a_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_time(text)


@pytest.mark.parametrize(
    "entity",
    ['<!ENTITY e "42">', '<!ENTITY e SYSTEM "file:///etc/hostname">', '<!ENTITY % e SYSTEM "x"> %e;'],
)
def test_a_listing_that_defines_entities_is_refused(entity: str) -> None:
    doctype = f"<!DOCTYPE ListBucketResult [{entity}]><ListBucketResult"
    document = WHOLE.replace(b"<ListBucketResult", doctype.encode(), 1)
    with pytest.raises(TransientError):
        parse_page(document.replace(b"<Size>42</Size>", b"<Size>&e;</Size>"))
    with pytest.raises(TransientError):
        parse_page(document)
