"""A client of a provisioner: the service that makes a cloud for each owner, and takes it down.

    provisioner = Provisioner(origin, transport)
    request = CloudRequest(id_token=id_token, nonce=nonce)
    made = follow(provisioner, provisioner.request_cloud(request), "ready", world)
    place = cloud_of(made, origin)                # checked: nothing has been sent there
    gone = follow(provisioner, provisioner.remove_cloud(request), "gone", world)

A provisioner gets ID tokens with nonces of its own, and nothing else: no device token and no key. The name that it
gives must not change, and its answers are bounded in size, in number and in time.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from satchel.cloud.api_client import ApiClient, origin_of
from satchel.cloud.problems import PROVISIONER_REACTIONS
from satchel.errors import RefusedError, SatchelError, UnreachableError, UsageError
from satchel.outgoing.address import Origin
from satchel_wire import provisioning
from satchel_wire.provisioning import AdvanceRequest, CloudProgress, CloudRequest, CloudState

RESPONSE_BYTES: Final = 64 << 10
"""A progress has at most 4,000 characters."""

LONGEST_S: Final = 1800.0
"""No creation or removal is followed for longer. Running the command again continues it."""

SHORTEST_WAIT_S: Final = 0.2
MAX_ANSWERS: Final = 1_000
_UNDER_WAY: Final = frozenset[CloudState]({"creating", "removing"})
_WORK: Final[dict[str, CloudState]] = {"ready": "creating", "gone": "removing"}

Goal = Literal["ready", "gone"]


class Provisioner(ApiClient):
    """A client of one provisioner. It holds no token."""

    reactions = PROVISIONER_REACTIONS

    def request_cloud(self, request: CloudRequest) -> CloudProgress:
        """Ask for the owner's cloud. Never retried, because a nonce works once."""
        return self._tell(provisioning.CLOUDS, request, is_repeatable=False)

    def remove_cloud(self, request: CloudRequest) -> CloudProgress:
        """Ask for the removal of the owner's cloud. Never retried, because a nonce works once.

        Raise NotFoundError if the account has no cloud.
        """
        return self._tell(provisioning.CLOUD_REMOVAL, request, is_repeatable=False)

    def advance(self, ticket: str) -> CloudProgress:
        """Let the provisioner continue, and return its progress."""
        return self._tell(provisioning.CLOUD_ADVANCE, AdvanceRequest(ticket=ticket), is_repeatable=True)

    def _tell(
        self, path: str, message: CloudRequest | AdvanceRequest, *, is_repeatable: bool
    ) -> CloudProgress:
        return self._ask(
            "POST",
            path,
            CloudProgress,
            message,
            is_repeatable=is_repeatable,
            response_bytes=RESPONSE_BYTES,
        )


def is_provisioner(client: ApiClient) -> bool:
    """Return whether a server makes clouds, instead of being one."""
    return provisioning.PROVISION in client.capability_names()


@dataclass(frozen=True, slots=True)
class World:
    """The dependencies of `follow`, which tests replace."""

    show: Callable[[str], None]
    """Show a step to the person at the terminal."""
    wait: Callable[[float], object] = time.sleep
    clock: Callable[[], float] = time.monotonic


def follow(provisioner: Provisioner, progress: CloudProgress, goal: Goal, world: World) -> CloudProgress:
    """Advance until the cloud is ready or gone, and return the last answer.

    Raise SatchelError if the provisioner reports a failure; RefusedError if it answers for another cloud;
    UnreachableError if it takes too long or cannot be reached. Running the command again continues in each case.
    """
    name, end, shown = progress.name, world.clock() + LONGEST_S, ""
    for _ in range(MAX_ANSWERS):
        if progress.name != name:
            raise RefusedError(
                f"the provisioner {str(provisioner.origin)!r} answers for the cloud {progress.name!r} instead of {name!r}",
                hint="nothing was connected; ask its operator",
            )
        if progress.state == goal:
            return progress
        _require_under_way(provisioner.origin, progress, goal)
        step = _one_line(progress.step)
        if step and step != shown:
            world.show(step)
            shown = step
        wait_s = max(SHORTEST_WAIT_S, progress.retry_after_s)
        if world.clock() + wait_s > end:
            break
        world.wait(wait_s)
        progress = provisioner.advance(progress.ticket)
    raise UnreachableError(
        f"the provisioner {str(provisioner.origin)!r} is still not done",
        hint="run the command again: it continues with the same cloud",
    )


def _require_under_way(origin: Origin, progress: CloudProgress, goal: Goal) -> None:
    """Raise an error unless the provisioner works on what was asked for."""
    if progress.state == _WORK[goal]:
        return
    if progress.state == "failed":
        detail = _one_line(progress.detail)
        reason = f": {detail}" if detail else ""
        raise SatchelError(
            f"the provisioner {str(origin)!r} reports a failure{reason}",
            hint="run the command again; if it fails again, ask the provisioner's operator",
        )
    doing = "is being removed" if progress.state in _UNDER_WAY else f"is {progress.state}"
    raise RefusedError(
        f"the provisioner {str(origin)!r} says that the cloud {doing}",
        hint="another device may be doing this: wait a few minutes, then run the command again",
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cloud is. `is_under_provisioner`: its host is below the provisioner's own, so no question is needed."""

    origin: Origin
    is_under_provisioner: bool


def cloud_of(progress: CloudProgress, provisioner: Origin) -> Place:
    """Return where the cloud is that a provisioner names. Raise RefusedError for an address that it must not name.

    The address uses TLS if the provisioner does, is on this computer only if the provisioner is, is not the
    provisioner itself, and begins with the cloud's name.
    """
    origin = _parse(progress.url, provisioner)
    if origin == provisioner:
        raise _refused(provisioner, origin, "which is the provisioner itself")
    if origin.is_loopback:
        if not provisioner.is_loopback:
            raise _refused(provisioner, origin, "which is this computer")
        return Place(origin, is_under_provisioner=True)
    if origin.host.partition(".")[0] != progress.name:
        raise _refused(provisioner, origin, f"which is not the cloud {progress.name!r}")
    return Place(origin, origin.host.endswith(f".{provisioner.host}"))


def _parse(url: str, provisioner: Origin) -> Origin:
    allow_http = (
        provisioner.scheme == "http" and not provisioner.is_loopback
    )  # the owner allowed it: --allow-http
    try:
        return Origin.parse(url, allow_http=allow_http)
    except UsageError as exc:
        raise RefusedError(
            f"the provisioner {str(provisioner)!r} names a cloud at {origin_of(url)[:200]!r}, "
            "which is not an https:// address",
            hint="nothing was sent there; ask the provisioner's operator",
        ) from exc


def _refused(provisioner: Origin, origin: Origin, why: str) -> RefusedError:
    return RefusedError(
        f"the provisioner {str(provisioner)!r} names a cloud at {str(origin)!r}, {why}",
        hint="nothing was sent there; ask the provisioner's operator",
    )
