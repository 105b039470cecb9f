"""Accessibility: keyboard, screen reader, narrow screen, right to left; checked by axe and by hand."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.publishing import Limits, Published, Publisher
from tests.browser.reader import Reader
from tests.browser.samples import MARKDOWN, PYTHON, TROJAN, png, several_files

pytestmark = pytest.mark.slow

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 320, "height": 640}},
    "right-to-left": {"locale": "ar"},
}


@pytest.fixture(scope="session")
def axe(node_modules: Path) -> str:
    return (node_modules / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(reader: Reader, axe: str, rules: Sequence[str] = ()) -> list[str]:
    """Return the violations that axe finds, with their elements: of all rules, or of some by their names."""
    if not reader.page.evaluate("'axe' in window"):
        reader.page.evaluate(axe)
    only = {"type": "rule", "values": list(rules)} if rules else RULES
    found = reader.page.evaluate("(only) => axe.run({ runOnly: only, resultTypes: ['violations'] })", only)
    assert len(found["passes"]) > (0 if rules else 10), "axe looked at the page"
    return [
        f"{one['id']}: {json.dumps([node['html'][:160] for node in one['nodes'][:3]])}"
        for one in found["violations"]
    ]


@pytest.fixture(scope="session")
def states(owner: Publisher) -> dict[str, Published]:
    """Publish a share for each state of the page."""
    gone = owner.share("x")
    owner.revoke(gone)
    return {
        "code": owner.share(
            PYTHON,
            title="difflib.py",
            language="python",
            description="Deltas.",
            tags=("diff",),
            links=("https://docs.python.org/",),
        ),
        "markdown": owner.share(MARKDOWN, title="Notes", language="markdown"),
        "picture": owner.share(png(900, 300), title="Gradient", media_type="image/png"),
        "attachment": owner.share(b"MZ\0\1", title="setup.exe"),
        "hidden": owner.share(TROJAN, language="python"),
        "several": owner.share_zip(several_files(("a.py", "python", b"1\n"), ("b.css", "css", b"a{}\n"))),
        "locked": owner.share("x", limits=Limits(views=3, password="secret")),
        "ended": gone,
    }


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_no_violation_in_any_state(
    states: dict[str, Published], chromium: Browser, axe: str, look: str
) -> None:
    found: dict[str, list[str]] = {}
    with Reader.create(chromium, **LOOKS[look]) as reader:
        reader.expected |= {"status of 404", "status of 410"}
        for name, share in states.items():
            reader.open(share.link)
            reader.heading()
            reader.wait_until_settled()
            found[name] = violations(reader, axe)
        reader.open(states["code"].address)
        reader.heading()
        found["no key"] = violations(reader, axe)
        reader.open(f"{states['code'].link}:L3-L9")
        reader.page.locator("summary").click()
        found["lines"] = violations(reader, axe)
        reader.page.locator(".tools button").last.click()
        reader.page.locator("dialog").wait_for()
        found["link dialog"] = violations(reader, axe)
        reader.page.goto(f"{states['code'].address}/report")
        found["report"] = violations(reader, axe)
        reader.assert_no_violations()
    assert {name: violated for name, violated in found.items() if violated} == {}


def test_nothing_is_wider_than_a_narrow_screen(states: dict[str, Published], chromium: Browser) -> None:
    """At 320 CSS pixels only the code itself may scroll sideways (WCAG 1.4.10)."""
    for locale in ("en", "de", "fr", "ar"):
        with Reader.create(chromium, viewport={"width": 320, "height": 640}, locale=locale) as reader:
            reader.expected |= {"status of 404", "status of 410"}
            for name, share in states.items():
                reader.open(share.link)
                reader.heading()
                assert reader.page.evaluate("document.documentElement.scrollWidth") <= 320, (locale, name)
            reader.page.goto(f"{states['code'].address}/report")
            assert reader.page.evaluate("document.documentElement.scrollWidth") <= 320, (locale, "report")


def test_targets_are_large_enough_for_touch(states: dict[str, Published], chromium: Browser) -> None:
    """WCAG 2.5.8: at least 24 by 24 CSS pixels; links in a sentence are excepted."""
    with Reader.create(chromium, viewport={"width": 320, "height": 640}) as reader:
        for name in ("code", "several", "locked"):
            reader.open(states[name].link)
            reader.heading()
            for target in reader.page.locator("button, select, input, summary, .links a, .bottom a").all():
                if not target.is_visible():
                    continue
                box = target.bounding_box()
                assert box is None or (box["height"] >= 24 and box["width"] >= 24), target


def tab_to(reader: Reader, name: str) -> None:
    """Press Tab until the control with this name has the focus."""
    for _ in range(60):
        reader.page.keyboard.press("Tab")
        if (
            reader.page.evaluate(
                "document.activeElement.textContent.trim() || document.activeElement.ariaLabel"
            )
            == name
        ):
            return
    pytest.fail(f"{name} cannot be reached by keyboard")


def test_every_function_works_by_keyboard(owner: Publisher, reader: Reader) -> None:
    share = owner.share(PYTHON, language="python", limits=Limits(views=1, password="secret"))
    reader.open(share.link)
    reader.page.get_by_label("Password", exact=True).wait_for()
    tab_to(reader, "Skip to the content")
    reader.page.keyboard.press("Enter")
    reader.page.keyboard.press("Tab")
    reader.page.keyboard.type("secret")
    reader.page.keyboard.press("Enter")
    reader.page.locator("article.piece").wait_for()
    reader.wait_for_frame()
    assert reader.page.evaluate("document.activeElement.tagName") == "H1", "reading starts at the title"
    tab_to(reader, "Open in satchel or a terminal")
    reader.page.keyboard.press("Enter")
    assert reader.page.locator(".commands").is_visible()
    tab_to(reader, "Wrap")
    reader.page.keyboard.press("Space")
    assert reader.button("Wrap").get_attribute("aria-pressed") == "true"
    tab_to(reader, "Link")
    reader.page.keyboard.press("Enter")
    reader.page.get_by_label("Point to lines").focus()
    reader.page.keyboard.type("3-5")
    expect(reader.page).to_have_url(re.compile(":L3-L5$"))
    reader.page.keyboard.press("Escape")
    assert reader.page.evaluate("document.activeElement.textContent") == "Link", "focus returns"
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("document.activeElement.className").startswith("code"), "code can be scrolled"


def test_the_focus_is_always_visible(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(PYTHON, language="python").link)
    for _ in range(12):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate("document.activeElement === document.body"):
            break  # past the last control
        outline = reader.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none"


def test_events_are_announced(owner: Publisher, reader: Reader) -> None:
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.read(owner.share("one\ntwo\nthree\n", title="Numbers").link)
    status = reader.page.get_by_role("status")
    expect(status).to_have_text("Opened: Numbers")
    reader.button("Copy").click()
    reader.wait_for_text("Copied")
    expect(status).to_have_text("Copied")
    reader.page.locator('.row[data-line="2"]').click(position={"x": 5, "y": 5})
    expect(status).to_have_text("Line 2 is selected; the address now points to it.")


def test_a_wrong_password_is_announced_with_its_field(owner: Publisher, reader: Reader) -> None:
    reader.expected.add("status of 403")
    reader.open(owner.share("x", limits=Limits(password="secret")).link)
    field = reader.page.get_by_label("Password", exact=True)
    field.fill("wrong")
    field.press("Enter")
    alert = reader.page.get_by_role("alert").filter(has_text="That password does not open it")
    alert.wait_for()
    assert field.get_attribute("aria-invalid") == "true"
    assert str(alert.get_attribute("id")) in str(field.get_attribute("aria-describedby"))
    assert reader.page.evaluate("document.activeElement.id") == "password"


def test_line_numbers_are_neither_read_aloud_nor_searched(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share("alpha\nbeta\n").link)
    assert reader.page.locator(".code").inner_text() == "alpha\nbeta"
    assert "1" not in reader.page.locator(".code").aria_snapshot().replace("level=1", "")


def test_reduced_motion_is_respected(owner: Publisher, chromium: Browser) -> None:
    with Reader.create(chromium, reduced_motion="reduce") as reader:
        reader.read(owner.share("x").link)
        duration = "getComputedStyle(document.querySelector('.button')).transitionDuration"
        assert reader.page.evaluate(duration) == "0s"
