"""The page at `/`, for the owner who opens the cloud's address in a browser. It says nothing about the owner."""

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
PAGE: Final = Template("""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>satchel</title>
<style>$style</style>
<h1>This is a personal satchel cloud</h1>
<p>It is running. It stores the encrypted backups and shares of one owner and cannot read them.</p>
<p>To connect a device, run <code>satchel connect</code> with this address. It asks you to sign in, or for a pairing
code. The cloud prints a code when it starts without a device; <code>satchel-service pair</code> and
<code>satchel devices add</code> print others.</p>
</html>
""").substitute(style=STYLE)


def front_page() -> Response:
    """Return the page."""
    return Response(PAGE, headers=HEADERS, media_type="text/html")
