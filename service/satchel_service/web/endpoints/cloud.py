"""The cloud itself: health."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.threads import in_thread
from satchel_service.web.answers import answer
from satchel_wire.messages import Health


async def live(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Say that the process answers."""
    return answer(Health(ok=True))


async def ready(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Say that database and storage can be used; a problem when not."""
    await in_thread(cloud.environment.storage.check)
    await cloud.environment.database.read(lambda db: db.execute("SELECT count(*) FROM meta").get)
    return answer(Health(ok=True))
