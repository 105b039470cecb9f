"""Opening a share, and every way that opening can fail."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect
from tests.browser.publishing import Limits, Publisher
from tests.browser.reader import Reader, hold, wait_for_requests
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until

from satchel_wire.messages import Card

PASSWORD = "correct horse"
TEXT = "def answer():\n    return 42\n"


def respond_with_problem(
    reader: Reader, path: str, status: int, code: str, headers: dict[str, str] | None = None
) -> None:
    """Make the server respond with a problem from now on."""
    reader.expected.add(f"status of {status}")
    document = f'{{"type": "urn:satchel:problem:{code}", "title": "", "status": {status}}}'
    response = {
        "status": status,
        "content_type": "application/problem+json",
        "body": document,
        "headers": headers,
    }
    reader.page.route(f"**{path}", lambda route: route.fulfill(**response))


def request_count(reader: Reader, part: str) -> int:
    return sum(part in request.url for request in reader.requests)


# -- opening ------------------------------------------------------------------------------------------------


def test_an_unlimited_share_opens_by_itself(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, title="The answer", language="python")
    assert reader.read(share.link) == "The answer"
    assert reader.code.locator(".row").all_inner_texts() == ["def answer():", "    return 42"]
    assert reader.page.title() == "The answer · satchel"


def test_a_limited_share_waits_for_a_click_and_uses_one_view(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(views=2))
    reader.open(share.link)
    reader.wait_for_text("It can be opened a limited number of times")
    assert owner.opened(share) == 0
    reader.button("Open and use one view").click()
    reader.wait_for_text("return 42")
    reader.wait_for_text("One view was used")
    assert owner.opened(share) == 1


def test_another_language_while_a_share_is_opened_uses_no_second_view(
    owner: Publisher, reader: Reader
) -> None:
    share = owner.share(TEXT, limits=Limits(views=2))
    reader.open(share.link)
    held = hold(reader.page, "**/open")
    reader.button("Open and use one view").click()
    wait_for_requests(reader.page, held, 1)
    reader.page.locator("#language").select_option("de")
    card = reader.page.locator("form button.primary")
    expect(card).not_to_have_text(re.compile("Fetching|Open"))
    expect(card).to_have_attribute("aria-disabled", "true")
    card.evaluate("button => button.click()")
    reader.wait_until_settled()
    assert len(held) == 1
    held[0].continue_()
    reader.wait_for_text("return 42")
    assert owner.opened(share) == 1


def test_reloading_a_limited_share_asks_before_using_a_view(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(views=2))
    reader.open(share.link)
    reader.button("Open and use one view").click()
    reader.wait_for_text("return 42")
    reader.page.reload()
    reader.wait_for_text("It can be opened a limited number of times")
    assert owner.opened(share) == 1


def test_a_wrong_password_can_be_corrected_and_uses_no_view(owner: Publisher, reader: Reader) -> None:
    reader.expected.add("status of 403")
    share = owner.share(TEXT, limits=Limits(views=1, password=PASSWORD))
    reader.open(share.link)
    field = reader.page.get_by_label("Password", exact=True)
    for wrong in ("Correct Horse", "guess"):
        field.fill(wrong)
        field.press("Enter")
        reader.wait_for_text("That password does not open it")
    assert owner.opened(share) == 0
    field.fill(PASSWORD)
    reader.button("Open and use one view").click()
    reader.wait_for_text("return 42")
    assert owner.opened(share) == 1


def test_an_empty_password_is_not_sent(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(password=PASSWORD))
    reader.open(share.link)
    reader.button("Open").click()
    reader.wait_for_text("Enter the password first")
    assert request_count(reader, "/open") == 0


def test_a_password_is_normalized(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(password="caf\u00e9"))
    reader.open(share.link)
    reader.page.get_by_label("Password", exact=True).fill("cafe\u0301")
    reader.button("Open").click()
    reader.wait_for_text("return 42")


def test_rate_limiting_is_not_shown_as_a_wrong_password(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(password=PASSWORD))
    respond_with_problem(reader, "/open", 429, "too-many", {"Retry-After": "30"})
    reader.open(share.link)
    reader.page.get_by_label("Password", exact=True).fill(PASSWORD)
    reader.button("Open").click()
    reader.wait_for_text("Too many attempts")
    reader.wait_for_text("Wait 30 seconds")
    reader.page.unroute("**/open")
    reader.button("Try again").click()
    reader.wait_for_text("It is protected by a password")


@pytest.mark.parametrize(
    ("missing", "chunks"),
    [
        (("ChaCha20-Poly1305",), ("chacha",)),
        (("ChaCha20-Poly1305", "X25519"), ("chacha", "x25519")),
    ],
)
def test_a_browser_without_native_primitives_opens_shares(
    owner: Publisher, reader: Reader, missing: tuple[str, ...], chunks: tuple[str, ...]
) -> None:
    reader.context.add_init_script(f"""(() => {{
        if (!window.SubtleCrypto) return;
        const real = SubtleCrypto.prototype.importKey;
        SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {{
          if ({list(missing)}.includes(algorithm.name)) throw new DOMException("", "NotSupportedError");
          return real.call(this, format, data, algorithm, ...rest);
        }};
    }})()""")
    share = owner.share(TEXT * 10_000, title="The answer")
    assert reader.read(share.link) == "The answer"
    assert all(request_count(reader, f"/assets/{chunk}-") == 1 for chunk in chunks)


def test_a_prerendered_page_opens_nothing_until_it_is_displayed(owner: Publisher, reader: Reader) -> None:
    reader.context.add_init_script("""
        window.shown = false;
        Object.defineProperty(document, "prerendering", { get: () => !window.shown });
    """)
    share = owner.share(TEXT, title="The answer")
    reader.open(share.link)
    reader.page.wait_for_load_state("networkidle")
    assert request_count(reader, "/v1/") == 0
    reader.page.evaluate("shown = true; document.dispatchEvent(new Event('prerenderingchange'))")
    assert reader.heading() == "The answer"


# -- the key ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", [0, 1, 30, 57])
def test_a_missing_or_truncated_key_is_detected_before_any_request(
    owner: Publisher, reader: Reader, kept: int
) -> None:
    share = owner.share(TEXT)
    reader.open(f"{share.address}#{share.key[:kept]}")
    assert reader.heading() == ("The link is incomplete" if kept else "The key is missing")
    assert request_count(reader, "/v1/") == 0
    assert owner.opened(share) == 0


@pytest.mark.parametrize("form", ["key", "link", "identity"])
def test_a_key_received_separately_can_be_entered(owner: Publisher, reader: Reader, form: str) -> None:
    share = owner.share(TEXT, title="The answer")
    given = {"key": share.key, "link": share.link, "identity": f"AGE-SECRET-KEY-1{share.key.upper()}"}[form]
    reader.open(share.address)
    field = reader.page.get_by_label("Key, or the whole link")
    field.fill(given[:-1])
    field.press("Enter")
    reader.wait_for_text("This key is incomplete")
    field.fill(f" {given}\n")
    reader.button("Use this key").click()
    reader.page.locator("article.piece").wait_for()
    assert reader.heading() == "The answer"
    expect(reader.page).to_have_url(share.link)


def test_the_key_of_another_share_is_refused(owner: Publisher, reader: Reader) -> None:
    reader.expected.add("status of 403")
    share, other = owner.share(TEXT), owner.share(TEXT)
    reader.open(f"{share.address}#{other.key}")
    assert reader.heading() == "This key does not open this share"
    assert owner.opened(share) == 0


# -- ended shares --------------------------------------------------------------------------------------------


def test_without_the_key_an_ended_share_looks_like_a_missing_one(owner: Publisher, reader: Reader) -> None:
    reader.expected |= {"status of 404", "status of 403"}
    ended, other = owner.share(TEXT), owner.share(TEXT)
    owner.revoke(ended)
    missing = f"{owner.origin!s}/s/{'0' * 32}"
    texts = []
    for address in (missing, ended.address):
        reader.open(f"{address}#{other.key}")
        reader.wait_for_text("There is nothing here")
        texts.append(re.sub(r"[0-9a-f]{32}", "", reader.page.locator("main").inner_text()))
    assert texts[0] == texts[1]


def test_with_the_key_the_page_says_how_a_share_ended(owner: Publisher, reader: Reader) -> None:
    reader.expected |= {"status of 404", "status of 410"}
    revoked, used_up = owner.share(TEXT), owner.share(TEXT, limits=Limits(views=1))
    soon = datetime.now(UTC) + timedelta(seconds=5)
    expired = owner.share(TEXT, limits=Limits(expires=soon))
    owner.revoke(revoked)
    reader.open(used_up.link)
    reader.button("Open and use one view").click()
    reader.wait_for_text("return 42")
    wait_until(lambda: datetime.now(UTC) > soon)
    for share, heading in (
        (revoked, "This share was withdrawn"),
        (used_up, "This share has reached its view limit"),
        (expired, "This share has expired"),
    ):
        reader.open(share.link)
        reader.wait_for_text(heading)
        assert "return 42" not in reader.page.content()


def test_with_the_key_the_page_says_that_a_share_is_blocked(tmp_path: Path, reader: Reader) -> None:
    reader.expected |= {"status of 404", "status of 451"}
    with ServiceProcess(tmp_path / "cloud") as service:
        share = Publisher(service.url, service.pairing_code).share(TEXT)
        service.stop()
        with service.set(SATCHEL_BLOCKED_SHARES=share.id):
            reader.open(share.link)
            reader.wait_for_text("This share is blocked")
            reader.assert_no_violations()


def test_an_updated_share_is_shown_with_its_version(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT)
    reader.read(share.link)
    assert reader.page.get_by_text("version").count() == 0
    owner.update(share, "the new text\n", version=1)
    reader.read(share.link)
    reader.wait_for_text("the new text")
    reader.wait_for_text("version 2")


# -- races -----------------------------------------------------------------------------------------------------

# 400 concurrent requests from within the page, with the proof that the page itself sends.
RACE = """async ([address, proof]) => {
    const attempt = () => fetch(address, { method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ proof }) }).then((response) => response.status);
    return Promise.all(Array.from({ length: 400 }, attempt));
}"""


def test_of_400_concurrent_attempts_at_five_views_exactly_five_succeed(
    owner: Publisher, reader: Reader
) -> None:
    reader.expected |= {"status of 410", "status of 404"}
    share = owner.share(TEXT, limits=Limits(views=5))
    reader.open(share.address)
    statuses = reader.page.evaluate(RACE, [f"/v1/shares/{share.id}/open", owner.proof(share)])
    assert Counter(statuses) == {200: 5, 410: 395}
    assert owner.opened(share) == 5
    reader.open(share.link)
    reader.wait_for_text("This share has reached its view limit")


def test_only_one_of_two_concurrent_readers_gets_the_last_view(owner: Publisher, chromium: Browser) -> None:
    share = owner.share(TEXT, limits=Limits(views=1))
    with Reader.create(chromium) as one, Reader.create(chromium) as other:
        for reader in (one, other):
            reader.expected |= {"status of 410"}
            reader.open(share.link)
            reader.button("Open and use one view").wait_for()
        for reader in (one, other):
            reader.page.evaluate("document.querySelector('form').requestSubmit()")
        headings = sorted(reader.heading_after_opening() for reader in (one, other))
        assert headings == ["This share has reached its view limit", "a Piece"]
    assert owner.opened(share) == 1


# -- card and report ------------------------------------------------------------------------------------------


def test_a_published_card_is_shown_before_opening(owner: Publisher, reader: Reader) -> None:
    card = Card(title="Parsing <i>headers</i>", language="Python", lines=27)
    share = owner.share(TEXT, limits=Limits(views=1, card=card))
    reader.open(share.link)
    reader.wait_for_text("Parsing <i>headers</i>")
    reader.wait_for_text("Python · 27 lines")
    assert owner.opened(share) == 0


def test_a_report_does_not_reveal_the_key(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT)
    reader.read(share.link)
    with reader.context.expect_page() as opened:
        reader.page.get_by_role("link", name="Report this share").click()
    form = opened.value
    form.get_by_label("It shows a password, a key or another secret").check()
    form.get_by_label("In your own words (optional)").fill("line 2\nhas a token")
    form.get_by_role("button", name="Send report").click()
    form.get_by_role("heading", name="Thank you").wait_for()
    assert owner.reports(share) == [("secret", "line 2\nhas a token")]
    assert share.key not in form.url + str([request.all_headers() for request in reader.requests])
    assert form.evaluate("document.referrer + String(window.opener)") == "null"


def test_a_report_works_without_javascript(owner: Publisher, chromium: Browser) -> None:
    share = owner.share(TEXT)
    with Reader.create(chromium, java_script_enabled=False, locale="de-DE") as reader:
        reader.page.goto(f"{share.address}/report")
        reader.page.get_by_label("Etwas anderes").check()
        reader.page.get_by_role("button", name="Meldung senden").click()
        reader.page.get_by_role("heading", name="Danke").wait_for()
    assert owner.reports(share) == [("other", "")]


def test_a_missing_share_cannot_be_reported(owner: Publisher, reader: Reader) -> None:
    reader.expected |= {"status of 404"}
    reader.open(f"{owner.origin!s}/s/{'0' * 32}#{owner.share(TEXT).key}")
    reader.wait_for_text("There is nothing here")
    assert reader.page.get_by_role("link", name="Report this share").count() == 0


def test_an_unreachable_server_can_be_retried(owner: Publisher, reader: Reader) -> None:
    reader.expected.add("ERR_")
    share = owner.share(TEXT, title="The answer")
    reader.page.route("**/v1/**", lambda route: route.abort("connectionrefused"))
    reader.open(share.link)
    assert reader.heading() == "The server does not answer"
    reader.page.unroute("**/v1/**")
    reader.button("Try again").click()
    reader.page.locator("article.piece").wait_for()


def test_an_overloaded_server_can_be_retried(owner: Publisher, reader: Reader) -> None:
    reader.expected |= {"status of 503"}
    share = owner.share(TEXT)
    respond_with_problem(reader, "/open", 503, "unavailable")
    reader.open(share.link)
    assert reader.heading() == "The server cannot answer right now"
    reader.page.unroute("**/open")
    reader.button("Try again").click()
    reader.page.locator("article.piece").wait_for()


def test_opening_is_never_retried_automatically(owner: Publisher, reader: Reader) -> None:
    """The response is lost but the view is used: only the reader may decide to use another."""
    reader.expected.add("ERR_")
    share = owner.share(TEXT, limits=Limits(views=2))

    def lose_response(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    reader.page.route("**/open", lose_response)
    reader.open(share.link)
    reader.button("Open and use one view").click()
    reader.wait_for_text("The server does not answer")
    assert owner.opened(share) == 1


def test_the_page_refuses_to_work_without_https(owner: Publisher, reader: Reader) -> None:
    reader.context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    reader.open(owner.share(TEXT).link)
    assert reader.heading() == "This page needs https"
    assert request_count(reader, "/v1/") == 0


def test_an_unsupported_browser_gets_an_explanation(owner: Publisher, reader: Reader) -> None:
    reader.context.add_init_script("delete window.DecompressionStream")
    reader.open(owner.share(TEXT).link)
    assert reader.heading() == "This browser is too old"
