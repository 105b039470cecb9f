"""Every message of the wire, in the direction in which it travels. The seeds are made from the messages' types."""

import asyncio
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import inspect
from starlette.requests import Request
from tests.security.fuzzing.table import JSON_SYNTAX, Target, require

from satchel.cloud.client import CloudClient, _size_of_range
from satchel.cloud.clocks import clock_offset
from satchel.cloud.provisioner import Provisioner, cloud_of
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import SatchelError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request as ClientRequest
from satchel.outgoing.transport import Response
from satchel_service.problems import ProblemError
from satchel_service.web.requests import read_form, read_message
from satchel_wire import messages
from satchel_wire.messages import Message
from satchel_wire.operations import OPERATIONS
from satchel_wire.provisioning import CloudProgress

ORIGIN: Final = Origin.parse("https://cloud.example.com")
TIME: Final = "2026-11-22T12:00:00Z"


# -- samples ------------------------------------------------------------------------------------------------


def sample(kind: inspect.Type) -> Any:  # noqa: ANN401  a JSON value
    """Return a valid value of a type, as it stands in JSON. The tuples are not empty, so that items are reached."""
    make = SAMPLES.get(type(kind))
    if make is None:
        raise NotImplementedError(f"a sample of {kind}")
    return make(kind)


def _text(kind: inspect.StrType) -> str:
    return "0" * 32 if kind.pattern else "a" * max(kind.min_length or 0, 1)


def _first_of(kind: inspect.UnionType) -> Any:  # noqa: ANN401  a JSON value
    return sample(next(each for each in kind.types if not isinstance(each, inspect.NoneType)))


SAMPLES: Final[dict[type[inspect.Type], Callable[[Any], Any]]] = {
    inspect.Metadata: lambda kind: sample(kind.type),
    inspect.StructType: lambda kind: {field.encode_name: sample(field.type) for field in kind.fields},
    inspect.UnionType: _first_of,
    inspect.VarTupleType: lambda kind: [sample(kind.item_type)],
    inspect.StrType: _text,
    inspect.BytesType: lambda kind: msgspec.to_builtins(b"x" * max(kind.min_length or 0, 1)),
    inspect.IntType: lambda kind: max(kind.ge or 0, 1),
    inspect.LiteralType: lambda kind: kind.values[0],
    inspect.DateTimeType: lambda _: TIME,
    inspect.BoolType: lambda _: True,
    inspect.NoneType: lambda _: None,
    inspect.FloatType: lambda _: 1.5,
    inspect.DictType: lambda kind: {"key": sample(kind.value_type)},
}


def samples(kind: type[Message]) -> Iterator[bytes]:
    """Yield a message with every field, and one with the required fields only."""
    whole = sample(inspect.type_info(kind))
    yield msgspec.json.encode(whole)
    required = {field.encode_name for field in msgspec.structs.fields(kind) if field.required}
    yield msgspec.json.encode({name: value for name, value in whole.items() if name in required})


def kinds(side: str) -> list[type[Message]]:
    """Return the messages that operations take, or give."""
    names = {getattr(operation, side) for operation in OPERATIONS} - {None, "bytes", "html", "json"}
    return [getattr(messages, name) for name in sorted(names)]


# -- the cloud reads ----------------------------------------------------------------------------------------


def request_with(headers: dict[str, str], body: bytes = b"", path: str = "/", query: bytes = b"") -> Request:
    """Return a request as the service gets it; its body arrives at once."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    raw = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": query, "headers": raw}
    return Request(scope, receive)


LOOP: Final = asyncio.new_event_loop()


def cloud_reads(kind: type[Message]) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        request = request_with({"content-type": "application/json"}, data)
        message = LOOP.run_until_complete(read_message(request, kind))
        again = msgspec.json.decode(msgspec.json.encode(message), type=kind)
        require(again == message, "a message changes when it is encoded")

    return read


def cloud_reads_form(data: bytes) -> None:
    request = request_with({"content-type": "application/x-www-form-urlencoded"}, data)
    report = LOOP.run_until_complete(read_form(request, messages.ReportRequest))
    require(len(report.text) <= 1000, "a report that is too long")
    report.text.encode()


# -- the device reads ---------------------------------------------------------------------------------------


class Answering:
    """A transport that returns one response to everything."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def send(self, request: ClientRequest) -> Response:  # noqa: ARG002
        """Return the response."""
        return self._response


def client_of(response: Response) -> CloudClient:
    """Return a client of a cloud that returns one response to everything."""
    return CloudClient(ORIGIN, Answering(response), token=DeviceToken("t"))


def device_reads(kind: type[Message]) -> Callable[[bytes], None]:
    def read(data: bytes) -> None:
        message = client_of(Response(200, {}, data))._ask("GET", "/", kind)
        again = msgspec.json.decode(msgspec.json.encode(message), type=kind)
        require(again == message, "a message changes when it is encoded")

    return read


def parts_of(data: bytes) -> tuple[int, dict[str, str], bytes]:
    """Take an input apart: a status, header lines, an empty line, a body."""
    head, _, body = data.partition(b"\n\n")
    first, *lines = head.decode("latin-1").split("\n")
    status = int(first) if re.fullmatch("[1-5][0-9]{2}", first) else 200
    pairs = (line.partition(":") for line in lines)
    return status, {name.strip().lower(): value.strip() for name, _, value in pairs}, body


