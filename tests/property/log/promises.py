"""What clients were told, and whether it holds."""

from collections.abc import Sequence


class ViolationError(AssertionError):
    """A promise of the log was broken."""


class Promises:
    """Every transaction that was asked for, every one that an answer has shown."""

    def __init__(self) -> None:
        self.made: list[bytes] = []
        self.acknowledged: dict[bytes, int] = {}
        self._shown: set[bytes] = set()
        self._asked: dict[bytes, tuple[int, int]] = {}

    def ask(self, now: int, instance: int) -> bytes:
        """Return a new transaction for an instance to commit."""
        write = b"%d" % len(self._asked)
        self._asked[write] = (now, instance)
        return write

    def make(self, seen: Sequence[bytes]) -> None:
        """An answer that was built on these transactions has left: they must never be lost."""
        for write in seen:
            if write not in self._shown:
                self._shown.add(write)
                self.made.append(write)

    def check_opening(self, count: int, state: Sequence[bytes]) -> None:
        """What was promised before an opening began (the first `count`) is in it; nothing is in it twice."""
        have = set(state)
        if len(have) != len(state):
            raise ViolationError("a transaction was applied twice")
        lost = [write for write in self.made[:count] if write not in have]
        if lost:
            raise ViolationError(f"lost: {lost}")

    def check_confirmed(self, count: int, seen: Sequence[bytes]) -> None:
        """What was promised before a confirmed read was asked for (the first `count`) is in it."""
        if not set(self.made[:count]) <= set(seen):
            raise ViolationError("a confirmed read was stale")

    def check_order(self, state: Sequence[bytes]) -> None:
        """No transaction stands behind one that was asked for only after it had been acknowledged.

        And each instance's transactions are one run: after a takeover none of the former's is acknowledged.
        """
        latest = -1
        instances: list[int] = []
        for write in state:
            if write not in self._asked:
                raise ViolationError(f"nobody asked for {write!r}")
            asked_at, instance = self._asked[write]
            latest = max(latest, asked_at)
            if self.acknowledged.get(write, latest) < latest:
                raise ViolationError(f"{write!r} stands behind what was asked for after its acknowledgement")
            if instances[-1:] != [instance]:
                instances.append(instance)
        if len(set(instances)) != len(instances):
            raise ViolationError(f"instances took turns: {instances}")


def state_of(image: bytes | None, changesets: Sequence[bytes]) -> list[bytes]:
    """Return the transactions in a database: the simulated one is the list of them."""
    return [*(image.split(b",") if image else ()), *changesets]


def image_of(state: Sequence[bytes]) -> bytes:
    """Return the simulated database as one piece."""
    return b",".join(state)
