"""The Starlette application of the endpoint: read a document within limits, check it strictly, count it."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from satchel_infra.errors import InfraError, UnavailableError
from satchel_infra.telemetry.counts import Counts
from satchel_service.problems import ProblemError
from satchel_service.web.documents import json_response, no_content, problem_response
from satchel_service.web.plain_page import make_page, page_response
from satchel_service.web.requests import check_host, read_chunks, require_type
from satchel_service.web.routing import OperationTree, method_not_allowed
from satchel_wire.messages import Capabilities, Health
from satchel_wire.operations import OPERATIONS as CLOUD_OPERATIONS
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

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True)
class Counting:
    """What the endpoints use."""

    counts: Counts
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


def make_application(counting: Counting, lifespan: Lifespan | None = None) -> Starlette:
    """Return the application."""
    app = Starlette(
        routes=[TelemetryRoute(counting)],
        exception_handlers=dict.fromkeys(
            (HTTPException, ClientDisconnect, ProblemError, InfraError, Exception), refuse
        ),
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


class TelemetryRoute(BaseRoute):
    """One route for all operations."""

    def __init__(self, counting: Counting) -> None:
        self._counting = counting
        self._tree = OperationTree(OPERATIONS)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match every HTTP request; `handle` finds its operation or refuses it."""
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        check_host(request)
        path = request.scope["raw_path"].decode("latin-1")
        if path == "/":
            if request.method not in ("GET", "HEAD"):
                raise method_not_allowed(("GET",))
            request.scope["satchel.operation"] = "front_page"
            return page_response(PAGE)
        operation, _ = self._tree.resolve(path, request.method)
        request.scope["satchel.operation"] = operation.id
        request.scope["satchel.use"] = True
        match operation.id:
            case "count_document":
                return await self._count(request, TelemetryDocument, MAX_DOCUMENT_BYTES)
            case "count_crash_report":
                return await self._count(request, CrashReport, MAX_REPORT_BYTES)
            case "capabilities":
                return json_response(Capabilities(capabilities=(TELEMETRY,)))
            case "ready":
                await asyncio.to_thread(self._counting.counts.check)
        return json_response(Health(ok=True))

    async def _count(
        self, request: Request, kind: type[TelemetryDocument] | type[CrashReport], most_bytes: int
    ) -> Response:
        require_type(request, "application/json")
        body = bytearray()
        async for chunk in read_chunks(request, most_bytes):
            body += chunk
        document = decode_document(bytes(body), kind)
        await asyncio.to_thread(self._counting.counts.count, document, bytes(body), self._counting.clock())
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


async def refuse(request: Request, error: Exception) -> Response:
    """Return the problem document for an exception."""
    match error:
        case ProblemError():
            problem = error
        case ClientDisconnect():
            problem = ProblemError(ProblemCode.BAD_REQUEST, "the body ended early")
        case UnavailableError():
            problem = ProblemError(ProblemCode.UNAVAILABLE, retry_after_s=RETRY_AFTER_S)
        case _:
            problem = ProblemError(ProblemCode.INTERNAL)
    return problem_response(request, problem)
