"""Shares, for recipients: public, and silent about everything a request does not prove a right to."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.web.documents import json_response
from satchel_service.web.requests import object_id, read_message
from satchel_service.web.responses import DOWNLOAD, Blob, object_response, send_ranged
from satchel_wire.messages import OpenRequest

VERSION_HEADER: Final = "Satchel-Share-Version"


async def share_info(request: Request, cloud: Cloud) -> Response:
    """Return what a recipient must know before opening."""
    row = await cloud.openings.find_live(object_id(request))
    return json_response(row.info())


async def open_share(request: Request, cloud: Cloud) -> Response:
    """Open a share with the proof of its key and send the body."""
    share_id = object_id(request)
    message = await read_message(request, OpenRequest)
    body = await cloud.openings.open(share_id, message.proof)
    headers = {VERSION_HEADER: str(body.version), **DOWNLOAD}
    return object_response(body.content, body.size_bytes, headers)


async def share_raw(request: Request, cloud: Cloud) -> Response:
    """Send the body of a share that has neither a view limit nor a password."""
    body = await cloud.openings.find_raw(object_id(request))
    return await send_ranged(request, cloud.environment.storage, Blob(body.blob, body.size_bytes))


async def share_page(request: Request, cloud: Cloud) -> Response:
    """Show the page that opens the link in the browser."""
    from satchel_service.web import pages  # noqa: PLC0415  only browsers request it

    return await pages.share_page(request, cloud)


async def report_page(request: Request, cloud: Cloud) -> Response:
    """Show the form that reports a share to its owner."""
    from satchel_service.web import pages  # noqa: PLC0415

    return await pages.report_page(request, cloud)


async def report_share(request: Request, cloud: Cloud) -> Response:
    """Receive a submitted report form."""
    from satchel_service.web import pages  # noqa: PLC0415

    return await pages.report_share(request, cloud)
