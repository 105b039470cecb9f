"""Hostile JSON and forms on every operation that takes a message: a refusal, never a failure, nothing decompressed."""

import gzip
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from typing import Final

import msgspec
import pytest
import urllib3
from tests.security.abuse.conftest import AttackedCloud

from satchel_wire import messages
from satchel_wire.operations import OPERATIONS, Operation

JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
TAKING_JSON: Final = [each for each in OPERATIONS if each.takes not in (None, "bytes") and not each.form]
DEEP: Final = 7000  # within the smallest limit of a message
REFUSALS: Final = frozenset({400, 413, 415, 422})

DOCUMENTS: Final = {
    "nothing": b"", "spaces": b" \n\t", "null": b"null", "a number": b"7", "a string": b'"x"', "true": b"true",
    "an empty array": b"[]", "arrays in arrays": b"[" * DEEP, "closed arrays in arrays": b"[" * DEEP + b"]" * DEEP,
    "objects in objects": b'{"a":' * (DEEP // 4), "very deep arrays": b"[" * 60_000 + b"]" * 60_000,
    "an unknown field": b'{"unknown":1}', "a deep unknown field": b'{"unknown":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "a field without a value": b'{"code"}', "a trailing comma": b'{"code":"x",}', "single quotes": b"{'code':'x'}",
    "a comment": b"{}//", "two documents": b"{}{}", "text behind": b'{"code":"x"} x', "a NUL behind": b"{}\x00",
    "a byte order mark": b"\xef\xbb\xbf{}", "UTF-16": '{"code":"x"}'.encode("utf-16"), "UTF-32": "{}".encode("utf-32"),
    "invalid UTF-8": b'{"code":"\xff"}', "overlong UTF-8": b'{"code":"\xc0\xaf"}', "a lone surrogate": b'{"code":"\\ud800"}',
    "an encoded surrogate": b'{"code":"\xed\xa0\x80"}', "a control character": b'{"code":"\x01"}',
    "a broken escape": b'{"code":"\\u12"}', "a key that is not text": b"{1:2}", "an endless string": b'{"code":"' + b"x" * 9000,
    "a million spaces": b" " * 1_000_000, "a form": b"code=x", "XML": b"<?xml version='1.0'?><a/>", "a zip": b"PK\x03\x04",
}  # fmt: skip

VALUES: Final = {
    "NaN": b"NaN", "Infinity": b"Infinity", "minus Infinity": b"-Infinity", "1e400": b"1e400", "1e-400": b"1e-400",
    "a huge exponent": b"1e999999999", "4000 digits": b"9" * 4000, "5000 digits": b"9" * 5000, "minus zero": b"-0",
    "2^63": b"9223372036854775808", "2^64": b"18446744073709551616", "minus one": b"-1", "a half": b"0.5",
    "hex": b"0x10", "an underscore": b"1_0", "a leading zero": b"007", "a plus": b"+1", "no digit": b"-",
    "true": b"true", "an object": b'{"a":{}}', "an array of nulls": b"[null,null]", "deep arrays": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * (DEEP // 4) + b"1" + b"}" * (DEEP // 4), "a long string": b'"' + b"x" * 15_000 + b'"',
    "a NUL": b'"\\u0000"', "a lone surrogate": b'"\\udfff"', "line feeds": b'"\\n\\r\\u2028"', "an escape": b'"\\u001b[2J"',
    "a year of five digits": b'"99999-01-01T00:00:00Z"', "a date before time": b'"0000-00-00T00:00:00Z"',
    "a far offset": b'"0001-01-01T00:00:00+23:59"', "many ids": b"[" + b",".join([b'"' + b"0" * 32 + b'"'] * 400) + b"]",
}  # fmt: skip


def fields(operation: Operation) -> list[str]:
    kind = getattr(messages, str(operation.takes))
    return [field.encode_name for field in msgspec.structs.fields(kind)]


@pytest.fixture(scope="module")
def pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager() as made:
        yield made


class Sender:
    """Sends bodies to operations as a device would."""

    def __init__(self, cloud: AttackedCloud, pool: urllib3.PoolManager) -> None:
        self._cloud = cloud
        self._pool = pool

    def send(self, operation: Operation, body: bytes, content_type: str, **headers: str) -> int:
        """Return the status of the response."""
        url = self._cloud.url + operation.route.format(id="0" * 32, number=1, answer="0" * 32)
        token = {"Authorization": f"Bearer {self._cloud.device.token}"}
        answer = self._pool.request(
            operation.method, url, body=body, headers={"Content-Type": content_type, **token, **headers},
            timeout=30.0, retries=urllib3.Retry(2, read=0),
        )  # fmt: skip
        return answer.status


@pytest.fixture
def sender(cloud: AttackedCloud, pool: urllib3.PoolManager) -> Sender:
    return Sender(cloud, pool)


def by_id(operation: Operation) -> str:
    return operation.id


@pytest.mark.parametrize("operation", TAKING_JSON, ids=by_id)
def test_no_operation_takes_a_document_that_is_not_its_message(sender: Sender, operation: Operation) -> None:
    statuses = {name: sender.send(operation, body, JSON) for name, body in DOCUMENTS.items()}
    assert {name: status for name, status in statuses.items() if status not in REFUSALS} == {}


@pytest.mark.parametrize("operation", TAKING_JSON, ids=by_id)
def test_no_field_takes_a_hostile_value(sender: Sender, operation: Operation) -> None:
    statuses = {
        (field, name): sender.send(operation, b'{"%s":%s}' % (field.encode(), value), JSON)
        for field in fields(operation)
        for name, value in VALUES.items()
    }
    wrong = {case: status for case, status in statuses.items() if status not in REFUSALS | {403, 404, 429}}
    assert wrong == {}


@pytest.mark.parametrize("operation", TAKING_JSON, ids=by_id)
@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", FORM, "application/jsonx", "application/json,text/plain", "multipart/form-data"],
)
def test_a_message_of_another_type_is_refused(
    sender: Sender, operation: Operation, content_type: str
) -> None:
    assert sender.send(operation, b"{}", content_type) == 415


def test_of_a_field_that_appears_twice_the_last_one_counts(cloud: AttackedCloud) -> None:
    """A second reader of the same bytes would be a proxy, and none reads messages."""
    retention = b'{"last":3,"daily":3,"weekly":3,"monthly":3,"last":5}'
    answer = cloud.device.call(
        "POST", "/v1/retention/preview", body=retention, headers={"Content-Type": JSON}
    )
    assert answer.status == 200


FORMS: Final = {
    "nothing": b"", "no reason": b"text=x", "another reason": b"reason=because", "two reasons": b"reason=other&reason=secret",
    "21 fields": b"&".join(b"f%d=x" % number for number in range(21)), "an unknown field": b"reason=other&more=x",
    "raw UTF-8": "reason=other&text=\u00e9".encode(), "invalid UTF-8": b"reason=other&text=%ff%fe",
    "a surrogate": b"reason=other&text=%ed%a0%80", "1001 characters": b"reason=other&text=" + b"x" * 1001,
    "20 KB": b"reason=other&text=" + b"x" * 20_000, "many ampersands": b"&" * 16_000, "semicolons": b"reason=other;text=x",
    "JSON": b'{"reason":"other"}', "a NUL as a name": b"%00=x&reason=other", "an array": b"reason[]=other",
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_a_malformed_form_is_refused(cloud: AttackedCloud, form: str) -> None:
    answer = cloud.stranger.call(
        "POST", f"/s/{cloud.share}/report", body=FORMS[form], headers={"Content-Type": FORM}
    )
    assert answer.status in REFUSALS


def test_a_form_route_takes_no_json(cloud: AttackedCloud) -> None:
    answer = cloud.stranger.call("POST", f"/s/{cloud.share}/report", {"reason": "other"})
    assert answer.status == 415


# -- decompression --------------------------------------------------------------------------------------------

BOMB_BYTES: Final = 64 * 1024 * 1024


@pytest.mark.parametrize(
    "coding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, gzip", "x-gzip", "cow"]
)
@pytest.mark.parametrize("operation", TAKING_JSON, ids=by_id)
def test_a_coded_message_is_refused(sender: Sender, operation: Operation, coding: str) -> None:
    body = gzip.compress(bytes(BOMB_BYTES // 16)) if "gzip" in coding else b"{}"
    assert sender.send(operation, body, JSON, **{"Content-Encoding": coding}) == 415


def test_a_coded_part_is_refused(cloud: AttackedCloud) -> None:
    upload, body = cloud.device.new_id(), gzip.compress(bytes(1000))
    cloud.device.announce(upload, len(body))
    headers = {"Content-Encoding": "gzip"}
    assert cloud.device.call("PUT", f"/v1/uploads/{upload}/parts/1", body=body, headers=headers).status == 415


def zip_bomb() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb", bytes(BOMB_BYTES))
    return file.getvalue()


BOMBS: Final[Mapping[str, Callable[[], bytes]]] = {
    "a zip": zip_bomb,
    "gzip": lambda: gzip.compress(bytes(BOMB_BYTES)),
    "zlib": lambda: zlib.compress(bytes(BOMB_BYTES)),
    "JSON": lambda: json.dumps({"a": "x" * 200_000}).encode(),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_stays_as_it_is(cloud: AttackedCloud, bomb: str) -> None:
    data, memory_before = BOMBS[bomb](), cloud.status_kib("VmHWM")
    archive, share = cloud.device.backup(data), cloud.device.share(data)
    coding = {"Accept-Encoding": "gzip, br, zstd"}
    assert cloud.device.call("GET", f"/v1/archives/{archive}", headers=coding).body == data
    raw = cloud.stranger.call("GET", f"/s/{share}/raw", headers=coding)
    assert (raw.body, raw.headers.get("content-encoding")) == (data, None)
    assert cloud.status_kib("VmHWM") - memory_before < BOMB_BYTES // 1024 // 4
