"""Which requests reach the window: DNS rebinding, requests of other pages, tokens, cookies of other ports, bodies."""

import json
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest
from tests.support.window import Page, served

from satchel.loopback import HOST
from satchel.store import Draft, Store
from satchel.window.application import MAX_BODY_BYTES
from satchel.window.operations import OPERATIONS, RawBody
from satchel.window.session import Session

SECRET = "the text of a Piece that no other page may read"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    home = tmp_path_factory.mktemp("window") / "home"
    with Store.create(home) as store:
        store.add(Draft(SECRET.encode(), title="secret title"))
    with served(home) as page:
        yield page


def refused(page: Page, headers: dict[str, str | None], path: str = "/api/find", **more: Any) -> int:  # noqa: ANN401
    status, found, body = page.send(path, b"{}", headers=headers, **more)
    assert SECRET.encode() not in body
    assert b"secret title" not in body
    assert "set-cookie" not in found
    return status


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:PORT", "[::1]:PORT", ""],
)  # fmt: skip
def test_another_host_is_refused_everywhere(page: Page, host: str) -> None:
    headers: dict[str, str | None] = {"host": host.replace("PORT", str(page.port))}
    assert refused(page, headers) == 421
    assert refused(page, headers, "/", method="GET") == 421
    assert refused(page, headers, "/session") == 421


def test_a_refusal_can_be_read_while_the_body_is_still_sent(page: Page) -> None:
    with closing(HTTPConnection(HOST, page.port, timeout=60)) as connection:
        for _ in range(2):
            connection.putrequest("POST", "/api/find", skip_host=True)
            connection.putheader("Host", "evil.example")
            connection.putheader("Content-Length", "2")
            connection.endheaders()
            response = connection.getresponse()
            assert (response.status, b"names another host" in response.read()) == (421, True)
            assert connection.sock is not None  # the same one the next time
            connection.sock.sendall(b"{}")


def test_a_rebound_page_gets_nothing_even_with_the_cookie_and_the_key(page: Page) -> None:
    origin = f"http://evil.example:{page.port}"
    assert refused(page, {"host": f"evil.example:{page.port}", "origin": origin}) == 421
    assert refused(page, {"origin": origin}) == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": None},
        {"origin": "https://127.0.0.1:PORT"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://localhost:PORT"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_a_request_of_another_page_is_refused(page: Page, headers: dict[str, str | None]) -> None:
    own = {
        name: None if value is None else value.replace("PORT", str(page.port))
        for name, value in headers.items()
    }
    for path in ("/api/find", "/api/edit_piece", "/api/events", "/session"):
        assert refused(page, own, path) == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_what_a_form_can_send_is_refused(page: Page, kind: str | None) -> None:
    assert refused(page, {"content-type": kind}) == 415
    assert refused(page, {"content-type": kind}, "/api/upload") == 415


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"])
def test_operations_take_posts_alone(page: Page, method: str) -> None:
    for path in ("/api/find", "/session"):
        assert refused(page, {}, path, method=method) == 405


def test_every_operation_needs_both_the_cookie_and_the_key(page: Page) -> None:
    for operation in OPERATIONS:
        path = f"/api/{operation.name}"
        kind = "application/octet-stream" if operation.takes is RawBody else "application/json"
        for missing in ("cookie", "x-satchel-window"):
            assert refused(page, {missing: None, "content-type": kind}, path) == 401, path
    assert refused(page, {"cookie": None}, "/api/events") == 401


def test_the_cookie_alone_which_other_ports_learn_is_not_enough(page: Page) -> None:
    cookie = page.headers["cookie"]
    assert refused(page, {"x-satchel-window": None}) == 401
    assert refused(page, {"x-satchel-window": cookie.partition("=")[2]}) == 401


def test_a_cookie_that_another_port_sets_as_well_lets_nobody_in(page: Page) -> None:
    cookie = page.headers["cookie"]
    name = cookie.partition("=")[0]
    assert refused(page, {"cookie": f"{name}=other; {cookie}"}) == 401
    assert page.send("/api/find", b"{}", headers={"cookie": f"other=1; {cookie}; third"})[0] == 200


def test_a_token_works_once(page: Page) -> None:
    session = Session.begin(page.port)
    assert not session.admit("wrong")
    assert session.admit(session.token)
    assert not session.admit(session.token)
    status, headers, _ = page.send("/session", json.dumps({"token": session.token}).encode())
    assert (status, "set-cookie" in headers) == (401, False)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"token":1}', b'{"token":"a","more":1}', b"\xff"])
def test_a_malformed_token_request_is_refused(page: Page, body: bytes) -> None:
    assert page.send("/session", body)[0] == 400


def test_the_cookie_is_for_this_browser_and_this_page_alone() -> None:
    session = Session.begin(4711)
    assert session.set_cookie.endswith("; Path=/; HttpOnly; SameSite=Strict")
    assert session.cookie_name == "satchel-window-4711"
    assert session.token not in repr(session)
    assert session.key not in repr(session)


def test_a_body_beyond_the_limit_is_refused(page: Page) -> None:
    assert page.send("/api/find", b" " * (MAX_BODY_BYTES + 1))[0] == 413


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"{", b'{"limit":0}', b'{"limit":501}', b'{"more":1}', b"\xff\xfe"]
)
def test_a_malformed_request_is_told_without_its_values(page: Page, body: bytes) -> None:
    status, _, answer = page.send("/api/find", body)
    assert status == 400
    assert json.loads(answer)["code"] == "usage"


def test_a_wrong_value_is_not_quoted(page: Page) -> None:
    status, _, answer = page.send("/api/find", b'{"kind":"something private"}')
    assert (status, b"something private" in answer) == (400, False)


def test_every_answer_is_protected(page: Page) -> None:
    answers = [
        page.send("/", method="GET"),
        page.send("/api/find", b"{}"),
        page.send("/api/find", b"{}", headers={"host": "evil.example"}),
        page.send("/nothing-like-this.js", method="GET"),
    ]
    for _, headers, _ in answers:
        assert "require-trusted-types-for 'script'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers
    assert answers[1][1]["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/assets/..%2f..%2fsession.py",
        "/assets/%2e%2e/manifest.json",
        "/page/../server.py",
        "//evil.example/",
    ],
)
def test_no_path_leads_to_another_file(page: Page, path: str) -> None:
    status, _, body = page.send(path, method="GET")
    assert status in {404, 500}
    assert b"import" not in body
    assert b"root:" not in body


def test_an_address_that_is_too_long_is_refused(page: Page) -> None:
    assert page.send(f"/{'a' * 4000}", method="GET")[0] == 414


def test_a_home_is_never_served(page: Page) -> None:
    for name in ("store.db", "keys/root.json", "window"):
        assert page.send(f"/{name}", method="GET")[0] == 404
