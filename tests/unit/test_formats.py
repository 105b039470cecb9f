"""The format of a document is read before the document: an unknown version is told apart from damage."""

import pytest

from satchel.formats import newer_format, read_format

KNOWN = {"satchel-cloud/1", "satchel-cloud/2", "satchel-account/1"}


@pytest.mark.parametrize(
    ("data", "found", "newer"),
    [
        (b'{"format":"satchel-cloud/1"}', "satchel-cloud/1", None),
        (b'{"format":"satchel-cloud/3","more":[{}]}', "satchel-cloud/3", "satchel-cloud/3"),
        (b'{"format":"satchel-account/2"}', "satchel-account/2", "satchel-account/2"),
        (b'{"format":"satchel-clouds/1"}', "satchel-clouds/1", None),
        (b'{"format":""}', "", None),
        (b'{"format":5}', None, None),
        (b"{}", None, None),
        (b"[]", None, None),
        (b"", None, None),
        (b"\xff", None, None),
        (b'{"more":' + b"[" * 100_000, None, None),
    ],
)
def test_a_format_is_read_whatever_the_document_holds(
    data: bytes, found: str | None, newer: str | None
) -> None:
    assert (read_format(data), newer_format(data, KNOWN)) == (found, newer)
