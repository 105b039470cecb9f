"""The HTML of the share page, its security headers and its language. Pure; only published details differ between shares."""

import html
from collections.abc import Mapping, Sequence
from string import Template
from typing import Final

import msgspec

from satchel_service.page.assets import PREFIX, Language, digest, integrity, manifest, template
from satchel_service.security_headers import NO_CONTENT_POLICY, content_policy
from satchel_wire.messages import Card, ShareInfo

PREFETCH: Final = template("prefetch.js")
# Scripts, styles and requests only from this origin, plus the one inline script, by its hash; images also from
# decrypted bytes; no markup from strings (Trusted Types; the only policy returns the URL of the highlighting worker).
# No `sandbox`: with both `allow-scripts` and `allow-same-origin`, which the page needs, it would restrict nothing.
POLICY: Final = {
    "default-src": "'none'",
    "script-src": f"'self' '{digest(PREFETCH.encode())}'",
    "style-src": "'self'",
    "img-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self'",
    **NO_CONTENT_POLICY,
    "require-trusted-types-for": "'script'",
    "trusted-types": "satchel-worker",
}
# In addition to the headers of every response (`security_headers`).
PAGE_HEADERS: Final = {
    "Content-Security-Policy": content_policy(POLICY),
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Origin-Agent-Cluster": "?1",
    "Vary": "Accept-Language",
}
# Applies to the worker, and to any of these files opened on its own.
ASSET_HEADERS: Final = {
    "Content-Security-Policy": content_policy({**NO_CONTENT_POLICY, "script-src": "'self'"}),
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}


ELLIPSIS: Final = "…"
MAX_LANGUAGE_HEADER_CHARS: Final = 1000
RIGHT_TO_LEFT: Final = frozenset({"ar"})


def render(
    address: str,
    accept_language: str = "",
    *,
    info: ShareInfo | None = None,
    published: Card | None = None,
) -> bytes:
    """Return the page for a share.

    `address` is the link without its key, empty if there is no live share. `info` is embedded in the page, which saves
    a request. `published` is public: it appears in link previews and on the card before opening.
    """
    built = manifest()
    code, language = negotiate(accept_language)
    words = {name: html.escape(text) for name, text in language.words.items()}
    places = {
        **words,
        "preview_title": html.escape(published.title) if published else words["sealed_title"],
        "preview_text": html.escape(_about(published)) if published else words["sealed_text"],
        "facts": _attributes({"info": msgspec.json.encode(info).decode()}) if info else "",
        "preview": _attributes(_preview(published)) if published else "",
        "address": html.escape(address or ELLIPSIS),
        "recipe": _recipe(address, words["noscript_curl"]) if _has_raw(info) else "",
        "prefetch": PREFETCH,
        "script": PREFIX + built.script,
        "script_integrity": integrity(built.script),
        "preload": f'<link rel="modulepreload" href="{PREFIX}{language.chunk}">' if language.chunk else "",
    }
    return fill("template.html", code, places)


def fill(name: str, code: str, places: Mapping[str, str]) -> bytes:
    """Fill in a template; the values that every page needs are added here."""
    built = manifest()
    common = {
        "lang": code,
        "dir": direction(code),
        "icon": PREFIX + built.icon,
        "style": PREFIX + built.style,
        "style_integrity": integrity(built.style),
    }
    return Template(template(name)).substitute({**common, **places}).encode()


def negotiate(accept_language: str) -> tuple[str, Language]:
    """Return the code and the messages of the language to use."""
    languages = manifest().languages
    code = negotiate_language(accept_language, tuple(languages))
    return code, languages[code]


def negotiate_language(accept_language: str, available: Sequence[str]) -> str:
    """Negotiate by `Accept-Language` (RFC 9110, section 12.5.4).

    Return the available language with the highest weight in the header, by default the first available.
    """
    candidates: list[tuple[float, int, str]] = []
    for position, item in enumerate(accept_language[:MAX_LANGUAGE_HEADER_CHARS].split(",")):
        tag, _, parameter = item.partition(";")
        code = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if code in available and weight > 0:
            candidates.append((-weight, position, code))
    return min(candidates)[2] if candidates else available[0]


def direction(code: str) -> str:
    """Return the writing direction of a language, as the HTML attribute `dir`."""
    return "rtl" if code in RIGHT_TO_LEFT else "ltr"


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _about(card: Card) -> str:
    lines = f"{card.lines} lines" if card.lines != 1 else "1 line"
    return " · ".join(filter(None, (card.language, lines if card.lines else "")))


def _preview(card: Card) -> dict[str, str]:
    return {f"preview-{name}": str(value) for name, value in msgspec.structs.asdict(card).items()}


def _attributes(data: Mapping[str, str]) -> str:
    """Return data attributes for the page's scripts."""
    return "".join(f' data-{name}="{html.escape(value)}"' for name, value in data.items())


def _has_raw(info: ShareInfo | None) -> bool:
    """Whether the sealed body is available without a proof."""
    return info is not None and not info.limited and info.password is None


def _recipe(address: str, explanation: str) -> str:
    """Explain how to open a share with standard tools. `explanation` is HTML."""
    command = html.escape(f"curl -s '{address}/raw' | age -d -i key.txt | funzip", quote=False)
    return f'<p>{explanation}</p><pre class="command" dir="ltr">{command}</pre>'
