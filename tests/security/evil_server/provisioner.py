"""A provisioner that is honest until an attack alters its answers, and a cloud that it may name."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any, Final

from tests.security.evil_server.issuer import JSON, NONCE
from tests.security.evil_server.server import Listener, Raw, Seen
from tests.support.asgi import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

NAME: Final = "c" + "a" * 25
CLOUDS: Final = ("/v1/clouds", "/v1/clouds/removal", "/v1/clouds/advance")


class SignInListener(Listener):
    """Answers what a device asks before it signs in."""

    def __init__(self, capabilities: list[str]) -> None:
        super().__init__()
        self.issuer = ""
        self.capabilities = capabilities
        self.info: dict[str, Any] = {}

    def respond(self, seen: Seen) -> Answer | Raw:
        return answer_with(self.document(seen))

    def document(self, seen: Seen) -> dict[str, Any]:
        """Return an honest answer."""
        if seen.path == "/v1/capabilities":
            return {"capabilities": self.capabilities}
        if seen.path == "/v1/sign-in/nonce":
            expires = datetime.now(UTC) + timedelta(minutes=5)
            return {"nonce": NONCE, "expires": expires.isoformat().replace("+00:00", "Z")}
        return {
            "issuer": self.issuer, "client_id": "satchel", "audience": "satchel", "client_secret": None,
            "scopes": ["openid"], "acr_values": [], "requires_mfa": False, "needs_code": False,
            "max_age_s": 300, "redirect_ports": [], **self.info,
        }  # fmt: skip


class EvilProvisioner(SignInListener):
    """`alter` changes the answers about clouds. An honest cloud is ready at the third answer, at `cloud`."""

    def __init__(self) -> None:
        super().__init__(["provision", "sign-in"])
        self.cloud = ""
        self.reset()

    def reset(self) -> None:
        """Be honest again."""
        self.seen.clear()
        self.info = {}
        self.path = ""
        self.alter: Callable[[Seen, Answer], Answer | Raw] | None = None

    def respond(self, seen: Seen) -> Answer | Raw:
        answer = answer_with(self.document(seen))
        alters = self.alter is not None and seen.path in CLOUDS and self.path in ("", seen.path)
        return self.alter(seen, answer) if self.alter and alters else answer

    def document(self, seen: Seen) -> dict[str, Any]:
        return self.progress() if seen.path in CLOUDS else super().document(seen)

    def progress(self) -> dict[str, Any]:
        """Return how far an honest creation or removal is."""
        asked = [each.path for each in self.seen if each.path in CLOUDS]
        under_way, done = ("removing", "gone") if "/v1/clouds/removal" in asked else ("creating", "ready")
        return {
            "state": done if len(asked) > 2 else under_way,
            "name": NAME,
            "url": self.cloud,
            "ticket": f"ticket-{len(asked)}",
            "step": f"step {len(asked)}",
            "detail": "",
            "retry_after_s": 0,
        }


def answer_with(document: object) -> Answer:
    """Return a success with a document, dated now."""
    headers = {**JSON, "date": format_datetime(datetime.now(UTC), usegmt=True)}
    return Answer(200, headers, json.dumps(document).encode())
