"""Strict-Transport-Security: behind TLS, as the operator set it, in every response; never without TLS."""

from collections.abc import Iterator

import pytest
from tests.security.headers.expected import HSTS, violations
from tests.security.matrix.processes import ProcessCloud, RawAnswer, exchange
from tests.support.raw_http import RawConnection
from tests.support.service import ServiceProcess

from satchel_service.security_headers import HSTS as CHOICES
from satchel_service.server.gunicorn_server import Server, trusted_proxies
from satchel_service.settings import HSTS_CHOICES, Settings, SettingsError

FORWARDED = [("X-Forwarded-Proto", "https")]
PATHS = ("/live", "/v1/status", "/nope", "/", "/v1/openapi.json")


def hsts(answer: RawAnswer) -> str | None:
    return {name.lower(): value for name, value in answer.headers}.get("strict-transport-security")


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A cloud whose address begins with https."""
    settings = {"SATCHEL_PUBLIC_URL": "https://cloud.example"}
    with ServiceProcess(tmp_path_factory.mktemp("tls") / "cloud", settings) as service:
        yield service


@pytest.mark.parametrize("path", PATHS)
def test_a_cloud_with_an_https_address_always_sends_it(secure: ServiceProcess, path: str) -> None:
    for headers in ([], FORWARDED, [("X-Forwarded-Proto", "http")]):
        assert hsts(exchange(secure.url, "GET", path, headers)) == HSTS


def test_even_a_refusal_of_invalid_http_has_it(secure: ServiceProcess) -> None:
    with RawConnection(secure.url) as connection:
        connection.send(b"nonsense\r\n\r\n")
        assert f"\r\nstrict-transport-security: {HSTS}\r\n".encode() in connection.receive()


@pytest.mark.parametrize("path", PATHS)
def test_a_proxy_on_the_same_machine_is_believed(served: ProcessCloud, path: str) -> None:
    assert hsts(exchange(served.url, "GET", path, FORWARDED)) == HSTS
    assert hsts(exchange(served.url, "GET", path)) is None
    assert hsts(exchange(served.url, "GET", path, [("X-Forwarded-Proto", "http")])) is None


@pytest.mark.parametrize(
    ("choice", "value"), [("host", "max-age=31536000"), ("off", None), ("HOST", "max-age=31536000")]
)
def test_the_operator_chooses_the_names(
    tmp_path_factory: pytest.TempPathFactory, choice: str, value: str | None
) -> None:
    settings = {"SATCHEL_PUBLIC_URL": "https://cloud.example", "SATCHEL_HSTS": choice}
    with ServiceProcess(tmp_path_factory.mktemp("tls") / "cloud", settings) as service:
        answer = exchange(service.url, "GET", "/live", FORWARDED)
        assert hsts(answer) == value
        assert violations(answer.headers, hsts=value or "") == []


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [
        ("", ["127.0.0.1", "::1"]),
        ("10.0.0.0/8 unix, 2001:db8::1", ["127.0.0.1", "::1", "10.0.0.0/8", "2001:db8::1/128"]),
    ],
)
def test_the_operator_names_other_proxies(proxies: str, expected: list[str]) -> None:
    settings = Settings.read({"SATCHEL_TRUSTED_PROXIES": proxies})
    assert trusted_proxies(settings) == expected
    networks = Server(settings).cfg.forwarded_allow_networks()
    assert [str(network.network_address) for network in networks] == [
        each.partition("/")[0] for each in expected
    ]


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(SettingsError, match="SATCHEL_HSTS is 'preload'; use one of subdomains, host, off"):
        Settings.read({"SATCHEL_HSTS": "preload"})
    assert set(CHOICES) == set(HSTS_CHOICES)
