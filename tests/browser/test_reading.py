"""The functions of the page for an opened Piece."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.publishing import Limits, Published, Publisher
from tests.browser.reader import Reader
from tests.browser.samples import MARKDOWN, PYTHON, TROJAN, document, png, several_files, zip_of
from tests.support.device import Device
from tests.support.qr import read_qr
from tests.support.waiting import wait_until

from satchel.keys import RootSecret

LINES = "".join(f"line {n}\n" for n in range(1, 501))


def selected_lines(reader: Reader) -> list[int]:
    return [
        int(n)
        for n in reader.page.locator(".row.selected").evaluate_all("rows => rows.map(r => r.dataset.line)")
    ]


SELECT_ACROSS_ROWS = """() => {
    const rows = document.querySelectorAll(".row"), range = document.createRange();
    range.setStart(rows[0].firstChild, 2);
    range.setEnd(rows[3].firstChild, 3);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""


def clipboard(reader: Reader) -> str:
    text: str = reader.page.evaluate("navigator.clipboard.readText()")
    return text


@pytest.fixture
def copier(reader: Reader) -> Reader:
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    return reader


def click_number(reader: Reader, line: int, *, shift: bool = False) -> None:
    row = reader.page.locator(f'.row[data-line="{line}"]')
    row.scroll_into_view_if_needed()
    row.click(position={"x": 6, "y": 8}, modifiers=["Shift"] if shift else [])


# -- text -----------------------------------------------------------------------------------------------------


def test_all_metadata_is_shown(owner: Publisher, reader: Reader) -> None:
    share = owner.share(
        PYTHON,
        title="difflib.py",
        description="Deltas between sequences.",
        language="python",
        tags=("diff", "stdlib"),
        links=("https://docs.python.org/3/library/difflib.html", "javascript:alert(1)"),
    )
    reader.read(share.link)
    for text in (
        "Deltas between sequences.",
        "Python",
        "Shared 1 March 2026",
        f"{PYTHON.count(chr(10)):,} lines",
    ):
        reader.wait_for_text(text)
    assert reader.page.locator(".tag").all_inner_texts() == ["diff", "stdlib"]
    links = reader.page.locator(".links a")
    assert links.count() == 1
    assert links.first.get_attribute("rel") == "noopener noreferrer nofollow"


def test_code_is_highlighted_across_chunks(owner: Publisher, reader: Reader) -> None:
    """A docstring far down, in a later chunk, is highlighted as a string."""
    reader.read(owner.share(PYTHON, language="python").link)
    line = (
        next(
            n
            for n, text in enumerate(PYTHON.splitlines(), 1)
            if text.strip() == "def unified_diff(a, b, fromfile='', tofile='', fromfiledate='',"
        )
        + 3
    )
    reader.wait_until_settled()  # highlighting replaces rows
    row = reader.page.locator(f'.row[data-line="{line}"]')
    row.scroll_into_view_if_needed()
    row.locator(".t-string").first.wait_for()
    wait_until(lambda: reader.page.locator(".t-keyword").count() > 100)


@pytest.mark.parametrize(
    ("language", "name"),
    [("nix", "Nix"), ("c", "C"), ("html", "HTML, XML"), ("SQL", "SQL"), ("kt", "Kotlin")],
)
def test_other_grammars_are_loaded_from_the_same_server(
    owner: Publisher, reader: Reader, language: str, name: str
) -> None:
    reader.read(owner.share('/* if */ select 1 from x; "text"\n', language=language).link)
    reader.page.get_by_text(name, exact=True).wait_for()
    assert all(request.url.startswith((str(owner.origin), "blob:", "about:")) for request in reader.requests)


def test_an_unknown_language_is_shown_as_text(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share("some text", language="no-such-language").link)
    assert reader.code.inner_text().strip() == "some text"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "rows"), [("", 1), ("a", 1), ("a\n", 1), ("a\n\n", 2), ("\n\n\nb", 4)])
def test_lines_are_counted_as_in_an_editor(
    owner: Publisher, reader: Reader, text: str, rows: int, newline: str
) -> None:
    reader.read(owner.share(text.replace("\n", newline)).link)
    assert reader.page.locator(".row").count() == rows


