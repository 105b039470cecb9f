"""Serving the page and its files: headers, languages, compression."""

import gzip
import re
from http.client import HTTPConnection

import pytest
import urllib3
from starlette.requests import Request
from tests.browser.publishing import Limits, Publisher

from satchel_service.page.assets import PREFIX, asset, manifest, names
from satchel_service.page.rendering import ASSET_HEADERS, direction, negotiate_language, render
from satchel_service.web.requests import public_origin
from satchel_wire.messages import Card

AVAILABLE = ("en", "de", "fr")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("nl,fr;q=0.4,de;q=0.6", "de"),
        ("en;q=0.1, fr", "fr"),
        ("de;q=0, fr;q=0.1", "fr"),
        ("de;q=0", "en"),
        ("*", "en"),
        ("DE-de", "de"),
        ("de;q=high,fr;q=0.1", "fr"),
        (";;;,,,=,q", "en"),
        ("x" * 100_000, "en"),
        ("de;q=nan", "en"),
    ],
)
def test_the_language_with_the_highest_weight_is_chosen(header: str, code: str) -> None:
    assert negotiate_language(header, AVAILABLE) == code


def test_only_arabic_is_written_from_right_to_left() -> None:
    assert [code for code in manifest().languages if direction(code) == "rtl"] == ["ar"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../assets.py",
        "..%2fassets.py",
        "manifest.json",
        "main.js",
        "%00",
        "x" * 2000,
        "main-00000000.js",
    ],
)
def test_only_built_files_are_served(owner: Publisher, name: str) -> None:
    assert asset(name) is None
    connection = HTTPConnection(str(owner.origin).removeprefix("http://"))
    connection.request("GET", PREFIX + name)  # as it is: urllib3 would resolve the dots
    assert connection.getresponse().status == 404
    connection.close()


def test_files_are_served_with_and_without_compression(owner: Publisher) -> None:
    address = f"{owner.origin}{PREFIX}{manifest().script}"
    plain = urllib3.request("GET", address, headers={"Accept-Encoding": "identity"})
    compressed = urllib3.request("GET", address, headers={"Accept-Encoding": "gzip"}, decode_content=False)
    assert compressed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(compressed.data) == plain.data
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    for name, value in ASSET_HEADERS.items():
        assert compressed.headers[name] == plain.headers[name] == value


@pytest.mark.parametrize("kind", ["js", "css", "svg", "txt"])
def test_each_kind_of_file_has_its_media_type(kind: str) -> None:
    file = asset(next(name for name in sorted(names()) if name.endswith(kind)))
    assert file is not None
    assert file.media_type.partition(";")[0] in {
        "text/javascript",
        "text/css",
        "image/svg+xml",
        "text/plain",
    }


def test_the_page_references_only_existing_files(owner: Publisher) -> None:
    for language in ("en", "ar"):
        text = render(owner.share("x").address, language).decode()
        referenced = re.findall(rf"{PREFIX}([^\"]+)", text)
        assert len(referenced) >= 3
        assert set(referenced) <= names()


def test_pages_differ_only_in_their_address() -> None:
    one, other = (render(f"https://cloud.example/s/{digit * 32}") for digit in "12")
    assert one != other
    assert one.replace(b"1" * 32, b"2" * 32) == other


CARD = Card(title="Parsing headers", language="Python", lines=1)


def test_a_preview_shows_only_what_was_published() -> None:
    text = render("https://cloud.example/s/x", published=CARD).decode()
    assert '<meta property="og:title" content="Parsing headers">' in text
    assert '<meta property="og:description" content="Python · 1 line">' in text


def test_an_ended_share_gets_the_same_page_with_another_status(owner: Publisher) -> None:
    live, ended = owner.share("x", limits=Limits(views=3)), owner.share("x")
    owner.revoke(ended)
    responses = [urllib3.request("GET", share.address) for share in (live, ended)]
    assert [response.status for response in responses] == [200, 404]
    shown, hidden = (response.data for response in responses)
    shown = re.sub(rb' data-info="[^"]*"', b"", shown).replace(live.address.encode(), "…".encode())
    assert shown == hidden


def request_to(host: str) -> Request:
    headers = [(b"host", host.encode())]
    return Request({"type": "http", "scheme": "https", "server": ("x", 1), "path": "/", "headers": headers})


@pytest.mark.parametrize("host", ["cloud.example", "127.0.0.1:8080", "[::1]:8080"])
def test_the_public_address_defaults_to_the_requested_host(host: str) -> None:
    assert public_origin(request_to(host), "") == f"https://{host}"
    assert public_origin(request_to(host), "https://me.example") == "https://me.example"


@pytest.mark.parametrize("host", ["evil.example/x", 'a"><script>', "a b", "[::1", ""])
def test_an_invalid_host_is_not_written_into_the_page(host: str) -> None:
    assert public_origin(request_to(host), "") == ""


@pytest.mark.parametrize("limits", [Limits(views=3), Limits(password="secret")])
def test_the_recipe_is_shown_only_where_it_works(owner: Publisher, limits: Limits) -> None:
    page = urllib3.request("GET", owner.share("x", limits=limits).address).data
    assert b"satchel get" in page
    assert b"curl" not in page
    assert b"curl -s" in urllib3.request("GET", owner.share("x").address).data
