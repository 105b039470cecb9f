"""The responses of an instance whose cloud has moved: a problem with the new address, and redirects for browsers.

A redirect goes only to the address in the closed log, which its operator chose, with a path that is a page of a share
or of a request, or `/`. Nothing of the request enters it except an id, 32 hex digits, so it leads to no other site. It
never leads from TLS to plain HTTP. A browser keeps the fragment, with the key, and sends it to no server.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.lifecycle.departure import Departure
from satchel_service.problems import ProblemError
from satchel_service.web.endpoints.health import OK
from satchel_service.web.requests import object_id
from satchel_service.web.routing import Match
from satchel_wire.problems import ProblemCode
from satchel_wire.routes import REQUEST_PAGE, SHARE_PAGE, SHARE_REPORT

PAGES: Final = {"share_page": SHARE_PAGE, "report_page": SHARE_REPORT, "request_page": REQUEST_PAGE}
HEALTH: Final = frozenset({"live", "ready"})
# a permanent redirect that a browser keeps would outlive a move back
HEADERS: Final = {"Cache-Control": "no-store"}


async def respond_moved(
    request: Request, departure: Departure, match: Match | None, public_url: str
) -> Response:
    """Return the response to any request. Raise a `moved` problem unless it is a health check or a page.

    `match` is the operation of the path, or None; `public_url` the address of this instance, empty if unknown.
    """
    method = "GET" if request.method == "HEAD" else request.method
    operation = match.methods.get(method) if match is not None else None
    request.scope["satchel.operation"] = operation.id if operation is not None else "none"
    if operation is not None and operation.id in HEALTH:
        return Response(OK, media_type="application/json")
    await departure.confirm()
    if departure.url and method == "GET" and not is_downgrade(request, departure.url, public_url):
        path = _page_path(request, operation.id if operation is not None else "", match)
        if path:
            return Response(status_code=308, headers={**HEADERS, "Location": departure.url + path})
    raise moved(departure.url)


def moved(url: str) -> ProblemError:
    """Return the problem of a cloud that has moved."""
    where = f"it is now at {url}" if url else "ask its operator for the new address"
    headers = {**HEADERS, **({"Location": url} if url else {})}
    return ProblemError(ProblemCode.MOVED, where, headers=tuple(headers.items()))


def is_downgrade(request: Request, url: str, public_url: str) -> bool:
    """Whether a redirect to the address would lead from TLS to plain HTTP."""
    is_tls = request.url.scheme == "https" or public_url.startswith("https:")
    return is_tls and not url.startswith("https:")


def _page_path(request: Request, operation: str, match: Match | None) -> str:
    """Return the path of a page, or an empty text if the request is not for one."""
    if request.scope["raw_path"] == b"/":
        request.scope["satchel.operation"] = "front_page"
        return "/"
    if match is None or operation not in PAGES:
        return ""
    request.scope["path_params"] = match.parameters
    return PAGES[operation].format(id=object_id(request))
