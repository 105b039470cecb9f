"""The cloud itself: its status, its OpenAPI document, its erasure."""

from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.backups import usage
from satchel_service.cloud import Cloud
from satchel_service.environment import in_thread
from satchel_service.lifecycle.erasure import authorize, erase
from satchel_service.problems import ProblemError
from satchel_service.web.capabilities import knows, only_known
from satchel_service.web.documents import json_response, no_content
from satchel_service.web.openapi import document
from satchel_service.web.requests import device_id, read_message
from satchel_wire.capabilities import Capability
from satchel_wire.messages import Capabilities, EraseCloudRequest, ErasedCloud
from satchel_wire.problems import ProblemCode


async def show_status(request: Request, cloud: Cloud) -> Response:
    """Return what the cloud holds and accepts, and which backups wait for their deletion."""
    return json_response(only_known(request, await usage.get_status(cloud.environment)))


async def list_audit(request: Request, cloud: Cloud) -> Response:
    """List the audit log, a page at a time."""
    return json_response(await cloud.audit_log.show_page(request.query_params.get("after")))


async def capabilities(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """List what this cloud supports beyond the first version of the protocol."""
    return json_response(Capabilities(capabilities=tuple(each.value for each in Capability)))


async def erase_cloud(request: Request, cloud: Cloud) -> Response:
    """Delete everything, with a code of the operator or a fresh sign-in."""
    message, by = await read_message(request, EraseCloudRequest), device_id(request)
    await cloud.sign_in.as_owner(
        message.code, "erase_cloud", by, lambda use_code: authorize(cloud.environment, by, use_code)
    )
    remaining = await erase(cloud.environment, by)
    cloud.bodies.clear()
    cloud.cards.clear()
    if not knows(request, Capability.SIGN_IN):
        return no_content()
    return json_response(
        ErasedCloud(remaining_objects=remaining.objects, remaining_log_objects=remaining.log_objects)
    )


async def erase_cloud_without_code(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Refuse: a stolen device must not destroy the history."""
    raise ProblemError(
        ProblemCode.WRONG_CODE,
        "erasing a cloud takes a newer satchel and a code of the operator: satchel-service pair",
    )


async def openapi(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """Return the OpenAPI document."""
    return Response(await in_thread(openapi_document), media_type="application/json")


@cache
def openapi_document() -> bytes:
    """Generate the document once."""
    return document()
