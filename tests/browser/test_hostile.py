"""A hostile Piece is displayed and never executed, whatever it contains and wherever."""

import base64
import hashlib
import re
from urllib.parse import urlsplit

import pytest
import urllib3
from playwright.sync_api import Browser
from tests.browser.publishing import Limits, Publisher
from tests.browser.reader import Reader
from tests.browser.samples import PYTHON, document, several_files, zip_of

from satchel_service.page.rendering import PAGE_HEADERS, POLICY, render
from satchel_wire.messages import Card

ATTACKS = (
    "<script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<svg onload=pwned()>",
    "\"><iframe srcdoc='<script>parent.pwned()</script>'>",
    "javascript:pwned()",
    "</textarea></title></style></noscript></template><script>pwned()</script>",
    '<a href="javascript:pwned()" autofocus onfocus=pwned()>x</a>',
    "{title} ${pwned()} {{constructor.constructor('pwned()')()}}",
    "<base href=//evil.example><link rel=stylesheet href=//evil.example/x>",
    "<meta http-equiv=refresh content='0;url=javascript:pwned()'>",
    "__proto__",
    "constructor",
    "\u202e\u2066\0\x1b]0;pwned\x07",
)
BODIES = (*ATTACKS, "\n".join(ATTACKS), "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>")
LANGUAGES = (
    "html",
    "markdown",
    "javascript",
    "python",
    "",
    "__proto__",
    "constructor",
    "toString",
    "<img src=x onerror=pwned()>",
    "../main",
)


def assert_harmless(reader: Reader) -> None:
    """Assert that nothing ran, no other host was contacted, and the Piece created no elements."""
    page = reader.page
    reader.wait_for_frame()
    assert page.locator("main :is(script, iframe, object, embed, style, link, meta, base, form)").count() == 0
    handlers = "all => all.filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length"
    assert page.locator("*").evaluate_all(handlers) == 0
    hosts = {urlsplit(request.url).netloc for request in reader.requests if request.url.startswith("http")}
    assert len(hosts) == 1
    assert reader.violations() == []


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize(
    "fields",
    [("title", "description", "tags", "links"), ("language",), ("media_type", "shared")],
    ids=" ".join,
)
def test_metadata_cannot_run(owner: Publisher, reader: Reader, fields: tuple[str, ...], attack: str) -> None:
    metadata = {field: [attack] if field in {"tags", "links"} else attack for field in fields}
    reader.read(owner.share_zip(zip_of(b"print(1)\n", document(**metadata))).link)
    assert_harmless(reader)


@pytest.mark.parametrize("language", LANGUAGES)
def test_content_cannot_run_in_any_language(owner: Publisher, reader: Reader, language: str) -> None:
    reader.read(owner.share("\n".join(BODIES).replace("\0", ""), language=language).link)
    reader.wait_until_settled()
    assert_harmless(reader)


@pytest.mark.parametrize("body", BODIES)
def test_no_single_content_can_run(owner: Publisher, reader: Reader, body: str) -> None:
    reader.read(owner.share(body.replace("\0", ""), language="html").link)
    reader.wait_until_settled()
    assert_harmless(reader)


def test_file_names_cannot_run(owner: Publisher, reader: Reader) -> None:
    """Names with slashes or direction controls are refused (vectors of test_format); they are replaced here."""
    names = [re.sub(r"[/\\\x00-\x1f\u202e\u2066]", "|", attack) for attack in ATTACKS]
    attacks = zip(names, ATTACKS, strict=True)
    files = [("first", "", b"1"), *((name, attack, attack.encode()) for name, attack in attacks)]
    share = owner.share_zip(several_files(*files))
    for number in range(1, len(files) + 1):
        reader.read(f"{share.link}:f{number}")
        assert_harmless(reader)


MARKDOWN_ATTACKS = (
    "[x](javascript:pwned())",
    "[x](  JaVaScRiPt:pwned())",
    "[x](data:text/html,<script>pwned()</script>)",
    "[x](vbscript:pwned())",
    "<javascript:pwned()>",
    "![x](javascript:pwned())",
    "![x](//evil.example/tracker.png)",
    "[x][y]\n\n[y]: javascript:pwned() 'z'",
    "<details open ontoggle=pwned()>",
    "```html\n<script>pwned()</script>\n```",
    "```<img src=x onerror=pwned()>\nx\n```",
    "&#106;avascript:pwned() &lt;script&gt;pwned()&lt;/script&gt;",
    "| <script>pwned()</script> | `<b>` |\n|--|--|\n| <img src=x onerror=pwned()> | x |",
    "- [ ] <svg onload=pwned()>",
    "[link](https://example.com 'title\" onmouseover=\"pwned()')",
)


