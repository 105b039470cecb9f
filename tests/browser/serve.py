"""`satchel-service` with the share page mounted: what the application does once it serves the page itself."""

import sys

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from satchel_service import main
from satchel_service.cloud import Cloud
from satchel_service.page.answers import asset_route, page_response
from satchel_service.problems import ProblemError
from satchel_service.web import mounting
from satchel_service.web.endpoints import openings
from satchel_service.web.page import public_address
from satchel_service.web.paths import object_id
from satchel_wire import routes

table = mounting.mount


async def share_page(request: Request, cloud: Cloud) -> Response:
    """The page for a live share; the same page, with another status, for whatever is not one."""
    address = public_address(request, cloud.environment.settings.public_url) + request.url.path
    try:
        info = await cloud.shares.info(object_id(request))
    except ProblemError:
        return page_response(request, address, None)
    return page_response(request, address, info)


def mount(cloud: Cloud) -> list[Route]:
    return [*table(cloud), asset_route()]


assert routes.SHARE_PAGE == "/s/{id}"
openings.share_page = share_page
mounting.mount = mount
sys.exit(main.main())
