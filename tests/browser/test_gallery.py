"""Screenshots of every state of the page in tests/artefacts/browser, for review and for the guides."""

import re
import struct
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Browser
from tests.browser.publishing import Limits, Published, Publisher
from tests.browser.reader import ARTEFACTS, GUIDE, WIDTH, Reader
from tests.browser.samples import MARKDOWN, PYTHON, TROJAN, png, several_files

from satchel_wire.messages import Card

pytestmark = pytest.mark.slow

PARSER: Final = '''\
"""Header fields, as RFC 9110 has them."""

import re
from collections.abc import Iterator

FIELD = re.compile(rb"(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \\t]*(?P<value>.*?)[ \\t]*\\r\\n")


def parse_headers(block: bytes) -> Iterator[tuple[str, str]]:
    """Yield each field's name, in small letters, and its value.

    Raises ValueError for anything that is not a field; obsolete folding is one of those things.
    """
    at = 0
    while at < len(block):
        field = FIELD.match(block, at)
        if field is None:
            raise ValueError(f"no header field at byte {at}")
        yield field["name"].decode("ascii").lower(), field["value"].decode("latin-1")
        at = field.end()


if __name__ == "__main__":
    print(dict(parse_headers(b"Host: example.com\\r\\nAccept: */*\\r\\n")))
'''
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 320, "height": 640}, "device_scale_factor": 2},
    "phone-dark": {
        "viewport": {"width": 390, "height": 800},
        "color_scheme": "dark",
        "device_scale_factor": 2,
    },
    "arabic": {"locale": "ar", "viewport": {"width": 900, "height": 700}},
    "german": {"locale": "de", "viewport": {"width": 900, "height": 700}},
}
COMPLETE: Final = ("light", "dark", "phone")
# The states with a layout of their own; the others are cards with different messages.
DISTINCT: Final = frozenset(
    {
        "code",
        "lines",
        "commands",
        "sheet",
        "limited",
        "password",
        "wrong-password",
        "no-key",
        "markdown",
        "report",
    }
    | {"several-files", "revoked"}
)
Action = Callable[[Reader], None]


def click(name: str) -> Action:
    return lambda reader: reader.page.locator(name).click()


def enter_wrong_password(reader: Reader) -> None:
    reader.page.locator("#password").fill("not it")
    reader.page.locator("#password").press("Enter")
    reader.page.locator(".error:not(:empty)").wait_for()


def refuse_with(status: int, code: str) -> Action:
    def action(reader: Reader) -> None:
        problem = {"type": f"urn:satchel:problem:{code}"}
        headers = {"Retry-After": "30", "Content-Type": "application/json"}
        reader.page.route(
            "**/open", lambda route: route.fulfill(status=status, json=problem, headers=headers)
        )
        reader.page.locator("form button.primary").click()
        reader.page.locator("form button.primary").wait_for(state="detached")

    return action


def send_report(reader: Reader) -> None:
    reader.page.locator("input[type=radio]").nth(1).check()
    reader.page.locator("#text").fill("There is a token in line 3.")
    reader.page.locator("form button.primary").click()
    reader.page.locator("form").wait_for(state="detached")


def exceed_rate_limit(reader: Reader) -> None:
    reader.page.locator("#password").fill("not it")
    refuse_with(429, "too-many")(reader)


def no_action(_: Reader) -> None:
    """Leave the page as it opens."""


