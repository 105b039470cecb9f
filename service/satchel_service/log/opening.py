"""Opening the log: the newest snapshot, the entries after it until one is absent, and then the floor once more."""

from collections.abc import Sequence

from satchel_service.log.errors import DamagedLogError, UncertainError
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.reading import Reading, fetch, snapshots_in, whole
from satchel_service.log.snapshot import Snapshot
from satchel_service.log.store import LogStore


class Opening:
    """One opening of the log. It changes nothing in the store."""

    def __init__(self, store: LogStore, policy: Policy) -> None:
        self._store = store
        self._policy = policy

    async def run(self) -> Reading:
        """Return the log with everything that was acknowledged before this call. DamagedLogError, UncertainError."""
        before = await snapshots_in(self._store)
        for _ in range(self._policy.attempts):
            outcome = await self._attempt(before)
            after = await snapshots_in(self._store)
            if self.is_settled(before, after):
                if isinstance(outcome, DamagedLogError):
                    raise outcome
                return outcome
            before = after
        raise UncertainError("the log was shortened again and again while it was being read")

    def history(self, start: Snapshot | None, size_bytes: int) -> History:
        """Return the history that begins at a whole snapshot, or at nothing."""
        return History(start, size_bytes)

    def is_settled(self, before: Sequence[int], after: Sequence[int]) -> bool:
        """Whether the floor stood still: else an entry found absent may have been truncated, not unwritten."""
        return before[-1:] == after[-1:]

    async def _attempt(self, snapshots: Sequence[int]) -> Reading | DamagedLogError:
        """Read once. What looks damaged may only be gone: believe it when the floor has stood still."""
        try:
            return await self._read(snapshots)
        except DamagedLogError as exc:
            return exc

    async def _read(self, snapshots: Sequence[int]) -> Reading:
        """Begin at the newest whole snapshot: one that was cut short was never relied on by its writer."""
        for sequence in (*reversed(snapshots), 0):
            reading = await self._read_from(sequence)
            if reading is not None:
                break
        else:
            raise DamagedLogError("the log has no beginning")
        if snapshots and reading.history.sequence < snapshots[-1]:  # an older one was no way around it
            raise DamagedLogError(
                f"the log ends at entry {reading.history.sequence}, before its snapshot {snapshots[-1]}",
                hint="recover an earlier moment: satchel-service recover --at TIME --into DIR",
            )
        return reading

    async def _read_from(self, sequence: int) -> Reading | None:
        data, found = await fetch(self._store, self._policy, sequence)
        start = whole(data, sequence)
        if sequence and start is None:
            return None
        reading = Reading(self.history(start, len(data or b"")), start)
        await reading.read(self._store, self._policy, found)
        return reading
