"""Each operation in each kind of outcome, the pages and their files: the headers that every response must have."""

import pytest
from tests.security.headers.expected import DENY, IMMUTABLE, violations
from tests.security.matrix.clouds import TestCloud
from tests.security.matrix.examples import Example, example, status_of
from tests.security.matrix.ids import ABSENT
from tests.security.matrix.processes import ProcessCloud, RawAnswer, exchange
from tests.security.matrix.test_credentials import name_of

from satchel_service.page.assets import PREFIX, names
from satchel_service.problems import ProblemError
from satchel_service.web import application
from satchel_wire.operations import OPERATIONS, Operation
from satchel_wire.problems import ProblemCode

ERASING = {"erase_cloud"}
OPEN = [operation for operation in OPERATIONS if operation.id not in ERASING]


def send(served: ProcessCloud, request: Example, *, token: str | None = None) -> RawAnswer:
    headers = [*request.all_headers.items()]
    bearer = served.device.token if token is None else token
    headers += [("Authorization", f"Bearer {bearer}")] if bearer else []
    return exchange(served.url, request.method, request.path, headers, request.body or None)


def header(answer: RawAnswer, name: str) -> str:
    return {key.lower(): value for key, value in answer.headers}.get(name, "")


def check(answer: RawAnswer) -> None:
    """Check the headers of a response; a page has a policy of its own, which `test_policies` judges."""
    is_page = header(answer, "content-type").startswith("text/html")
    policy = header(answer, "content-security-policy") if is_page else DENY
    assert violations(answer.headers, policy=policy) == [], answer.status
    assert not is_page or policy != DENY
    assert header(answer, "x-request-id")


@pytest.mark.parametrize("operation", OPEN, ids=name_of)
def test_every_operation_in_every_outcome(served: ProcessCloud, operation: Operation) -> None:
    request = example(served, operation)
    answer = send(served, request)
    assert answer.status == status_of(operation)
    check(answer)
    others = [Example("TRACE", request.path), Example("OPTIONS", request.path), Example("HEAD", request.path)]
    others += [request.at(ABSENT), request.at("nonsense")] if request.id else []
    if request.body:
        others += [
            Example(request.method, request.path, {"Content-Type": "text/x-other"}, b"{}"),
            Example(request.method, request.path, request.headers, b"{"),
            Example(request.method, request.path, request.headers, b'{"unknown": 1}'),
            Example(request.method, request.path, {**request.headers, "Content-Length": "9" * 17}),
        ]
    for other in others:
        check(send(served, other))
    refused = send(served, request, token="")
    check(refused)
    assert operation.public or refused.status == 401


@pytest.mark.parametrize("code", ProblemCode)
def test_every_problem(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch, code: ProblemCode) -> None:
    """Injected, because some need a full disk or a slow client."""

    async def fail(*_: object) -> None:
        raise ProblemError(code, retry_after_s=1)

    monkeypatch.setattr(application, "endpoint", lambda _: fail)
    answer = cloud.stranger.call("GET", "/live")
    assert (answer.status, answer.problem) == (code.status, code.code)
    assert violations([*answer.headers.items()]) == []


def test_an_unexpected_failure(cloud: TestCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(application, "endpoint", lambda _: fail)
    answer = cloud.stranger.call("GET", "/live")
    assert (answer.status, answer.problem) == (500, "internal")
    assert violations([*answer.headers.items()]) == []
    assert b"secret" not in answer.body
    assert b"ZeroDivision" not in answer.body


def test_the_front_page(served: ProcessCloud) -> None:
    for method in ("GET", "HEAD", "POST"):
        check(exchange(served.url, method, "/"))


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_every_file_of_the_share_page(served: ProcessCloud, encoding: str) -> None:
    policy = f"{DENY}; script-src 'self'"
    for name in sorted(names()):
        answer = exchange(served.url, "GET", PREFIX + name, [("Accept-Encoding", encoding)])
        assert answer.status == 200
        assert violations(answer.headers, policy=policy, cache=IMMUTABLE) == [], name


def test_other_files_and_paths(served: ProcessCloud) -> None:
    for path in (f"{PREFIX}main-00000000.js", PREFIX, "/nope", "/v1", "//", "/%2e%2e/etc/passwd"):
        answer = exchange(served.url, "GET", path)
        assert answer.status == 404
        check(answer)


def test_downloads_are_attachments_of_no_type(served: ProcessCloud) -> None:
    share, backup = served.device.share(), served.device.backup()
    requests = [
        Example("GET", f"/s/{share}/raw"),
        Example("HEAD", f"/s/{share}/raw"),
        Example("GET", f"/s/{share}/raw", {"Range": "bytes=0-1"}),
        Example("GET", f"/v1/archives/{backup}"),
        Example("HEAD", f"/v1/archives/{backup}"),
    ]
    answers = [send(served, request) for request in requests]
    assert [answer.status for answer in answers] == [200, 200, 206, 200, 200]
    opened = served.device.open(share)
    assert opened.status == 200
    found = [*answers, RawAnswer(200, [*opened.headers.items()], opened.body)]
    for answer in found:
        check(answer)
        assert header(answer, "content-disposition") == "attachment"
        assert header(answer, "content-type") == "application/octet-stream"


def test_conditional_and_impossible_ranges(served: ProcessCloud) -> None:
    share = served.device.share()
    tag = header(send(served, Example("GET", f"/s/{share}/raw")), "etag")
    for headers, status in (({"If-None-Match": tag}, 304), ({"Range": "bytes=99-"}, 416)):
        answer = send(served, Example("GET", f"/s/{share}/raw", headers))
        assert answer.status == status
        check(answer)


def test_no_other_origin_may_read(served: ProcessCloud) -> None:
    origin = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "GET")]
    for method, path in (("OPTIONS", "/v1/status"), ("GET", "/v1/capabilities"), ("GET", "/")):
        check(exchange(served.url, method, path, origin))