# -- lines ----------------------------------------------------------------------------------------------------


def test_a_link_to_lines_selects_them_and_scrolls_there(owner: Publisher, reader: Reader) -> None:
    share = owner.share(LINES)
    reader.read(f"{share.link}:L250-L252")
    assert selected_lines(reader) == [250, 251, 252]
    reader.wait_until("document.querySelector('.row.selected').getBoundingClientRect().top < innerHeight")
    assert reader.page.url.endswith(f"{share.key}:L250-L252")


def test_clicking_line_numbers_adds_lines_to_the_address(owner: Publisher, reader: Reader) -> None:
    share = owner.share(LINES)
    reader.read(share.link)
    click_number(reader, 10)
    expect(reader.page).to_have_url(f"{share.link}:L10")
    click_number(reader, 4, shift=True)
    expect(reader.page).to_have_url(f"{share.link}:L4-L10")
    assert selected_lines(reader) == list(range(4, 11))
    click_number(reader, 7)
    expect(reader.page).to_have_url(f"{share.link}:L7")
    click_number(reader, 7)
    expect(reader.page).to_have_url(share.link)
    assert selected_lines(reader) == []


def test_clicking_the_text_selects_no_lines(owner: Publisher, reader: Reader) -> None:
    share = owner.share(LINES)
    reader.read(share.link)
    reader.page.get_by_text("line 5", exact=True).click()
    assert reader.page.url == share.link


def test_changing_the_lines_in_the_address_scrolls_there(owner: Publisher, reader: Reader) -> None:
    share = owner.share(LINES)
    reader.read(share.link)
    reader.page.evaluate("location.hash += ':L400'")
    reader.page.locator('.row.selected[data-line="400"]').wait_for()
    assert owner.opened(share) == 1


def test_changing_the_key_in_the_address_starts_over(owner: Publisher, reader: Reader) -> None:
    share = owner.share(LINES)
    reader.read(share.link)
    reader.page.evaluate("location.hash = location.hash.slice(0, -1)")
    reader.wait_for_text("The link is incomplete")


def test_lines_past_the_end_are_ignored(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share("one\ntwo\n").link + ":L7-L99999999")
    assert selected_lines(reader) == []
    reader.read(owner.share("one\ntwo\n").link + ":L2-L99999999")
    assert selected_lines(reader) == [2]


# -- copies and downloads -----------------------------------------------------------------------------------------


def test_copy_gives_the_exact_text(owner: Publisher, copier: Reader) -> None:
    text = "\tone\r\n  two \nthree\u2028\u202e" * 50
    copier.read(owner.share(text).link)
    copier.button("Copy").click()
    copier.wait_for_text("Copied")
    assert clipboard(copier) == text


def test_a_copied_selection_has_no_line_numbers(owner: Publisher, copier: Reader) -> None:
    copier.read(owner.share("first\n\n\tsecond \u202e\nthird\n", language="python").link)

    def copied() -> str:
        copier.page.evaluate(SELECT_ACROSS_ROWS)  # colours replace rows, and what is selected in them
        copier.page.keyboard.press("Control+C")
        return clipboard(copier)

    wait_until(lambda: copied() == "rst\n\n\tsecond \u202e\nthi")


@pytest.mark.parametrize(
    ("title", "language", "name"),
    [
        ("parse.py", "python", "parse.py"),
        ("How to parse", "python", "How to parse.py"),
        ("../../etc/passwd", "", "etc passwd.txt"),
        ("evil\u202efdp.exe", "", "evil[U+202E]fdp.exe"),
        ("", "", "piece.txt"),
        ("...", "rust", "piece.rs"),
        ("a" * 300, "", f"{'a' * 80}.txt"),
        ("v1.2", "yaml", "v1.2.yaml"),
    ],
)
def test_a_download_has_a_safe_name(
    owner: Publisher, reader: Reader, title: str, language: str, name: str
) -> None:
    reader.read(owner.share(PYTHON, title=title, language=language).link)
    with reader.page.expect_download() as download:
        reader.button("Download").click()
    assert download.value.suggested_filename.replace("_", " ") == name.replace("/", " ").replace("_", " ")
    assert Path(download.value.path()).read_text(encoding="utf-8") == PYTHON


