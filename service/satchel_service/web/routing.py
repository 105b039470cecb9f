"""From the table of operations to Starlette's routes: one route per path, every method of it behind it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from satchel_service.cloud import Cloud
from satchel_service.web.endpoints import endpoint
from satchel_wire.operations import OPERATIONS, Operation

PAGE_ASSET: Final = "/assets/{name}"
"""The files of the share page; `page.assets.PREFIX` begins it, kept apart so that waking up does not load the page."""

# where the first byte must come at once, or where nothing of the owner's is touched
UNSWEPT: Final = frozenset(
    {"live", "ready", "openapi", "put_part", "download_archive", "share_raw", "erase_cloud"}
)


def mount(cloud: Cloud) -> list[Route]:
    """Return a route for every path in the table, and one for the files of the share page."""
    paths: defaultdict[str, dict[str, Operation]] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[operation.route][operation.method] = operation
    return [
        *(_route(path, methods, cloud) for path, methods in paths.items()),
        Route(PAGE_ASSET, _page_asset),
    ]


async def _page_asset(request: Request) -> Response:
    """A file of the share page: no operation of the interface, and nothing of the owner's."""
    from satchel_service.web.pages import page_asset  # noqa: PLC0415  only browsers ask for it

    request.scope["satchel.operation"] = "page_asset"
    return await page_asset(request)


def _route(path: str, methods: Mapping[str, Operation], cloud: Cloud) -> Route:
    allowed = sorted({*methods, *(["HEAD"] if "GET" in methods else [])})

    async def serve(request: Request) -> Response:
        operation = methods.get("GET" if request.method == "HEAD" else request.method)
        if operation is None:
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        request.scope["satchel.operation"] = operation.id
        if not operation.public:
            device = await cloud.devices.authenticate(request.headers.get("authorization"))
            request.scope["satchel.device"] = device
        response = await endpoint(operation.id)(request, cloud)
        if operation.id not in UNSWEPT:
            await cloud.sweeper.sweep_if_due()
        return response

    route = Route(path, serve)
    route.methods = None  # every method comes here, so that one place says which are allowed
    return route