@pytest.fixture(scope="session")
def states(owner: Publisher) -> dict[str, tuple[str, Action]]:
    """Return a link for each state, and the action that leads to it."""
    parser = owner.share(
        PARSER,
        title="Parsing header fields",
        description="Strict, without folding. Used by the proxy and by the tests.",
        language="python",
        tags=("http", "parsing"),
        links=("https://www.rfc-editor.org/rfc/rfc9110#name-fields",),
    )
    limited = owner.share(PARSER, title="Parsing header fields", language="python", limits=Limits(views=9))
    locked = owner.share(PARSER, limits=Limits(views=9, password="secret"))
    ended, other = owner.share("x"), owner.share("x")
    owner.revoke(ended)
    used_up = owner.share("x", limits=Limits(views=1))
    owner.open(used_up)
    damaged = owner.share_sealed_by(lambda _: b"age-encryption.org/v1\n")

    def link(share: Published) -> str:
        return share.link

    return {
        "code": (parser.link, no_action),
        "lines": (f"{parser.link}:L9-L14", no_action),
        "commands": (parser.link, click("summary")),
        "sheet": (f"{parser.link}:L9-L14", click(".tools button:last-child")),
        "long": (owner.share(PYTHON, title="difflib.py", language="python").link, no_action),
        "limited": (limited.link, no_action),
        "opened-limited": (limited.link, click("form button.primary")),
        "password": (locked.link, no_action),
        "wrong-password": (locked.link, enter_wrong_password),
        "too-many": (locked.link, exceed_rate_limit),
        "expired": (limited.link, refuse_with(410, "expired")),
        "used-up": (used_up.link, no_action),
        "blocked": (limited.link, refuse_with(451, "blocked")),
        "unavailable": (limited.link, refuse_with(503, "unavailable")),
        "revoked": (ended.link, no_action),
        "report": (f"{parser.address}/report", no_action),
        "reported": (f"{parser.address}/report", send_report),
        "not-found": (f"{ended.address}#{other.key}", no_action),
        "wrong-key": (f"{parser.address}#{other.key}", no_action),
        "no-key": (parser.address, no_action),
        "cut-off": (parser.link[:-4], no_action),
        "damaged": (damaged.link, no_action),
        "markdown": (owner.share(MARKDOWN, title="Deployment notes", language="markdown").link, no_action),
        "markdown-source": (
            f"{owner.share(MARKDOWN, title='Deployment notes', language='markdown').link}:L3",
            no_action,
        ),
        "picture": (owner.share(png(), title="Gradient", media_type="image/png").link, no_action),
        "attachment": (owner.share(b"MZ\0\1" * 200, title="setup.exe").link, no_action),
        "hidden-characters": (
            owner.share(TROJAN, title="evil\u202etxt.py", language="python").link,
            no_action,
        ),
        "several-files": (
            owner.share_zip(
                several_files(
                    ("app.py", "python", PARSER.encode()),
                    ("style.css", "css", b"a { color: red }\n"),
                    ("logo.png", "", png(80, 60)),
                )
            ).link,
            no_action,
        ),
    }


@pytest.mark.parametrize("look", LOOKS)
def test_every_state_is_captured(states: dict[str, tuple[str, Action]], chromium: Browser, look: str) -> None:
    with Reader.create(chromium, **LOOKS[look]) as reader:
        reader.expected |= {f"status of {status}" for status in (403, 404, 410, 429, 451, 503)}
        captured = [name for name in states if look in COMPLETE or name in DISTINCT]
        for name in captured:
            link, action = states[name]
            reader.open(link)
            reader.page.locator("h1").wait_for()
            action(reader)
            reader.page.locator("h1").wait_for()
            reader.wait_until_settled()
            reader.screenshot(f"{look}-{name}", full=name not in {"long", "sheet"})
            reader.page.unroute_all()
        reader.assert_no_violations()
    assert {path.stem for path in ARTEFACTS.glob(f"{look}-*.png")} >= {f"{look}-{name}" for name in captured}


def test_the_page_without_javascript_and_with_a_preview_is_captured(
    owner: Publisher, chromium: Browser
) -> None:
    share = owner.share("x", limits=Limits(views=3))
    with Reader.create(chromium, java_script_enabled=False) as reader:
        reader.page.goto(share.link)
        reader.screenshot("light-without-javascript")
    card = Card(title="Parsing header fields", language="Python", lines=27)
    with Reader.create(chromium) as reader:
        reader.open(owner.share(PARSER, limits=Limits(views=3, card=card)).link)
        reader.wait_for_text("27 lines")
        reader.screenshot("light-preview")
        reader.assert_no_violations()


MAX_BYTES: Final = 600_000
"""Of all pictures in the guides."""
OTHER_SUITES: Final = ("request-", "window-", "extension-")
"""How the names of pictures begin that test_requests.py and the suites of the window and the extension draw."""


def test_the_guides_use_screenshots_of_this_gallery(states: dict[str, tuple[str, Action]]) -> None:
    """Update them by running this module with `SATCHEL_UPDATE_PICTURES=1`."""
    captured = {f"{look}-{name}" for look in LOOKS for name in states if look in COMPLETE or name in DISTINCT}
    captured |= {"light-preview"}
    kept = {path.stem for path in GUIDE.glob("*.png")}
    guides = "".join(path.read_text() for path in GUIDE.parent.glob("*.md"))
    shown = set(re.findall(r"\(pictures/([\w-]+)\.png\)", guides))
    assert kept == shown
    assert sum(path.stat().st_size for path in GUIDE.glob("*.png")) <= MAX_BYTES
    others = {name for name in kept if name.startswith(OTHER_SUITES)}
    assert kept - others <= captured
    for name in kept - others:
        look = LOOKS[max((look for look in LOOKS if name.startswith(look)), key=len)]
        width = look.get("viewport", {"width": WIDTH})["width"] * look.get("device_scale_factor", 1)
        assert struct.unpack(">I", (GUIDE / f"{name}.png").read_bytes()[16:20]) == (width,)


def test_the_printed_page_is_captured(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(PARSER, title="Parsing header fields", language="python").link)
    reader.page.emulate_media(media="print")
    reader.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    reader.screenshot("light-print")
    assert len(reader.page.pdf()) > 5_000
