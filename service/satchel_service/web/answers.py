"""Responses: messages as JSON, refusals as problem documents."""

from typing import Final

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from satchel_service.database import DatabaseError
from satchel_service.problems import ProblemError, invalid
from satchel_service.storage import FullError, PartSizeError, StorageError
from satchel_wire.messages import FieldProblem, Message, Problem
from satchel_wire.problems import MEDIA_TYPE, ProblemCode

FRAMEWORK: Final = {
    400: ProblemCode.BAD_REQUEST,
    404: ProblemCode.NOT_FOUND,
    405: ProblemCode.METHOD_NOT_ALLOWED,
    413: ProblemCode.TOO_LARGE,
}
RETRY_AFTER_S: Final = 2


def answer(message: Message, status: int = 200) -> Response:
    """Encode a message."""
    return Response(msgspec.json.encode(message), status, media_type="application/json")


def nothing() -> Response:
    """Say that it is done."""
    return Response(status_code=204)


def problem_response(request: Request, problem: ProblemError) -> Response:
    """Encode a refusal."""
    code = problem.code
    document = Problem(
        type=code.type,
        title=code.title,
        status=code.status,
        detail=problem.detail,
        request_id=request.scope.get("satchel.request_id", ""),
        fields=tuple(FieldProblem(field=field, reason=reason) for field, reason in problem.fields),
    )
    response = Response(msgspec.json.encode(document), code.status, media_type=MEDIA_TYPE)
    response.headers.update(dict(problem.headers))
    if problem.retry_after_s is not None:
        response.headers["Retry-After"] = str(problem.retry_after_s)
    request.scope["satchel.problem"] = code.code
    return response


def as_problem(error: Exception) -> ProblemError:
    """Turn whatever an endpoint raised into what the client is told."""
    match error:
        case ProblemError():
            problem = error
        case HTTPException():
            code = FRAMEWORK.get(error.status_code, ProblemCode.BAD_REQUEST)
            problem = ProblemError(code, headers=tuple((error.headers or {}).items()))
        case ClientDisconnect():
            problem = ProblemError(ProblemCode.BAD_REQUEST, "the body ended early")
        case PartSizeError():
            problem = invalid("body", str(error))
        case FullError():
            problem = ProblemError(ProblemCode.QUOTA, "the storage is full")
        case StorageError() | DatabaseError():
            problem = ProblemError(ProblemCode.UNAVAILABLE, retry_after_s=RETRY_AFTER_S)
        case _:
            problem = ProblemError(ProblemCode.INTERNAL)
    return problem
