"""From a link to the Piece, and every honest way not to get there."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route
from tests.browser.publishing import Limits, Publisher
from tests.browser.reader import Reader
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until

from satchel_wire.messages import Card

PASSWORD = "correct horse"
TEXT = "def answer():\n    return 42\n"


def sends_problem(
    reader: Reader, path: str, status: int, code: str, headers: dict[str, str] | None = None
) -> None:
    """The server refuses with this problem from now on."""
    reader.expected.add(f"status of {status}")
    document = f'{{"type": "urn:satchel:problem:{code}", "title": "", "status": {status}}}'
    answer = {
        "status": status,
        "content_type": "application/problem+json",
        "body": document,
        "headers": headers,
    }
    reader.page.route(f"**{path}", lambda route: route.fulfill(**answer))


def asked_of(reader: Reader, part: str) -> int:
    return sum(part in request.url for request in reader.requests)


# -- opening ------------------------------------------------------------------------------------------------


def test_an_unlimited_share_opens_by_itself(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, title="The answer", language="python")
    assert reader.read(share.link) == "The answer"
    assert reader.code.locator(".row").all_inner_texts() == ["def answer():", "    return 42"]
    assert reader.page.title() == "The answer · satchel"


def test_a_limited_share_waits_for_a_click_and_takes_one_view(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(views=2))
    reader.open(share.link)
    reader.sees("It can be opened a limited number of times")
    assert owner.opened(share) == 0
    reader.button("Open and use one view").click()
    reader.sees("return 42")
    reader.sees("One view was used")
    assert owner.opened(share) == 1


def test_reloading_a_limited_share_asks_again_before_it_takes_a_view(
    owner: Publisher, reader: Reader
) -> None:
    share = owner.share(TEXT, limits=Limits(views=2))
    reader.open(share.link)
    reader.button("Open and use one view").click()
    reader.sees("return 42")
    reader.page.reload()
    reader.sees("It can be opened a limited number of times")
    assert owner.opened(share) == 1


def test_a_wrong_password_can_be_corrected_and_costs_no_view(owner: Publisher, reader: Reader) -> None:
    reader.expected.add("status of 403")
    share = owner.share(TEXT, limits=Limits(views=1, password=PASSWORD))
    reader.open(share.link)
    field = reader.page.get_by_label("Password", exact=True)
    for wrong in ("Correct Horse", "guess"):
        field.fill(wrong)
        field.press("Enter")
        reader.sees("That password does not open it")
    assert owner.opened(share) == 0
    field.fill(PASSWORD)
    reader.button("Open and use one view").click()
    reader.sees("return 42")
    assert owner.opened(share) == 1


def test_an_empty_password_is_not_even_sent(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(password=PASSWORD))
    reader.open(share.link)
    reader.button("Open").click()
    reader.sees("Enter the password first")
    assert asked_of(reader, "/open") == 0


def test_a_password_is_the_same_however_its_letters_are_composed(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(password="caf\u00e9"))
    reader.open(share.link)
    reader.page.get_by_label("Password", exact=True).fill("cafe\u0301")
    reader.button("Open").click()
    reader.sees("return 42")


def test_too_many_wrong_passwords_are_told_apart_from_a_wrong_one(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT, limits=Limits(password=PASSWORD))
    sends_problem(reader, "/open", 429, "too-many", {"Retry-After": "30"})
    reader.open(share.link)
    reader.page.get_by_label("Password", exact=True).fill(PASSWORD)
    reader.button("Open").click()
    reader.sees("Too many attempts")
    reader.sees("Wait 30 seconds")
    reader.page.unroute("**/open")
    reader.button("Try again").click()
    reader.sees("It is protected by a password")


def test_a_browser_without_its_own_x25519_opens_too(owner: Publisher, reader: Reader) -> None:
    reader.context.add_init_script("""(() => {
        if (!window.SubtleCrypto) return;
        const real = SubtleCrypto.prototype.importKey;
        SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {
          if ((algorithm.name ?? algorithm) === "X25519") throw new DOMException("", "NotSupportedError");
          return real.call(this, format, data, algorithm, ...rest);
        };
    })()""")
    assert reader.read(owner.share(TEXT, title="The answer").link) == "The answer"
    assert asked_of(reader, "soft-x25519") == 1


def test_a_prerendered_page_opens_nothing_until_it_is_shown(owner: Publisher, reader: Reader) -> None:
    reader.context.add_init_script("""
        window.shown = false;
        Object.defineProperty(document, "prerendering", { get: () => !window.shown });
    """)
    share = owner.share(TEXT, title="The answer")
    reader.open(share.link)
    reader.page.wait_for_load_state("networkidle")
    assert asked_of(reader, "/v1/") == 0
    reader.page.evaluate("shown = true; document.dispatchEvent(new Event('prerenderingchange'))")
    assert reader.heading() == "The answer"


# -- the key ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cut", [0, 1, 30, 57])
def test_a_key_that_is_missing_or_cut_off_is_noticed_before_any_request(
    owner: Publisher, reader: Reader, cut: int
) -> None:
    share = owner.share(TEXT)
    reader.open(f"{share.address}#{share.key[:cut]}")
    assert reader.heading() == ("The link is not complete" if cut else "The key is missing")
    assert asked_of(reader, "/v1/") == 0
    assert owner.opened(share) == 0


@pytest.mark.parametrize("form", ["key", "link", "identity"])
def test_a_key_that_came_separately_can_be_entered(owner: Publisher, reader: Reader, form: str) -> None:
    share = owner.share(TEXT, title="The answer")
    given = {"key": share.key, "link": share.link, "identity": f"AGE-SECRET-KEY-1{share.key.upper()}"}[form]
    reader.open(share.address)
    field = reader.page.get_by_label("Key, or the whole link")
    field.fill(given[:-1])
    field.press("Enter")
    reader.sees("This key is not complete")
    field.fill(f" {given}\n")
    reader.button("Use this key").click()
    reader.page.locator("article.piece").wait_for()
    assert reader.heading() == "The answer"
    assert reader.page.url == share.link


def test_the_key_of_another_share_does_not_fit(owner: Publisher, reader: Reader) -> None:
    reader.expected.add("status of 403")
    share, other = owner.share(TEXT), owner.share(TEXT)
    reader.open(f"{share.address}#{other.key}")
    assert reader.heading() == "This key does not open this share"
    assert owner.opened(share) == 0


# -- the end ------------------------------------------------------------------------------------------------


def test_a_share_that_never_was_and_one_that_ended_look_alike_without_the_proof(
    owner: Publisher, reader: Reader
) -> None:
    reader.expected |= {"status of 404", "status of 403"}
    ended, other = owner.share(TEXT), owner.share(TEXT)
    owner.revoke(ended)
    never = f"{owner.origin!s}/s/{'0' * 32}"
    seen = []
    for address in (never, ended.address):
        reader.open(f"{address}#{other.key}")
        reader.sees("There is nothing here")
        seen.append(re.sub(r"[0-9a-f]{32}", "", reader.page.locator("main").inner_text()))
    assert seen[0] == seen[1]


def test_who_has_the_key_learns_how_a_share_has_ended(owner: Publisher, reader: Reader) -> None:
    reader.expected |= {"status of 404", "status of 410"}
    revoked, used_up = owner.share(TEXT), owner.share(TEXT, limits=Limits(views=1))
    soon = datetime.now(UTC) + timedelta(seconds=2)
    expired = owner.share(TEXT, limits=Limits(expires=soon))
    owner.revoke(revoked)
    reader.open(used_up.link)
    reader.button("Open and use one view").click()
    reader.sees("return 42")
    wait_until(lambda: datetime.now(UTC) > soon)
    for share, heading in (
        (revoked, "This share was withdrawn"),
        (used_up, "This share has been opened as often as allowed"),
        (expired, "This share has expired"),
    ):
        reader.open(share.link)
        reader.sees(heading)
        assert "return 42" not in reader.page.content()


def test_a_share_that_the_operator_blocks_says_so_to_who_has_the_key(tmp_path: Path, reader: Reader) -> None:
    reader.expected |= {"status of 404", "status of 451"}
    with ServiceProcess(tmp_path / "cloud") as service:
        share = Publisher(service.url, service.pairing_code).share(TEXT)
        service.stop()
        with service.set(SATCHEL_BLOCKED_SHARES=share.id):
            reader.open(share.link)
            reader.sees("This share is blocked")
            reader.assert_innocent()


def test_an_update_is_shown_under_the_same_link_with_its_version(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT)
    reader.read(share.link)
    assert reader.page.get_by_text("version").count() == 0
    owner.update(share, "the new text\n", version=1)
    reader.read(share.link)
    reader.sees("the new text")
    reader.sees("version 2")


# -- many at once ----------------------------------------------------------------------------------------------

# Every attempt of the browser's own: 400 requests from within the page, with the proof that the page itself sends.
RACE = """async ([address, proof]) => {
    const attempt = () => fetch(address, { method: "POST", headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ proof }) }).then((answer) => answer.status);
    return Promise.all(Array.from({ length: 400 }, attempt));
}"""


def test_of_four_hundred_racing_openers_of_five_views_exactly_five_succeed(
    owner: Publisher, reader: Reader
) -> None:
    reader.expected |= {"status of 410", "status of 404"}
    share = owner.share(TEXT, limits=Limits(views=5))
    reader.open(share.address)
    statuses = reader.page.evaluate(RACE, [f"/v1/shares/{share.id}/open", owner.proof(share)])
    assert Counter(statuses) == {200: 5, 410: 395}
    assert owner.opened(share) == 5
    reader.open(share.link)
    reader.sees("This share has been opened as often as allowed")


def test_two_readers_who_click_at_once_get_the_one_view_once(owner: Publisher, chromium: Browser) -> None:
    share = owner.share(TEXT, limits=Limits(views=1))
    with Reader.arrive(chromium) as one, Reader.arrive(chromium) as other:
        for reader in (one, other):
            reader.expected |= {"status of 410"}
            reader.open(share.link)
            reader.button("Open and use one view").wait_for()
        for reader in (one, other):
            reader.page.evaluate("document.querySelector('form').requestSubmit()")
        headings = sorted(reader.settled_heading() for reader in (one, other))
        assert headings == ["This share has been opened as often as allowed", "a Piece"]
    assert owner.opened(share) == 1


# -- the card and the report ---------------------------------------------------------------------------------


def test_a_published_card_is_shown_before_anything_is_opened(owner: Publisher, reader: Reader) -> None:
    card = Card(title="Parsing <i>headers</i>", language="Python", lines=27)
    share = owner.share(TEXT, limits=Limits(views=1, card=card))
    reader.open(share.link)
    reader.sees("Parsing <i>headers</i>")
    reader.sees("Python · 27 lines")
    assert owner.opened(share) == 0


def test_a_recipient_can_report_a_share_and_gives_no_key_away(owner: Publisher, reader: Reader) -> None:
    share = owner.share(TEXT)
    reader.read(share.link)
    with reader.context.expect_page() as opened:
        reader.page.get_by_role("link", name="Report this share").click()
    form = opened.value
    form.get_by_label("It shows a password, a key or another secret").check()
    form.get_by_label("In your words, if you like").fill("line 2\nhas a token")
    form.get_by_role("button", name="Send report").click()
    form.get_by_role("heading", name="Thank you").wait_for()
    assert owner.reports(share) == [("secret", "line 2\nhas a token")]
    assert share.key not in form.url + str([request.all_headers() for request in reader.requests])
    assert form.evaluate("document.referrer + String(window.opener)") == "null"


def test_a_report_works_without_javascript(owner: Publisher, chromium: Browser) -> None:
    share = owner.share(TEXT)
    with Reader.arrive(chromium, java_script_enabled=False, locale="de-DE") as reader:
        reader.page.goto(f"{share.address}/report")
        reader.page.get_by_label("Etwas anderes").check()
        reader.page.get_by_role("button", name="Meldung senden").click()
        reader.page.get_by_role("heading", name="Danke").wait_for()
    assert owner.reports(share) == [("other", "")]


def test_a_share_that_is_not_there_cannot_be_reported(owner: Publisher, reader: Reader) -> None:
    reader.expected |= {"status of 404"}
    reader.open(f"{owner.origin!s}/s/{'0' * 32}#{owner.share(TEXT).key}")
    reader.sees("There is nothing here")
    assert reader.page.get_by_role("link", name="Report this share").count() == 0


def test_a_server_that_is_gone_can_be_asked_again(owner: Publisher, reader: Reader) -> None:
    reader.expected.add("ERR_")
    share = owner.share(TEXT, title="The answer")
    reader.page.route("**/v1/**", lambda route: route.abort("connectionrefused"))
    reader.open(share.link)
    assert reader.heading() == "The server does not answer"
    reader.page.unroute("**/v1/**")
    reader.button("Try again").click()
    reader.page.locator("article.piece").wait_for()


def test_a_server_that_is_overloaded_can_be_asked_again(owner: Publisher, reader: Reader) -> None:
    reader.expected |= {"status of 503"}
    share = owner.share(TEXT)
    sends_problem(reader, "/open", 503, "unavailable")
    reader.open(share.link)
    assert reader.heading() == "The server cannot answer just now"
    reader.page.unroute("**/open")
    reader.button("Try again").click()
    reader.page.locator("article.piece").wait_for()


def test_an_opening_is_never_repeated_by_itself(owner: Publisher, reader: Reader) -> None:
    """The answer got lost, but the view was taken: only the reader may decide to spend another."""
    reader.expected.add("ERR_")
    share = owner.share(TEXT, limits=Limits(views=2))

    def lose(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    reader.page.route("**/open", lose)
    reader.open(share.link)
    reader.button("Open and use one view").click()
    reader.sees("The server does not answer")
    assert owner.opened(share) == 1


def test_without_encryption_on_the_way_the_page_refuses_to_work(owner: Publisher, reader: Reader) -> None:
    reader.context.add_init_script("Object.defineProperty(window, 'isSecureContext', { value: false })")
    reader.open(owner.share(TEXT).link)
    assert reader.heading() == "This page needs https"
    assert asked_of(reader, "/v1/") == 0


def test_a_browser_that_lacks_what_is_needed_is_told_so(owner: Publisher, reader: Reader) -> None:
    reader.context.add_init_script("delete window.DecompressionStream")
    reader.open(owner.share(TEXT).link)
    assert reader.heading() == "This browser is too old"
