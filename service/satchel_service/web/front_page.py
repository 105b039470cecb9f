"""The page at `/`, for the owner who opens the cloud's address in a browser. It says nothing about the owner."""

from typing import Final

from starlette.responses import Response

from satchel_service.web.plain_page import make_page, page_response

PAGE: Final = make_page("""\
<h1>This is a personal satchel cloud</h1>
<p>It is running. It stores the encrypted backups and shares of one owner and cannot read them.</p>
<p>To connect a device, run <code>satchel connect</code> with this address. It asks you to sign in, or for a pairing
code. The cloud prints a code when it starts without a device; <code>satchel-service pair</code> and
<code>satchel devices add</code> print others.</p>
""")


def front_page() -> Response:
    """Return the page."""
    return page_response(PAGE)
