"""Health. These answers are constants, so that asking costs next to nothing."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.database import row
from satchel_service.threads import in_thread

OK: Final = b'{"ok":true}'  # a `Health` message


async def live(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Say that the process answers."""
    return Response(OK, media_type="application/json")


async def ready(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Say that database and storage can be used; a problem when not."""
    await in_thread(cloud.environment.storage.check)
    await cloud.environment.database.read(lambda db: row(db, "SELECT count(*) FROM meta"))
    return Response(OK, media_type="application/json")
