"""Responses that are one document: messages as JSON, and problems (RFC 9457). They need no database."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from satchel_service.problems import ProblemError
from satchel_wire.messages import FieldProblem, Message, Problem
from satchel_wire.problems import MEDIA_TYPE as PROBLEM_TYPE


def json_response(message: Message, status: int = 200) -> Response:
    """Encode a message."""
    return Response(msgspec.json.encode(message), status, media_type="application/json")


def no_content() -> Response:
    """Return an empty 204 response."""
    return Response(status_code=204)


def problem_response(request: Request, problem: ProblemError) -> Response:
    """Encode a problem document (RFC 9457)."""
    code = problem.code
    document = Problem(
        type=code.type,
        title=code.title,
        status=code.status,
        detail=problem.detail,
        request_id=request.scope.get("satchel.request_id", ""),
        fields=tuple(FieldProblem(field=field, reason=reason) for field, reason in problem.fields),
    )
    response = Response(msgspec.json.encode(document), code.status, media_type=PROBLEM_TYPE)
    response.headers.update(dict(problem.headers))
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    request.scope["satchel.problem"] = code.code
    return response
