"""One request over a real socket: limits, redirects, failures, and no secret in any error."""

import socket
import ssl

import pytest
from tests.support.recorders import InMemory
from tests.unit.cloud.conftest import LittleServer

from satchel.errors import UnreachableError
from satchel.outgoing import transport
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.tls import Trust, tls_context
from satchel.outgoing.transport import HttpTransport, Proxies, Request


def send(request: Request, *, read_timeout_s: float = 5.0) -> transport.Response:
    return HttpTransport(
        user_agent="satchel/test", proxies=Proxies(), recorder=InMemory(), read_timeout_s=read_timeout_s
    ).send(request)


def test_a_request_arrives_unchanged(server: LittleServer) -> None:
    server.script = lambda seen: (201, {"X-Thing": "yes"}, seen.body)
    response = send(Request("PUT", f"{server.url}/a?b", b"data", {"Authorization": "Bearer t"}))
    assert (response.status, response.headers["x-thing"], response.body) == (201, "yes", b"data")
    seen = server.seen[0]
    assert (seen.method, seen.path, seen.headers["authorization"]) == ("PUT", "/a?b", "Bearer t")


def test_the_only_identifying_header_is_the_user_agent(server: LittleServer) -> None:
    send(Request("GET", f"{server.url}/"))
    assert set(server.seen[0].headers) == {"host", "user-agent", "accept-encoding"}
    assert server.seen[0].headers["user-agent"] == "satchel/test"


def test_error_statuses_are_returned(server: LittleServer) -> None:
    server.script = lambda _seen: (503, {}, b"busy")
    assert send(Request("GET", f"{server.url}/")).status == 503
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_nothing_goes_to_its_target(server: LittleServer, status: int) -> None:
    server.script = lambda _seen: (status, {"Location": f"{server.url}/elsewhere"}, b"")
    with pytest.raises(UnreachableError, match=f"redirects to '{server.url}/elsewhere'"):
        send(Request("GET", f"{server.url}/", headers={"Authorization": "Bearer t"}))
    assert len(server.seen) == 1


def test_an_oversized_response_is_refused(server: LittleServer) -> None:
    server.script = lambda _seen: (200, {}, bytes(11))
    assert len(send(Request("GET", f"{server.url}/", response_bytes=11)).body) == 11
    with pytest.raises(UnreachableError, match="exceeds the limit of 10 bytes"):
        send(Request("GET", f"{server.url}/", response_bytes=10))


def test_a_compressed_response_is_not_decompressed(server: LittleServer) -> None:
    server.script = lambda _seen: (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b-not-really")
    assert send(Request("GET", f"{server.url}/")).body == b"\x1f\x8b-not-really"


def test_a_truncated_response_is_no_response(server: LittleServer) -> None:
    server.script = lambda _seen: (200, {"Content-Length": "100", "Connection": "close"}, b"half")
    with pytest.raises(NoResponseError, match="sent no complete response") as caught:
        send(Request("GET", f"{server.url}/"))
    assert caught.value.was_sent


def test_a_dropped_connection_is_no_response(server: LittleServer) -> None:
    server.script = lambda _seen: None
    with pytest.raises(NoResponseError) as caught:
        send(Request("GET", f"{server.url}/"))
    assert caught.value.was_sent


def test_a_silent_server_times_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        request = Request("GET", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        with pytest.raises(NoResponseError) as caught:
            send(request, read_timeout_s=0.05)
    assert caught.value.was_sent


def test_a_request_to_a_closed_port_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(NoResponseError, match=r"cannot connect.*nothing listens") as caught:
        send(Request("GET", f"http://127.0.0.1:{port}/"))
    assert not caught.value.was_sent
    assert caught.value.exit_code == 6


def test_another_protocol_is_no_response() -> None:
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listening:

        def chat() -> None:
            with listening.accept()[0] as connection:
                connection.recv(1000)
                connection.sendall(b"220 mail ready\r\n")

        thread = threading.Thread(target=chat)
        thread.start()
        with pytest.raises(NoResponseError):
            send(Request("GET", f"http://127.0.0.1:{listening.getsockname()[1]}/"))
        thread.join()


def test_errors_show_only_the_origin_of_a_url() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(UnreachableError) as caught:
        send(Request("PUT", f"http://127.0.0.1:{port}/bucket?X-Signature=credential"))
    assert "credential" not in caught.value.message + caught.value.hint + repr(caught.value.__cause__)


def test_tls_is_verified_and_logs_no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", f"{tmp_path}/keys")
    context = tls_context(Trust())
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert getattr(context, "keylog_filename", None) is None
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_plain_http_on_a_tls_port_is_refused(server: LittleServer) -> None:
    with pytest.raises(UnreachableError, match="does not speak TLS"):
        send(Request("GET", server.url.replace("http:", "https:")))


def test_the_repr_of_a_request_hides_secrets() -> None:
    request = Request("PUT", "http://127.0.0.1/", b"body-text", {"Authorization": "Bearer token-text"})
    assert "token-text" not in repr(request)
    assert "body-text" not in repr(request)


def test_a_host_that_does_not_exist_is_named() -> None:
    with pytest.raises(NoResponseError, match="its host name cannot be resolved") as caught:
        send(Request("GET", "http://no-such-host.invalid/"))
    assert not caught.value.was_sent


@pytest.mark.parametrize("host", ["a" * 64 + ".example.com", "a..b"])
def test_a_host_that_cannot_exist_is_named(host: str) -> None:
    with pytest.raises(UnreachableError, match="host name"):
        send(Request("GET", f"http://{host}/"))


def test_the_query_of_a_redirect_is_not_shown(server: LittleServer) -> None:
    server.script = lambda _seen: (302, {"Location": "http://hotel.example/login?session=secret#x"}, b"")
    with pytest.raises(UnreachableError, match=r"redirects to 'http://hotel.example/login'") as caught:
        send(Request("GET", f"{server.url}/"))
    assert "sign in" in caught.value.hint
