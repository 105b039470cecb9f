"""The page at `/`, for people who open the provisioner's address in a browser."""

import base64
import hashlib
from string import Template
from typing import Final

from starlette.responses import Response

from satchel_service.security_headers import NO_CONTENT_POLICY, content_policy

STYLE: Final = """
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 12vh auto; padding: 0 1rem; }
code { font: 0.95em ui-monospace, monospace; }
@media (prefers-color-scheme: dark) { body { background: #16181d; color: #e4e6eb; } }
"""
STYLE_DIGEST: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "Content-Security-Policy": content_policy({**NO_CONTENT_POLICY, "style-src": f"'sha256-{STYLE_DIGEST}'"}),
    "X-Robots-Tag": "noindex",
}
PAGE: Final = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>satchel</title>
<style>$style</style>
<h1>Get your own satchel cloud</h1>
<p>satchel keeps your snippets, notes and screenshots on your computer. A cloud of your own stores encrypted backups and
shares. It cannot read them, and it belongs to you alone.</p>
<p>To get one, run <code>satchel connect</code> with the address of this page. Your browser opens, you sign in, and the
cloud is made. On another computer, the same command connects you to the same cloud.</p>
<p>To take your cloud down with everything in it, run <code>satchel disconnect --erase-cloud</code>.</p>
<p>This server learns the id of your account and when you sign in. It gets no key and none of your data.</p>
</html>
""").substitute(style=STYLE)


def front_page() -> Response:
    """Return the page."""
    return Response(PAGE, headers=HEADERS, media_type="text/html")
