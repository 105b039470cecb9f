"""Concurrent load on a cloud that is being killed, and a ledger of everything that its answers acknowledged."""

import hashlib
import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

import urllib3
from tests.support.asgi import Answer
from tests.support.wire_device import WireDevice, b64

ANSWER_TIMEOUT_S: Final = 30.0
RETRY_S: Final = 0.01  # while the service is down
BODY_BYTES: Final = 1500
# low limits are used up under load, high ones give every run views to lose
VIEW_LIMITS: Final = (1, 2, 3, 5, 200)
LOW_LIMIT: Final = 5


class Ledger:
    """Everything acknowledged. An entry is added only after its answer has arrived."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.backups: dict[str, str] = {}
        self.shares: dict[str, int] = {}
        self.views: Counter[str] = Counter()
        self.revoked: set[str] = set()
        self.broken: list[str] = []

    def add(self, entry: Callable[[], object]) -> None:
        """Add an entry."""
        with self._lock:
            entry()

    @property
    def size(self) -> int:
        """The number of entries."""
        with self._lock:
            return len(self.backups) + len(self.shares) + self.views.total() + len(self.revoked)

    def any_share(self, rng: random.Random) -> str:
        """Return a recently published share, or an empty string if there is none."""
        with self._lock:
            return rng.choice(list(self.shares)[-20:]) if self.shares else ""

    def check(self, device: WireDevice) -> None:
        """Check that an instance still has everything acknowledged."""
        assert self.broken == []
        found = {backup["id"] for backup in device.call("GET", "/v1/backups").json()["backups"]}
        assert set(self.backups) <= found, "a backup was lost"
        for backup_id, digest in self.backups.items():
            body = device.call("GET", f"/v1/archives/{backup_id}").body
            assert hashlib.sha256(body).hexdigest() == digest, "a backup changed"
        shares = {share["id"]: share for share in device.call("GET", "/v1/shares").json()["shares"]}
        assert set(self.shares) <= set(shares), "a share was lost"
        for share_id, limit in self.shares.items():
            assert self.views[share_id] <= shares[share_id]["opened"] <= limit, (
                "a view was lost, or the limit was exceeded"
            )
        for share_id in self.revoked:
            assert shares[share_id]["state"] == "revoked", "a revocation was lost"
            assert device.open(share_id).status != 200

    def use_up(self, device: WireDevice) -> None:
        """Open every share with a low limit until it refuses; the views granted in all must not exceed the limit."""
        for share_id, limit in self.shares.items():
            if limit > LOW_LIMIT:
                continue
            granted = self.views[share_id]
            while granted <= limit and device.open(share_id).status == 200:
                granted += 1
            assert granted <= limit, "more views than the limit"


class Load:
    """Clients that publish, open, revoke and back up concurrently while the service is killed and restarted."""

    def __init__(self, urls: Sequence[str], token: str, ledger: Ledger, seed: int, clients: int = 4) -> None:
        self._ledger = ledger
        self._stop = threading.Event()
        self._stack = ExitStack()
        self.statuses: Counter[int] = Counter()
        self._threads = [
            threading.Thread(
                target=self._run, args=(urls[number % len(urls)], token, random.Random(seed + number))
            )
            for number in range(clients)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, url: str, token: str, rng: random.Random) -> None:
        with urllib3.PoolManager() as pool:
            device = WireDevice(sender(pool, url), token)
            while not self._stop.is_set():
                try:
                    self._act(device, rng)
                except urllib3.exceptions.HTTPError:
                    self._stop.wait(RETRY_S)

    def _act(self, device: WireDevice, rng: random.Random) -> None:
        action = rng.choices((self._back_up, self._publish, self._open, self._revoke), (2, 2, 6, 1))[0]
        action(device, rng)

    def _back_up(self, device: WireDevice, rng: random.Random) -> None:
        data, backup_id = rng.randbytes(BODY_BYTES), rng.randbytes(16).hex()
        # held, so that the retention does not prune it
        message: dict[str, object] = {"needs": [], "summary": b64(b"sealed"), "hold": True}
        if self._upload(device, backup_id, data, "archive") and self._succeeded(
            device.call("PUT", f"/v1/backups/{backup_id}", message)
        ):
            digest = hashlib.sha256(data).hexdigest()
            self._ledger.add(lambda: self._ledger.backups.__setitem__(backup_id, digest))

    def _publish(self, device: WireDevice, rng: random.Random) -> None:
        upload_id, share_id, views = rng.randbytes(16).hex(), rng.randbytes(16).hex(), rng.choice(VIEW_LIMITS)
        message = {
            "upload": upload_id,
            "proof_sha256": b64(hashlib.sha256(bytes(range(32))).digest()),
            "views": views,
        }
        if self._upload(device, upload_id, rng.randbytes(BODY_BYTES), "share") and self._succeeded(
            device.call("PUT", f"/v1/shares/{share_id}", message)
        ):
            self._ledger.add(lambda: self._ledger.shares.__setitem__(share_id, views))

    def _open(self, device: WireDevice, rng: random.Random) -> None:
        share_id = self._ledger.any_share(rng)
        was_revoked = share_id in self._ledger.revoked
        if share_id and self._succeeded(device.open(share_id)):
            self._ledger.add(lambda: self._ledger.views.update([share_id]))
            if was_revoked:
                self._ledger.broken.append("a revoked share was opened")

    def _revoke(self, device: WireDevice, rng: random.Random) -> None:
        share_id = self._ledger.any_share(rng)
        if share_id and self._succeeded(device.call("DELETE", f"/v1/shares/{share_id}")):
            self._ledger.add(lambda: self._ledger.revoked.add(share_id))

    def _upload(self, device: WireDevice, upload_id: str, data: bytes, kind: str) -> bool:
        announced = device.announce(upload_id, len(data), kind)
        return (
            self._succeeded(announced)
            and all(
                self._succeeded(device.call("PUT", part["url"], body=data))
                for part in announced.json()["parts"]
            )
            and self._succeeded(device.call("POST", f"/v1/uploads/{upload_id}/complete"))
        )

    def _succeeded(self, answer: Answer) -> bool:
        self.statuses[answer.status] += 1
        return answer.status in (200, 201, 204)


def sender(
    pool: urllib3.PoolManager, url: str
) -> Callable[[str, str, Mapping[str, str], bytes | None], Answer]:
    """Return the function that sends the requests of a device."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        done = pool.request(
            method,
            url + path,
            body=body,
            headers=headers,
            retries=False,
            timeout=ANSWER_TIMEOUT_S,
            redirect=False,
        )
        return Answer(done.status, {name.lower(): value for name, value in done.headers.items()}, done.data)

    return send
