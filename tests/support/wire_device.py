"""A device as the service sees it: a token and the operations of the wire, over any transport."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from tests.support.asgi import Answer

Send = Callable[[str, str, Mapping[str, str], bytes | None], Answer]

PROOF = bytes(range(32))


def b64(data: bytes) -> str:
    """Encode bytes as on the wire."""
    return base64.b64encode(data).decode()


class WireDevice:
    """Sends requests with its token, or without one until it has paired."""

    def __init__(self, send: Send, token: str = "") -> None:
        self._send = send
        self.token = token
        self.id = ""

    def pair(self, code: str, label: bytes = b"sealed label") -> Answer:
        """Redeem a pairing code for a token."""
        answer = self.call("POST", "/v1/pair", {"code": code, "label": b64(label)})
        if answer.status == 201:
            self.token, self.id = answer.json()["token"], answer.json()["device_id"]
        return answer

    def call(
        self,
        method: str,
        path: str,
        message: Mapping[str, Any] | None = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request with a JSON message, with bytes, or without a body."""
        all_headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        if message is not None:
            body = json.dumps(message).encode()
            all_headers["Content-Type"] = "application/json"
        elif body is not None:
            all_headers["Content-Type"] = "application/octet-stream"
        if body is not None:
            all_headers["Content-Length"] = str(len(body))
        return self._send(method, path, {**all_headers, **(headers or {})}, body)

    def new_id(self) -> str:
        """Return an id that nothing has used yet."""
        return secrets.token_hex(16)

    def announce(self, upload_id: str, size_bytes: int, kind: str = "archive") -> Answer:
        """Announce an upload."""
        return self.call("PUT", f"/v1/uploads/{upload_id}", {"kind": kind, "size_bytes": size_bytes})

    def send_parts(self, upload: Mapping[str, Any], data: bytes) -> None:
        """Upload every missing part."""
        for part in upload["parts"]:
            if not part.get("received", False):
                piece = data[part["offset"] : part["offset"] + part["size_bytes"]]
                assert self.call("PUT", part["url"], body=piece).status in (200, 204)  # a bucket, the cloud

    def upload(self, data: bytes, kind: str = "archive", upload_id: str = "") -> str:
        """Upload a whole object and return its id."""
        upload_id = upload_id or self.new_id()
        self.send_parts(self.announce(upload_id, len(data), kind).json(), data)
        answer = self.call("POST", f"/v1/uploads/{upload_id}/complete")
        assert answer.json()["complete"]
        return upload_id

    def backup(
        self, data: bytes = b"archive", needs: tuple[str, ...] = (), expires: str | None = None
    ) -> str:
        """Upload and commit a backup; return its id."""
        backup_id = self.upload(data)
        message = {"needs": list(needs), "expires": expires, "summary": b64(b"sealed summary")}
        answer = self.call("PUT", f"/v1/backups/{backup_id}", message)
        assert answer.status == 200, answer.body
        return backup_id

    def share(self, data: bytes = b"body", **terms: object) -> str:
        """Upload and publish a share; return its id."""
        share_id = self.new_id()
        answer = self.call("PUT", f"/v1/shares/{share_id}", self.share_request(data, **terms))
        assert answer.status == 200, answer.body
        return share_id

    def share_request(self, data: bytes = b"body", **terms: object) -> dict[str, Any]:
        """Upload a body and return the message that publishes it."""
        upload = self.upload(data, "share")
        return {"upload": upload, "proof_sha256": b64(hashlib.sha256(PROOF).digest()), **terms}

    def open(self, share_id: str, proof: bytes = PROOF) -> Answer:
        """Open a share with the proof of its key."""
        return self.call("POST", f"/v1/shares/{share_id}/open", {"proof": b64(proof)})
