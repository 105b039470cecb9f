"""The key never leaves the browser, and only a reader with the key uses a view."""

from urllib.parse import urlsplit

import pytest
import urllib3
from playwright.sync_api import Browser, Route
from tests.browser.publishing import Limits, Publisher
from tests.browser.reader import Reader
from tests.support.service import ServiceProcess
from tests.support.wiretap import Wiretap

TEXT = "the-text-of-a-very-private-piece\n"
TITLE = "the-title-of-a-very-private-piece"
PASSWORD = "the-password-of-a-share"
SCANNERS = (
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "WhatsApp/2.23",
    "facebookexternalhit/1.1",
)


def parts_of(secret: str) -> list[str]:
    """Return parts of a secret, long enough not to occur by chance, in both cases."""
    parts = [secret[at : at + 12] for at in range(0, max(1, len(secret) - 12), 6)]
    return [*parts, *(part.upper() for part in parts)]


def test_key_text_and_password_are_never_sent_or_logged(
    service: ServiceProcess, owner: Publisher, chromium: Browser
) -> None:
    """Use every function of the page over a connection that records every byte."""
    share = owner.share(TEXT, title=TITLE, language="nix", limits=Limits(password=PASSWORD))
    with Wiretap(service.url) as wire, Reader.create(chromium, locale="de") as reader:
        reader.expected.add("status of 403")
        reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
        reader.open(wire.url + share.link.removeprefix(service.url))
        for password in ("wrong-password-first", PASSWORD):
            reader.page.get_by_label("Passwort", exact=True).fill(password)
            reader.button("Öffnen").click()
            reader.wait_for_text("private-piece" if password == PASSWORD else "Dieses Passwort passt nicht")
        reader.button("Kopieren").click()
        with reader.page.expect_download():
            reader.button("Herunterladen").click()
        with reader.context.expect_page() as raw:
            reader.button("Rohtext").click()
        raw.value.close()
        reader.button("Link").click()
        reader.page.locator("dialog").wait_for()
        reader.page.keyboard.press("Escape")
        reader.page.locator("dialog").wait_for(state="detached")
        reader.page.evaluate("location.hash += ':L1'")
        reader.page.reload()
        reader.page.get_by_label("Passwort", exact=True).wait_for()
        identity = str(share.identity).removeprefix("AGE-SECRET-KEY-1").lower()
        reader.assert_no_violations()
    recorded = (wire.sent + wire.received).decode("latin-1") + service.log()
    for secret in (share.key, identity, TEXT, TITLE, PASSWORD, "wrong-password-first"):
        assert not any(part in recorded for part in parts_of(secret))
    assert b"\nreferer:" not in wire.sent.lower()


def test_an_external_link_reveals_nothing_to_its_target(owner: Publisher, reader: Reader) -> None:
    share = owner.share(
        "see [there](https://elsewhere.example/page)",
        language="markdown",
        links=("https://elsewhere.example/",),
    )
    received: list[dict[str, str]] = []

    def respond(route: Route) -> None:
        received.append(route.request.all_headers())
        page = "<script>document.title = String(opener) + document.referrer</script>"
        route.fulfill(body=page, content_type="text/html")

    reader.context.route("https://elsewhere.example/**", respond)
    reader.read(share.link)
    with reader.context.expect_page() as opened:
        reader.page.get_by_role("link", name="there").click()
    opened.value.wait_for_load_state()
    assert opened.value.title() == "null"
    assert len(received) == 1
    assert "referer" not in received[0]


def test_nothing_about_a_share_is_stored_in_the_browser(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, title=TITLE, limits=Limits(password=PASSWORD))
    reader.open(share.link)
    reader.page.get_by_label("Password", exact=True).fill(PASSWORD)
    reader.button("Open").click()
    reader.button("Wrap").click()
    stored = reader.page.evaluate("""async () => JSON.stringify([
        {...localStorage}, {...sessionStorage}, document.cookie,
        await indexedDB.databases(), await caches.keys(), history.state,
    ])""")
    assert stored == '[{"satchel.wrap":"off"},{},"",[],[],null]'
    assert reader.context.cookies() == []


# -- scanners -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("agent", SCANNERS)
def test_a_scanner_that_loads_the_link_uses_no_view(owner: Publisher, agent: str) -> None:
    share = owner.share(TEXT, limits=Limits(views=1))
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        for path in ("", "/raw"):
            urllib3.request(method, share.address + path, headers={"User-Agent": agent}, retries=False)
    api = f"{owner.origin}/v1/shares/{share.id}"
    urllib3.request("GET", f"{api}/info", retries=False)
    urllib3.request("GET", f"{api}/open", retries=False)
    wrong = {"proof": "A" * 43 + "="}
    assert urllib3.request("POST", f"{api}/open", json=wrong, retries=False).status == 403
    assert owner.opened(share) == 0


def test_prefetching_the_page_uses_no_view(owner: Publisher) -> None:
    share = owner.share(TEXT, limits=Limits(views=1))
    response = urllib3.request(
        "GET", share.address, headers={"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch"}
    )
    assert response.status == 200
    assert owner.opened(share) == 0


def test_a_scanner_that_runs_the_page_uses_no_view(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(views=1))
    reader.open(share.link)
    reader.button("Open and use one view").wait_for()
    reader.page.mouse.wheel(0, 2000)
    reader.page.wait_for_load_state("networkidle")
    assert owner.opened(share) == 0


def test_a_scanner_that_clicks_everything_without_the_key_uses_no_view(
    owner: Publisher, reader: Reader
) -> None:
    """Most scanners drop the fragment or never had it."""
    share = owner.share(TEXT, limits=Limits(views=1))
    reader.open(share.address)
    reader.page.locator("h1").wait_for()
    for button in reader.page.get_by_role("button").all():
        button.click()
    assert owner.opened(share) == 0
    assert not any(urlsplit(request.url).path.startswith("/v1/") for request in reader.requests)


def test_a_link_preview_says_only_that_something_was_shared(owner: Publisher) -> None:
    page = urllib3.request("GET", owner.share(TEXT, title=TITLE).address).data.decode()
    assert '<meta property="og:title" content="Something was shared with you">' in page
    assert "noindex" in page
    assert not any(part in page for part in parts_of(TITLE))