def test_formatted_markdown_cannot_run(owner: Publisher, reader: Reader) -> None:
    for attack in MARKDOWN_ATTACKS:
        reader.read(owner.share(attack, language="markdown").link)
        reader.page.locator(".prose").wait_for()
        for link in reader.page.locator(".prose a").all():
            assert urlsplit(link.get_attribute("href") or "").scheme in {"https", "http", "mailto"}
        assert reader.page.locator(".prose img").count() == 0
        assert_harmless(reader)


def test_deeply_nested_markdown_is_shown(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(">" * 20_000 + " deep\n", language="markdown").link)
    reader.page.locator(".prose, .code").first.wait_for()
    assert_harmless(reader)


def test_a_text_that_keeps_a_grammar_busy_does_not_block_the_page(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share("a(" * 60_000 + "\n", title="slow", language="cpp").link)
    reader.button("Wrap").click(timeout=8_000)
    assert_harmless(reader)


@pytest.mark.parametrize(
    "title",
    [
        "__proto__",
        "<script>",
        "\u202e" * 50,
        "x" * 20_000,
        "\U0001f469\u200d\U0001f467" * 300,
        "\n\n\n",
        "\u202e\u0000",
    ],
)
def test_unusual_titles_do_not_break_the_layout(owner: Publisher, reader: Reader, title: str) -> None:
    reader.read(owner.share_zip(zip_of(b"x", document(title=title))).link)
    assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert_harmless(reader)


# -- the policy ---------------------------------------------------------------------------------------------------


def test_the_policy_is_exact(owner: Publisher) -> None:
    response = urllib3.request("GET", owner.share(PYTHON).address, retries=False)
    inline = re.findall(rb"<script>(.*?)</script>", response.data, re.DOTALL)
    assert len(inline) == 1
    digest = base64.b64encode(hashlib.sha256(inline[0]).digest()).decode()
    assert response.headers["content-security-policy"] == (
        f"default-src 'none'; script-src 'self' 'sha256-{digest}'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types satchel-worker"
    )
    for name, value in PAGE_HEADERS.items():
        assert response.headers[name] == value
    assert "unsafe" not in " ".join(POLICY.values())


def test_trusted_types_forbid_markup_from_strings(owner: Publisher, reader: Reader) -> None:
    """The page's only policy returns only the worker's URL."""
    reader.read(owner.share(PYTHON, language="python").link)
    reader.page.locator(".t-string").first.wait_for()  # the worker is running, so the policy exists
    attempts = {
        "markup": "document.body.innerHTML = '<b>x</b>'",
        "document": "document.write('<b>x</b>')",
        "url": "document.createElement('script').src = '/assets/x.js'",
        "policy": "trustedTypes.createPolicy('other', { createHTML: (x) => x })",
        "again": "trustedTypes.createPolicy('satchel-worker', { createHTML: (x) => x })",
        "worker": "new Worker('/assets/x.js')",
    }
    for name, code in attempts.items():
        is_refused = reader.page.evaluate(
            f"(() => {{ try {{ {code}; return false }} catch {{ return true }} }})()"
        )
        assert is_refused, name
    assert reader.page.evaluate("violations.length") >= len(attempts)
    reader.page.evaluate("violations.length = 0")
    reader.errors.clear()


def test_the_page_cannot_be_framed(owner: Publisher, reader: Reader) -> None:
    share = owner.share(PYTHON)
    reader.expected |= {"frame", "Framing", "refused"}
    reader.page.route(
        "https://evil.example/",
        lambda route: route.fulfill(
            body=f"<iframe src='{share.address}'></iframe>", content_type="text/html"
        ),
    )
    reader.page.goto("https://evil.example/")
    reader.page.wait_for_load_state("networkidle")
    assert [frame.url for frame in reader.page.frames[1:]] == ["chrome-error://chromewebdata/"]


# -- what the server writes into the page -------------------------------------------------------------------------


