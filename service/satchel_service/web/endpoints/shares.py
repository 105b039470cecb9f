"""Shares: the owner's side and the openers' side."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.problems import ProblemError
from satchel_service.web.answers import answer, nothing
from satchel_service.web.bodies import read_message
from satchel_service.web.downloads import Blob, send_blob, send_ranged
from satchel_service.web.mounting import object_id
from satchel_wire.messages import OpenRequest, RearmRequest, ShareChange, ShareRequest
from satchel_wire.problems import ProblemCode

VERSION_HEADER: Final = "Satchel-Share-Version"


async def list_shares(request: Request, cloud: Cloud) -> Response:  # noqa: ARG001
    """List shares."""
    return answer(await cloud.shares.show_all())


async def publish_share(request: Request, cloud: Cloud) -> Response:
    """Publish an uploaded share."""
    share_id = object_id(request)
    message = await read_message(request, ShareRequest)
    return answer(await cloud.shares.publish(share_id, message))


async def show_share(request: Request, cloud: Cloud) -> Response:
    """Show one share."""
    return answer(await cloud.shares.show(object_id(request)))


async def change_share(request: Request, cloud: Cloud) -> Response:
    """Put another body under the link, or other limits."""
    share_id = object_id(request)
    message = await read_message(request, ShareChange)
    return answer(await cloud.shares.change(share_id, message))


async def revoke_share(request: Request, cloud: Cloud) -> Response:
    """End a share."""
    await cloud.shares.revoke(object_id(request))
    return nothing()


async def rearm_share(request: Request, cloud: Cloud) -> Response:
    """Count views from zero again."""
    share_id = object_id(request)
    message = await read_message(request, RearmRequest)
    return answer(await cloud.shares.rearm(share_id, message))


async def share_info(request: Request, cloud: Cloud) -> Response:
    """Tell what an opener must know first."""
    return answer(await cloud.shares.info(object_id(request)))


async def open_share(request: Request, cloud: Cloud) -> Response:
    """Take one view and stream the body."""
    share_id = object_id(request)
    message = await read_message(request, OpenRequest)
    body = await cloud.shares.open(share_id, message.proof)
    headers = {VERSION_HEADER: str(body.version)}
    return await send_blob(cloud.environment.storage, Blob(body.blob, body.size_bytes), None, headers)


async def share_raw(request: Request, cloud: Cloud) -> Response:
    """Stream the body of a share without view limit and password."""
    body = await cloud.shares.raw(object_id(request))
    return await send_ranged(request, cloud.environment.storage, Blob(body.blob, body.size_bytes))


async def share_page(request: Request, cloud: Cloud) -> Response:
    """Show how to open the link."""
    from satchel_service.web import page  # noqa: PLC0415  only this operation needs it

    try:
        row = await cloud.shares.live(object_id(request))
    except ProblemError as problem:
        if problem.code is not ProblemCode.NOT_FOUND:
            raise
        return page.nothing_page()
    return page.live_page(request, row, cloud.environment.settings.public_url)
