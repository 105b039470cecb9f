"""What exists in the fake of Google Cloud, its faults, and the log of requests.

The fakes follow the published references of Cloud Run (v2), IAM (v1), Cloud Storage (JSON, v1) and their pages of
quotas and limits. They refuse what the references refuse. They have not been compared with the live services.
"""

import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

PROJECT: Final = "clouds-1"
REGION: Final = "europe-west1"
OBJECT_USER: Final = "roles/storage.objectUser"


class RefusedError(Exception):
    """An error answer: the HTTP code, the canonical status, a message, and the reason in its details."""

    def __init__(self, code: int, status: str, message: str, reason: str = "") -> None:
        super().__init__(message)
        self.code, self.status, self.message, self.reason = code, status, message, reason


@dataclass
class StoredAccount:
    """A service account. It is unknown to other APIs for some of their requests."""

    email: str
    uid: str
    display_name: str
    description: str
    unknown_for: int = 0


@dataclass
class StoredBucket:
    """A bucket: its resource, policy and objects (name and generation)."""

    resource: dict[str, Any]
    policy: dict[str, Any]
    objects: dict[str, int] = field(default_factory=dict)


@dataclass
class Faults:
    """What goes wrong. Each is off unless set.

    `quota`, `denied`, `unavailable`: every request of a kind. `stuck`: operations never end. `meddle`: how many times
    somebody else changes a service or a policy just before a write of it. `spread`: for how many requests of another API
    a new account is unknown. `slow_access`: how many starts fail after a grant. `rate`: how many requests a rate limit
    refuses. `lost`: how many writes are carried out without a response.
    """

    quota: bool = False
    denied: bool = False
    unavailable: bool = False
    stuck: bool = False
    meddle: int = 0
    spread: int = 0
    slow_access: int = 0
    rate: int = 0
    lost: int = 0


class World:
    """A project of Google Cloud. One request at a time changes it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.faults = Faults()
        self.accounts: dict[str, StoredAccount] = {}
        self.buckets: dict[str, StoredBucket] = {}
        self.foreign_buckets: set[str] = set()
        self.services: dict[str, dict[str, Any]] = {}
        self.operations: dict[str, dict[str, Any]] = {}
        self.broken_images: set[str] = set()
        self.most_accounts = 100
        self.most_services = 1000
        self.polls = 1
        self.page = 100
        self.log: list[str] = []
        self._generation = 1_700_000_000_000_000

    def count(self) -> Counter[str]:
        """Return how often each method was called, such as `run.create`."""
        return Counter(self.log)

    def enter(self, method: str, *, is_creation: bool = False) -> None:
        """Log a request, and refuse it while a fault is on."""
        self.log.append(method)
        if self.faults.unavailable:
            raise RefusedError(503, "UNAVAILABLE", "The service is currently unavailable.")
        if self.faults.denied:
            raise RefusedError(403, "PERMISSION_DENIED", f"Permission '{method}' denied on the resource.")
        if self.faults.rate:
            self.faults.rate -= 1
            message = (
                "Quota exceeded for quota metric 'Write requests' and limit 'Write requests per minute'."
            )
            raise RefusedError(429, "RESOURCE_EXHAUSTED", message, "RATE_LIMIT_EXCEEDED")
        if self.faults.quota and is_creation:
            raise RefusedError(429, "RESOURCE_EXHAUSTED", f"The maximum number of {method} is reached.")

    def generation(self) -> int:
        """Return a number larger than all before."""
        self._generation += 1
        return self._generation

    def etag(self) -> str:
        """Return a new etag."""
        return f'"{secrets.token_hex(8)}"'

    def is_known(self, email: str) -> bool:
        """Return whether another API knows an account already."""
        account = self.accounts.get(email)
        if account is None:
            return False
        if account.unknown_for:
            account.unknown_for -= 1
            return False
        return True

    def may_use(self, email: str, bucket: str, prefix: str) -> bool:
        """Return whether an account may use the objects of a bucket with a prefix."""
        if bucket not in self.buckets or email not in self.accounts:
            return False
        if self.faults.slow_access:
            self.faults.slow_access -= 1
            return False
        for one in self.buckets[bucket].policy["bindings"]:
            if one["role"] != OBJECT_USER or f"serviceAccount:{email}" not in one["members"]:
                continue
            expression = one.get("condition", {}).get("expression")
            if expression is None or f"/objects/{prefix}" in expression:
                return True
        return False
