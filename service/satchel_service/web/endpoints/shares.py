"""Shares, for the owner."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.web.documents import json_response, no_content
from satchel_service.web.requests import device_id, object_id, read_message
from satchel_wire.messages import RearmRequest, ShareChange, ShareRequest


async def list_shares(request: Request, cloud: Cloud) -> Response:
    """List shares, a page at a time."""
    return json_response(await cloud.shares.show_page(request.query_params.get("after")))


async def publish_share(request: Request, cloud: Cloud) -> Response:
    """Publish an uploaded share."""
    share_id = object_id(request)
    message = await read_message(request, ShareRequest)
    return json_response(await cloud.shares.publish(share_id, message, by=device_id(request)))


async def show_share(request: Request, cloud: Cloud) -> Response:
    """Show one share."""
    return json_response(await cloud.shares.show(object_id(request)))


async def change_share(request: Request, cloud: Cloud) -> Response:
    """Replace the body under the link, or the limits."""
    share_id = object_id(request)
    message = await read_message(request, ShareChange)
    return json_response(await cloud.shares.change(share_id, message, by=device_id(request)))


async def revoke_share(request: Request, cloud: Cloud) -> Response:
    """End a share."""
    await cloud.shares.revoke(object_id(request), by=device_id(request))
    return no_content()


async def list_reports(request: Request, cloud: Cloud) -> Response:
    """List the reports of a share."""
    return json_response(await cloud.shares.list_reports(object_id(request)))


async def rearm_share(request: Request, cloud: Cloud) -> Response:
    """Count views from zero again."""
    share_id = object_id(request)
    message = await read_message(request, RearmRequest)
    return json_response(await cloud.shares.rearm(share_id, message, by=device_id(request)))
