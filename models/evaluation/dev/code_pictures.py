"""Pictures of code for the development of image to text: many fonts, sizes, scales and themes, drawn by Pillow.

    python -m models.evaluation.dev.sources DIRECTORY [CLONES]
    python -m models.evaluation.dev.code_pictures DIRECTORY COUNT SEED [CLONES]

writes DIRECTORY/pictures-SEED/NNN.png (or .jpg), NNN.txt with the code and NNN.json with the look. The fonts come
from packages of Debian, and none of them is one of the evaluation.
"""

import io
import json
import subprocess
import sys
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Final

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont
from pygments.lexers import get_lexer_by_name
from pygments.style import StyleMeta
from pygments.styles import get_style_by_name
from pygments.token import Token, _TokenType

from models.evaluation.dev.sources import files

FONTS: Final[Mapping[str, str]] = {
    "LiberationMono-Regular.ttf": "fonts-liberation",
    "NotoSansMono-Regular.ttf": "fonts-noto-mono",
    "FiraCode-Regular.ttf": "fonts-firacode",
    "Inconsolata.otf": "fonts-inconsolata",
    "Anonymous Pro.ttf": "fonts-anonymous-pro",
    "Go-Mono.ttf": "fonts-go",
    "LeagueMono-Regular.otf": "fonts-league-mono",
    "FantasqueSansMono-Regular.ttf": "fonts-fantasque-sans",
    "agave-r-autohinted.ttf": "fonts-agave",
    "mononoki-Regular.ttf": "fonts-mononoki",
    "Hermit-medium.otf": "fonts-hermit",
    "Courier Prime Code.otf": "fonts-courier-prime",
}
"""The package of each font file."""

THEMES: Final[Mapping[str, Sequence[str]]] = {
    "light": ("default", "friendly", "xcode", "vs", "tango", "github-dark:inverted"),
    "dark": ("monokai", "dracula", "native", "nord", "one-dark", "github-dark"),
    "faint": ("solarized-light", "solarized-dark", "zenburn", "gruvbox-light"),
}
LANGUAGES: Final[Mapping[str, str]] = {
    ".py": "python", ".js": "javascript", ".ts": "typescript", ".java": "java", ".c": "c", ".cpp": "cpp",
    ".cs": "csharp", ".go": "go", ".rs": "rust", ".rb": "ruby", ".sh": "bash", ".sql": "sql",
}  # fmt: skip
LINES: Final = (8, 28)
COLUMNS: Final = 100
SIZES_PX: Final = (11, 12, 13, 14, 15, 16, 18, 20)
_SANS: Final = "LiberationSans-Regular.ttf"
_PER_FILE: Final = 2


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture looks.

    `blur_px` is the radius of a zoom, `quality` that of a JPEG, 0 for a PNG. `is_even` tells whether the width of a
    character is rounded to pixels, as some systems do.
    """

    font: str
    size_px: int
    scale: float
    spacing: float
    theme: str
    style: str
    margin_px: int
    is_even: bool
    has_numbers: bool
    has_chrome: bool
    selected: tuple[int, int] | None
    blur_px: float
    quality: int


def windows(directory: Path, clones: Path | None, random: Random) -> Iterator[tuple[str, str]]:
    """Yield pairs of a language and some lines of code, each language in turn."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in files(directory, clones):
        language = LANGUAGES.get(Path(file.path).suffix)
        if language and ".min." not in file.path and "vendor" not in file.path:
            found[language].extend(_windows_of(file.text, random))
    for several in found.values():
        random.shuffle(several)
    while any(found.values()):
        for language in sorted(found):
            if found[language]:
                yield language, found[language].pop()


def _windows_of(text: str, random: Random) -> Iterator[str]:
    lines = [line.rstrip() for line in text.expandtabs(4).split("\n")]
    for _ in range(_PER_FILE):
        count = random.randint(*LINES)
        start = random.randrange(max(1, len(lines) - count))
        window = textwrap.dedent("\n".join(lines[start : start + count])).strip("\n")
        held = window.split("\n")
        filled = sum(bool(line) for line in held)
        if window.isascii() and filled >= LINES[0] and max(map(len, held)) <= COLUMNS:
            yield window


