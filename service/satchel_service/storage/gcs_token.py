"""Who asks Google Cloud Storage: a token of the metadata server, kept while it serves.

Source: "About VM metadata" and "Service account access tokens" in Google's documentation.
"""

import json
import threading
import time
from typing import Final, Protocol

from satchel_service.storage.connections import (
    REFUSAL_BYTES,
    Connections,
    Origin,
    Request,
    UnansweredError,
)

TOKEN_PATH: Final = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105  an address
TOKEN_MARGIN_S: Final = 60  # the metadata server gives a fresh token in its last minutes


class TokenSource(Protocol):
    """Gives what proves who asks."""

    def get(self) -> str:
        """Return a token that serves a while yet."""

    def forget(self) -> None:
        """Ask for another the next time: this one was refused."""

    def close(self) -> None:
        """Close the connections that idle."""


class MetadataToken:
    """The service account of the machine or of the Cloud Run service, as its metadata server vouches for it."""

    def __init__(self, host: Origin) -> None:
        self._connections = Connections(host)
        self._lock = threading.Lock()
        self._token = ""
        self._until = 0.0

    def get(self) -> str:
        """Return the token, asking the metadata server when the last has nearly ended."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._token, lifetime_s = self._ask()
                self._until = time.monotonic() + lifetime_s - TOKEN_MARGIN_S
            return self._token

    def forget(self) -> None:
        """Ask for another the next time."""
        with self._lock:
            self._until = 0.0

    def close(self) -> None:
        """Close the connections that idle."""
        self._connections.close()

    def _ask(self) -> tuple[str, float]:
        headers = {"Host": self._connections.origin.authority, "Metadata-Flavor": "Google"}
        answer = self._connections.send(Request("GET", TOKEN_PATH, headers))
        body = answer.read(REFUSAL_BYTES)
        if answer.status != 200 or answer.header("Metadata-Flavor") != "Google":
            raise UnansweredError(f"the metadata server gave no token ({answer.status})")
        try:
            document = json.loads(body)
            return str(document["access_token"]), float(document["expires_in"])
        except (ValueError, KeyError, TypeError) as exc:
            raise UnansweredError("the metadata server's token cannot be read") from exc
