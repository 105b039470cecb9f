"""The page at `/`, for people who open the provisioner's address in a browser."""

from typing import Final

from starlette.responses import Response

from satchel_service.web.plain_page import make_page, page_response

PAGE: Final = make_page("""\
<h1>Get your own satchel cloud</h1>
<p>satchel keeps your snippets, notes and screenshots on your computer. A cloud of your own stores encrypted backups and
shares. It cannot read them, and it belongs to you alone.</p>
<p>To get one, run <code>satchel connect</code> with the address of this page. Your browser opens, you sign in, and the
cloud is made. On another computer, the same command connects you to the same cloud.</p>
<p>To take your cloud down with everything in it, run <code>satchel disconnect --erase-cloud</code>.</p>
<p>This server learns the id of your account and when you sign in. It gets no key and none of your data.</p>
""")


def front_page() -> Response:
    """Return the page."""
    return page_response(PAGE)
