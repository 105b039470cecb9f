"""Every state of the page as a picture, in tests/artefacts/browser: to be looked at, and for the guides."""

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
# What of the other looks is laid out in a way of its own; the rest are cards with other words.
LAID_OUT: Final = frozenset(
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
Act = Callable[[Reader], None]


def click(name: str) -> Act:
    return lambda reader: reader.page.locator(name).click()


def wrong_password(reader: Reader) -> None:
    reader.page.locator("#password").fill("not it")
    reader.page.locator("#password").press("Enter")
    reader.page.locator(".problem:not(:empty)").wait_for()


def refused(status: int, code: str) -> Act:
    def act(reader: Reader) -> None:
        problem = {"type": f"urn:satchel:problem:{code}"}
        headers = {"Retry-After": "30", "Content-Type": "application/json"}
        reader.page.route(
            "**/open", lambda route: route.fulfill(status=status, json=problem, headers=headers)
        )
        reader.page.locator("form button.primary").click()
        reader.page.locator("form button.primary").wait_for(state="detached")

    return act


def report(reader: Reader) -> None:
    reader.page.locator("input[type=radio]").nth(1).check()
    reader.page.locator("#text").fill("There is a token in line 3.")
    reader.page.locator("form button.primary").click()
    reader.page.locator("form").wait_for(state="detached")


def too_many(reader: Reader) -> None:
    reader.page.locator("#password").fill("not it")
    refused(429, "too-many")(reader)


def nothing(_: Reader) -> None:
    """Opening it is all."""


@pytest.fixture(scope="session")
def states(owner: Publisher) -> dict[str, tuple[str, Act]]:
    """A link into every state, and what a reader does there."""
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
        "code": (parser.link, nothing),
        "lines": (f"{parser.link}:L9-L14", nothing),
        "commands": (parser.link, click("summary")),
        "sheet": (f"{parser.link}:L9-L14", click(".tools button:last-child")),
        "long": (owner.share(PYTHON, title="difflib.py", language="python").link, nothing),
        "limited": (limited.link, nothing),
        "opened-limited": (limited.link, click("form button.primary")),
        "password": (locked.link, nothing),
        "wrong-password": (locked.link, wrong_password),
        "too-many": (locked.link, too_many),
        "expired": (limited.link, refused(410, "expired")),
        "used-up": (used_up.link, nothing),
        "blocked": (limited.link, refused(451, "blocked")),
        "unavailable": (limited.link, refused(503, "unavailable")),
        "revoked": (ended.link, nothing),
        "report": (f"{parser.address}/report", nothing),
        "reported": (f"{parser.address}/report", report),
        "not-found": (f"{ended.address}#{other.key}", nothing),
        "wrong-key": (f"{parser.address}#{other.key}", nothing),
        "no-key": (parser.address, nothing),
        "cut-off": (parser.link[:-4], nothing),
        "damaged": (damaged.link, nothing),
        "markdown": (owner.share(MARKDOWN, title="Deployment notes", language="markdown").link, nothing),
        "markdown-source": (
            f"{owner.share(MARKDOWN, title='Deployment notes', language='markdown').link}:L3",
            nothing,
        ),
        "picture": (owner.share(png(), title="Gradient", media_type="image/png").link, nothing),
        "attachment": (owner.share(b"MZ\0\1" * 200, title="setup.exe").link, nothing),
        "hidden-characters": (owner.share(TROJAN, title="evil\u202etxt.py", language="python").link, nothing),
        "several-files": (
            owner.share_zip(
                several_files(
                    ("app.py", "python", PARSER.encode()),
                    ("style.css", "css", b"a { color: red }\n"),
                    ("logo.png", "", png(80, 60)),
                )
            ).link,
            nothing,
        ),
    }


@pytest.mark.parametrize("look", LOOKS)
def test_every_state_is_drawn(states: dict[str, tuple[str, Act]], chromium: Browser, look: str) -> None:
    with Reader.arrive(chromium, **LOOKS[look]) as reader:
        reader.expected |= {f"status of {status}" for status in (403, 404, 410, 429, 451, 503)}
        drawn = [name for name in states if look in COMPLETE or name in LAID_OUT]
        for name in drawn:
            link, act = states[name]
            reader.open(link)
            reader.page.locator("h1").wait_for()
            act(reader)
            reader.page.locator("h1").wait_for()
            reader.rest()
            reader.shows(f"{look}-{name}", full=name not in {"long", "sheet"})
            reader.page.unroute_all()
        reader.assert_innocent()
    assert {path.stem for path in ARTEFACTS.glob(f"{look}-*.png")} >= {f"{look}-{name}" for name in drawn}


def test_the_page_without_javascript_and_with_a_preview_are_drawn(
    owner: Publisher, chromium: Browser
) -> None:
    share = owner.share("x", limits=Limits(views=3))
    with Reader.arrive(chromium, java_script_enabled=False) as reader:
        reader.page.goto(share.link)
        reader.shows("light-without-javascript")
    card = Card(title="Parsing header fields", language="Python", lines=27)
    with Reader.arrive(chromium) as reader:
        reader.open(owner.share(PARSER, limits=Limits(views=3, card=card)).link)
        reader.sees("27 lines")
        reader.shows("light-preview")
        reader.assert_innocent()


def test_the_guides_show_pictures_of_this_gallery(states: dict[str, tuple[str, Act]]) -> None:
    """`SATCHEL_UPDATE_PICTURES=1` with this module's tests draws them anew."""
    drawn = {f"{look}-{name}" for look in LOOKS for name in states if look in COMPLETE or name in LAID_OUT}
    drawn |= {"light-preview"}
    kept = {path.stem for path in GUIDE.glob("*.png")}
    guides = "".join(path.read_text() for path in GUIDE.parent.glob("*.md"))
    shown = set(re.findall(r"\(pictures/([\w-]+)\.png\)", guides))
    assert kept == shown
    assert kept <= drawn
    for name in kept:
        look = LOOKS[max((look for look in LOOKS if name.startswith(look)), key=len)]
        width = look.get("viewport", {"width": WIDTH})["width"] * look.get("device_scale_factor", 1)
        assert struct.unpack(">I", (GUIDE / f"{name}.png").read_bytes()[16:20]) == (width,)


def test_the_printed_page_is_drawn(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(PARSER, title="Parsing header fields", language="python").link)
    reader.page.emulate_media(media="print")
    reader.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    reader.shows("light-print")
    assert len(reader.page.pdf()) > 5_000
