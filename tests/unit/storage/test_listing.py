"""Listings of a bucket: read to the letter, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from satchel_service.storage import TransientError
from satchel_service.storage.s3_requests import ListedObject, Page, parse_page

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


def test_objects_and_what_comes_next_are_read() -> None:
    assert parse_page(WHOLE) == Page([ListedObject("p/log/1&2", 42, 1767323045678)], "a+/=")


def test_the_last_page_has_nothing_after_it() -> None:
    page = parse_page(WHOLE.replace(b">true<", b">false<"))
    assert page.next_token == ""


@given(st.integers(0, len(WHOLE) - 1))
def test_a_listing_that_was_cut_anywhere_is_not_believed(length: int) -> None:
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
def test_what_is_no_listing_is_not_believed(document: bytes) -> None:
    with pytest.raises(TransientError):
        parse_page(document)
