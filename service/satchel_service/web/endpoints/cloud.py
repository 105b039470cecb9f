"""The cloud itself: what it holds, its description, its end, its health."""

from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.threads import in_thread
from satchel_service.web.answers import answer, nothing
from satchel_wire.messages import Health


async def show_status(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Tell what the cloud holds and accepts."""
    from satchel_service import status  # noqa: PLC0415  only this operation needs it

    return answer(await status.show(cloud.environment))


async def erase_cloud(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Delete everything."""
    from satchel_service.erasing import erase  # noqa: PLC0415  only this operation needs it

    await erase(cloud.environment)
    return nothing()


async def openapi(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Describe the interface."""
    return Response(await in_thread(openapi_document), media_type="application/json")


async def live(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Say that the process answers."""
    return answer(Health(ok=True))


async def ready(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Say that database and storage can be used; a problem when not."""
    await in_thread(cloud.environment.storage.check)
    await cloud.environment.database.read(lambda db: db.execute("SELECT count(*) FROM meta").get)
    return answer(Health(ok=True))


@cache
def openapi_document() -> bytes:
    """Generate the document, once."""
    from satchel_service.web.openapi import document  # noqa: PLC0415  only this operation needs it

    return document()
