"""Sources of advisories on loopback, as pip-audit and npm ask them."""

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def advisory_source(python: Mapping[str, str], npm: Mapping[str, str]) -> Iterator[str]:
    """Serve these advisories, by package, and yield the address. It answers like the OSV database and like npm."""

    class Source(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            asked = json.loads(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body)
            answer = osv(asked, python) if self.path == "/v1/query" else bulk(asked, npm)
            data = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Source)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def osv(asked: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Answer one query of the OSV database."""
    found = known.get(asked["package"]["name"])
    return {"vulns": [{"id": found, "summary": "an example", "affected": []}]} if found else {}


def bulk(asked: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """Answer one bulk query of npm."""
    return {
        name: [
            {
                "id": 1,
                "url": f"https://advisories.example/{found}",
                "title": "an example",
                "severity": "high",
                "vulnerable_versions": "*",
            }
        ]
        for name, found in known.items()
        if name in asked
    }
