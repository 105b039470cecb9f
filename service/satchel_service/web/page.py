"""What a browser gets under a share's link: the page that opens it there, and the files that the page is made of."""

import re
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.page.assets import asset
from satchel_service.page.rendering import ASSET_HEADERS, PAGE_HEADERS, render
from satchel_service.problems import ProblemError
from satchel_service.shares.rows import ShareRow
from satchel_service.web.paths import object_id
from satchel_wire.problems import ProblemCode
from satchel_wire.routes import SHARE_PAGE

_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")


async def share_page(request: Request, cloud: Cloud) -> Response:
    """Answer with the page that opens the link in the browser. It has no effect on the share.

    A share that has ended and one that never was get the same page; what the page says there depends on the key.
    """
    languages = request.headers.get("accept-language", "")
    row = await _live_or_none(request, cloud)
    if row is None:
        return _answer(render("", languages), 404)
    origin = public_address(request, cloud.environment.settings.public_url)
    address = origin + SHARE_PAGE.format(id=row.id)
    return _answer(render(address, languages, info=row.info(), published=row.published), 200)


def _answer(page: bytes, status: int) -> Response:
    return Response(page, status, headers=PAGE_HEADERS, media_type="text/html")


async def _live_or_none(request: Request, cloud: Cloud) -> ShareRow | None:
    try:
        return await cloud.openings.live(object_id(request))
    except ProblemError as problem:
        if problem.code is not ProblemCode.NOT_FOUND:
            raise
        return None


def public_address(request: Request, public_url: str) -> str:
    """Return the cloud's address: the setting, or what the request called it if that looks like a host."""
    host = request.headers.get("host", "")
    if public_url:
        return public_url
    return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else ""


async def page_asset(request: Request) -> Response:
    """Answer with one of the page's files, compressed where the browser takes that."""
    found = asset(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(found.data, headers=ASSET_HEADERS, media_type=found.media_type)
    headers = {**ASSET_HEADERS, "Content-Encoding": "gzip"}
    return Response(found.gzipped, headers=headers, media_type=found.media_type)
