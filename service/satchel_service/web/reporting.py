"""The form under a share's link with which a recipient tells its owner that something is wrong."""

from starlette.requests import Request
from starlette.responses import Response

from satchel_service.cloud import Cloud
from satchel_service.page.reporting import REPORT_HEADERS, Outcome, render_form, render_outcome
from satchel_service.problems import ProblemError
from satchel_service.web.bodies import read_form
from satchel_service.web.paths import object_id
from satchel_wire.messages import ReportRequest
from satchel_wire.problems import ProblemCode

REFUSALS: dict[ProblemCode, Outcome] = {ProblemCode.NOT_FOUND: "gone", ProblemCode.TOO_MANY: "later"}


async def report_page(request: Request, cloud: Cloud) -> Response:
    """Answer with the form. A share that has ended and one that never was get the same page without one."""
    try:
        row = await cloud.openings.live(object_id(request))
    except ProblemError as problem:
        return _refusal(request, problem)
    return _answer(render_form(row.id, _languages(request)))


async def report_share(request: Request, cloud: Cloud) -> Response:
    """Take the form and answer with a page; what no browser sends of it is refused with a problem document."""
    try:
        share_id = object_id(request)
        report = await read_form(request, ReportRequest)
        await cloud.reports.take(share_id, report)
    except ProblemError as problem:
        return _refusal(request, problem)
    return _answer(render_outcome("done", _languages(request)))


def _refusal(request: Request, problem: ProblemError) -> Response:
    if problem.code not in REFUSALS:
        raise problem
    request.scope["satchel.problem"] = problem.code.code
    return _answer(render_outcome(REFUSALS[problem.code], _languages(request)), problem.code.status)


def _languages(request: Request) -> str:
    return request.headers.get("accept-language", "")


def _answer(page: bytes, status: int = 200) -> Response:
    return Response(page, status, headers=REPORT_HEADERS, media_type="text/html")
