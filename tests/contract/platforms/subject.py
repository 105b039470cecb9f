"""What the contract suite needs of a platform under test, and how it disturbs the API beneath it.

A subject stands for one empty shard. To hold a new platform to the promises, write a subclass of `Subject` in
tests/contract/platforms and add it to `SUBJECTS` in tests/contract/conftest.py.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from enum import Enum
from typing import Final

from satchel_infra.names import NameKey, Owner, identify
from satchel_infra.platform import Cloud, CloudSpec, Platform

KEY: Final = NameKey(bytes(range(32)))
DOMAIN: Final = "clouds.example.org"
ISSUER: Final = "https://issuer.example.org/"
SETTINGS: Final[Mapping[str, str]] = {
    "SATCHEL_OIDC_ISSUER": ISSUER,
    "SATCHEL_OIDC_CLIENT_ID": "satchel",
    "SATCHEL_OWNER_SUBJECT": "auth0|5f7c",
}


class Killed(BaseException):
    """The process ends here. Nothing of the product may handle it."""


class Fault(Enum):
    """What a platform's API answers while a fault is on."""

    QUOTA = "quota"
    """A limit is reached: creations are refused with QuotaError."""
    DENIED = "denied"
    """The credentials are refused: DeniedError."""
    UNAVAILABLE = "unavailable"
    """The API does not respond, again and again: UnavailableError."""
    DEADLINE = "deadline"
    """A call, or what it began, takes longer than anyone waits for it: UnavailableError."""
    CONFLICT = "conflict"
    """Somebody else changes a cloud between a read and a write of it, once: the call succeeds all the same."""


class Subject(ABC):
    """One empty shard of a platform, its images, and its faults.

    `faults` are the ones that can be caused. `counts_requests` says whether `cut_after` works. `many` is the number of
    clouds in the test of long lists, which must take several pages of the platform's own API. `prepares` says whether
    the operator's own process can reach the storage of a cloud.
    """

    faults: frozenset[Fault] = frozenset()
    counts_requests: bool = False
    many: int = 300
    prepares: bool = True

    @abstractmethod
    def platform(self) -> Platform:
        """Open the shard as a new process would: nothing is shared with the other platforms but the shard itself."""

    @abstractmethod
    def image(self, number: int = 1) -> str:
        """Return an image that starts. Each number stands for another one."""

    @abstractmethod
    def broken_image(self) -> str:
        """Return an image of which the platform says that it does not start."""

    @abstractmethod
    def remains(self, name: str) -> list[str]:
        """Return what exists of a cloud beneath the platform, data included, as sorted words such as `bucket/c…`."""

    @abstractmethod
    def store_data(self, name: str) -> None:
        """Store something in the data of a complete cloud, as its service would. `remains` shows it."""

    def cut_after(self, requests: int) -> AbstractContextManager[None]:
        """Kill the processes opened in the block just before they make one more than `requests` requests."""
        raise NotImplementedError

    def fault(self, fault: Fault) -> AbstractContextManager[None]:
        """Cause a fault during the block."""
        raise NotImplementedError

    def settings(self) -> Mapping[str, str]:
        """Return the settings of the clouds under test."""
        return SETTINGS

    def fill(self, specs: list[CloudSpec]) -> None:
        """Create many clouds, one after the other."""
        platform = self.platform()
        for spec in specs:
            platform.ensure(spec)

    def spec(
        self, owner: Owner, *, image: str | None = None, settings: Mapping[str, str] | None = None
    ) -> CloudSpec:
        """Return a spec of an owner's cloud in this shard."""
        host = f"{owner.name}.{self.platform().shard.id}.{DOMAIN}"
        chosen = {**self.settings(), **(settings or {})}
        return CloudSpec(owner=owner, host=host, image=image or self.image(), settings=chosen)


def owner_of(subject: str) -> Owner:
    """Return the owner of an account by its subject."""
    return identify(KEY, issuer=ISSUER, subject=subject)


def namesake(owner: Owner) -> Owner:
    """Return another owner whose cloud has the same name."""
    last = "a" if owner.tag[-1] != "a" else "b"
    return Owner(owner.tag[:-1] + last)


def listed(platform: Platform, name: str) -> Cloud | None:
    """Return a cloud from the platform's list."""
    found = [cloud for cloud in platform.list() if cloud.name == name]
    assert len(found) <= 1
    return found[0] if found else None


class Stopper:
    """A report that kills the process before the n-th step."""

    def __init__(self, step: int) -> None:
        self.left = step
        self.steps: list[str] = []

    def __call__(self, step: str) -> None:
        """Count a step, or stop there."""
        self.left -= 1
        if self.left <= 0:
            raise Killed(step)
        self.steps.append(step)


def killable() -> AbstractContextManager[None]:
    """End a block at a kill."""
    return suppress(Killed)
