"""The page and its files as Starlette responses.

How the application mounts them: `page_response` is the answer of the operation `share_page`, `asset_route()` is added
to the routes of the table.
"""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from satchel_service.page.assets import PREFIX, asset
from satchel_service.page.rendering import ASSET_HEADERS, PAGE_HEADERS, Preview, render


def page_response(
    request: Request, address: str, *, status: int = 200, preview: Preview | None = None
) -> Response:
    """Answer with the page for the share at this address; `status` says whether there is one."""
    body = render(address, request.headers.get("accept-language", ""), preview)
    return Response(body, status, headers=PAGE_HEADERS, media_type="text/html")


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
