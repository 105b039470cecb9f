"""The pages under links: the one that opens a share, the form that reports it, the one that answers a request, and files."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.page.assets import asset
from satchel_service.page.rendering import ASSET_HEADERS, PAGE_HEADERS, render
from satchel_service.page.report_form import REPORT_HEADERS, Outcome, render_form, render_outcome
from satchel_service.page.request_page import REQUEST_HEADERS, render_request
from satchel_service.problems import ProblemError, not_found
from satchel_service.shares.rows import ShareRow
from satchel_service.web.requests import object_id, public_origin, read_form
from satchel_wire.messages import ReportRequest
from satchel_wire.problems import ProblemCode
from satchel_wire.routes import REQUEST_PAGE, SHARE_PAGE


async def share_page(request: Request, cloud: Cloud) -> Response:
    """Return the page that opens the link in the browser. Loading it has no effect on the share.

    An ended share and one that never existed get the same page; only a proof of the key tells them apart.
    """
    languages = request.headers.get("accept-language", "")
    row = await _live_or_none(request, cloud)
    if row is None:
        return _page_response(render("", languages), 404)
    origin = public_origin(request, cloud.environment.settings.public_url)
    address = origin + SHARE_PAGE.format(id=row.id)
    return _page_response(
        render(address, languages, info=row.info(), published=await cloud.cards.read(row)), 200
    )


async def request_page(request: Request, cloud: Cloud) -> Response:
    """Return the page that answers a request. Loading it has no effect.

    A request that has ended and one that never existed get the same page; only a proof of the key tells them apart.
    """
    try:
        row = await cloud.answering.find_live(object_id(request))
    except ProblemError as problem:
        if problem.code is not ProblemCode.NOT_FOUND:
            raise
        return _request_response(render_request("", _languages(request)), 404)
    origin = public_origin(request, cloud.environment.settings.public_url)
    return _request_response(
        render_request(origin + REQUEST_PAGE.format(id=row.id), _languages(request)), 200
    )


def _request_response(page: bytes, status: int) -> Response:
    return Response(page, status, headers=REQUEST_HEADERS, media_type="text/html")


def _page_response(page: bytes, status: int) -> Response:
    return Response(page, status, headers=PAGE_HEADERS, media_type="text/html")


async def _live_or_none(request: Request, cloud: Cloud) -> ShareRow | None:
    try:
        return await cloud.openings.find_live(object_id(request))
    except ProblemError as problem:
        if problem.code is not ProblemCode.NOT_FOUND:
            raise
        return None


def page_asset(request: Request, name: str) -> Response:
    """Return one of the page's files, compressed if the browser accepts gzip."""
    found = asset(name)
    if found is None:
        raise not_found("file")
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(found.data, headers=ASSET_HEADERS, media_type=found.media_type)
    headers = {**ASSET_HEADERS, "Content-Encoding": "gzip"}
    return Response(found.gzipped, headers=headers, media_type=found.media_type)


OUTCOMES: dict[ProblemCode, Outcome] = {ProblemCode.NOT_FOUND: "gone", ProblemCode.TOO_MANY: "later"}


async def report_page(request: Request, cloud: Cloud) -> Response:
    """Return the report form. An ended share and one that never existed get the same page without a form."""
    try:
        row = await cloud.openings.find_live(object_id(request))
    except ProblemError as problem:
        return _problem_page(request, problem)
    return _form_response(render_form(row.id, _languages(request)))


async def report_share(request: Request, cloud: Cloud) -> Response:
    """Store a report and return a page; a request that no browser would send gets a problem document."""
    try:
        share_id = object_id(request)
        report = await read_form(request, ReportRequest)
        await cloud.reports.add(share_id, report)
    except ProblemError as problem:
        return _problem_page(request, problem)
    return _form_response(render_outcome("done", _languages(request)))


def _problem_page(request: Request, problem: ProblemError) -> Response:
    if problem.code not in OUTCOMES:
        raise problem
    request.scope["satchel.problem"] = problem.code.code
    return _form_response(render_outcome(OUTCOMES[problem.code], _languages(request)), problem.code.status)


def _languages(request: Request) -> str:
    return request.headers.get("accept-language", "")


def _form_response(page: bytes, status: int = 200) -> Response:
    return Response(page, status, headers=REPORT_HEADERS, media_type="text/html")
