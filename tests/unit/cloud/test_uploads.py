"""An upload ends with the whole object in the cloud, despite lost requests and responses."""

import threading
from collections.abc import Callable

import pytest
from tests.unit.cloud.conftest import ORIGIN, TOKEN, UploadsInMemory, problem

from satchel.cloud.client import CloudClient
from satchel.cloud.problems import ConflictError, IncompleteError
from satchel.cloud.signed_client import DeviceToken
from satchel.cloud.uploads import (
    MAX_PARALLEL,
    MAX_PART_BYTES,
    MEMORY_BYTES,
    BytesSource,
    parallel_parts,
    upload,
)
from satchel.errors import IntegrityError, RefusedError, SatchelError, UnreachableError
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.retrying import INTERACTIVE, RetryingTransport
from satchel.outgoing.transport import Request, Response
from satchel_wire.problems import ProblemCode

DATA = bytes(range(95))
ID = "0" * 32


def send(client: CloudClient, data: bytes = DATA) -> int:
    """Upload, and return how many bytes were reported as sent."""
    told: list[int] = []
    upload(client, ID, "archive", BytesSource(data), sent=told.append)
    return sum(told)


def test_the_object_arrives_and_every_byte_is_reported_once(
    cloud: UploadsInMemory, client: CloudClient
) -> None:
    assert send(client) == len(DATA)
    assert cloud.kept[ID] == DATA
    assert len(cloud.puts()) == 10


def test_an_interrupted_upload_sends_only_what_is_missing(
    cloud: UploadsInMemory, client: CloudClient
) -> None:
    cloud.lose = lambda request: request.url.endswith("/parts/4")
    with pytest.raises(UnreachableError):
        send(client)
    arrived = set(cloud.parts[ID])
    cloud.lose = lambda _request: False
    cloud.requests.clear()
    assert send(client) == len(DATA)
    assert cloud.kept[ID] == DATA
    assert len(cloud.puts()) == 10 - len(arrived)


def test_a_complete_upload_sends_nothing(cloud: UploadsInMemory, client: CloudClient) -> None:
    send(client)
    cloud.requests.clear()
    assert send(client) == len(DATA)
    assert len(cloud.requests) == 1


def test_a_part_that_the_cloud_lost_is_sent_again(cloud: UploadsInMemory, client: CloudClient) -> None:
    cloud.forget_part = 3
    assert send(client) == len(DATA)
    assert cloud.kept[ID] == DATA
    assert len(cloud.puts()) == 11


def test_an_upload_that_always_lacks_parts_fails(cloud: UploadsInMemory) -> None:
    class Forgetful:
        def send(self, request: Request) -> Response:
            if request.url.endswith("/complete"):
                return problem(ProblemCode.INCOMPLETE)
            return cloud.send(request)

    with pytest.raises(IncompleteError):
        send(CloudClient(ORIGIN, Forgetful()))


@pytest.mark.parametrize("what", ["PUT", "POST"])
def test_lost_responses_are_retried(cloud: UploadsInMemory, what: str) -> None:
    """The first response to every request is lost after its effect."""
    seen: set[str] = set()

    def lose(request: Request) -> bool:
        is_first = request.url not in seen
        seen.add(request.url)
        return is_first and request.method == what

    cloud.lose = lose
    patient = RetryingTransport(cloud, INTERACTIVE, wait=lambda _s: None, draw=lambda: 0.0, clock=lambda: 0.0)
    assert send(CloudClient(ORIGIN, patient)) == len(DATA)
    assert cloud.kept[ID] == DATA


def test_another_object_under_the_same_id_is_a_conflict(cloud: UploadsInMemory, client: CloudClient) -> None:
    send(client)
    with pytest.raises(ConflictError):
        send(client, DATA + b"more")


def test_parts_that_do_not_cover_the_object_are_refused(cloud: UploadsInMemory, client: CloudClient) -> None:
    cloud.sizes[ID] = 95
    honest = cloud._state

    def short(upload_id: str) -> dict[str, object]:
        state = honest(upload_id)
        assert isinstance(state["parts"], list)
        return {**state, "parts": state["parts"][:-1]}

    cloud._state = short  # type: ignore[method-assign]
    with pytest.raises(IntegrityError, match="do not cover"):
        send(client)
    assert cloud.puts() == []


def test_parts_after_the_end_of_the_object_are_refused(cloud: UploadsInMemory, client: CloudClient) -> None:
    cloud.sizes[ID] = len(DATA)
    honest = cloud._state

    def repeating(upload_id: str) -> dict[str, object]:
        state = honest(upload_id)
        assert isinstance(state["parts"], list)
        return {**state, "parts": state["parts"] * 2}

    cloud._state = repeating  # type: ignore[method-assign]
    with pytest.raises(IntegrityError, match="do not cover"):
        send(client)
    assert cloud.puts() == []