def looks(random: Random) -> Iterator[Look]:
    """Yield looks, light and dark themes in turn, and each fifth one faint."""
    number = 0
    while True:
        theme = "faint" if number % 5 == 4 else ("light", "dark")[number % 2]
        number += 1
        has_selection = random.random() < 0.1
        first = random.randint(1, 6)
        yield Look(
            font=random.choice(list(FONTS)),
            size_px=random.choice(SIZES_PX),
            scale=random.choice([1, 1, 1, 1.5, 2]),
            spacing=random.choice([1.2, 1.3, 1.4, 1.5, 1.6]),
            theme=theme,
            style=random.choice(THEMES[theme]),
            margin_px=random.choice([4, 8, 16, 24, 40]),
            is_even=random.random() < 0.3,
            has_numbers=random.random() < 0.2,
            has_chrome=random.random() < 0.2,
            selected=(first, first + random.randint(0, 2)) if has_selection else None,
            blur_px=random.choice([0.5, 0.8]) if random.random() < 0.1 else 0.0,
            quality=random.choice([70, 80, 90]) if random.random() < 0.2 else 0,
        )


@dataclass(slots=True)
class Canvas:
    """A picture while it is drawn: where its code begins, and the size of a cell."""

    picture: Image.Image
    left: float
    top: float
    column: float
    row: int
    font: ImageFont.FreeTypeFont

    def write(self, line: int, column: float, text: str, colour: str) -> None:
        """Draw some characters of a line, each in its cell, since hinting would round their widths."""
        pen = ImageDraw.Draw(self.picture)
        for number, character in enumerate(text):
            place = (self.left + (column + number) * self.column, self.top + line * self.row)
            pen.text(place, character, colour, self.font)


def draw(code: str, language: str, look: Look, fonts: Path) -> bytes:
    """Return a PNG or JPEG of code."""
    ground = background_of(look.style)
    px = round(look.size_px * look.scale)
    font = ImageFont.truetype(str(font_file(look.font, fonts)), px, layout_engine=ImageFont.Layout.BASIC)
    lines = code.split("\n")
    column, row = _width(font_file(look.font, fonts)) * px, round(px * look.spacing)
    column = round(column) if look.is_even else column
    margin, bar = look.margin_px * look.scale, round(36 * look.scale) if look.has_chrome else 0
    gutter = (len(str(len(lines))) + 3) if look.has_numbers else 0
    width = round(column * (gutter + max(map(len, lines)) + 2) + 2 * margin)
    size = (max(width, round(160 * look.scale)), round(2 * margin + bar + row * len(lines)))
    canvas = Canvas(Image.new("RGB", size, ground), margin, margin + bar, column, row, font)
    _decorate(canvas, look, fonts, len(lines), gutter)
    canvas.left += gutter * column
    _write_code(canvas, code, language, look.style)
    return _encoded(canvas.picture, look)


def _decorate(canvas: Canvas, look: Look, fonts: Path, count: int, gutter: int) -> None:
    """Draw the bar of the window, the selection and the line numbers."""
    pen, grey = ImageDraw.Draw(canvas.picture), "#8a8a8a"
    if look.has_chrome:
        for number, colour in enumerate(("#ff5f56", "#ffbd2e", "#27c93f")):
            left, top = (14 + 20 * number) * look.scale, 12 * look.scale
            pen.ellipse((left, top, left + 12 * look.scale, top + 12 * look.scale), colour)
        sans = ImageFont.truetype(str(font_file(_SANS, fonts)), round(13 * look.scale))
        pen.text((canvas.picture.width / 2 - 40 * look.scale, 10 * look.scale), "main.code", grey, sans)
    if look.selected:
        colour = "#264f78" if look.theme == "dark" else "#b5d5ff"
        first, last = (min(line, count - 1) for line in look.selected)
        top = canvas.top + first * canvas.row
        right = canvas.picture.width - 1
        pen.rectangle((canvas.left, top, right, top + (last - first + 1) * canvas.row), colour)
    for line in range(count) if gutter else ():
        label = str(line + 1)
        canvas.write(line, gutter - 2 - len(label), label, grey)


