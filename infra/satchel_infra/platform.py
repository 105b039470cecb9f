"""What every platform promises: Cloud Run, Knative and a Linux machine with systemd.

    platform = open_platform(configuration, shard)
    cloud = platform.ensure(spec)      # creates the cloud, or completes it, or changes nothing
    platform.find(spec.name)           # as the platform itself says; nothing is remembered elsewhere
    platform.update(spec)              # another image or other settings
    platform.remove(spec.name)         # access first, then data
    platform.prepare(spec)             # the storage alone, for a cloud that is moved here from another platform

The platform's own list is the registry. tests/contract/test_platforms.py holds every implementation to the promises.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, Protocol

from satchel_infra.names import Owner
from satchel_infra.shards import Shard

Report = Callable[[str], None]
"""Called before each step with a few words for people, such as "create the bucket", and every few seconds of a wait.

It may raise, to stop there.
"""


DECIDED: Final = frozenset(
    {"SATCHEL_STORAGE", "SATCHEL_PUBLIC_URL", "SATCHEL_BIND", "PORT", "SATCHEL_TRUSTED_PROXIES"}
)
"""The settings of a cloud that its platform decides."""


def ignore(step: str) -> None:
    """Report nothing."""


class State(Enum):
    """What a cloud is doing."""

    CREATING = "creating"
    """Something of it exists, but it does not serve yet. `ensure` completes it, `remove` removes it."""
    READY = "ready"
    """It serves, or sleeps and serves the next request."""
    FAILED = "failed"
    """The platform says that it cannot serve; `Cloud.detail` says why."""
    REMOVING = "removing"
    """Its removal has begun, so it never serves again, and some of it still exists. `remove` completes that."""


@dataclass(frozen=True, slots=True)
class CloudSpec:
    """The desired state of a cloud.

    `settings` are the service's own settings by environment variable, without secrets and without those in DECIDED.
    `image` names a release as the platform does: an image by digest, or the directory of an installation.
    """

    owner: Owner
    host: str
    image: str
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The cloud's name."""
        return self.owner.name

    @property
    def public_url(self) -> str:
        """The address of the cloud for people."""
        return f"https://{self.host}"


@dataclass(frozen=True, slots=True)
class Cloud:
    """A cloud as its platform describes it. `detail` explains a failure in one line."""

    owner: Owner
    shard_id: str
    host: str
    image: str
    state: State
    settings: Mapping[str, str] = field(default_factory=dict)
    detail: str = ""

    @property
    def name(self) -> str:
        """The cloud's name."""
        return self.owner.name


class Platform(Protocol):
    """The clouds of one shard.

    Each call is idempotent, may run in several processes at once, and may be repeated after a kill at any step: the
    repetition completes what the first one began. Nothing is created that `list` does not show and `remove` does not
    remove. Every call raises DeniedError, QuotaError, UnavailableError or FailedError as the platform says.
    """

    @property
    def shard(self) -> Shard:
        """The shard."""
        ...

    def ensure(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Create the cloud, or complete it, and return it once it serves.

        An existing complete cloud keeps its image and settings. The part that makes it reachable comes last. Raise
        OwnerMismatchError, changing nothing, if the name belongs to another owner.
        """
        ...

    def prepare(self, spec: CloudSpec, report: Report = ignore) -> Mapping[str, str]:
        """Create the storage of a cloud and nothing that serves, for a cloud that is moved here; `ensure` completes it.

        Return the settings by which the operator's own process reaches that storage, beside those of the spec and the
        operator's own credentials: SATCHEL_STORAGE. An existing cloud is not changed: only the settings are returned. Raise
        OwnerMismatchError, changing nothing, if the name belongs to another owner, and FailedError if only the cloud
        itself can reach its storage.
        """
        ...

    def find(self, name: str) -> Cloud | None:
        """Return a cloud, also a half-created or half-removed one; None if nothing of it exists."""
        ...

    def list(self) -> Iterator[Cloud]:
        """Yield every cloud of the shard once, half-created and half-removed ones too, in the order of their names."""
        ...

    def update(self, spec: CloudSpec, report: Report = ignore) -> Cloud:
        """Give a complete cloud the image and settings of `spec` and return it once the platform says that they serve.

        A cloud that already has them is not touched. Nothing acknowledged is lost. Raise NoSuchCloudError, and
        FailedError if the new release does not start; the earlier one then keeps serving.
        """
        ...

    def remove(self, name: str, report: Report = ignore) -> None:
        """Remove a cloud: first its host name and every access, then the service, then its data, then the rest.

        Nothing of it exists afterwards. Do nothing if it does not exist.
        """
        ...