CALLS: Final[tuple[Callable[[CloudClient], object], ...]] = (
    lambda client: client.status(),
    lambda client: client.shares(),
    lambda client: client.backups(),
    lambda client: client.capabilities(),
    lambda client: client.read_archive("0" * 32, 0, 4),
    lambda client: client.open_share("0" * 32, messages.OpenRequest(proof=bytes(32)), limit_bytes=100),
    lambda client: client.open_request("0" * 32, messages.RequestProof(proof=bytes(32))),
)


def device_reads_answer(data: bytes) -> None:
    """Any status, headers and body, by each kind of call."""
    status, headers, body = parts_of(data)
    response = Response(status, headers, body)
    errors = 0
    for call in CALLS:
        try:
            call(client_of(response))
        except SatchelError as error:
            errors += 1
            require(
                "\n" not in error.message and len(error.message) < 2000, "an error that is not one short line"
            )
    require(status < 400 or errors >= 5, "a refusal is taken for an answer")


def device_reads_headers(data: bytes) -> None:
    """The headers that the device reads: a date, and the size of a range."""
    text = data.decode("latin-1")
    clock_offset(text, datetime(2026, 11, 22, tzinfo=UTC))
    require(_size_of_range(Response(206, {"content-range": text}, b""), 0) >= 0, "a negative size")


def device_reads_address(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    origin = Origin.parse(text, allow_http=True)
    require(Origin.parse(str(origin), allow_http=True) == origin, "an address with two forms")


def device_reads_part_address(data: bytes) -> None:
    """The address of a part, which a cloud names."""
    text = data.decode("utf-8", "replace")
    located = client_of(Response(200, {}, b""))._locate(text)
    require(located.lower().startswith(("https://", f"{ORIGIN}/")), "a part goes over plain HTTP")


def device_reads_progress(data: bytes) -> None:
    """The progress of a provisioner, and the address in it."""
    provisioner = Origin.parse("https://satchel.example.org")
    made = Provisioner(provisioner, Answering(Response(200, {}, data))).advance("ticket")
    place = cloud_of(made, provisioner)
    require(place.origin.scheme == "https" and not place.origin.is_loopback, "an address that is not safe")
    require(
        place.origin != provisioner and place.origin.host.startswith(f"{made.name}."), "another's address"
    )


def progress() -> Iterator[bytes]:
    name = "c" + "a" * 25
    for url in (
        f"https://{name}.s1.satchel.example.org",
        "https://127.0.0.1",
        f"http://{name}.example.org:80/",
    ):
        made = CloudProgress(
            state="ready", name=name, url=url, ticket="t", step="s", detail="d", retry_after_s=1
        )
        yield msgspec.json.encode(made)


def answers() -> Iterator[bytes]:
    problem = msgspec.json.encode(
        sample(inspect.type_info(messages.Problem)) | {"type": "urn:satchel:problem:quota"}
    )
    yield b"507\ncontent-type: application/problem+json\n\n" + problem
    yield b"413\nserver: nginx\n\n<html><head><title>413 Request Entity Too Large</title></head></html>"
    yield b"403\n\n<Error><Code>RequestTimeTooSkewed</Code></Error>"
    yield b"206\ncontent-range: bytes 0-3/100\ndate: Sun, 22 Nov 2026 12:00:00 GMT\n\nabcd"
    for kind in (messages.ShareList, messages.BackupList, messages.Capabilities, messages.Status):
        for body in samples(kind):
            yield b"200\n\n" + body


JSON: Final = (
    *JSON_SYNTAX,
    b":",
    b"true",
    b"1e999",
    b"-1",
    b"0.0",
    b"9007199254740993",
    TIME.encode(),
    b"0001-01-01T00:00:00+14:00",
    b"[" * 200,
)
FORM: Final = (b"&", b"=", b"%", b"+", b"reason=other", b"text=", b"%ed%a0%80", b"%00", b";")


def _targets() -> Iterator[Target]:
    for kind in kinds("takes"):
        yield Target(f"cloud-reads-{kind.__name__}", cloud_reads(kind), _seeds(kind), (ProblemError,), JSON)
    for kind in kinds("gives"):
        yield Target(f"device-reads-{kind.__name__}", device_reads(kind), _seeds(kind), (SatchelError,), JSON)


def _seeds(kind: type[Message]) -> Callable[[], Iterable[bytes]]:
    return lambda: samples(kind)


TARGETS: Final = (
    *_targets(),
    Target(
        "cloud-reads-form", cloud_reads_form, lambda: [b"reason=secret&text=a+b%20c"], (ProblemError,), FORM
    ),
    Target(
        "device-reads-answer",
        device_reads_answer,
        answers,
        (),
        (*JSON, b"\n\n", b"content-range: bytes 0-", b"<title>"),
    ),
    Target(
        "device-reads-progress", device_reads_progress, progress, (SatchelError,), (*JSON, b"https://", b".")
    ),
    Target(
        "device-reads-headers",
        device_reads_headers,
        lambda: [b"bytes 0-3/100", b"Sun, 22 Nov 2026 12:00:00 GMT"],
        (SatchelError,),
    ),
    Target(
        "device-reads-address",
        device_reads_address,
        lambda: [b"https://cloud.example.com", b"http://[::1]:8080/"],
        (SatchelError,),
        (b"://", b"[", b"]", b":", b"@", b"\\"),
    ),
    Target(
        "device-reads-part-address",
        device_reads_part_address,
        lambda: [b"/v1/uploads/x/parts/1", b"https://bucket.example.com/x?X-Amz-Signature=1"],
        (SatchelError,),
        (b"://", b"//", b"[", b"@", b"\\", b"http:"),
    ),
)
