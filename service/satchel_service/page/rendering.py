"""Which language a reader wants: `Accept-Language` (RFC 9110, section 12.5.4) against what the page speaks.

The page's HTML and the headers that keep it in: pure, and the same for every share but for what was published.
"""

import html
from collections.abc import Mapping, Sequence
from string import Template
from typing import Final

import msgspec

from satchel_service.page.assets import PREFIX, Language, integrity, manifest, template
from satchel_wire.messages import Card, ShareInfo

MOST_CHARS: Final = 1000  # of the header; nobody reads so many languages
RIGHT_TO_LEFT: Final = frozenset({"ar"})


def preferred(accept_language: str, spoken: Sequence[str]) -> str:
    """Return the first language spoken that the header wants most; without any, the first of all."""
    wanted: list[tuple[float, int, str]] = []
    for place, item in enumerate(accept_language[:MOST_CHARS].split(",")):
        tag, _, parameter = item.partition(";")
        code = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if code in spoken and weight > 0:
            wanted.append((-weight, place, code))
    return min(wanted)[2] if wanted else spoken[0]


def direction(code: str) -> str:
    """Return the direction in which a language is written, as HTML's `dir`."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


# Everything is forbidden, then: programs, styles and answers from this origin alone, pictures also from decrypted bytes,
# and no markup out of strings (Trusted Types; the one policy only knows the address of the colouring worker). No
# `sandbox`: it would need both `allow-scripts` and `allow-same-origin`, which browsers rightly call no sandbox.
POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "satchel-worker",
}


def content_policy(directives: Mapping[str, str]) -> str:
    """Write a Content-Security-Policy."""
    return "; ".join(f"{name} {value}" for name, value in directives.items())


PAGE_HEADERS: Final = {
    "Content-Security-Policy": content_policy(POLICY),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
# A worker has the policy of its own file. A picture or a text opened by itself can do nothing at all.
ASSET_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}


ELLIPSIS: Final = "…"


def render(
    address: str,
    accept_language: str = "",
    *,
    info: ShareInfo | None = None,
    published: Card | None = None,
) -> bytes:
    """Return the page for the share at this address (the link without its key); empty: there is none.

    `info` is what is told of a live share; with it in the page, a reader need not wait for another answer.
    `published` is what its owner lets everybody know: it goes into link previews and onto the card before opening.
    """
    built = manifest()
    code, language = spoken(accept_language)
    words = {name: html.escape(text) for name, text in language.words.items()}
    places = {
        **words,
        "preview_title": html.escape(published.title) if published else words["sealed_title"],
        "preview_text": html.escape(_about(published)) if published else words["sealed_text"],
        "told": _attributes(info, published),
        "address": html.escape(address or ELLIPSIS),
        "recipe": _recipe(address, words["noscript_curl"]) if _is_plain(info) else "",
        "early": PREFIX + built.early,
        "early_integrity": integrity(built.early),
        "script": PREFIX + built.script,
        "script_integrity": integrity(built.script),
        "preload": f'<link rel="modulepreload" href="{PREFIX}{language.chunk}">' if language.chunk else "",
    }
    return filled("template.html", code, places)


def spoken(accept_language: str) -> tuple[str, Language]:
    """Choose the language of a page: its code, and its words."""
    languages = manifest().languages
    code = preferred(accept_language, tuple(languages))
    return code, languages[code]


def filled(name: str, code: str, places: Mapping[str, str]) -> bytes:
    """Fill a template's places; what every page begins with is added here."""
    built = manifest()
    common = {
        "lang": code,
        "dir": direction(code),
        "icon": PREFIX + built.icon,
        "style": PREFIX + built.style,
        "style_integrity": integrity(built.style),
    }
    return Template(template(name)).substitute({**common, **places}).encode()


def _about(card: Card) -> str:
    lines = f"{card.lines} lines" if card.lines != 1 else "1 line"
    return " · ".join(filter(None, (card.language, lines if card.lines else "")))


def _attributes(info: ShareInfo | None, card: Card | None) -> str:
    """What the page's program reads: the facts before opening, and what was published."""
    told = (
        {f"preview-{name}": str(value) for name, value in msgspec.structs.asdict(card).items()}
        if card
        else {}
    )
    if info is not None:
        told["info"] = msgspec.json.encode(info).decode()
    return "".join(f' data-{name}="{html.escape(value)}"' for name, value in told.items())


def _is_plain(info: ShareInfo | None) -> bool:
    """Whether the sealed body can be fetched without a proof."""
    return info is not None and not info.limited and info.password is None


def _recipe(address: str, explained: str) -> str:
    """How to open it with the programs that every system has; the words are escaped already."""
    command = html.escape(f"curl -s '{address}/raw' | age -d -i key.txt | funzip", quote=False)
    return f'<p>{explained}</p><pre class="command" dir="ltr">{command}</pre>'
