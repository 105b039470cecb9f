"""Ids that must get one and the same response: absent, malformed, ended, and of another cloud."""

import hashlib
import os
from collections.abc import Callable, Mapping
from typing import Final

from tests.security.matrix.clouds import TestCloud
from tests.support.wire_device import PROOF, b64

ABSENT: Final = "0" * 32
Make = Callable[[TestCloud], str]


def malformed(real: str) -> Mapping[str, str]:
    """Return malformed ids, most of them close to the id of an existing resource."""
    letter = next((place for place, char in enumerate(real) if char in "abcdef"), 0)
    return {
        "upper case": real.upper(),
        "one letter in upper case": real[:letter] + real[letter].upper() + real[letter + 1 :],
        "shortened": real[:-1],
        "lengthened": real + "0",
        "not hex": real[:-1] + "g",
        "short": "x",
        "dot": ".",
        "two dots": "..",
        "asterisk": "*",
        "percent sign": "%",
        "underscores": "_" * 32,
        "encoded letter": f"%{ord(real[0]):02x}{real[1:]}",
        "encoded twice": f"%25{ord(real[0]):02x}{real[1:]}",
        "encoded null": f"{real}%00",
        "encoded space": f"{real}%20",
        "encoded line feed": f"{real}%0a",
        "encoded slash": f"{real}%2f",
        "parameter": f"{real};v=1",
        "comma": f"{real},{real}",
        "with hyphens": f"{real[:8]}-{real[8:12]}-{real[12:16]}-{real[16:20]}-{real[20:]}",
        "braces": f"{{{real}}}",
        "statement": "'OR''='",
        "full-width digits": "".join(chr(ord(digit) + 0xFEE0) for digit in ABSENT),
        "arabic digits": "\u0660" * 32,
        "replacement": "\ufffd" * 32,
        "long": "a" * 5000,
    }


def ended_shares(cloud: TestCloud) -> Mapping[str, str]:
    """Return shares that nobody can open any more. Each kept its row; the clock is an hour later."""
    device = cloud.device
    shares = {
        "revoked": device.share(),
        "expired": device.share(expires=cloud.clock.after(minutes=1)),
        "used up": device.share(views=1),
        "used up and revoked": device.share(views=1),
        "expired with a card": device.share(expires=cloud.clock.after(minutes=1), card={"title": "card"}),
        "expired with a password": device.share(
            expires=cloud.clock.after(minutes=1), password={"salt": "A" * 22 + "==", "log_n": 16}
        ),
    }
    for name in ("used up", "used up and revoked"):
        assert device.open(shares[name]).status == 200
    for name in ("revoked", "used up and revoked"):
        assert device.call("DELETE", f"/v1/shares/{shares[name]}").status == 204
    cloud.clock.advance(hours=1)
    return shares


def gone_shares(cloud: TestCloud) -> Mapping[str, str]:
    """Return the ids of ended shares that the cloud has deleted."""
    shares = ended_shares(cloud)
    cloud.clock.advance(days=30)
    cloud.device.call("GET", "/v1/shares")  # expired rows are swept within requests
    return shares


def gone_backups(cloud: TestCloud) -> Mapping[str, str]:
    """Return the ids of backups that are deleted for good, and of an archive that was never committed."""
    device = cloud.device
    purged, erased, uncommitted = device.backup(), device.backup(), device.upload(b"archive")
    device.call("DELETE", f"/v1/backups/{purged}")
    cloud.clock.advance(days=2)
    device.call("GET", "/v1/status")
    for _ in range(9):  # the grace period counts at most a day between two requests
        cloud.clock.advance(days=1)
        device.call("GET", "/v1/status")
    message = {"code": cloud.operators_code(), "backups": [erased]}
    assert device.call("POST", "/v1/backups/erase", message).status == 204
    return {"purged": purged, "erased": erased, "uncommitted": uncommitted}


def gone_uploads(cloud: TestCloud) -> Mapping[str, str]:
    """Return the ids of uploads that were aborted or have expired."""
    device, aborted, expired = cloud.device, os.urandom(16).hex(), os.urandom(16).hex()
    for upload in (aborted, expired):
        assert device.announce(upload, 4).status == 200
    assert device.call("DELETE", f"/v1/uploads/{aborted}").status == 204
    cloud.clock.advance(days=8)
    return {"aborted": aborted, "expired": expired}


def gone_devices(cloud: TestCloud) -> Mapping[str, str]:
    """Return the id of a revoked device."""
    revoked = cloud.connect()
    assert cloud.device.call("DELETE", f"/v1/devices/{revoked.id}").status == 204
    return {"revoked": revoked.id}


def ask(cloud: TestCloud, **terms: object) -> str:
    """Make a request and return its id."""
    request_id = os.urandom(16).hex()
    proof_sha256 = b64(hashlib.sha256(PROOF).digest())
    message = {"proof_sha256": proof_sha256, "sheet": "", "answer_bytes": 1000, **terms}
    assert cloud.device.call("PUT", f"/v1/requests/{request_id}", message).status == 200
    return request_id


def ended_requests(cloud: TestCloud) -> Mapping[str, str]:
    """Return requests that nobody can answer any more. Each kept its row; the clock is an hour later."""
    ids = {"revoked": ask(cloud), "expired": ask(cloud, expires_in_s=60), "answered": ask(cloud)}
    path = f"/v1/requests/{ids['answered']}/answers/{ids['answered']}"
    sent = cloud.stranger.call("PUT", path, body=b"sealed", headers={"Satchel-Proof": b64(PROOF)})
    assert sent.status == 200
    assert cloud.device.call("DELETE", f"/v1/requests/{ids['revoked']}").status == 204
    cloud.clock.advance(hours=1)
    return ids


def gone_requests(cloud: TestCloud) -> Mapping[str, str]:
    """Return the ids of ended requests that the cloud has deleted."""
    ids = ended_requests(cloud)
    cloud.clock.advance(days=31)
    cloud.device.call("GET", "/v1/requests")
    return ids


EXISTING: Final[Mapping[str, Make]] = {
    "devices": lambda cloud: cloud.connect().id,
    "uploads": lambda cloud: cloud.device.upload(b"archive"),
    "archives": lambda cloud: cloud.device.backup(),
    "backups": lambda cloud: cloud.device.backup(),
    "shares": lambda cloud: cloud.device.share(),
    "s": lambda cloud: cloud.device.share(),
    "requests": ask,
    "r": ask,
}
"""By collection: a resource that exists."""

GONE: Final[Mapping[str, Callable[[TestCloud], Mapping[str, str]]]] = {
    "devices": gone_devices,
    "uploads": gone_uploads,
    "archives": gone_backups,
    "backups": lambda cloud: {
        name: backup for name, backup in gone_backups(cloud).items() if name != "uncommitted"
    },
    "shares": gone_shares,
    "s": gone_shares,
    "requests": gone_requests,
    "r": gone_requests,
}
"""By collection: the ids of resources that existed."""


def collection(route: str) -> str:
    """Return what the ids of a route name, by its segment: `shares` of `/v1/shares/{id}/info`."""
    return route[: route.index("/{id}")].rpartition("/")[2]
