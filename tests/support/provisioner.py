"""A provisioner for tests of the client: it speaks the wire, signs people in at a real issuer, and starts real clouds.

It keeps in memory what a real one reads from its platform, and takes `steps` requests to create or remove a cloud. Tests
set `alter` to change its progress, and `refuse` to answer a path with a problem.
"""

import base64
import http.server
import json
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from tests.support.service import ServiceProcess

from satchel_wire.binding import bind_nonce

MAX_AGE_S: Final = 300
Answer = tuple[int, dict[str, Any]]


class TestProvisioner:
    """Serves on loopback. A subject's cloud is `clouds[subject]`; `seen` lists each request's method, path, and body."""

    __test__ = False

    def __init__(self, folder: Path, issuer: str, settings: Mapping[str, str] | None = None) -> None:
        folder.mkdir()
        self.folder = folder
        self.issuer = issuer
        self.steps = 2
        self.clouds: dict[str, ServiceProcess] = {}
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        self.alter: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _, answer: answer
        self.refuse: Callable[[str], Answer | None] = lambda _: None
        self.settings = dict(settings or {})
        self._lock = threading.Lock()
        self._nonces: set[str] = set()
        self._tickets: dict[str, tuple[str, str, int]] = {}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Return the status and document for a request."""
        refused = self.refuse(path)
        if refused is not None:
            return refused
        answers: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "/v1/capabilities"): lambda: (200, {"capabilities": ["provision", "sign-in"]}),
            ("GET", "/v1/sign-in"): lambda: (200, self._sign_in()),
            ("POST", "/v1/sign-in/nonce"): self._new_nonce,
            ("POST", "/v1/clouds"): lambda: self._begin("create", json.loads(body)),
            ("POST", "/v1/clouds/removal"): lambda: self._begin("remove", json.loads(body)),
            ("POST", "/v1/clouds/advance"): lambda: self._advance(json.loads(body)["ticket"]),
        }
        with self._lock:
            return answers.get((method, path), lambda: problem("not-found", 404))()

    def _new_nonce(self) -> Answer:
        self._nonces.add(nonce := secrets.token_urlsafe(32))
        until = datetime.now(UTC) + timedelta(minutes=30)
        return 201, {"nonce": nonce, "expires": until.isoformat().replace("+00:00", "Z")}

    def _sign_in(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "client_id": "satchel", "audience": "satchel", "client_secret": None,
            "scopes": ["openid"], "acr_values": [], "requires_mfa": False, "needs_code": False,
            "max_age_s": MAX_AGE_S, "redirect_ports": [], **self.settings,
        }  # fmt: skip

    def _begin(self, purpose: str, message: dict[str, str]) -> Answer:
        claims, nonce = claims_of(message["id_token"]), message["nonce"]
        is_ours = nonce in self._nonces and claims["nonce"] == bind_nonce(self.url, nonce)
        if not is_ours or claims["aud"] != "satchel" or claims["iss"] != self.issuer:
            return problem("wrong-sign-in", 403)
        self._nonces.remove(nonce)
        removes = purpose == "remove"
        if removes and time.time() - claims["auth_time"] > MAX_AGE_S:
            return problem("fresh-sign-in", 403)
        if removes and claims["sub"] not in self.clouds:
            return problem("not-found", 404)
        is_done = not removes and claims["sub"] in self.clouds
        return self._progress(purpose, claims["sub"], 0 if is_done else self.steps, 202)

    def _advance(self, ticket: str) -> Answer:
        if ticket not in self._tickets:
            return problem("not-signed-in", 401)
        purpose, subject, left = self._tickets[ticket]
        left = max(0, left - 1)
        if left == 0:
            (self._create if purpose == "create" else self._remove)(subject)
        return self._progress(purpose, subject, left, 200)

    def _progress(self, purpose: str, subject: str, left: int, status: int) -> Answer:
        self._tickets[ticket := secrets.token_urlsafe(32)] = (purpose, subject, left)
        under_way, done = ("creating", "ready") if purpose == "create" else ("removing", "gone")
        answer = {
            "state": under_way if left else done,
            "name": name_of(subject),
            "url": self.clouds[subject].url if subject in self.clouds else self.url.replace("//", "//c."),
            "ticket": ticket,
            "step": f"step {self.steps - left + 1} of {self.steps}" if left else "",
            "retry_after_s": 0,
        }
        return status, self.alter(purpose, answer)

    def _create(self, subject: str) -> None:
        if subject not in self.clouds:
            settings = {
                "SATCHEL_OIDC_ISSUER": self.issuer,
                "SATCHEL_OIDC_CLIENT_ID": "satchel",
                "SATCHEL_OWNER_SUBJECT": subject,
            }
            self.clouds[subject] = ServiceProcess(self.folder / name_of(subject), settings).start()

    def _remove(self, subject: str) -> None:
        cloud = self.clouds.pop(subject, None)
        if cloud is not None:
            cloud.kill()
            shutil.rmtree(cloud.folder)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        for cloud in self.clouds.values():
            cloud.kill()

    def stop(self) -> None:
        """Stop answering. The clouds go on."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()


def name_of(subject: str) -> str:
    """Return the name of a subject's cloud; a real one is a keyed hash."""
    return "c" + base64.b32encode(subject.encode().ljust(16)).decode().lower().rstrip("=")[:25].ljust(25, "a")


def claims_of(id_token: str) -> dict[str, Any]:
    """Return the claims of an ID token, unverified: the issuer is the tests' own."""
    payload = id_token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found


def problem(code: str, status: int) -> Answer:
    """Return a problem document."""
    return status, {
        "type": f"urn:satchel:problem:{code}", "title": code, "status": status, "detail": "",
        "request_id": "r", "fields": [],
    }  # fmt: skip


def _handler(provisioner: TestProvisioner) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            provisioner.seen.append((self.command, self.path, headers, body))
            status, document = provisioner.answer(self.command, self.path, body)
            data = json.dumps(document).encode()
            self.send_response(status)
            kind = "application/problem+json" if status >= 400 else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Date", format_datetime(datetime.now(UTC), usegmt=True))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _serve  # noqa: N815  the names that the library calls

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return Handler