def test_the_first_failure_stops_the_rest(cloud: UploadsInMemory) -> None:
    class Refusing:
        def send(self, request: Request) -> Response:
            if "/parts/" in request.url:
                cloud.requests.append(request)
                return problem(ProblemCode.QUOTA)
            return cloud.send(request)

    cloud.part_bytes = 1
    with pytest.raises(UnreachableError, match="full"):
        send(CloudClient(ORIGIN, Refusing()))
    assert len(cloud.puts()) <= MAX_PARALLEL


@pytest.mark.parametrize(
    ("part_bytes", "parallel"), [(1, 4), (8 << 20, 4), (16 << 20, 2), (32 << 20, 1), (100 << 20, 1)]
)
def test_memory_in_flight_is_bounded(part_bytes: int, parallel: int) -> None:
    assert parallel_parts(part_bytes) == parallel
    assert parallel == 1 or parallel * part_bytes <= MEMORY_BYTES


def test_no_more_parts_are_read_than_are_in_flight(cloud: UploadsInMemory, client: CloudClient) -> None:
    class Watched(BytesSource):
        def __init__(self) -> None:
            super().__init__(DATA)
            self.lock = threading.Lock()
            self.reads = 0
            self.most_ahead = 0

        def read_at(self, offset: int, length: int) -> bytes:
            with self.lock:
                self.reads += 1
                self.most_ahead = max(self.most_ahead, self.reads - len(cloud.puts()))
            return super().read_at(offset, length)

    source = Watched()
    upload(client, ID, "archive", source, sent=lambda _n: None)
    assert source.most_ahead <= 4


def test_a_part_to_the_cloud_carries_the_token_and_a_digest(
    cloud: UploadsInMemory, client: CloudClient
) -> None:
    send(client, b"abc")
    headers = cloud.puts()[0].headers
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Content-Digest"] == "sha-256=:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=:"


def presigned(cloud: UploadsInMemory, url: str) -> Callable[[Request], Response]:
    """The cloud's answers, with its parts going to another address."""

    def answer(request: Request) -> Response:
        said = cloud.send(request)
        moved = said.body.replace(b'"/v1/uploads/', f'"{url}/v1/uploads/'.encode())
        return Response(said.status, said.headers, moved)

    return answer


class Answering:
    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self.send = answer


def test_a_presigned_part_goes_to_its_url_without_the_token(cloud: UploadsInMemory) -> None:
    transport = Answering(presigned(cloud, "https://bucket.example.com"))
    send(CloudClient(ORIGIN, transport, token=DeviceToken(TOKEN)))
    for request in cloud.puts():
        assert request.url.startswith("https://bucket.example.com/")
        assert "Authorization" not in request.headers
    assert cloud.kept[ID] == DATA


@pytest.mark.parametrize("url", ["http://bucket.example.com", "file://bucket.example.com"])
def test_a_cloud_with_tls_cannot_redirect_parts_to_plain_http(cloud: UploadsInMemory, url: str) -> None:
    from satchel.outgoing.address import Origin

    transport = Answering(presigned(cloud, url))
    with pytest.raises(SatchelError):
        send(CloudClient(Origin.parse("https://cloud.example.com"), transport, token=DeviceToken(TOKEN)))
    assert not any(request.url.startswith(url) for request in cloud.requests)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8125", "https://localhost", "http://[::1]:9000"])
def test_a_remote_cloud_cannot_redirect_parts_to_loopback(cloud: UploadsInMemory, url: str) -> None:
    from satchel.outgoing.address import Origin

    transport = Answering(presigned(cloud, url))
    with pytest.raises(RefusedError):
        send(CloudClient(Origin.parse("https://cloud.example.com"), transport, token=DeviceToken(TOKEN)))
    assert not cloud.puts()


class HugeSource:
    """So many bytes that reading them at once would be noticed."""

    size_bytes = MAX_PART_BYTES + 1

    def read_at(self, offset: int, length: int) -> bytes:
        raise AssertionError(f"asked for {length} bytes at {offset}")


def test_a_part_that_would_not_fit_in_memory_is_never_read(
    cloud: UploadsInMemory, client: CloudClient
) -> None:
    cloud.part_bytes = MAX_PART_BYTES + 1
    with pytest.raises(IntegrityError):
        upload(client, ID, "archive", HugeSource(), sent=lambda _: None)


def test_a_lost_first_request_is_an_unreachable_cloud(cloud: UploadsInMemory, client: CloudClient) -> None:
    cloud.lose = lambda _request: True
    with pytest.raises(NoResponseError):
        send(client)
