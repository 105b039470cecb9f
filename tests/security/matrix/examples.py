"""One request for each operation of the wire that succeeds with a connected device's token.

The suites generate their cases from `satchel_wire.operations` and these examples. An operation without an example
fails every generated test with the advice to add one here.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.security.matrix.clouds import Served
from tests.security.matrix.signing_in import proof, sign_in_again
from tests.support.wire_device import PROOF, b64

from satchel_wire import routes
from satchel_wire.capabilities import HEADER, Capability
from satchel_wire.operations import OPERATIONS, Operation

JSON: Final = {"Content-Type": "application/json"}
BYTES: Final = {"Content-Type": "application/octet-stream"}
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
RETENTION: Final = {"last": 3, "daily": 3, "weekly": 3, "monthly": 3}
OPERATION: Final[Mapping[str, Operation]] = {operation.id: operation for operation in OPERATIONS}


@dataclass(frozen=True)
class Example:
    """A request without credentials. `id` is the id in its path, `body` its whole body."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    id: str = ""

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers with the length of the body, which only requests with a body have."""
        length = {"Content-Length": str(len(self.body))} if self.body else {}
        return {**self.headers, **length}

    def at(self, other_id: str) -> "Example":
        """Return the same request for another id."""
        return Example(self.method, self.path.replace(self.id, other_id), self.headers, self.body, other_id)


Make = Callable[[Served], Example]


def _request(name: str, identifier: str = "", message: Mapping[str, Any] | None = None) -> Example:
    operation = OPERATION[name]
    path = operation.route.format(id=identifier, number=1, answer=identifier)
    if message is None:
        return Example(operation.method, path, id=identifier)
    return Example(operation.method, path, JSON, json.dumps(message).encode(), identifier)


def _begun(cloud: Served, size_bytes: int = 4) -> str:
    upload = cloud.device.new_id()
    assert cloud.device.announce(upload, size_bytes).status == 200
    return upload


def _filled(cloud: Served) -> str:
    upload = _begun(cloud)
    cloud.device.send_parts(cloud.device.call("GET", f"/v1/uploads/{upload}").json(), b"part")
    return upload


def _backup(cloud: Served) -> str:
    """Commit a backup to which the retention does not apply: the clock stands still, so all are equally old."""
    backup = cloud.device.upload(b"archive")
    message = {"summary": b64(b"summary"), "hold": True}
    assert cloud.device.call("PUT", f"/v1/backups/{backup}", message).status == 200
    return backup


def _deleted_backup(cloud: Served) -> str:
    backup = _backup(cloud)
    assert cloud.device.call("DELETE", f"/v1/backups/{backup}").status == 204
    return backup


def _report(cloud: Served) -> Example:
    share = cloud.device.share()
    path = routes.SHARE_REPORT.format(id=share)
    return Example("POST", path, FORM, b"reason=unwanted&text=", share)


def _part(cloud: Served) -> Example:
    upload = _begun(cloud)
    return Example("PUT", routes.UPLOAD_PART.format(id=upload, number=1), BYTES, b"part", upload)


TERMS: Final = {
    "proof_sha256": b64(hashlib.sha256(PROOF).digest()),
    "sheet": b64(b"sheet"),
    "answers": 3,
    "answer_bytes": 1000,
}


def _asked(cloud: Served) -> str:
    request_id = cloud.device.new_id()
    assert cloud.device.call("PUT", f"/v1/requests/{request_id}", TERMS).status == 200
    return request_id


def _answer(cloud: Served) -> Example:
    """Return an answer to a new request. It has the id of the request, so that one id is in the path."""
    request_id = _asked(cloud)
    path = routes.REQUEST_ANSWER.format(id=request_id, answer=request_id)
    return Example("PUT", path, {**BYTES, "Satchel-Proof": b64(PROOF)}, b"sealed", request_id)


def _answered(cloud: Served) -> str:
    sent = _answer(cloud)
    assert cloud.device.call(sent.method, sent.path, body=sent.body, headers=sent.headers).status == 200
    return sent.id


def _as_owner(
    cloud: Served, name: str, identifier: str = "", message: Mapping[str, Any] | None = None
) -> Example:
    """Return a request that needs a fresh sign-in."""
    sign_in_again(cloud)
    return _request(name, identifier, message)


def _erase_cloud(cloud: Served) -> Example:
    """Return the request of a client that knows the response; earlier ones get no body."""
    request = _request("erase_cloud", "", {"code": cloud.operators_code()})
    return replace(request, headers={**request.headers, HEADER: Capability.SIGN_IN.value})


EXAMPLES: Final[Mapping[str, Make]] = {
    "pair": lambda cloud: _request("pair", "", {"code": cloud.operators_code(), "label": b64(b"label")}),
    "create_pairing": lambda cloud: _as_owner(cloud, "create_pairing"),
    "list_devices": lambda _: _request("list_devices"),
    "revoke_device": lambda cloud: _as_owner(cloud, "revoke_device", cloud.connect().id),
    "show_sign_in": lambda _: _request("show_sign_in"),
    "create_nonce": lambda _: _request("create_nonce"),
    "sign_in": lambda cloud: _request("sign_in", "", proof(cloud)),
    "step_up": lambda cloud: _request("step_up", "", proof(cloud)),
    "show_account": lambda _: _request("show_account"),
    "set_owner": lambda cloud: _as_owner(cloud, "set_owner", "", proof(cloud)),
    "announce_upload": lambda cloud: _request(
        "announce_upload", cloud.device.new_id(), {"kind": "archive", "size_bytes": 4}
    ),
    "show_upload": lambda cloud: _request("show_upload", _begun(cloud)),
    "abort_upload": lambda cloud: _request("abort_upload", _begun(cloud)),
    "put_part": _part,
    "complete_upload": lambda cloud: _request("complete_upload", _filled(cloud)),
    "download_archive": lambda cloud: _request("download_archive", _backup(cloud)),
    "list_backups": lambda _: _request("list_backups"),
    "commit_backup": lambda cloud: _request(
        "commit_backup", cloud.device.upload(b"archive"), {"summary": b64(b"summary")}
    ),
    "show_backup": lambda cloud: _request("show_backup", _backup(cloud)),
    "change_backup": lambda cloud: _request("change_backup", _backup(cloud), {"expires": None}),
    "delete_backup": lambda cloud: _request("delete_backup", _backup(cloud)),
    "undelete_backup": lambda cloud: _request("undelete_backup", _deleted_backup(cloud)),
    "erase_backups": lambda cloud: _request(
        "erase_backups", "", {"code": cloud.operators_code(), "backups": [_backup(cloud)]}
    ),
    "show_retention": lambda _: _request("show_retention"),
    "set_retention": lambda _: _request("set_retention", "", RETENTION),
    "preview_retention": lambda _: _request("preview_retention", "", RETENTION),
    "list_shares": lambda _: _request("list_shares"),
    "publish_share": lambda cloud: _request(
        "publish_share", cloud.device.new_id(), cloud.device.share_request()
    ),
    "show_share": lambda cloud: _request("show_share", cloud.device.share()),
    "change_share": lambda cloud: _request("change_share", cloud.device.share(), {"version": 1, "views": 3}),
    "revoke_share": lambda cloud: _request("revoke_share", cloud.device.share()),
    "rearm_share": lambda cloud: _request("rearm_share", cloud.device.share(views=1), {"views": 2}),
    "list_audit": lambda _: _request("list_audit"),
    "list_reports": lambda cloud: _request("list_reports", cloud.device.share()),
    "share_info": lambda cloud: _request("share_info", cloud.device.share()),
    "open_share": lambda cloud: _request("open_share", cloud.device.share(), {"proof": b64(PROOF)}),
    "list_requests": lambda _: _request("list_requests"),
    "make_request": lambda cloud: _request("make_request", cloud.device.new_id(), TERMS),
    "show_request": lambda cloud: _request("show_request", _asked(cloud)),
    "revoke_request": lambda cloud: _request("revoke_request", _asked(cloud)),
    "open_request": lambda cloud: _request("open_request", _asked(cloud), {"proof": b64(PROOF)}),
    "send_answer": _answer,
    "download_answer": lambda cloud: _request("download_answer", _answered(cloud)),
    "delete_answer": lambda cloud: _request("delete_answer", _answered(cloud)),
    "request_page": lambda cloud: _request("request_page", _asked(cloud)),
    "show_status": lambda _: _request("show_status"),
    "capabilities": lambda _: _request("capabilities"),
    "erase_cloud": _erase_cloud,
    "erase_cloud_without_code": lambda _: _request("erase_cloud_without_code"),
    "openapi": lambda _: _request("openapi"),
    "share_page": lambda cloud: _request("share_page", cloud.device.share()),
    "share_raw": lambda cloud: _request("share_raw", cloud.device.share()),
    "report_page": lambda cloud: _request("report_page", cloud.device.share()),
    "report_share": _report,
    "live": lambda _: _request("live"),
    "ready": lambda _: _request("ready"),
}

REFUSED: Final[Mapping[str, int]] = {"erase_cloud_without_code": 403}
"""The operations that refuse every request, and their status."""


def example(cloud: Served, operation: Operation) -> Example:
    """Return a request that succeeds on this cloud with the token of a device."""
    assert operation.id in EXAMPLES, f"add a request of {operation.id!r} to tests/security/matrix/examples.py"
    return EXAMPLES[operation.id](cloud)


def status_of(operation: Operation) -> int:
    """Return the status of the response to an example with a valid credential."""
    return REFUSED.get(operation.id, operation.status)
