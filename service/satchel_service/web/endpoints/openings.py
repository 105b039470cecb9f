"""Shares, the openers' side: public, and told nothing they cannot prove a right to."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.shares.rows import Body
from satchel_service.storage import NotFoundError
from satchel_service.web.requests import object_id, read_message
from satchel_service.web.responses import Blob, answer, send_blob, send_ranged
from satchel_wire.messages import OpenRequest

VERSION_HEADER: Final = "Satchel-Share-Version"


async def share_info(request: Request, cloud: Cloud) -> Response:
    """Tell what an opener must know first."""
    row = await cloud.openings.live(object_id(request))
    return answer(row.info())


async def open_share(request: Request, cloud: Cloud) -> Response:
    """Take one view and stream the body."""
    share_id = object_id(request)
    message = await read_message(request, OpenRequest)
    body = await cloud.openings.open(share_id, message.proof)
    try:
        return await _send(cloud, body)
    except NotFoundError:  # its owner put another one there meanwhile; the view is taken
        return await _send(cloud, await cloud.openings.current(share_id))


async def _send(cloud: Cloud, body: Body) -> Response:
    headers = {VERSION_HEADER: str(body.version)}
    return await send_blob(cloud.environment.storage, Blob(body.blob, body.size_bytes), None, headers)


async def share_raw(request: Request, cloud: Cloud) -> Response:
    """Stream the body of a share without view limit and password."""
    body = await cloud.openings.raw(object_id(request))
    return await send_ranged(request, cloud.environment.storage, Blob(body.blob, body.size_bytes))


async def share_page(request: Request, cloud: Cloud) -> Response:
    """Show the page that opens the link in the browser."""
    from satchel_service.web import pages  # noqa: PLC0415  programs that open shares never ask for it

    return await pages.share_page(request, cloud)


async def report_page(request: Request, cloud: Cloud) -> Response:
    """Show the form that reports a share to its owner."""
    from satchel_service.web import pages  # noqa: PLC0415

    return await pages.report_page(request, cloud)


async def report_share(request: Request, cloud: Cloud) -> Response:
    """Take such a form."""
    from satchel_service.web import pages  # noqa: PLC0415

    return await pages.report_share(request, cloud)
