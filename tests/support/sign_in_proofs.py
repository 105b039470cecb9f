"""ID tokens beside the nonces of servers that they are bound to, as devices send them.

nonces = Nonces("http://cloud.test", ask)
token = issuer.id_token(nonce=nonces.request())
device.call("POST", "/v1/sign-in", nonces.proof(token, label=""))
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.asgi import HOST

from satchel_wire.binding import bind_nonce

IN_PROCESS: Final = f"http://{HOST}"
"""The origin of a server that is called in process and knows no other address."""

NEVER_GIVEN: Final = "a nonce that no server gave"


@dataclass
class Nonces:
    """The nonces that one server gave to a test, by their bound form. `ask` requests one."""

    origin: str
    ask: Callable[[], str]
    given: dict[str, str] = field(default_factory=dict)

    def request(self) -> str:
        """Request a nonce and return its bound form, for the issuer."""
        return self.bind(self.ask())

    def bind(self, nonce: str) -> str:
        """Return the bound form of a nonce."""
        bound = bind_nonce(self.origin, nonce)
        self.given[bound] = nonce
        return bound

    def proof(self, id_token: str, **more: object) -> dict[str, object]:
        """Return the message of a sign-in: the token, and the nonce that it was made for.

        The nonce of a token that names none of the server's is the last one that the server gave.
        """
        latest = next(reversed(self.given.values()), NEVER_GIVEN)
        claim = claims_of(id_token).get("nonce")
        nonce = self.given.get(claim, latest) if isinstance(claim, str) else latest
        return {"id_token": id_token, "nonce": nonce, **more}


def claims_of(id_token: str) -> dict[str, Any]:
    """Return the claims of an ID token, unverified; none if it has none."""
    payload = id_token.partition(".")[2].partition(".")[0]
    try:
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
