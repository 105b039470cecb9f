"""The page that answers a request: what it shows, seals and sends, and what it never does."""

import base64
import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, FilePayload, Request, Route
from tests.browser.publishing import Publisher
from tests.browser.reader import Reader
from tests.browser.test_age import WITHOUT_NATIVE
from tests.browser.test_people import LOOKS, violations
from tests.support.unintended import KEY, SAMPLES

from satchel.keys import RootSecret, derive_owner_keys
from satchel.requesting.answer import Answer
from satchel.requesting.owned import download
from satchel.requesting.plan import RequestLimits, RequestPlan, plan_request
from satchel.requesting.unintended import MESSAGES

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).resolve().parents[2]
OWNER: Final = derive_owner_keys(RootSecret(b"\x2d" * 32))
SECRET: Final = "staging-4f1c77d8e0 ☃"
ASKED: Final = "the staging key"
NOW: Final = datetime(2026, 1, 31, tzinfo=UTC)
SEND: Final = "Encrypt and send"


def ask(owner: Publisher, text: str = ASKED, *, answers: int = 1, answer_bytes: int = 1 << 20) -> RequestPlan:
    limits = RequestLimits(None, answers, answer_bytes)
    plan = plan_request(text, limits, origin=str(owner.origin), owner=OWNER, now=NOW, entropy=os.urandom)
    owner.client.make_request(plan.link.request_id, plan.terms)
    return plan


def state(owner: Publisher, plan: RequestPlan) -> Any:  # noqa: ANN401  a message
    return next(each for each in owner.client.requests() if each.id == plan.link.request_id)


def received(owner: Publisher, plan: RequestPlan) -> list[Answer]:
    """Return the answers to a request, opened by its owner."""
    request_id = plan.link.request_id
    return [download(owner.client, OWNER, request_id, receipt) for receipt in state(owner, plan).received]


def answer(reader: Reader, text: str) -> None:
    reader.page.get_by_label("Your answer").fill(text)
    reader.button(SEND).click()


def test_a_text_reaches_the_owner_and_only_the_owner(owner: Publisher, reader: Reader) -> None:
    plan = ask(owner)
    reader.open(str(plan.link))
    assert reader.heading() == "Someone is asking you for:"
    reader.wait_for_text(ASKED)
    assert state(owner, plan).state == "live", "reading uses nothing up"
    answer(reader, SECRET)
    reader.wait_for_text("It has arrived")
    (got,) = received(owner, plan)
    assert (got.main.name, got.main.content.decode(), got.files) == ("", SECRET, ())
    assert reader.page.locator("#receipt").inner_text() == got.receipt
    key, sent = str(plan.link).partition("#")[2], SECRET.encode()
    for request in reader.requests:
        seen = f"{request.url} {request.headers}".encode() + (request.post_data_buffer or b"")
        assert key.encode() not in seen
        assert sent not in seen
        assert ASKED.encode() not in seen


def test_loading_and_leaving_have_no_effect(owner: Publisher, reader: Reader) -> None:
    plan = ask(owner)
    for _ in range(3):
        reader.open(str(plan.link))
        reader.heading()
    methods = {
        (each.method, re.sub(r"[0-9a-f]{32}", "ID", each.url.partition(":")[2])) for each in reader.requests
    }
    assert not [method for method, _ in methods if method not in {"GET", "POST"}]
    assert (state(owner, plan).state, state(owner, plan).received) == ("live", ())


def test_files_are_sent_as_they_are(owner: Publisher, reader: Reader, tmp_path: Path) -> None:
    plan = ask(owner)
    contents = {"key.txt": b"a key\n", "größe 文件.bin": os.urandom(150_000), "CON?.md": b"# x"}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    reader.open(str(plan.link))
    reader.heading()
    reader.page.locator("#files").set_input_files([tmp_path / name for name in contents])
    reader.wait_for_text("key.txt")
    reader.page.get_by_role("button", name="Remove CON?.md").click()
    answer(reader, "with two files")
    reader.wait_for_text("It has arrived")
    (got,) = received(owner, plan)
    files = {file.name: file.content for file in (got.main, *got.files)}
    assert files == {"": b"with two files", **{name: contents[name] for name in list(contents)[:2]}}


def test_browsers_without_native_ciphers_seal_too(owner: Publisher, chromium: Browser) -> None:
    plan = ask(owner)
    with Reader.create(chromium) as reader:
        reader.expected.add("SubtleCrypto is not defined")  # of the blank page before
        reader.context.add_init_script(WITHOUT_NATIVE)
        reader.open(str(plan.link))
        reader.heading()
        answer(reader, SECRET)
        reader.wait_for_text("It has arrived")
        reader.assert_no_violations()
    assert received(owner, plan)[0].main.content.decode() == SECRET