def test_raw_opens_plain_text_that_cannot_run(owner: Publisher, reader: Reader) -> None:
    page = "<!doctype html><script>opener?.pwned(); document.title = 'pwned'</script>\n"
    reader.read(owner.share(page, title="page.html", language="html").link)
    with reader.context.expect_page() as opened:
        reader.button("Raw").click()
    raw = opened.value
    raw.wait_for_load_state()
    assert raw.evaluate("document.contentType") == "text/plain"
    assert raw.evaluate("document.body.innerText") == page
    assert raw.title() != "pwned"
    assert raw.evaluate("window.opener") is None


def test_wrapping_is_optional_and_remembered(owner: Publisher, reader: Reader) -> None:
    share = owner.share("x = " + "1 + " * 500 + "1\n", language="python")
    reader.read(share.link)
    height = "document.querySelector('.row').offsetHeight"
    before = reader.page.evaluate(height)
    reader.button("Wrap").click()
    assert reader.page.evaluate(height) > 4 * before
    assert reader.button("Wrap").get_attribute("aria-pressed") == "true"
    reader.read(share.link)
    assert reader.page.evaluate(height) > 4 * before


def test_the_link_dialog_gives_the_link_and_its_parts(owner: Publisher, copier: Reader) -> None:
    share = owner.share(LINES)
    copier.read(share.link)
    copier.button("Link").click()
    for label, text in (("Whole link", share.link), ("Link without key", share.address), ("Key", share.key)):
        copier.page.get_by_role("button", name=f"Copy: {label}", exact=True).click()
        copier.wait_for_text("Copied")
        # it may still say so of the last one
        wait_until(lambda text=text: clipboard(copier) == text)  # type: ignore[misc]
    copier.page.get_by_label("Point to lines").fill("10-20")
    assert copier.page.get_by_label("Whole link", exact=True).input_value() == f"{share.link}:L10-L20"
    expect(copier.page).to_have_url(f"{share.link}:L10-L20")
    assert selected_lines(copier) == list(range(10, 21))
    copier.page.keyboard.press("Escape")
    copier.page.locator("dialog").wait_for(state="detached")


def test_the_qr_code_contains_the_whole_link(owner: Publisher, reader: Reader) -> None:
    share = owner.share(LINES)
    reader.read(share.link)
    reader.button("Link").click()
    assert read_qr_code(reader) == share.link


def read_qr_code(reader: Reader) -> str:
    """Decode the modules of the QR code; not every browser has a detector of its own."""
    path = reader.page.locator(".qr path").get_attribute("d") or ""
    size = int((reader.page.locator(".qr svg").get_attribute("viewBox") or "").split()[-1])
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1", path)}
    assert all(4 <= x < size - 4 and 4 <= y < size - 4 for x, y in dark), "a quiet zone of four modules"
    return read_qr([[(x, y) in dark for x in range(size)] for y in range(size)])


def copied_command(copier: Reader, share: Published, title: str) -> str:
    """Copy a command with its button."""
    copier.read(share.link)
    copier.page.get_by_text("Open in satchel or a terminal").click()
    assert share.key not in copier.page.locator(".commands").inner_text()
    copier.page.get_by_role("button", name=f"Copy the command: {title}").click()
    expect(copier.page.get_by_role("status")).to_have_text("Copied")
    return clipboard(copier)


def test_the_copied_command_opens_the_share_in_satchel(
    owner: Publisher, copier: Reader, tmp_path: Path
) -> None:
    share = owner.share(LINES, title="Numbered", language="python")
    command = copied_command(copier, share, "Open in satchel")
    assert command == f"satchel get '{share.link}' --save"
    device = Device(tmp_path / "home", RootSecret(b"\x21" * 32))
    device.run(*shlex.split(command)[1:])
    assert [piece["title"] for piece in device.json("list")["pieces"]] == ["Numbered"]


@pytest.mark.tool("bash", "curl", "age", "funzip")
def test_the_copied_curl_command_opens_the_share(owner: Publisher, copier: Reader) -> None:
    command = copied_command(copier, owner.share(LINES), "With curl, age and funzip")
    result = subprocess.run(["bash", "-c", command], capture_output=True, check=True, timeout=30)
    assert result.stdout.decode() == LINES


