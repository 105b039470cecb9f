"""The page at the root of a cloud: what this address is, and nothing about its owner."""

import base64
import hashlib
from typing import Final

from satchel_service.page.rendering import PAGE_HEADERS, content_policy

STYLE: Final = (
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.25rem}"
)
STYLE_HASH: Final = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
FRONT_PAGE: Final = f"""\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A satchel cloud</title>
<style>{STYLE}</style>
<h1>A satchel cloud</h1>
<p>This is a personal cloud of satchel. It stores encrypted backups and shares, and cannot read them.</p>
<p>If somebody sent you a link, open the whole link: its key is the part after the #.</p>
<p>If this is your cloud, connect a device: run <code>satchel connect</code> with this address.</p>
</html>
""".encode()
FRONT_HEADERS: Final = {
    **PAGE_HEADERS,
    "Content-Security-Policy": content_policy(
        {
            "default-src": "'none'",
            "style-src": f"'sha256-{STYLE_HASH}'",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        }
    ),
}
