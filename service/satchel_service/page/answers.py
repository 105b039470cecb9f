"""The page and its files as Starlette responses.

How the application mounts them: `page_response` is the answer of the operation `share_page`, `asset_route()` is added
to the routes of the table.
"""

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from satchel_service.page.assets import PREFIX, asset
from satchel_service.page.rendering import ASSET_HEADERS, PAGE_HEADERS, Preview, render
from satchel_wire.messages import ShareInfo


def page_response(
    request: Request, address: str, info: ShareInfo | None, preview: Preview | None = None
) -> Response:
    """Answer with the page for the share at this address; without `info` there is no live one, and it says 404."""
    told = b"" if info is None else msgspec.json.encode(info)
    body = render(address, request.headers.get("accept-language", ""), info=told, preview=preview)
    return Response(body, 404 if info is None else 200, headers=PAGE_HEADERS, media_type="text/html")


def asset_route() -> Route:
    """Return the route of the page's files."""
    return Route(PREFIX + "{name}", asset_response, methods=["GET"])


async def asset_response(request: Request) -> Response:
    """Answer with one of the page's files, compressed where the browser takes that."""
    request.scope["satchel.operation"] = "share_page_asset"
    found = asset(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(found.data, headers=ASSET_HEADERS, media_type=found.media_type)
    headers = {**ASSET_HEADERS, "Content-Encoding": "gzip"}
    return Response(found.gzipped, headers=headers, media_type=found.media_type)
