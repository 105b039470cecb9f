"""Only the exact path and method of an operation reach it; every other spelling and method has no effect."""

import pytest
from tests.security.matrix.clouds import TestCloud
from tests.security.matrix.examples import Example, example
from tests.security.matrix.ids import ABSENT
from tests.security.matrix.test_credentials import comparable, name_of, send

from satchel_wire.operations import OPERATIONS, Operation

METHODS = (
    "GET", "HEAD", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "QUERY",
    "get", "Delete", "X",
)  # fmt: skip
ROUTES = sorted({operation.route for operation in OPERATIONS})


def spellings(path: str) -> dict[str, str]:
    """Return other spellings of a path, as proxies, file systems and URL libraries know them."""
    head, _, last = path.rpartition("/")
    found = {
        "upper case": path.upper(),
        "title case": "/".join(segment.capitalize() for segment in path.split("/")),
        "trailing slash": f"{path}/",
        "two trailing slashes": f"{path}//",
        "leading slash": f"/{path}",
        "inner slash": f"{head}//{last}",
        "dot": f"{head}/./{last}",
        "trailing dot": f"{path}/.",
        "there and back": f"{head}/x/../{last}",
        "from elsewhere": f"/assets/..{path}",
        "encoded dots": f"/assets/%2e%2e{path}",
        "encoded letter": f"{head}/%{ord(last[0]):02x}{last[1:]}",
        "encoded twice": f"{head}/%25{ord(last[0]):02x}{last[1:]}",
        "encoded slash": f"{head}%2F{last}",
        "slash encoded twice": f"{head}%252F{last}",
        "all slashes encoded": "/" + path[1:].replace("/", "%2f"),
        "backslash": f"{head}\\{last}",
        "encoded backslash": f"{head}%5c{last}",
        "parameter": f"{path};x=1",
        "parameter inside": f"{head};x=1/{last}",
        "extension": f"{path}.json",
        "null": f"{path}%00",
        "space": f"{path}%20",
        "tab": f"{path}%09",
        "line feed": f"{path}%0a",
        "fragment": f"{path}#x",
        "encoded question mark": f"{path}%3fx=1",
        "overlong slash": f"{head}%c0%af{last}",
        "full-width slash": f"{head}%ef%bc%8f{last}",
        "without slash": path[1:],
        "absolute": f"http://cloud.test{path}",
        "other version": path.replace("/v1/", "/v2/") if "/v1/" in path else f"/v1{path}",
    }
    return {name: spelling for name, spelling in found.items() if spelling != path}


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_other_spellings_of_a_path_lead_nowhere(cloud: TestCloud, operation: Operation) -> None:
    """With a valid token, in case a spelling does reach an operation."""
    token = [("authorization", f"Bearer {cloud.device.token}")]
    request = example(cloud, operation)
    before = cloud.stored()
    for name, path in spellings(request.path).items():
        answer = send(cloud, Example(request.method, path, request.headers, request.body), token)
        assert answer.status in (404, 405), (name, path)
    assert cloud.stored() == before


@pytest.mark.parametrize("route", ROUTES)
def test_other_methods_are_refused_whatever_the_id_and_the_credential(cloud: TestCloud, route: str) -> None:
    operations = [operation for operation in OPERATIONS if operation.route == route]
    allowed: set[str] = {operation.method for operation in operations}
    allowed |= {"HEAD"} if "GET" in allowed else set()
    request = example(cloud, operations[0])
    before = cloud.stored()
    for method in set(METHODS) - allowed:
        answers = [
            send(cloud, Example(method, each.path, each.headers, each.body), credential)
            for each in ([request, request.at(ABSENT), request.at("x")] if request.id else [request])
            for credential in ([], [("authorization", f"Bearer {cloud.device.token}")])
        ]
        assert {answer.status for answer in answers} == {405}, method
        assert answers[0].headers["allow"] == ", ".join(sorted(allowed))
        assert len({repr(comparable(answer)) for answer in answers}) == 1
    assert cloud.stored() == before


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.method == "GET"], ids=name_of)
def test_head_is_get_without_the_body(cloud: TestCloud, operation: Operation) -> None:
    """The headers, with the length, are those of GET."""
    request = example(cloud, operation)
    token = [] if operation.public else [("authorization", f"Bearer {cloud.device.token}")]
    got = send(cloud, request, token)
    head = send(cloud, Example("HEAD", request.path, request.headers), token)
    assert comparable(head)[:2] == comparable(got)[:2]
    assert head.body == b""


def test_no_operation_but_the_table_answers(cloud: TestCloud) -> None:
    """Paths that frameworks and servers like to add."""
    paths = [
        "/docs",
        "/redoc",
        "/openapi.json",
        "/metrics",
        "/debug",
        "/admin",
        "/robots.txt",
        "/.well-known/x",
    ]
    paths += [
        "/v1",
        "/v1/",
        "/assets",
        "/assets/",
        "/s",
        "/s/",
        "/healthz",
        "/favicon.ico",
        "/server-status",
        "*",
    ]
    assert {cloud.device.call("GET", path).status for path in paths} == {404}