UNINTENDED: Final = {
    "private key": "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA",
    "payment card": "4111 1111 1111 1111",
    "recovery words": "legal winner thank year wave sausage worth useful legal winner thank yellow",
    "invisible characters": "pass\u200bword",
    "several passwords": "DB_PASSWORD=a\nAPI_TOKEN=b\nSSH_KEY=c",
}


@pytest.mark.parametrize("what", UNINTENDED)
def test_what_looks_unintended_is_sent_only_after_a_second_look(
    owner: Publisher, reader: Reader, what: str
) -> None:
    plan = ask(owner)
    reader.open(str(plan.link))
    reader.heading()
    answer(reader, UNINTENDED[what])
    reader.wait_for_text(what)
    reader.wait_for_text("Please look at the notes")
    assert state(owner, plan).received == ()
    reader.button("Send it as it is").click()
    reader.wait_for_text("It has arrived")
    assert received(owner, plan)[0].main.content.decode() == UNINTENDED[what]


def test_a_second_click_does_not_send_what_nobody_has_looked_at(owner: Publisher, reader: Reader) -> None:
    plan = ask(owner)
    reader.open(str(plan.link))
    reader.heading()
    reader.page.get_by_label("Your answer").fill(UNINTENDED["private key"])
    reader.button(SEND).dblclick()
    reader.wait_for_text("Please look at the notes")
    reader.wait_until_settled()
    assert state(owner, plan).received == ()


def test_a_file_that_is_still_being_read_is_sent(owner: Publisher, reader: Reader, tmp_path: Path) -> None:
    plan = ask(owner)
    (tmp_path / "slow.bin").write_bytes(b"\x00\x01" * 500)
    reader.open(str(plan.link))
    reader.heading()
    reader.page.evaluate("""() => {
        const read = File.prototype.arrayBuffer;
        const released = new Promise((release) => (window.release = release));
        File.prototype.arrayBuffer = async function () {
            await released;
            return read.call(this);
        };
    }""")
    reader.page.locator("#files").set_input_files(tmp_path / "slow.bin")
    answer(reader, SECRET)
    reader.page.evaluate("release()")
    reader.wait_for_text("It has arrived")
    (got,) = received(owner, plan)
    assert [(file.name, file.content) for file in got.files] == [("slow.bin", b"\x00\x01" * 500)]


@pytest.mark.parametrize(
    "text", [SECRET, "a plain sentence about nothing", "4f1c77d8e0aa41b2", "1234 5678 9012 3456"]
)
def test_what_is_usually_sent_causes_no_warning(owner: Publisher, reader: Reader, text: str) -> None:
    plan = ask(owner)
    reader.open(str(plan.link))
    reader.heading()
    answer(reader, text)
    reader.wait_for_text("It has arrived")


def test_the_page_finds_what_the_command_finds(owner: Publisher, reader: Reader) -> None:
    plan = ask(owner)
    link = str(plan.link)
    words = json.loads((ROOT / "service/page/request/en.json").read_text())
    reader.open(link)
    reader.heading()
    wrong = []
    for sample in SAMPLES:
        reader.page.reload()
        reader.heading()
        content = sample.content.replace(KEY.encode(), link.partition("#")[2].encode())
        if sample.name:
            file = FilePayload(name=sample.name, mimeType="application/octet-stream", buffer=content)
            reader.page.locator("#files").set_input_files(file)
            reader.page.locator(".chosen li").wait_for()
        else:
            reader.page.get_by_label("Your answer").fill(content.decode())
        shown = reader.page.locator(".findings").inner_text()
        found = {kind for kind in MESSAGES if words[f"found_{kind}"] in shown}
        if found != sample.finds:
            wrong.append((str(sample), sorted(found)))
    assert wrong == []


def test_a_text_survives_a_failure_and_the_same_answer_is_sent_again(
    owner: Publisher, reader: Reader
) -> None:
    plan = ask(owner)
    reader.expected |= {"net::ERR_FAILED", "Failed to load"}
    paths: list[str] = []

    def lose_the_response(route: Route, request: Request) -> None:
        paths.append(request.url)
        if len(paths) == 1:
            route.fetch()  # it arrives, but the answer is lost
            route.abort()
        else:
            route.continue_()

    reader.page.route("**/answers/*", lose_the_response)
    reader.open(str(plan.link))
    reader.heading()
    answer(reader, SECRET)
    reader.wait_for_text("your text is still here")
    assert reader.page.get_by_label("Your answer").input_value() == SECRET
    reader.button(SEND).click()
    reader.wait_for_text("It has arrived")
    assert paths[0] == paths[1]
    assert len(received(owner, plan)) == 1


