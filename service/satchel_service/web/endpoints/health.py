"""Health checks: constant responses, and probes of the stores at most every few seconds."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.problems import ProblemError
from satchel_wire.problems import ProblemCode

OK: Final = b'{"ok":true}'  # an encoded `Health` message
RETRY_AFTER_S: Final = 2


async def live(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Report that the process responds."""
    return Response(OK, media_type="application/json")


async def ready(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Report whether database and storage can be used; a problem if not."""
    if not await cloud.readiness.is_ready():
        raise ProblemError(ProblemCode.UNAVAILABLE, retry_after_s=RETRY_AFTER_S)
    return Response(OK, media_type="application/json")
