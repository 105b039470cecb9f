"""What a browser shows under a share's link: plain HTML without scripts, which says how to open it with satchel.

The key is in the link's fragment, which no browser sends; so the page names the place where it belongs. A link that
has ended and one that never was get the same page.
"""

import base64
import hashlib
import html
import re
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse

from satchel_service.shares import ShareRow
from satchel_wire import routes

STYLE: Final = (
    "body{max-width:42rem;margin:4rem auto;padding:0 1rem;font:1rem/1.5 system-ui,sans-serif;color-scheme:light dark}"
    "pre{overflow-x:auto;padding:.75rem;border:1px solid;border-radius:.25rem}"
)
STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
}
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}(:\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](:\d{1,5})?")

PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
OPENING: Final = """<p>It is sealed: the key is the part of the link after <code>#</code>, which this server never
gets. To open it, give the whole link to satchel:</p>
<pre><code>satchel get '{link}#…'</code></pre>
{terms}
{recipe}"""
RECIPE: Final = """<p>Or with <code>curl</code>, <code>age</code> and <code>funzip</code> alone, where
<code>KEY</code> is the part of the link after <code>#</code>:</p>
<pre><code>curl -s {link}/raw |
  age -d -i &lt;(echo AGE-SECRET-KEY-1KEY | tr a-z A-Z) | funzip</code></pre>"""
NOTHING: Final = (
    """<p>Nothing is shared under this link. It may have ended, or was cut off or mistyped.</p>"""
)


def live_page(request: Request, row: ShareRow, public_url: str) -> HTMLResponse:
    """Say how to open a live share."""
    link = html.escape(public_address(request, public_url) + routes.SHARE_PAGE.format(id=row.id))
    terms = " ".join(
        sentence
        for sentence, applies in (
            (
                "It can be opened a limited number of times; looking at this page takes none.",
                row.views is not None,
            ),
            ("It needs a password besides the link.", row.has_password),
        )
        if applies
    )
    is_plain = row.views is None and not row.has_password
    body = OPENING.format(
        link=link,
        terms=f"<p>{terms}</p>" if terms else "",
        recipe=RECIPE.format(link=link) if is_plain else "",
    )
    return render("Something was shared with you", body, 200)


def nothing_page() -> HTMLResponse:
    """Say that nothing is here; the same words whatever the reason."""
    return render("Nothing here", NOTHING, 404)


def render(title: str, body: str, status: int) -> HTMLResponse:
    """Put a page together."""
    return HTMLResponse(PAGE.format(title=title, style=STYLE, body=body), status, headers=HEADERS)


def public_address(request: Request, public_url: str) -> str:
    """Return the cloud's address: the setting, or what the request called it if that looks like a host."""
    host = request.headers.get("host", "")
    if public_url:
        return public_url
    return f"{request.url.scheme}://{host}" if _HOST.fullmatch(host) else ""
