"""`satchel-service` with the share page mounted: what the application does once it serves the page itself."""

import sys

from starlette.routing import Route

from satchel_service import main
from satchel_service.cloud import Cloud
from satchel_service.page.answers import asset_route, share_page
from satchel_service.web import mounting
from satchel_service.web.endpoints import openings

table = mounting.mount


def mount(cloud: Cloud) -> list[Route]:
    return [*table(cloud), asset_route()]


openings.share_page = share_page
mounting.mount = mount
sys.exit(main.main())