@pytest.mark.parametrize("limits", [Limits(views=5), Limits(password="secret")])
def test_the_curl_command_is_shown_only_where_it_works(
    owner: Publisher, reader: Reader, limits: Limits
) -> None:
    reader.open(owner.share(LINES, limits=limits).link)
    if limits.password:
        reader.page.get_by_label("Password", exact=True).fill(limits.password)
    reader.page.locator("form button.primary").click()
    reader.page.get_by_text("Open in satchel or a terminal").click()
    assert reader.page.locator(".commands h2").all_inner_texts() == ["Open in satchel"]


# -- other content ----------------------------------------------------------------------------------------------


def test_an_image_is_shown_and_described(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(png(1600, 400), title="Gradient", media_type="image/png").link)
    image = reader.page.get_by_role("img", name="Shared image: Gradient")
    reader.wait_until("document.querySelector('.image img').naturalWidth === 1600")
    reader.wait_for_text("1600 × 400 pixels")
    assert image.bounding_box()["width"] < 1200  # type: ignore[index]  # it is visible
    reader.button("Actual size").click()
    assert image.bounding_box()["width"] == 1600  # type: ignore[index]


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='pwned()'><script>pwned()</script></svg>",
            "image/svg+xml",
        ),
        (b"<!doctype html><img src=x onerror=pwned()>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"),
    ],
)
def test_active_content_is_shown_as_text(
    owner: Publisher, reader: Reader, content: bytes, media_type: str
) -> None:
    reader.read(owner.share(content, media_type=media_type).link)
    assert reader.code.inner_text().strip() == content.decode()
    assert reader.page.locator("main :is(img, svg:not(.icon), iframe, object, embed)").count() == 0


def test_binary_content_can_only_be_downloaded(owner: Publisher, reader: Reader) -> None:
    data = b"MZ\x90\x00" + bytes(range(256))
    reader.read(owner.share(data, title="setup.exe", media_type="application/octet-stream").link)
    reader.wait_for_text("This is not text")
    reader.wait_for_text("A file like this can run")
    assert reader.page.get_by_role("button", name="Raw").count() == 0
    with reader.page.expect_download() as download:
        reader.button("Download").click()
    assert Path(download.value.path()).read_bytes() == data


def test_several_files_have_tabs_and_addresses(owner: Publisher, reader: Reader) -> None:
    files = (
        ("app.py", "python", b"import this\n"),
        ("style.css", "css", b"a { color: red }\n"),
        ("pic.png", "", png(8, 8)),
    )
    share = owner.share_zip(several_files(*files))
    reader.read(share.link)
    assert reader.page.get_by_role("tab").all_inner_texts() == ["app.py", "style.css", "pic.png"]
    reader.page.get_by_role("tab", name="style.css").click()
    assert reader.code.inner_text().strip() == "a { color: red }"
    expect(reader.page).to_have_url(f"{share.link}:f2")
    reader.page.keyboard.press("ArrowRight")
    reader.page.locator(".image img").wait_for()
    expect(reader.page).to_have_url(f"{share.link}:f3")
    reader.read(f"{share.link}:f2:L1")
    assert selected_lines(reader) == [1]


def test_several_files_in_format_1_are_refused(owner: Publisher, reader: Reader) -> None:
    data = several_files(("a", "", b"1"), ("b", "", b"2"), format="satchel-share/1")
    reader.open(owner.share_zip(data).link)
    assert reader.heading() == "This share is damaged"


def test_markdown_is_formatted_and_its_html_is_text(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(MARKDOWN, language="markdown").link)
    prose = reader.page.locator(".prose")
    prose.wait_for()
    assert prose.locator("h2").inner_text() == "Deploying the service"
    assert prose.locator("table th").all_inner_texts() == ["setting", "default"]
    assert prose.locator("b, img, script").count() == 0
    assert "& so do <references>" in prose.inner_text()
    prose.locator("pre .t-keyword").first.wait_for()
    reader.button("Source").click()
    assert reader.code.locator(".row").first.inner_text() == "# Deploying the service"