@pytest.mark.parametrize("attack", [*ATTACKS, "$title ${lang} $$", "&quot;&lt;"])
def test_a_preview_and_an_address_are_only_text_in_the_page(chromium: Browser, attack: str) -> None:
    page = render(
        f"https://cloud.example/{attack}", attack, published=Card(title=attack, language=attack, lines=3)
    ).decode()
    with Reader.create(chromium, java_script_enabled=False) as reader:
        reader.page.route(
            "**/*",
            lambda route: (
                route.fulfill(body=page, content_type="text/html", headers=PAGE_HEADERS)
                if "/s/" in route.request.url
                else route.fulfill(body="")
            ),
        )
        reader.page.goto("https://cloud.example/s/x")
        main = reader.page.locator("#main")
        assert main.get_attribute("data-preview-title") == attack.replace("\0", "\ufffd")
        title = reader.page.locator('meta[property="og:title"]').get_attribute("content")
        assert title == attack.replace("\0", "\ufffd")
        assert reader.page.locator("script").count() == 2
        commands = main.locator("pre").first.inner_text()
        assert commands.startswith(f"satchel get 'https://cloud.example/{attack.replace(chr(0), '')[:12]}")


@pytest.fixture
def previewed(owner: Publisher, reader: Reader) -> Reader:
    """A reader at a share whose owner published a card."""
    card = Card(title="Parsing <b>headers</b>", language="Python", lines=120)
    reader.open(owner.share("x", limits=Limits(views=1, card=card)).link)
    return reader


def test_a_preview_is_shown_before_opening(previewed: Reader) -> None:
    previewed.wait_for_text("Parsing <b>headers</b>")
    previewed.wait_for_text("Python · 120 lines")
    assert previewed.page.locator("b").count() == 0


@pytest.mark.parametrize(
    ("language", "text"),
    [("markdown", "_a" * 120_000), ("markdown", "# t" + "\n" * 25_000 + "x"), ("javascript", "A." * 50_000)],
    ids=["emphasis", "empty lines", "names"],
)
def test_a_text_that_takes_long_to_parse_never_blocks_the_page(
    owner: Publisher, reader: Reader, language: str, text: str
) -> None:
    """The page stays usable, and shows the text as source if formatting it takes too long."""
    reader.read(owner.share(text, language=language).link)
    reader.button("Copy").wait_for()
    assert reader.page.evaluate("() => 6 * 7", None) == 42
    shown = reader.page.locator("main :is(.code, .prose)")
    shown.wait_for(timeout=30_000)
    letters = text.replace("\n", "").replace("# ", "").replace("_", "")
    read = "one => one.textContent.replace(/[\\s_#\\d]/g, '')"
    assert letters in shown.evaluate(read)
    assert reader.violations() == []


INVISIBLE = "a\u200bb\u200dc\u2060d\u00ade\u180ef\u3164g\ufff9h\U000e0041i\ufe0fj"
VISIBLE = ["U+200B", "U+200D", "U+2060", "U+00AD", "U+180E", "U+3164", "U+FFF9", "U+E0041", "U+FE0F"]


@pytest.mark.parametrize("language", ["python", "markdown"])
def test_invisible_characters_are_shown(owner: Publisher, reader: Reader, language: str) -> None:
    reader.read(owner.share(f"{INVISIBLE}\n", title=f"t{INVISIBLE}", language=language).link)
    assert re.findall(r"\[(U\+[0-9A-F]+)\]", reader.heading()) == VISIBLE
    reader.page.locator("main :is(.code, .prose) .unseen").first.wait_for(state="attached")
    found = reader.page.locator("main :is(.code, .prose) .unseen")
    assert found.evaluate_all("all => all.map((one) => one.dataset.code)") == VISIBLE


def test_characters_that_belong_to_an_emoji_or_a_word_are_kept(owner: Publisher, reader: Reader) -> None:
    kept = "👩‍👩‍👧 👩🏽\u200d💻 🏳\ufe0f\u200d🌈 ⚠\ufe0f 1\ufe0f\u20e3 क्\u200dष نمی\u200cشود 葛\U000e0100"
    reader.read(owner.share(f"# {kept}\n", title=kept, language="python").link)
    assert reader.heading() == kept
    assert reader.page.locator("main .unseen").count() == 0
