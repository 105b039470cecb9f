"""How the page and its files are served: headers, languages, compression, and nothing but the built files."""

import gzip
import re

import pytest
import urllib3
from starlette.requests import Request
from tests.browser.publishing import Limits, Publisher

from satchel_service.page.assets import PREFIX, asset, manifest, names
from satchel_service.page.rendering import ASSET_HEADERS, direction, preferred, render
from satchel_service.web.pages import public_address
from satchel_wire.messages import Card

SPOKEN = ("en", "de", "fr")


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
def test_the_language_is_the_one_wanted_most(header: str, code: str) -> None:
    assert preferred(header, SPOKEN) == code


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
def test_nothing_but_built_files_is_served(owner: Publisher, name: str) -> None:
    assert asset(name) is None
    answer = urllib3.request("GET", f"{owner.origin}{PREFIX}{name}", retries=False, redirect=False)
    assert answer.status == 404


def test_a_file_is_served_compressed_or_not_and_may_be_kept_for_ever(owner: Publisher) -> None:
    address = f"{owner.origin}{PREFIX}{manifest().script}"
    plain = urllib3.request("GET", address, headers={"Accept-Encoding": "identity"})
    packed = urllib3.request("GET", address, headers={"Accept-Encoding": "gzip"}, decode_content=False)
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    for name, value in ASSET_HEADERS.items():
        assert packed.headers[name] == plain.headers[name] == value


@pytest.mark.parametrize("kind", ["js", "css", "svg", "txt"])
def test_each_kind_of_file_has_its_type(kind: str) -> None:
    found = asset(next(name for name in sorted(names()) if name.endswith(kind)))
    assert found is not None
    assert found.media_type.partition(";")[0] in {
        "text/javascript",
        "text/css",
        "image/svg+xml",
        "text/plain",
    }


def test_the_page_names_only_files_that_exist(owner: Publisher) -> None:
    for language in ("en", "ar"):
        text = render(owner.share("x").address, language).decode()
        named = re.findall(rf"{PREFIX}([^\"]+)", text)
        assert len(named) >= 3
        assert set(named) <= names()


def test_the_page_is_the_same_for_every_share_but_for_its_address() -> None:
    one, other = (render(f"https://cloud.example/s/{digit * 32}") for digit in "12")
    assert one != other
    assert one.replace(b"1" * 32, b"2" * 32) == other


CARD = Card(title="Parsing headers", language="Python", lines=1)


def test_a_preview_tells_what_was_published_and_no_more() -> None:
    text = render("https://cloud.example/s/x", published=CARD).decode()
    assert '<meta property="og:title" content="Parsing headers">' in text
    assert '<meta property="og:description" content="Python · 1 line">' in text


def test_an_ended_share_gets_the_same_page_with_another_status(owner: Publisher) -> None:
    live, ended = owner.share("x", limits=Limits(views=3)), owner.share("x")
    owner.revoke(ended)
    answers = [urllib3.request("GET", share.address) for share in (live, ended)]
    assert [answer.status for answer in answers] == [200, 404]
    shown, hidden = (answer.data for answer in answers)
    shown = re.sub(rb' data-info="[^"]*"', b"", shown).replace(live.address.encode(), "…".encode())
    assert shown == hidden


def asked_by(host: str) -> Request:
    headers = [(b"host", host.encode())]
    return Request({"type": "http", "scheme": "https", "server": ("x", 1), "path": "/", "headers": headers})


@pytest.mark.parametrize("host", ["cloud.example", "127.0.0.1:8080", "[::1]:8080"])
def test_without_a_public_address_the_one_asked_by_is_named(host: str) -> None:
    assert public_address(asked_by(host), "") == f"https://{host}"
    assert public_address(asked_by(host), "https://me.example") == "https://me.example"


@pytest.mark.parametrize("host", ["evil.example/x", 'a"><script>', "a b", "[::1", ""])
def test_a_host_that_is_none_does_not_get_into_the_page(host: str) -> None:
    assert public_address(asked_by(host), "") == ""


@pytest.mark.parametrize("limits", [Limits(views=3), Limits(password="secret")])
def test_the_recipe_is_only_for_shares_that_it_opens(owner: Publisher, limits: Limits) -> None:
    page = urllib3.request("GET", owner.share("x", limits=limits).address).data
    assert b"satchel get" in page
    assert b"curl" not in page
    assert b"curl -s" in urllib3.request("GET", owner.share("x").address).data