def test_markdown_is_shown_as_source_when_the_link_points_to_lines(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(MARKDOWN, language="markdown").link + ":L3")
    assert selected_lines(reader) == [3]


def test_direction_controls_are_shown_and_have_no_effect(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(TROJAN, title="evil\u202etxt.exe", language="python").link)
    assert reader.heading() == "evil[U+202E]txt.exe"
    reader.wait_for_text("hidden characters that change its reading direction")
    shown = reader.page.locator(".unseen").evaluate_all("all => all.map((one) => one.dataset.code)")
    assert shown == ["U+202E", "U+2066", "U+2069", "U+2066", "U+200B", "U+0007"]


# -- the page itself ----------------------------------------------------------------------------------------------


def test_the_theme_follows_the_system_until_the_reader_chooses(owner: Publisher, chromium: Browser) -> None:
    share = owner.share(LINES)
    background = "getComputedStyle(document.documentElement).backgroundColor"
    with Reader.create(chromium, color_scheme="dark") as reader:
        reader.read(share.link)
        dark = reader.page.evaluate(background)
        reader.page.get_by_role("button", name="Colours").click()
        light = reader.page.evaluate(background)
        assert (dark, light) == ("rgb(22, 19, 15)", "rgb(247, 244, 239)")
        reader.read(share.link)
        assert reader.page.evaluate(background) == light


@pytest.mark.parametrize(
    ("locale", "word", "direction"),
    [
        ("en", "Copy", "ltr"),
        ("de-AT", "Kopieren", "ltr"),
        ("fr", "Copier", "ltr"),
        ("es-MX", "Copiar", "ltr"),
        ("ja", "コピー", "ltr"),
        ("zh-TW", "复制", "ltr"),
        ("ar", "نسخ", "rtl"),
        ("nl", "Copy", "ltr"),
    ],
)
def test_the_page_is_in_the_readers_language(
    owner: Publisher, chromium: Browser, locale: str, word: str, direction: str
) -> None:
    with Reader.create(chromium, locale=locale) as reader:
        reader.read(owner.share(LINES).link)
        expect(reader.button(word)).to_be_visible()
        assert reader.page.evaluate("document.documentElement.dir") == direction
        assert reader.page.locator(".code").evaluate("code => getComputedStyle(code).direction") == "ltr"
        reader.assert_no_violations()


def test_the_language_can_be_changed_without_reopening(owner: Publisher, reader: Reader) -> None:
    share = owner.share(LINES)
    reader.read(share.link)
    reader.page.get_by_label("Language").select_option("fr")
    reader.button("Copier").wait_for()
    assert reader.page.evaluate("document.documentElement.lang") == "fr"
    assert owner.opened(share) == 1
    reader.read(share.link)
    expect(reader.button("Copier")).to_be_visible()


def test_the_language_that_was_chosen_last_stays(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(LINES).link)
    reader.change_language_twice("fr", "en")
    expect(reader.button("Copy")).to_be_visible()
    assert reader.page.evaluate("document.documentElement.lang") == "en"
    reader.assert_no_violations()


def test_printing_hides_the_tools(owner: Publisher, reader: Reader) -> None:
    reader.read(owner.share(LINES, title="To print").link)
    reader.page.emulate_media(media="print")
    reader.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert reader.page.locator(".row").count() == 500
    for hidden in (".top", ".bottom", ".tools", ".terminal"):
        assert not reader.page.locator(hidden).is_visible()
    assert reader.page.locator("h1").is_visible()


def test_without_javascript_the_page_gives_commands(owner: Publisher, chromium: Browser) -> None:
    share = owner.share(LINES)
    with Reader.create(chromium, java_script_enabled=False, locale="de") as reader:
        reader.page.goto(share.link)
        assert "braucht JavaScript" in reader.page.locator("h1").inner_text()
        text = reader.page.locator("main").inner_text()
        assert f"satchel get '{share.address}#…'" in text
        assert f"curl -s '{share.address}/raw' | age -d -i key.txt | funzip" in text
        assert share.key not in reader.page.content()


def test_a_piece_without_a_title_has_a_heading(owner: Publisher, reader: Reader) -> None:
    assert reader.read(owner.share_zip(zip_of(b"text", document(title="  "))).link) == "Untitled"
