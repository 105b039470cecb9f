"""The promises made to clients, and checks that they hold."""

from collections.abc import Sequence


class ViolationError(AssertionError):
    """A promise of the log was broken."""


class Promises:
    """Every transaction that clients requested, and every one that an answer has shown."""

    def __init__(self) -> None:
        self.made: list[bytes] = []
        self.acknowledged: dict[bytes, int] = {}
        self._shown: set[bytes] = set()
        self._asked: dict[bytes, tuple[int, int]] = {}

    def new_write(self, now: int, instance: int) -> bytes:
        """Return a new transaction for an instance to commit."""
        write = b"%d" % len(self._asked)
        self._asked[write] = (now, instance)
        return write

    def make(self, seen: Sequence[bytes]) -> None:
        """Record that an answer has shown these transactions: they must never be lost."""
        for write in seen:
            if write not in self._shown:
                self._shown.add(write)
                self.made.append(write)

    def check_opening(self, count: int, state: Sequence[bytes]) -> None:
        """Check that an opening has the first `count` promises, those made before it began, and no duplicates."""
        have = set(state)
        if len(have) != len(state):
            raise ViolationError("a transaction was applied twice")
        lost = [write for write in self.made[:count] if write not in have]
        if lost:
            raise ViolationError(f"lost: {lost}")

    def check_confirmed(self, count: int, seen: Sequence[bytes]) -> None:
        """Check that a confirmed read shows the first `count` promises, those made before its request."""
        if not set(self.made[:count]) <= set(seen):
            raise ViolationError("a confirmed read was stale")

    def check_order(self, state: Sequence[bytes]) -> None:
        """Check that no transaction follows one that was requested only after it had been acknowledged.

        The transactions of each instance must also be contiguous: after a takeover the previous instance
        acknowledges nothing.
        """
        latest = -1
        instances: list[int] = []
        for write in state:
            if write not in self._asked:
                raise ViolationError(f"no client requested {write!r}")
            asked_at, instance = self._asked[write]
            latest = max(latest, asked_at)
            if self.acknowledged.get(write, latest) < latest:
                raise ViolationError(f"{write!r} follows a transaction requested after its acknowledgement")
            if instances[-1:] != [instance]:
                instances.append(instance)
        if len(set(instances)) != len(instances):
            raise ViolationError(f"the transactions of an instance are not contiguous: {instances}")


def state_of(image: bytes | None, changesets: Sequence[bytes]) -> list[bytes]:
    """Return the transactions in a simulated database, which is just their list."""
    return [*(image.split(b",") if image else ()), *changesets]


def image_of(state: Sequence[bytes]) -> bytes:
    """Return the simulated database as bytes."""
    return b",".join(state)
