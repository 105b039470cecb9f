"""Pictures of code, drawn as an editor shows it: fonts of Debian's packages, light and dark colours."""

import io
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont
from pygments.lexers import get_lexer_by_name
from pygments.token import Token, _TokenType

from models.evaluation.archives import Packages
from models.evaluation.fetching import Source
from models.evaluation.sampling import spread
from models.evaluation.sets.languages import Window, long_windows

PICTURED: Final = 12
FONTS: Final[Mapping[str, str]] = {
    "debian/fonts-dejavu-core": "DejaVuSansMono.ttf",
    "debian/fonts-hack": "Hack-Regular.ttf",
    "debian/fonts-jetbrains-mono": "JetBrainsMono-Regular.ttf",
}
LANGUAGES: Final = (
    "python",
    "javascript",
    "typescript",
    "java",
    "c",
    "cpp",
    "csharp",
    "go",
    "rust",
    "ruby",
    "bash",
    "sql",
)
_SIZE_PX: Final = 20
_MARGIN_PX: Final = 24
_LINE_HEIGHT: Final = 1.4
_LINES: Final = (8, 25)
_COLUMNS: Final = 90

Colours = Mapping[_TokenType, str]
THEMES: Final[Mapping[str, tuple[str, str, Colours]]] = {
    "light": (
        "#ffffff",
        "#24292e",
        {
            Token.Keyword: "#d73a49",
            Token.Literal.String: "#032f62",
            Token.Comment: "#6a737d",
            Token.Name.Function: "#6f42c1",
        },
    ),
    "dark": (
        "#1e1e1e",
        "#d4d4d4",
        {
            Token.Keyword: "#569cd6",
            Token.Literal.String: "#ce9178",
            Token.Comment: "#6a9955",
            Token.Name.Function: "#dcdcaa",
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Pictured:
    """A text that is drawn, with its language, its theme and its font."""

    origin: str
    language: str
    theme: str
    font: str
    text: str


def pictured(packages: Packages) -> list[Pictured]:
    """Return 12 windows of code, one of each language, in both themes; plain ASCII without tabs."""
    windows = [one for one in long_windows(packages) if one.language in LANGUAGES and _is_drawable(one)]
    taken = spread(windows, PICTURED, lambda one: one.language, lambda one: one.origin)
    fonts = list(FONTS)
    return [
        Pictured(one.origin, one.language, theme, fonts[place % len(fonts)], one.text)
        for place, one in enumerate(taken)
        for theme in THEMES
    ]


def _is_drawable(window: Window) -> bool:
    lines = window.text.rstrip("\n").split("\n")
    plain = window.text.isascii() and "\t" not in window.text
    return plain and _LINES[0] <= len(lines) <= _LINES[1] and max(map(len, lines)) <= _COLUMNS


def draw(item: Pictured, source: Source) -> bytes:
    """Return a PNG of the text."""
    ground, plain, colours = THEMES[item.theme]
    font = ImageFont.truetype(io.BytesIO(_font(source)), _SIZE_PX)
    column, row = font.getlength("M"), round(_SIZE_PX * _LINE_HEIGHT)
    lines = item.text.rstrip("\n").split("\n")
    size = (round(column * max(map(len, lines))) + 2 * _MARGIN_PX, row * len(lines) + 2 * _MARGIN_PX)
    picture = Image.new("RGB", size, ground)
    canvas = ImageDraw.Draw(picture)
    at_line = at_column = 0
    for kind, value in get_lexer_by_name(item.language, stripnl=False, ensurenl=False).get_tokens(item.text):
        colour = next((colours[one] for one in reversed(kind.split()) if one in colours), plain)
        for char in value:
            if char == "\n":
                at_line, at_column = at_line + 1, 0
                continue
            canvas.text((_MARGIN_PX + column * at_column, _MARGIN_PX + row * at_line), char, colour, font)
            at_column += 1
    encoded = io.BytesIO()
    picture.save(encoded, "PNG")
    return encoded.getvalue()


@cache
def _font(source: Source) -> bytes:
    """Return the font in a package of Debian. KeyError if the package lacks it."""
    command = ["/usr/bin/dpkg-deb", "--fsys-tarfile", str(source.path)]
    packed = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for one in archive:
            if one.name.endswith(f"/{FONTS[source.name]}") and (stream := archive.extractfile(one)):
                return stream.read()
    raise KeyError(FONTS[source.name])
