"""Sites of the web, by names that only the test's browser resolves, and servers on other ports of 127.0.0.1."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, Self
from urllib.parse import urlsplit

CODE: Final = "def add(a, b):\n    # sums\n\treturn a + b"
ARTICLE: Final = f"""
<!doctype html><html lang="en"><title>How to add — Example</title>
<h1 id="top">How to add</h1><p id="first">First paragraph.</p><p>Second<br>line.</p>
<ul><li>one</li><li>two</li></ul><table><tr><td>a</td><td>b</td></tr></table>
<pre id="code">{CODE}\n</pre>
<textarea id="area">in a textarea
  with two lines</textarea><input id="line" value="in an input"><input id="secret" type="password" value="hunter2">
<div id="host"></div>
<script>
  const root = document.getElementById("host").attachShadow({{ mode: "open" }});
  root.innerHTML = "<textarea id=inner>in a shadow tree</textarea>";
</script>
"""


class Sites:
    """A server for all names: what it serves is set by path."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {"/article": ARTICLE}
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(f"http://{self.headers['host']}{self.path}")
                page = outer.pages.get(urlsplit(self.path).path)
                self.send_response(404 if page is None else 200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((page or "").encode("utf-8", "surrogatepass"))

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.port = int(self._server.server_port)

    def url(self, path: str = "/article", host: str = "site.test") -> str:
        """Return the address of a page."""
        return f"http://{host}:{self.port}{path}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
