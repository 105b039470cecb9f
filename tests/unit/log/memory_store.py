"""An in-memory `LogStore` with faults that tests inject, and helpers that write and open a log in it."""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple, TypeVar

from satchel_service.log.errors import UncertainError
from satchel_service.log.format import WriterId
from satchel_service.log.policy import Policy
from satchel_service.log.reader import Opening
from satchel_service.log.retention import Retention
from satchel_service.log.store import ListedObject
from satchel_service.log.writer import Writer

T = TypeVar("T")

HOUR_MS: Final = 60 * 60 * 1000
POLICY: Final = Policy(snapshot_entries=3)


class Fault(NamedTuple):
    """A fault in the next call of a kind on a key with this prefix."""

    kind: str
    key: str
    when: str
    act: Callable[[], None] | None = None


class MemoryStore:
    """Implements `LogStore`. `clock_ms` is the store's clock; `calls` lists the kind and key of each request."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, int]] = {}
        self.clock_ms = 1_000 * HOUR_MS
        self.calls: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.is_down = False

    def lose(self, kind: str, key: str = "") -> None:
        """Make the next such call time out without effect."""
        self.faults.append(Fault(kind, key, "lost"))

    def hide(self, kind: str, key: str = "") -> None:
        """Make the next such call take effect and time out."""
        self.faults.append(Fault(kind, key, "hidden"))

    def meanwhile(self, kind: str, key: str, act: Callable[[], None]) -> None:
        """Run `act` right before the next such call."""
        self.faults.append(Fault(kind, key, "meanwhile", act))

    async def create(self, key: str, data: bytes) -> bool:
        with self._call("create", key):
            is_free = key not in self.objects
            if is_free:
                self.put(key, data)
        return is_free

    async def replace(self, objects: Mapping[str, bytes]) -> None:
        for key, data in objects.items():
            with self._call("replace", key):
                self.put(key, data)

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        found: list[bytes | None] = []
        for key in keys:
            with self._call("get", key):
                found.append(self.objects[key][0] if key in self.objects else None)
        return found

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            with self._call("delete", key):
                self.objects.pop(key, None)

    async def list(self, prefix: str) -> Sequence[ListedObject]:
        with self._call("list", prefix):
            return [ListedObject(key, self.objects[key][1]) for key in self.keys(prefix)]

    async def offload(self, work: Callable[[], T]) -> T:
        return work()

    def put(self, key: str, data: bytes) -> None:
        self.objects[key] = (data, self.clock_ms)

    def keys(self, prefix: str) -> Sequence[str]:
        return sorted(key for key in self.objects if key.startswith(prefix))

    def count(self, kind: str) -> int:
        return sum(call[0] == kind for call in self.calls)

    @contextmanager
    def _call(self, kind: str, key: str) -> Iterator[None]:
        self.calls.append((kind, key))
        if self.is_down:
            raise UncertainError("the store is down")
        found = [fault for fault in self.faults if fault.kind == kind and key.startswith(fault.key)][:1]
        for fault in found:
            self.faults.remove(fault)
            if fault.act is not None:
                fault.act()
            if fault.when == "lost":
                raise UncertainError("timed out")
        yield
        if [fault for fault in found if fault.when == "hidden"]:
            raise UncertainError("timed out")


def writer_id(number: int) -> WriterId:
    return WriterId(number.to_bytes(16, "big"))


async def open_writer(store: MemoryStore, number: int = 1, policy: Policy = POLICY) -> Writer:
    """Open the log and return its writer."""
    contents = await Opening(store, policy).run()
    return Writer(store, contents.history, writer_id(number), lambda: store.clock_ms, policy)


async def state(store: MemoryStore, policy: Policy = POLICY) -> list[bytes]:
    """Return the state that an opening reads: the image, if any, and the changesets."""
    image, changesets = (await Opening(store, policy).run()).state()
    return [*([image] if image is not None else []), *changesets]


async def write_entries(writer: Writer, *changesets: bytes) -> None:
    """Log transactions, each in an entry of its own."""
    for changeset in changesets:
        writer.append(changeset)
        await writer.advance()


async def add_snapshot(store: MemoryStore, writer: Writer, image: bytes) -> bool:
    """Log one more transaction and store a snapshot after it; return whether it was verified."""
    writer.append(b"~" + image, image)
    await writer.advance()
    taken = writer.take_snapshot()
    if taken is None:
        raise RuntimeError("no snapshot is due")
    is_stored = await Retention(store, writer.history, POLICY).store_snapshot(taken)
    writer.finish_snapshot()
    return is_stored


def run_now(task: Coroutine[object, None, object]) -> None:
    """Run a coroutine that uses only a `MemoryStore`, and so never waits, inside a call of another coroutine."""
    try:
        task.send(None)
    except StopIteration:
        return
    raise RuntimeError("the coroutine waited")
