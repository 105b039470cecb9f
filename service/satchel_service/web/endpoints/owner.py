"""The cloud itself: its status, its OpenAPI document, its erasure."""

from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.backups import usage
from satchel_service.cloud import Cloud
from satchel_service.environment import in_thread
from satchel_service.lifecycle.erasure import erase
from satchel_service.web.openapi import document
from satchel_service.web.responses import json_response, no_content


async def show_status(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Return what the cloud holds and accepts."""
    return json_response(await usage.get_status(cloud.environment))


async def erase_cloud(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Delete everything."""
    await erase(cloud.environment)
    cloud.bodies.clear()
    return no_content()


async def openapi(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Return the OpenAPI document."""
    return Response(await in_thread(openapi_document), media_type="application/json")


@cache
def openapi_document() -> bytes:
    """Generate the document once."""
    return document()
