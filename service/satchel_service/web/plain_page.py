"""A page of plain text in HTML: one style, no script, nothing loaded.

PAGE = make_page("<h1>This is a personal satchel cloud</h1>")
return page_response(PAGE)
"""

import base64
import hashlib
from string import Template
from typing import Final

from starlette.responses import Response

from satchel_service.security_headers import NO_CONTENT_POLICY, content_policy

STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem; }
code { font: 0.95em ui-monospace, monospace; }
@media (prefers-color-scheme: dark) { body { background: #16181d; color: #e4e6eb; } }
"""
STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": content_policy({**NO_CONTENT_POLICY, "style-src": f"'sha256-{STYLE_DIGEST}'"}),
    "X-Robots-Tag": "noindex",
}
DOCUMENT: Final = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>satchel</title>
<style>$style</style>
$content</html>
""")


def make_page(content: str) -> str:
    """Return a whole page. `content` is trusted HTML that ends with a newline."""
    return DOCUMENT.substitute(style=STYLE, content=content)


def page_response(page: str) -> Response:
    """Return the response with a page and the headers that its style needs."""
    return Response(page, headers=HEADERS, media_type="text/html")
