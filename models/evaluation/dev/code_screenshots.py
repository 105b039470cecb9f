"""Screenshots of highlighted code by Chromium, for the development of image to text.

    python -m models.evaluation.dev.code_screenshots DIRECTORY COUNT SEED [CLONES]

writes DIRECTORY/screenshots-SEED as `code_pictures` writes its pictures. The text has real bold and italic styles,
widths of fractions of a pixel, and the smoothing of a browser, in grey.
"""

import json
import sys
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from random import Random
from typing import Final

from playwright.sync_api import Browser, sync_playwright
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from models.evaluation.dev.code_pictures import (
    Look,
    background_of,
    fetch_fonts,
    font_file,
    is_dark,
    looks,
    windows,
)

PROGRAM: Final = "/usr/bin/chromium"
ARGUMENTS: Final = ("--no-sandbox", "--disable-lcd-text", "--hide-scrollbars")
_PAGE: Final = """<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: code; src: url("{font}"); }}
body {{ margin: 0; background: {ground}; display: inline-block; }}
pre code {{ font: inherit; }}
pre {{ margin: 0; font: {size}px/{spacing} code; display: flex; padding: {margin}px; }}
pre > b {{ font-weight: normal; color: #8a8a8a; text-align: right; padding-right: 2ch; }}
header {{ height: 36px; font: 13px sans-serif; color: #8a8a8a; text-align: center; line-height: 36px; }}
header i {{ float: left; width: 12px; height: 12px; border-radius: 6px; margin: 12px -4px 0 12px; }}
</style><body>{bar}<pre class="c">{numbers}<code>{code}</code></pre>"""
_BAR: Final = (
    '<header><i style="background:#ff5f56"></i><i style="background:#ffbd2e"></i>'
    '<i style="background:#27c93f"></i>main.code</header>'
)


def page(code: str, language: str, look: Look, fonts: Path) -> str:
    """Return a page that shows code."""
    formatter: HtmlFormatter[str] = HtmlFormatter(style=look.style.split(":")[0], nowrap=True, noclasses=True)
    marked = highlight(code, get_lexer_by_name(language, stripnl=False, ensurenl=False), formatter)
    count = code.count("\n") + 1
    ground = background_of(look.style.split(":")[0])
    usual = "#e6e6e6" if is_dark(ground) else "#1a1a1a"
    numbers = "<b>" + "<br>".join(map(str, range(1, count + 1))) + "</b>" if look.has_numbers else ""
    return _PAGE.format(
        font=font_file(look.font, fonts).resolve().as_uri(),
        ground=ground,
        size=look.size_px,
        spacing=look.spacing,
        margin=look.margin_px,
        bar=_BAR if look.has_chrome else "",
        numbers=numbers,
        code=f'<span style="color:{usual}">{marked}</span>',
    )


def shoot(browser: Browser, text: str, look: Look, target: Path) -> None:
    """Write a screenshot of a page."""
    source = target.with_suffix(".html")
    source.write_text(text, "utf-8")
    view = browser.new_page(device_scale_factor=look.scale)
    view.goto(f"file://{source.resolve()}")
    view.wait_for_function("document.fonts.status === 'loaded'")
    if look.quality:
        view.locator("body").screenshot(path=target.with_suffix(".jpg"), quality=look.quality, type="jpeg")
    else:
        view.locator("body").screenshot(path=target.with_suffix(".png"))
    view.close()
    source.unlink()


def main(directory: Path, count: int, seed: int, clones: Path | None) -> None:
    """Write the screenshots."""
    fonts, target = directory / "fonts", directory / f"screenshots-{seed}"
    fetch_fonts(fonts)
    target.mkdir(parents=True, exist_ok=True)
    random = Random(seed)
    drawn = list(islice(zip(looks(random), windows(directory, clones, random), strict=False), count))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=list(ARGUMENTS))
        for number, (look, (language, code)) in enumerate(drawn):
            name = target / f"{number:03}"
            shoot(browser, page(code, language, look, fonts), look, name)
            name.with_suffix(".txt").write_text(code, "utf-8")
            name.with_suffix(".json").write_text(json.dumps({"language": language, **asdict(look)}), "utf-8")
        browser.close()


if __name__ == "__main__":
    where, how_many, seeded, *cloned = sys.argv[1:]
    main(Path(where), int(how_many), int(seeded), Path(cloned[0]) if cloned else None)
