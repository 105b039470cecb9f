"""The Starlette application of the endpoint: read a document within limits, check it strictly, count it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from satchel_infra import web
from satchel_infra.telemetry.counts import Counts
from satchel_service.problems import ProblemError
from satchel_service.web.documents import json_response, no_content
from satchel_service.web.plain_page import make_page, page_response
from satchel_service.web.requests import read_chunks, require_type
from satchel_wire.messages import Capabilities, Health
from satchel_wire.operations import OPERATIONS as CLOUD_OPERATIONS
from satchel_wire.operations import Operation
from satchel_wire.problems import ProblemCode
from satchel_wire.telemetry import (
    MAX_DOCUMENT_BYTES,
    MAX_REPORT_BYTES,
    TELEMETRY,
    TELEMETRY_OPERATIONS,
    CrashReport,
    TelemetryDocument,
)

RETRY_AFTER_S: Final = 60
SHARED: Final = ("capabilities", "live", "ready")
OPERATIONS: Final = (*TELEMETRY_OPERATIONS, *(each for each in CLOUD_OPERATIONS if each.id in SHARED))
PAGE: Final = make_page("""\
<h1>Telemetry of satchel</h1>
<p>This server counts the documents that people send with <code>satchel telemetry send</code> and
<code>satchel crash send</code>. It keeps counts by month: no document, no address, no id.</p>
<p>Nothing is ever sent here by itself. <code>satchel telemetry show</code> prints what would be sent.</p>
""")


@dataclass(frozen=True, slots=True)
class Counting:
    """What the endpoints use."""

    counts: Counts
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def make_application(counting: Counting, lifespan: web.Lifespan | None = None) -> Starlette:
    """Return the application."""

    async def answer(request: Request, operation: Operation) -> Response:
        match operation.id:
            case "count_document":
                return await _count(request, counting, TelemetryDocument, MAX_DOCUMENT_BYTES)
            case "count_crash_report":
                return await _count(request, counting, CrashReport, MAX_REPORT_BYTES)
            case "capabilities":
                return json_response(Capabilities(capabilities=(TELEMETRY,)))
            case "ready":
                await asyncio.to_thread(counting.counts.check)
        return json_response(Health(ok=True))

    async def front(request: Request) -> Response:
        request.scope["satchel.operation"] = "front_page"
        return page_response(PAGE)

    return web.make_application(
        OPERATIONS, answer, pages={"/": front}, retry_after_s=RETRY_AFTER_S, lifespan=lifespan
    )


async def _count(
    request: Request,
    counting: Counting,
    kind: type[TelemetryDocument] | type[CrashReport],
    most_bytes: int,
) -> Response:
    require_type(request, "application/json")
    body = bytearray()
    async for chunk in read_chunks(request, most_bytes):
        body += chunk
    document = decode_document(bytes(body), kind)
    await asyncio.to_thread(counting.counts.count, document, bytes(body), counting.clock())
    return no_content()


def decode_document(
    body: bytes, kind: type[TelemetryDocument] | type[CrashReport]
) -> TelemetryDocument | CrashReport:
    """Return a document. Raise ProblemError, which names an invalid field but never its value."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as exc:
        field = str(exc).partition(" - at `$.")[2].partition("`")[0].partition("[")[0]
        raise ProblemError(
            ProblemCode.INVALID, fields=((field, "is not as the specification says"),)
        ) from exc
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise ProblemError(ProblemCode.BAD_REQUEST, "the body is not JSON") from exc
