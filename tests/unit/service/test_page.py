"""The page under a share's link: its recipe, its security headers, one page for every ended share."""

import re
from hashlib import sha256
from typing import Any

import pytest
from tests.support.wire_device import b64
from tests.unit.service.conftest import InProcess, MakeCloud

PASSWORD = {"salt": b64(bytes(16)), "log_n": 16}


def test_the_page_shows_how_to_open_the_link(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(SATCHEL_PUBLIC_URL="https://me.example/")
    share = cloud.device.share()
    answer = cloud.stranger.call("GET", f"/s/{share}")
    page = answer.body.decode()
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"satchel get 'https://me.example/s/{share}#…'" in page
    assert f"curl -s 'https://me.example/s/{share}/raw'" in page


@pytest.mark.parametrize("terms", [{"views": 3}, {"password": PASSWORD}])
def test_the_recipe_is_shown_only_for_shares_that_it_opens(cloud: InProcess, terms: dict[str, Any]) -> None:
    share = cloud.device.share(**terms)
    page = cloud.stranger.call("GET", f"/s/{share}").body.decode()
    assert "satchel get" in page
    assert "curl" not in page


def test_the_page_reveals_no_counts_and_no_times(cloud: InProcess) -> None:
    share = cloud.device.share(bytes(4321), views=765, expires=cloud.clock.after(days=3))
    page = cloud.stranger.call("GET", f"/s/{share}").body.decode()
    assert not re.search(r"765|4321|20\d\d-\d\d-\d\d", page.replace(share, "ID"))  # whose digits are random


@pytest.mark.parametrize("host", ["evil.example/x", 'a"><script>', "a b", "[::1", ""])
def test_an_invalid_host_does_not_appear_in_the_page(cloud: InProcess, host: str) -> None:
    share = cloud.device.share()
    page = cloud.stranger.call("GET", f"/s/{share}", headers={"Host": host}).body.decode()
    assert page.count("<script") == 2
    assert f"satchel get '/s/{share}#…'" in page


@pytest.mark.parametrize("host", ["cloud.example", "127.0.0.1:8080", "[::1]:8080"])
def test_without_a_public_address_the_page_uses_the_requested_host(cloud: InProcess, host: str) -> None:
    share = cloud.device.share()
    page = cloud.stranger.call("GET", f"/s/{share}", headers={"Host": host}).body.decode()
    assert f"satchel get 'http://{host}/s/{share}#…'" in page


@pytest.mark.parametrize("is_live", [True, False])
def test_the_page_has_strict_security_headers(cloud: InProcess, is_live: bool) -> None:
    share = cloud.device.share() if is_live else "0" * 32
    answer = cloud.stranger.call("GET", f"/s/{share}")
    policy = answer.headers["content-security-policy"]
    inline, linked = re.findall(rb"<script[^>]*>(.*?)</script>", answer.body, re.DOTALL)
    assert linked == b""
    assert policy.startswith(
        f"default-src 'none'; script-src 'self' 'sha256-{b64(sha256(inline).digest())}';"
    )
    assert "frame-ancestors 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-robots-tag"].startswith("noindex, nofollow")


@pytest.mark.parametrize("path", ["/s/nonsense", "/s/" + "g" * 32, "/s/" + "0" * 32])
def test_unknown_and_malformed_ids_get_the_same_page(cloud: InProcess, path: str) -> None:
    answer = cloud.stranger.call("GET", path)
    assert answer.status == 404
    unknown = cloud.stranger.call("GET", "/s/" + "1" * 32)
    assert answer.body == unknown.body
    assert path.rpartition("/")[2].encode() not in answer.body
