"""Origins of clouds, and the choice of a proxy."""

import os

import pytest

from satchel.errors import UsageError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Proxies

CLOUD = Origin.parse("https://cloud.example.com")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("https://cloud.example.com", "https://cloud.example.com"),
        ("https://cloud.example.com/", "https://cloud.example.com"),
        ("https://Cloud.Example.com:443", "https://cloud.example.com"),
        ("https://cloud.example.com:8443", "https://cloud.example.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_origin_round_trips(text: str, written: str) -> None:
    assert str(Origin.parse(text)) == written


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cloud.example.com",
        "ftp://cloud.example.com",
        "https://",
        "https://cloud.example.com/path",
        "https://cloud.example.com?x",
        "https://cloud.example.com#x",
        "https://user@cloud.example.com",
        "https://cloud.example.com:0",
        "https://cloud.example.com:70000",
        "https://cloud.example.com\n",
        "https://clo ud",
        "https://-cloud",
    ],
)
def test_text_that_is_not_an_origin_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not the address of a cloud"):
        Origin.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "http://cloud.example.com",
        "http://192.168.1.5:8080",
        "http://localhost.example.com",
        "http://a.localhost",
    ],
)
def test_plain_http_beyond_loopback_needs_consent(text: str) -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        Origin.parse(text)
    assert str(Origin.parse(text, allow_http=True)) == text


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "p:3128"}, "http://p:3128"),
        ({"https_proxy": "http://small:1", "HTTPS_PROXY": "http://capital:1"}, "http://small:1"),
        ({"ALL_PROXY": "http://p:1"}, "http://p:1"),
        ({"HTTP_PROXY": "http://p:1"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.org, .example.com"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*.example.com"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "ample.com"}, "http://p:1"),
        ({"HTTPS_PROXY": "", "NO_PROXY": ""}, None),
    ],
)
def test_proxies_follow_the_environment_variables(
    variables: dict[str, str], proxy: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert Proxies.of_system().choose(CLOUD) == proxy


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:1", "http://localhost", "http://[::1]", "https://127.0.0.1"]
)
def test_loopback_never_takes_a_proxy(text: str) -> None:
    proxies = Proxies({"all": "http://p:1"})
    assert proxies.choose(Origin.parse(text)) is None


def test_an_unsupported_proxy_is_refused_before_anything_is_sent() -> None:
    with pytest.raises(UsageError, match="does not support"):
        Proxies({"all": "socks5://p:1"}).choose(CLOUD)