@pytest.mark.parametrize(
    ("how", "heading"),
    [
        ("answered", "This has been answered"),
        ("revoked", "This link was withdrawn"),
        ("unknown", "There is nothing here"),
    ],
)
def test_the_page_says_why_a_request_has_ended(
    owner: Publisher, reader: Reader, how: str, heading: str
) -> None:
    plan = ask(owner)
    link = str(plan.link)
    if how == "answered":
        sealed = b"anything"
        owner.client.send_answer(plan.link.request_id, os.urandom(16).hex(), sealed, plan.link.key.proof)
    elif how == "revoked":
        owner.client.revoke_request(plan.link.request_id)
    else:
        link = link.replace(plan.link.request_id, "0" * 32)
    reader.expected |= {"status of 404", "status of 410"}
    reader.open(link)
    assert reader.heading() == heading


def test_a_replaced_key_seals_nothing(owner: Publisher, reader: Reader) -> None:
    plan, other = ask(owner), ask(owner)
    reader.expected |= {"status of 403"}
    reader.open(f"{plan.link.address}#{str(other.link).partition('#')[2]}")
    assert reader.heading() == "This key does not belong here"
    assert reader.page.get_by_label("Your answer").count() == 0


@pytest.mark.parametrize("key", ["", "qqqq", "q" * 58])
def test_without_a_whole_key_nothing_is_requested(owner: Publisher, reader: Reader, key: str) -> None:
    plan = ask(owner)
    reader.open(f"{plan.link.address}#{key}" if key else plan.link.address)
    assert reader.heading() in {"The key is missing", "The link is incomplete"}
    assert not [each.url for each in reader.requests if "/v1/" in each.url]
    reader.page.locator("#key").fill(str(plan.link))
    reader.button("Use this key").click()
    reader.wait_for_text(ASKED)


def test_a_sheet_that_the_server_made_up_is_not_shown(owner: Publisher, reader: Reader) -> None:
    plan, other = ask(owner), ask(owner, "your recovery words")

    def forge(route: Route) -> None:
        real = route.fetch()
        forged = {**real.json(), "sheet": base64.b64encode(other.terms.sheet).decode()}
        route.fulfill(response=real, json=forged)

    reader.page.route("**/open", forge)
    reader.open(str(plan.link))
    assert reader.heading() == "This link cannot be trusted"
    assert reader.page.get_by_text("your recovery words").count() == 0


def test_hostile_text_is_shown_as_text(owner: Publisher, reader: Reader) -> None:
    text = "<img src=x onerror=pwned()><script>pwned()</script>"
    plan = ask(owner, text)
    reader.open(str(plan.link))
    reader.wait_for_text("<img src=x")
    assert reader.page.locator(".asked *").count() == 0


def test_too_much_is_refused_before_it_is_sent(owner: Publisher, reader: Reader) -> None:
    plan = ask(owner, answer_bytes=4096)
    reader.open(str(plan.link))
    reader.heading()
    answer(reader, "x" * 5000)
    reader.wait_for_text("That is too much")
    assert not [each for each in reader.requests if each.method == "PUT"]


@pytest.fixture(scope="session")
def axe(node_modules: Path) -> str:
    return (node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture
def looking(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Reader]:
    with Reader.create(chromium, **LOOKS[request.param]) as reader:
        reader.expected |= {"status of 404", "status of 410"}
        yield reader
        reader.assert_no_violations()


@pytest.mark.parametrize("looking", LOOKS, indirect=True)
def test_axe_finds_no_violation_and_nothing_is_too_wide(
    owner: Publisher, looking: Reader, axe: str, request: pytest.FixtureRequest
) -> None:
    looking_at, plan = request.node.callspec.params["looking"], ask(owner)
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        looking.wait_until_settled()
        found[name] = violations(looking, axe)
        looking.screenshot(f"request-{name.replace(' ', '-')}-{looking_at}")
        width = looking.page.evaluate("document.documentElement.scrollWidth")
        assert width <= looking.page.evaluate("innerWidth"), name

    looking.open(plan.link.address)
    looking.heading()
    look("no key")
    looking.open(str(plan.link))
    looking.page.locator("#answer").fill(UNINTENDED["private key"])
    looking.page.locator("#files").set_input_files(
        {"name": "a" * 80 + ".exe", "mimeType": "", "buffer": b"MZ"}
    )
    looking.page.locator(".findings .note").nth(1).wait_for()
    looking.page.locator("form button.primary").click()
    looking.page.locator(".problem .note").wait_for()
    look("form")
    looking.page.locator("form button.primary").click()
    looking.page.locator("#receipt").wait_for()
    look("receipt")
    looking.open(str(plan.link))
    looking.heading()
    look("answered")
    assert {name: each for name, each in found.items() if each} == {}


def test_the_form_works_with_the_keyboard_alone(owner: Publisher, reader: Reader) -> None:
    plan = ask(owner)
    reader.open(str(plan.link))
    reader.heading()
    reader.wait_until("document.activeElement.tagName === 'H1'")
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.type(SECRET)
    reader.screenshot("request-page")
    for _ in range(2):
        reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Enter")
    reader.wait_for_text("It has arrived")
    reader.wait_until("document.activeElement.tagName === 'H1'")
    assert received(owner, plan)[0].main.content.decode() == SECRET
