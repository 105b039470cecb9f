"""The HTML of the page under the link of a request. Pure: every request gets the same page.

What is asked for is sealed to the holders of the link, so the service cannot write it into the page or a link preview.
"""

import html
from typing import Final

from satchel_service.page.assets import PREFIX, integrity, manifest
from satchel_service.page.rendering import ELLIPSIS, PAGE_HEADERS, fill, negotiate
from satchel_service.security_headers import NO_CONTENT_POLICY, content_policy

# Scripts, styles, images and requests only from this origin; no markup and no scripts from strings (Trusted Types).
POLICY: Final = {
    **NO_CONTENT_POLICY,
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
REQUEST_HEADERS: Final = {**PAGE_HEADERS, "Content-Security-Policy": content_policy(POLICY)}


def render_request(address: str, accept_language: str = "") -> bytes:
    """Return the page. `address` is the link without its key, empty if there is no live request."""
    built = manifest()
    code, language = negotiate(accept_language)
    chunk = language.request_chunk
    places = {
        **{name: html.escape(text) for name, text in language.request.items()},
        "address": html.escape(address or ELLIPSIS),
        "request_style": PREFIX + built.request_style,
        "request_style_integrity": integrity(built.request_style),
        "script": PREFIX + built.request_script,
        "script_integrity": integrity(built.request_script),
        "preload": f'<link rel="modulepreload" href="{PREFIX}{chunk}">' if chunk else "",
    }
    return fill("request.html", code, places)
