"""The simulated store and the unreliable network in front of it."""

import random
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from types import coroutine
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from satchel_service.log.errors import UncertainError
from satchel_service.log.store import ListedObject

Reply: TypeAlias = bool | list[bytes | None] | list[ListedObject] | None
T = TypeVar("T")
Task: TypeAlias = Coroutine["Call", Any, Any]


class Call(NamedTuple):
    """What a task waits for: a request to one of the stores, or `idle` for new work."""

    kind: str
    keys: Sequence[str] = ()
    objects: Mapping[str, bytes] = {}
    place: int = 0


IDLE: Final = Call("idle")


@coroutine
def ask(call: Call) -> Generator[Call, Any, Any]:
    """Pass a request to the simulator and wait for its reply."""
    return (yield call)


class SimulatedStore:
    """Implements `LogStore` by passing requests to the simulator. `place` numbers the store among several."""

    def __init__(self, place: int = 0) -> None:
        self.place = place

    async def create(self, key: str, data: bytes) -> bool:
        return bool(await ask(Call("create", (key,), {key: data}, place=self.place)))

    async def replace(self, objects: Mapping[str, bytes]) -> None:
        if objects:
            await ask(Call("replace", tuple(objects), objects, place=self.place))

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        found: list[bytes | None] = await ask(Call("get", keys, place=self.place))
        return found

    async def delete(self, keys: Sequence[str]) -> None:
        if keys:
            await ask(Call("delete", keys, place=self.place))

    async def list(self, prefix: str) -> Sequence[ListedObject]:
        listed: Sequence[ListedObject] = await ask(Call("list", (prefix,), place=self.place))
        return listed

    async def offload(self, work: Callable[[], T]) -> T:
        await ask(Call("offload"))
        return work()


STORE: Final = SimulatedStore()


class Bucket:
    """The stored objects, the delayed requests, and the entries that were refused."""

    def __init__(self, rng: random.Random, faults: float, cuts: float, *, has_duplicates: bool) -> None:
        """`faults` is the chance that a request fails, `cuts` that a snapshot is silently stored truncated."""
        self.random = rng.random
        self.faults = faults
        self.cuts = cuts
        self.has_duplicates = has_duplicates
        self.clock_ms = 0
        self.objects: dict[str, tuple[bytes, int]] = {}
        self.network: list[Call] = []
        self.refused: dict[str, bytes] = {}

    def perform(self, call: Call) -> Reply:
        """Carry out a request, or let it fail. Raise UncertainError for a time-out or a 5xx."""
        if call.kind == "offload":  # work in a thread: only time passes
            return None
        if call.kind == "create" and self.random() < self.cuts and call.keys[0].startswith("snap"):
            return self.apply(_truncate(call))
        if self.random() >= self.faults:
            return self.apply(call)
        if call.kind in ("get", "list"):
            raise UncertainError("the read failed")
        chance = self.random()
        if chance < 0.3:
            self._apply_partly(call)
            raise UncertainError("timed out; the request took no effect or only part of it")
        if chance < 0.6:
            self.apply(call)
            raise UncertainError("timed out; the request took effect")
        self.delay(call)
        if chance < 0.8 or not self.has_duplicates:
            raise UncertainError("timed out; the request is delayed")
        return self.apply(call)

    def delay(self, call: Call) -> None:
        """Delay a request; its parts arrive one by one."""
        self.network += [
            Call(call.kind, (key,), {key: call.objects.get(key, b"")}, call.place) for key in call.keys
        ]

    def deliver(self) -> None:
        """Deliver one delayed request."""
        self.apply(self.network.pop(int(self.random() * len(self.network))))

    def abandon(self, call: Call) -> None:
        """Apply, delay or drop a request whose sender has crashed."""
        if call.kind in ("create", "replace", "delete"):
            chance = self.random()
            if chance < 0.3:
                self.apply(call)
            elif chance < 0.6:
                self.delay(call)

    def apply(self, call: Call) -> Reply:
        """Carry out a request."""
        kind, keys, objects, _ = call
        if kind == "get":
            return [found[0] if (found := self.objects.get(key)) else None for key in keys]
        if kind == "create":
            return self._create(keys[0], objects[keys[0]])
        if kind == "list":
            prefix = keys[0]
            return [
                ListedObject(key, self.objects[key][1])
                for key in sorted(self.objects)
                if key.startswith(prefix)
            ]
        for key in keys:
            if kind == "delete":
                self.objects.pop(key, None)
            else:
                self.objects[key] = (objects[key], self.clock_ms)
        return None

    def damage(self) -> None:
        """Damage the stored log: replace an entry with a refused one, or truncate the newest snapshot."""
        entries = sorted(key for key in self.objects if key.startswith("log/"))
        swapped = [key for key in entries[:-1] if key in self.refused]
        snapshots = [key for key in self.objects if key.startswith("snap")]
        if swapped:
            self.objects[max(swapped)] = (self.refused[max(swapped)], self.clock_ms)
        elif snapshots:
            data, modified_ms = self.objects[max(snapshots)]
            self.objects[max(snapshots)] = (data[:-1], modified_ms)

    def _create(self, key: str, data: bytes) -> bool:
        if key in self.objects:
            self.refused[key] = data
            return False
        self.objects[key] = (data, self.clock_ms)
        return True

    def _apply_partly(self, call: Call) -> None:
        if len(call.keys) > 1:
            count = int(self.random() * len(call.keys))
            self.apply(Call(call.kind, call.keys[:count], call.objects))


def _truncate(call: Call) -> Call:
    return Call(call.kind, call.keys, {key: data[:-1] for key, data in call.objects.items()})
