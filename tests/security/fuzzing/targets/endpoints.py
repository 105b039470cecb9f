"""Endpoints: answers, lists and errors that a server of language models sends, and addresses that people copy."""

import json
from datetime import UTC, datetime
from typing import Final

from tests.security.fuzzing.table import JSON_SYNTAX, Target, require
from tests.security.fuzzing.targets.home_files import at, home
from tests.support.language_models.flavours import FLAVOURS

from satchel.endpoints.address import parse_address
from satchel.endpoints.answers import Dialect, ErrorEventError
from satchel.endpoints.anthropic import Anthropic
from satchel.endpoints.endpoint import FILE_NAME, Endpoint, find_endpoint, write_endpoint
from satchel.endpoints.event_stream import BadStreamError, read_events
from satchel.endpoints.failures import Asked, explain, read_told, said
from satchel.endpoints.openai import OpenAi
from satchel.errors import SatchelError, UsageError
from satchel.processing.blendable import BLENDABLE, MAX_TEXT_CHARS
from satchel.processing.choices import FILE_NAME as CHOICES
from satchel.processing.choices import Choices

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
ASKED: Final = Asked("https://llm.example.com", "tiny", has_key=True)
KEY: Final = "sk-0123456789"
DIALECTS: Final[tuple[Dialect, ...]] = (OpenAi(is_azure=True, has_new_limit=True), Anthropic())
WORDS: Final = (
    b"data: ", b"event: error\n", b"\r\n\r\n", b"\n\n", b"[DONE]", b'"choices":', b'"delta":', b'"content":', b'"error":',
    b'"type":', b'"finish_reason":', b'"stop_reason":', b'"message":', b'"code":', *JSON_SYNTAX,
)  # fmt: skip


def answer(data: bytes) -> None:
    """The first byte is the size of the pieces in which a stream arrives; both protocols read it."""
    size, stream = (data[0] or 1, data[1:]) if data else (1, b"")
    events = list(read_events(stream[at : at + size] for at in range(0, len(stream), size)))
    require(events == list(read_events([stream] if stream else [])), "the pieces change the events")
    for dialect in DIALECTS:
        for event in events:
            try:
                dialect.part(event)
            except ErrorEventError as exc:
                error(exc.document.encode())


def listed(data: bytes) -> None:
    for dialect in DIALECTS:
        dialect.models(data)


def error(data: bytes) -> None:
    """The first line is Retry-After, the rest the document."""
    waits, _, document = data.partition(b"\n")
    headers = {"retry-after": waits.decode("latin-1")}
    told = read_told(document)
    for status in (0, 400, 401, 404, 413, 429, 500, 529):
        found = explain(status, headers, told, ASKED, NOW)
        require("\n" not in found.message + found.hint and len(found.message) < 300, "one short line")
    line = said(told, KEY)
    require(KEY[:6] not in line and line.isprintable(), "a line without the key")


def address(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    found = parse_address(text, api_version="2024-10-21", allow_http=True)
    again = parse_address(found.url, found.protocol, api_version=found.api_version, allow_http=True)
    require(again.url == found.url and "@" not in found.url, "a normal form")


def kept(data: bytes) -> None:
    found = find_endpoint(at(home() / FILE_NAME, data).parent)
    if found is not None:
        write_endpoint(home(), found)
        require(find_endpoint(home()) == found, "the same when it is written again")


def choices(data: bytes) -> None:
    found = Choices.read(at(home() / CHOICES, data).parent)
    found.write(home())
    require(Choices.read(home()) == found, "the same when it is written again")


def suggestions(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for model in BLENDABLE.values():
        for value in model.read(text):
            require(0 < len(value) <= MAX_TEXT_CHARS and value.strip() == value, "a value within limits")


def _streams() -> list[bytes]:
    return [b"\x07" + b"".join(each.events("tiny", ("a", "é"), "stop")) for each in FLAVOURS.values()] + [
        b"\x01: x\r\rdata: {}\r\n\r\n", b'\x05event: error\ndata: {"error": {"type": "overloaded_error"}}\n\n',
    ]  # fmt: skip


def _errors() -> list[bytes]:
    found = [make("7") for each in FLAVOURS.values() for make in each.errors.values()]
    return [b"20\n" + json.dumps(document).encode() for _, document in found] + [
        b"Sun, 22 Nov 2026 12:00:09 GMT\n{}", b'\n{"error": "no"}', b'\n{"error": {"message": "sk-0123456789"}}',
    ]  # fmt: skip


def _kept() -> list[bytes]:
    path = home() / FILE_NAME
    path.unlink(missing_ok=True)
    write_endpoint(home(), Endpoint(parse_address("ollama"), "tiny"))
    return [path.read_bytes()]


TARGETS: Final = [
    Target("endpoint-answer", answer, _streams, (BadStreamError,), WORDS),
    Target(
        "endpoint-models",
        listed,
        lambda: [json.dumps(each.page(["tiny"])).encode() for each in FLAVOURS.values()],
        (BadStreamError,),
        JSON_SYNTAX,
    ),
    Target("endpoint-error", error, _errors, (), WORDS),
    Target(
        "endpoint-address",
        address,
        lambda: [
            b"ollama", b"https://h/v1", b"http://[::1]:8/x/chat/completions", b"https://r.openai.azure.com/openai/deployments/d",
            b"https://h/v1?api-version=2024-10-21",
        ],
        (UsageError,),
        (b"https://", b"@", b"?api-version=", b"/openai/deployments/", b"[::1]", b"%", b"#"),
    ),
    Target("home-endpoint", kept, _kept, (SatchelError,), JSON_SYNTAX),
    Target(
        "home-processing",
        choices,
        lambda: [b'{"format": "satchel-processing/1", "blended": {"titles": "http://localhost:11434/v1"}}'],
        (SatchelError,),
        JSON_SYNTAX,
    ),
    Target("endpoint-suggestions", suggestions, lambda: [b"Title: x", b"a, b c\n#d", "\u201cx\u201d".encode()], (), (b"Tags:", b"`", b"*")),
]  # fmt: skip
