"""Requests at and beyond the limits, tricks with paths and ranges, and text that tries to forge lines of the log."""

import json
from contextlib import suppress
from typing import Final

import msgspec
import pytest
from tests.security.abuse.conftest import BODY, AttackedCloud
from tests.security.matrix.processes import RawAnswer, exchange
from tests.support.http_shapes import JSON, PLAIN, read_replies
from tests.support.raw_http import RawConnection
from tests.support.waiting import wait_until
from tests.support.wire_device import b64

from satchel_service.server.connections import HEAD_BYTES
from satchel_service.web.requests import MESSAGE_BYTES, PUBLIC_MESSAGE_BYTES
from satchel_wire.messages import SignInRequest
from satchel_wire.operations import OPERATIONS

LINE: Final = 4094  # gunicorn's limit of a request line
FIELDS: Final = 100
FIELD: Final = 8190


def status(cloud: AttackedCloud, data: bytes) -> int:
    """Send bytes on a connection of their own and return the status of the one response."""
    with RawConnection(cloud.url) as connection:
        with suppress(ConnectionError):  # a refusal may close the connection before the last byte is sent
            connection.send(data)
        (reply,) = read_replies(connection.receive())
    return reply.status


def get(target: bytes, *headers: bytes) -> bytes:
    lines = [b"GET " + target + b" HTTP/1.1", b"Host: cloud.test", b"Connection: close", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


# -- heads ----------------------------------------------------------------------------------------------------


def filled_head(size: int) -> bytes:
    """Return a request with headers of exactly so many bytes in all."""
    fields = [b"host: x\r\n", b"connection: close\r\n"]
    rest = size - sum(map(len, fields))
    while rest:
        length = min(rest, 8000) if rest - min(rest, 8000) not in range(1, 6) else rest - 100
        fields.append(b"x: " + b"y" * (length - 5) + b"\r\n")
        rest -= length
    return b"GET /live HTTP/1.1\r\n" + b"".join(fields) + b"\r\n"


HEADS: Final = {
    "the longest line": (get(b"/live?" + b"q" * (LINE - len("GET /live? HTTP/1.1"))), 200),
    "a longer line": (get(b"/live?" + b"q" * (LINE + 1 - len("GET /live? HTTP/1.1"))), 414),
    "the longest path": (get(b"/" + b"p" * (LINE - len("GET / HTTP/1.1"))), 404),
    "a path of many segments": (get(b"/a" * 2000), 404),
    "a path of slashes": (get(b"/" * 4000), 404),
    "a thousand parameters": (get(b"/live?" + b"a=b&" * 1000), 200),
    "a thousand parameters of a list": (get(b"/v1/shares?" + b"after=x&" * 480), 401),
    "the most fields": (get(b"/live", *[b"x: y"] * (FIELDS - 2)), 200),
    "one field more": (get(b"/live", *[b"x: y"] * (FIELDS - 1)), 431),
    "the longest field": (get(b"/live", b"x: " + b"y" * (FIELD - 5)), 200),
    "a longer field": (get(b"/live", b"x: " + b"y" * (FIELD - 4)), 431),
    "the largest head": (filled_head(HEAD_BYTES - len("GET /live HTTP/1.1\r\n\r\n")), 200),
    "a larger head": (filled_head(HEAD_BYTES + 1), 431),
    "the largest head of all fields": (get(b"/live", *[b"x: " + b"y" * 8000] * 98), 431),
    "a token of 8000 letters": (get(b"/v1/status", b"Authorization: Bearer " + b"x" * 8000), 401),
    "a thousand etags": (get(b"/live", b"If-None-Match: " + b'"x",' * 1000), 200),
    "a thousand languages": (get(b"/s/" + b"0" * 32, b"Accept-Language: " + b"a-b;q=0.1," * 700), 404),
    "a thousand capabilities": (get(b"/v1/capabilities", b"Satchel-Capabilities: " + b"a," * 4000), 200),
}


@pytest.mark.parametrize("head", HEADS)
def test_heads_are_limited(cloud: AttackedCloud, head: str) -> None:
    data, expected = HEADS[head]
    assert status(cloud, data) == expected


def test_a_head_that_arrives_in_pieces_is_limited_too(cloud: AttackedCloud) -> None:
    with RawConnection(cloud.url) as connection:
        connection.send(PLAIN)
        for _ in range(HEAD_BYTES // 4096):
            connection.send(b"x: " + b"y" * 4091 + b"\r\n")
        (reply,) = read_replies(connection.receive())
    assert reply.status == 431


# -- bodies ---------------------------------------------------------------------------------------------------


def chunked(size: int) -> bytes:
    """Return a message of spaces without a length, as chunks of 1 KiB that never end."""
    return (
        JSON + b"Transfer-Encoding: chunked\r\n\r\n" + (b"400\r\n" + b" " * 1024 + b"\r\n") * (size // 1024)
    )


BODIES: Final = {
    "an announced message above the limit": JSON + b"Content-Length: %d\r\n\r\n" % (PUBLIC_MESSAGE_BYTES + 1),
    "a message without a length above the limit": chunked(PUBLIC_MESSAGE_BYTES + 1024),
    "an announced exabyte": JSON + b"Content-Length: 1000000000000000000\r\n\r\n",
    "twice the limit in chunks": chunked(2 * PUBLIC_MESSAGE_BYTES),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_above_the_limit_is_refused(cloud: AttackedCloud, body: str) -> None:
    with RawConnection(cloud.url) as connection:
        with suppress(ConnectionError):  # the refusal may come before the last byte is sent
            connection.send(BODIES[body])
        assert connection.receive_head().startswith(b"HTTP/1.1 413 ")


def test_a_message_of_a_device_may_be_longer_than_one_of_a_stranger(cloud: AttackedCloud) -> None:
    body = b" " * (PUBLIC_MESSAGE_BYTES + 1) + b"{}"
    json_type = {"Content-Type": "application/json"}
    assert cloud.device.call("POST", "/v1/retention/preview", body=body, headers=json_type).status == 422
    longest = b" " * (MESSAGE_BYTES - 2) + b"{}"
    assert cloud.device.call("POST", "/v1/retention/preview", body=longest, headers=json_type).status == 422
    assert (
        cloud.device.call("POST", "/v1/retention/preview", body=b" " + longest, headers=json_type).status
        == 413
    )


def test_the_longest_message_without_a_token_fits_into_its_limit() -> None:
    longest = {"id_token": "x" * 16_384, "nonce": "x" * 200, "code": "x" * 64, "label": b64(bytes(4096))}
    message = msgspec.json.encode(longest)
    assert msgspec.json.decode(message, type=SignInRequest).id_token == longest["id_token"]
    assert len(message) <= PUBLIC_MESSAGE_BYTES


@pytest.mark.parametrize("path", ["/v1/pair", "/v1/nowhere", "/live"])
def test_nobody_is_asked_to_send_a_body_that_is_not_read(cloud: AttackedCloud, path: str) -> None:
    head = JSON.replace(b"/v1/pair", path.encode())
    with RawConnection(cloud.url) as connection:
        connection.send(head + b"Expect: 100-continue\r\nContent-Length: 1000000\r\n\r\n")
        assert not connection.receive_head().startswith(b"HTTP/1.1 100 ")


# -- paths ----------------------------------------------------------------------------------------------------

ID: Final = "0" * 32
TRICKS: Final = {
    "a dot segment": lambda path: path.replace("/", "/./", 1),
    "two dots": lambda path: "/x/.." + path,
    "two dots behind": lambda path: path + "/..",
    "encoded dots": lambda path: "/x/%2e%2e" + path,
    "mixed dots": lambda path: "/x/.%2e" + path,
    "an encoded slash": lambda path: path.replace("/", "%2f"),
    "an encoded slash inside": lambda path: "/" + path[1:].replace("/", "%2F", 1) if "/" in path[1:] else path + "%2F",
    "two slashes": lambda path: "/" + path,
    "two slashes inside": lambda path: path[0] + path[1:].replace("/", "//", 1) if "/" in path[1:] else path + "//",
    "a slash behind": lambda path: path + "/",
    "backslashes": lambda path: path.replace("/", "\\"),
    "encoded backslashes": lambda path: path.replace("/", "%5c"),
    "parameters": lambda path: path + ";a=b",
    "parameters inside": lambda path: path.replace("/", ";a/", 2) if "/" in path[1:] else path + ";a",
    "an encoded letter": lambda path: path[:1] + f"%{ord(path[1]):02x}" + path[2:],
    "an encoded letter twice": lambda path: path[:1] + f"%25{ord(path[1]):02x}" + path[2:],
    "a NUL": lambda path: path + "%00",
    "a line feed": lambda path: path + "%0a",
    "a carriage return and a line feed": lambda path: path + "%0d%0aX:y",
    "overlong UTF-8": lambda path: path.replace("/", "%c0%af"),
    "invalid UTF-8": lambda path: path + "%ff",
    "a full-width slash": lambda path: path.replace("/", "%ef%bc%8f"),
    "a fragment": lambda path: path + "%23",
    "an encoded query": lambda path: path + "%3f",
    "a lone percent sign": lambda path: path + "%",
    "another case": lambda path: path.upper(),
    "a file name behind": lambda path: path + ".json",
    "an absolute target": lambda path: "http://cloud.test" + path,
}  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS)
def test_no_other_spelling_of_a_path_reaches_an_operation(cloud: AttackedCloud, trick: str) -> None:
    wrong = {}
    for operation in OPERATIONS:
        path = TRICKS[trick](operation.route.format(id=cloud.share, number=1, answer=cloud.share))
        answer = send(cloud, operation.method, path)
        if answer.status not in (400, 404, 405):
            wrong[path] = answer.status
    assert wrong == {}


def send(cloud: AttackedCloud, method: str, path: str, *headers: tuple[str, str]) -> RawAnswer:
    token = ("Authorization", f"Bearer {cloud.device.token}")
    return exchange(cloud.url, method, path, [("Content-Length", "0"), token, *headers])


ASSETS: Final = [
    "/assets/../template.html", "/assets/..%2ftemplate.html", "/assets/%2e%2e/template.html", "/assets/./page.css",
    "/assets//etc/passwd", "/assets/../../../../../../etc/passwd", "/assets/..\\template.html", "/assets/", "/assets",
    "/assets/main", "/assets/manifest.json", "/assets/%00", "/assets/__init__.py", "/assets/*.js", "/assets/~",
    "/assets/main-AAAAAAAA.js", "/assets/main-6QTJCNQU.js%00.css", "/assets/main-6QTJCNQU.js/", "/assets/C:\\x",
]  # fmt: skip


@pytest.mark.parametrize("path", ASSETS)
def test_only_the_built_files_of_the_page_are_served(cloud: AttackedCloud, path: str) -> None:
    assert send(cloud, "GET", path).status == 404


# -- ranges ---------------------------------------------------------------------------------------------------

DATA: Final = bytes(range(256)) * 40
RANGES: Final = {
    "bytes=0-0": DATA[:1], "bytes=-1": DATA[-1:], "bytes=1-": DATA[1:], "bytes=0-999999999999999999": DATA,
    "bytes=-999999999999999999": DATA, "bytes=0-" + "9" * 19: DATA, "bytes=" + "9" * 400 + "-": DATA,
    "bytes=5-4": DATA, "bytes=-": DATA, "bytes=--1": DATA, "bytes=1--1": DATA, "bytes=0x0-1": DATA, "bytes=0-1e3": DATA,
    "bytes=0-1,2-3": DATA, "bytes=" + "0-,0-,0-," * 300 + "0-": DATA, "bytes=0-0," * 600: DATA,
    "items=0-1": DATA, "bytes": DATA, "bytes 0-1": DATA, "": DATA, "bytes=\u00b2-\u00b3": DATA, "none": DATA,
}  # fmt: skip


@pytest.fixture(scope="module")
def targets(shared_cloud: AttackedCloud) -> list[str]:
    """The paths of an archive and of a share's body."""
    return [
        f"/v1/archives/{shared_cloud.device.backup(DATA)}",
        f"/s/{shared_cloud.device.share(DATA)}/raw",
    ]


@pytest.mark.parametrize("header", RANGES, ids=lambda header: header[:40] or "nothing")
def test_a_range_is_one_slice_or_everything_once(
    cloud: AttackedCloud, targets: list[str], header: str
) -> None:
    for path in targets:
        answer = send(cloud, "GET", path, ("Range", header))
        assert answer.body == RANGES[header]
        assert answer.status == (
            200 if answer.body == DATA and "content-range" not in dict(lower(answer)) else 206
        )


def lower(answer: RawAnswer) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in answer.headers]


@pytest.mark.parametrize(
    "header", ["bytes=-0", f"bytes={len(DATA)}-", "bytes=999999999999999999-", "bytes=" + "9" * 18 + "-"]
)
def test_a_range_outside_the_object_is_refused(cloud: AttackedCloud, targets: list[str], header: str) -> None:
    for path in targets:
        answer = send(cloud, "GET", path, ("Range", header))
        assert answer.status == 416
        assert dict(lower(answer))["content-range"] == f"bytes */{len(DATA)}"


@pytest.mark.parametrize("condition", ['"other"', 'W/"x"', "*", "Sat, 29 Oct 1994 19:43:31 GMT", "", '"'])
def test_a_range_with_another_condition_is_ignored(
    cloud: AttackedCloud, targets: list[str], condition: str
) -> None:
    for path in targets:
        answer = send(cloud, "GET", path, ("Range", "bytes=0-0"), ("If-Range", condition))
        assert (answer.status, answer.body) == (200, DATA)


# -- the log --------------------------------------------------------------------------------------------------

FORGED: Final = '"}\n{"time":"2026-01-01T00:00:00.000+00:00","level":"error","event":"forged"}\n'
QUOTED: Final = "forged"


def test_nothing_that_a_client_sends_is_quoted_in_the_log(cloud: AttackedCloud) -> None:
    device, escaped = cloud.device, "%22%7d%0a%7b%22event%22:%22forged%22"
    share = device.share(BODY, note=b64(FORGED.encode()), card={"title": FORGED[:190]})
    device.call("PUT", f"/v1/backups/{device.upload(b'x')}", {"summary": b64(FORGED.encode())})
    cloud.stranger.call(
        "POST", f"/s/{share}/report", body=f"reason=other&text={escaped}".encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    device.call("POST", "/v1/pair", {"code": FORGED[:60], "label": b64(FORGED.encode())})
    for path in (
        f"/s/{escaped}",
        f"/v1/shares/{escaped}/info",
        f"/live?{escaped}",
        f"/assets/{escaped}",
        f"/{escaped}",
    ):
        send(cloud, "GET", path)
    for name in (
        "X-Request-Id",
        "User-Agent",
        "Referer",
        "X-Forwarded-For",
        "Forwarded",
        "Traceparent",
        "Cookie",
        "Host",
    ):
        send(cloud, "GET", "/live", (name, 'forged\t{"event":"forged"}'))
    for method in (b"FORGED", b'"FORGED"', b"FORGED\x1b[2J"):
        with RawConnection(cloud.url) as connection:
            connection.send(method + b" /live HTTP/1.1\r\nHost: cloud.test\r\nConnection: close\r\n\r\n")
            connection.receive()
    log = cloud.service.output.read_text()
    assert QUOTED not in log.lower()
    assert "\x1b" not in log
    assert {entry["event"] for entry in cloud.entries()} <= {"server", "request", "refused"}


def test_a_request_id_from_outside_is_not_used(cloud: AttackedCloud) -> None:
    answer = send(cloud, "GET", "/live", ("X-Request-Id", "chosen-by-a-client"))
    (request_id,) = [value for name, value in lower(answer) if name == "x-request-id"]
    assert request_id != "chosen-by-a-client"
    wait_until(lambda: request_id in {entry["request_id"] for entry in cloud.entries("request")})


def test_lines_of_the_log_are_short_whatever_is_requested(cloud: AttackedCloud) -> None:
    status(cloud, get(b"/" + b"x" * 4000, *[b"x: " + b"y" * 300] * 90))
    assert max(len(json.dumps(entry)) for entry in cloud.entries()) < 1000
