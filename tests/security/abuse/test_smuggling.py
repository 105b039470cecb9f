"""Shapes of requests that two programs may read differently: one response, a closed connection, nothing smuggled."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.security.abuse.conftest import AttackedCloud
from tests.support.http_shapes import (
    ANSWERED_ONCE,
    MARKED_OPERATION,
    MARKER,
    PLAIN,
    REFUSED,
    Reply,
    read_replies,
)
from tests.support.raw_http import RawConnection

NO_WHOLE_HEAD = {"bare CRs only"}  # one unfinished line, closed without a response


@pytest.fixture(scope="module")
def replies(shared_cloud: AttackedCloud) -> Iterator[dict[str, list[Reply]]]:
    """Send every shape on a connection of its own, concurrently, and return what each connection got until its end."""

    def send(data: bytes) -> list[Reply]:
        with RawConnection(shared_cloud.url) as connection:
            connection.send(data)
            return read_replies(connection.receive())

    shapes = {**REFUSED, **ANSWERED_ONCE}
    with ThreadPoolExecutor(len(shapes)) as threads:
        yield dict(zip(shapes, threads.map(send, shapes.values()), strict=True))
    shared_cloud.check()


@pytest.mark.parametrize("shape", sorted(REFUSED.keys() - NO_WHOLE_HEAD))
def test_an_ambiguous_request_gets_one_refusal(replies: dict[str, list[Reply]], shape: str) -> None:
    (reply,) = replies[shape]
    assert reply.status in (400, 414, 431, 501)
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["connection"] == "close"
    assert reply.headers["cache-control"] == "no-store"
    assert "x-request-id" not in reply.headers, "the request reached the application"


def test_an_endless_line_is_closed_without_a_response(replies: dict[str, list[Reply]]) -> None:
    assert [replies[shape] for shape in NO_WHOLE_HEAD] == [[]]


@pytest.mark.parametrize("shape", sorted(ANSWERED_ONCE))
def test_a_request_with_more_bytes_behind_it_gets_one_response(
    replies: dict[str, list[Reply]], shape: str
) -> None:
    (reply,) = replies[shape]
    assert reply.status in (200, 400, 404, 405, 408, 422)


def test_no_smuggled_request_reached_the_service(
    shared_cloud: AttackedCloud, replies: dict[str, list[Reply]]
) -> None:
    assert len(replies) == len(REFUSED) + len(ANSWERED_ONCE)
    operations = [entry["operation"] for entry in shared_cloud.entries("request")]
    assert MARKED_OPERATION not in operations


def test_a_refusal_quotes_nothing_of_the_request(
    shared_cloud: AttackedCloud, replies: dict[str, list[Reply]]
) -> None:
    assert len(replies) > 100
    with RawConnection(shared_cloud.url) as connection:
        connection.send(b"<script>alert(1)</script> / HTTP/1.1\r\nHost: cloud.test\r\n\r\n")
        received = connection.receive()
    assert b"script" not in received
    assert b"script" not in shared_cloud.service.output.read_bytes()


def test_every_refusal_is_logged(cloud: AttackedCloud) -> None:
    before = len(cloud.entries("refused"))
    with RawConnection(cloud.url) as connection:
        connection.send(b"GET /live HTTP/9.9\r\nHost: cloud.test\r\n\r\n")
        (reply,) = read_replies(connection.receive())
    assert [entry["status"] for entry in cloud.entries("refused")[before:]] == [reply.status]


def test_a_body_that_arrives_after_an_early_refusal_is_not_a_request(cloud: AttackedCloud) -> None:
    head = b"POST /v1/nowhere HTTP/1.1\r\nHost: cloud.test\r\nContent-Length: %d\r\n\r\n" % (2 * len(MARKER))
    with RawConnection(cloud.url) as connection:
        connection.send(head)
        early = connection.receive_head()
        connection.send(MARKER + MARKER)
        (reply,) = read_replies(early + connection.receive())
    assert reply.status == 404
    assert MARKED_OPERATION not in [entry["operation"] for entry in cloud.entries("request")]


def test_a_broken_chunk_during_a_response_does_not_become_a_part_of_it(cloud: AttackedCloud) -> None:
    body = bytes(range(256)) * 40_000
    archive = cloud.device.backup(body)
    with RawConnection(cloud.url, receive_buffer=4096) as connection:
        connection.send(
            PLAIN.replace(b"/live", f"/v1/archives/{archive}".encode())
            + f"Authorization: Bearer {cloud.device.token}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        begun = connection.receive_head()
        connection.send(b"not a chunk\r\n\r\n")
        received = begun + connection.receive()
    (reply,) = read_replies(received)
    assert body.startswith(reply.body)