def _write_code(canvas: Canvas, code: str, language: str, name: str) -> None:
    style = _style(name)
    usual = "#e6e6e6" if is_dark(background_of(name)) else "#1a1a1a"
    line = column = 0
    for kind, text in get_lexer_by_name(language, stripnl=False, ensurenl=False).get_tokens(code):
        colour = _colour(style, kind, usual, is_inverted=":" in name)
        for number, part in enumerate(text.split("\n")):
            if number:
                line, column = line + 1, 0
            if part.strip():
                canvas.write(line, column, part, colour)
            column += len(part)


def _colour(style: StyleMeta, kind: _TokenType, usual: str, *, is_inverted: bool) -> str:
    colour = style.style_for_token(kind)["color"] or style.style_for_token(Token.Text)["color"]
    if not colour:
        return usual
    return f"#{0xFFFFFF - int(colour, 16):06x}" if is_inverted else f"#{colour}"


def _style(name: str) -> StyleMeta:
    return get_style_by_name(name.split(":", maxsplit=1)[0])


def background_of(name: str) -> str:
    """Return the background of a style, whose colours are turned into their opposites if it says so."""
    colour: str = getattr(_style(name), "background_color", None) or "#ffffff"
    if ":" not in name:
        return colour
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return f"#{255 - red:02x}{255 - green:02x}{255 - blue:02x}"


def is_dark(ground: str) -> bool:
    """Whether text on this colour must be light."""
    return sum(ImageColor.getrgb(ground)[:3]) < 3 * 128


def _encoded(picture: Image.Image, look: Look) -> bytes:
    if look.blur_px:
        picture = picture.filter(ImageFilter.GaussianBlur(look.blur_px))
    encoded = io.BytesIO()
    if look.quality:
        picture.save(encoded, "JPEG", quality=look.quality)
    else:
        picture.save(encoded, "PNG")
    return encoded.getvalue()


def fetch_fonts(directory: Path) -> None:
    """Download and unpack the packages of the fonts that are not installed."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, package in FONTS.items():
        if _found(name, directory) is None:
            subprocess.run(["apt-get", "download", "--quiet", package], check=True, cwd=directory)  # noqa: S607 - the one on the path
            for archive in directory.glob(f"{package}_*.deb"):
                subprocess.run(["dpkg-deb", "-x", str(archive), str(directory)], check=True)  # noqa: S607 - the one on the path


@cache
def _width(font: Path) -> float:
    """Return the width of a character, in sizes of the font."""
    return ImageFont.truetype(str(font), 1000, layout_engine=ImageFont.Layout.BASIC).getlength("M") / 1000


@cache
def font_file(name: str, fonts: Path) -> Path:
    """Return a font of the system, or of the directory of `fetch_fonts`."""
    found = _found(name, fonts)
    if found is None:
        raise FileNotFoundError(name)
    return found


def _found(name: str, fonts: Path) -> Path | None:
    places = (fonts, Path("/usr/share/fonts"))
    return next((path for place in places for path in sorted(place.rglob(name))), None)


def main(directory: Path, count: int, seed: int, clones: Path | None) -> None:
    """Write the pictures."""
    fonts, target = directory / "fonts", directory / f"pictures-{seed}"
    fetch_fonts(fonts)
    target.mkdir(parents=True, exist_ok=True)
    random = Random(seed)
    codes = windows(directory, clones, random)
    for number, (look, (language, code)) in enumerate(zip(looks(random), codes, strict=False)):
        if number == count:
            break
        name = target / f"{number:03}"
        name.with_suffix(".jpg" if look.quality else ".png").write_bytes(draw(code, language, look, fonts))
        name.with_suffix(".txt").write_text(code, "utf-8")
        name.with_suffix(".json").write_text(json.dumps({"language": language, **asdict(look)}), "utf-8")


if __name__ == "__main__":
    where, how_many, seeded, *cloned = sys.argv[1:]
    main(Path(where), int(how_many), int(seeded), Path(cloned[0]) if cloned else None)
