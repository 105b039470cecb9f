"""The page at `/`, for the owner who opens the cloud's address in a browser. It says nothing about the owner."""

from typing import Final

from starlette.responses import Response

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "public, max-age=3600",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>satchel</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem; }
code { font: 0.95em ui-monospace, monospace; }
@media (prefers-color-scheme: dark) { body { background: #16181d; color: #e4e6eb; } }
</style>
<h1>This is a personal satchel cloud</h1>
<p>It is running. It stores the encrypted backups and shares of one owner and cannot read them.</p>
<p>To connect a device, run <code>satchel connect</code> with this address and a pairing code. The cloud prints a code
when it starts without a device; <code>satchel-service pair</code> and <code>satchel devices add</code> print others.</p>
</html>
"""


def front_page() -> Response:
    """Return the page."""
    return Response(PAGE, headers=HEADERS, media_type="text/html")
