"""A world in one process: instances that come, pause and die, one store, a bad network, clocks that jump.

Everything that happens follows from one seed. The instances run the rules of `satchel_service.log` as the service
does; only the store is simulated, and what a client would see is checked:

- what was acknowledged, or shown by an answer, is in every later opening, and in the last one;
- answers are in real-time order across instances: no two of them acknowledge after a takeover;
- a confirmed read shows everything that was acknowledged before it was asked;
- every moment of the last day can be recovered (where no clock jumped).
"""

import random
from collections.abc import Coroutine, Generator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import coroutine
from typing import Any, Final, NamedTuple

from satchel_service.log.errors import DamagedLogError, FencedError, OutOfReachError, UncertainError
from satchel_service.log.history import History
from satchel_service.log.keeping import Keeper
from satchel_service.log.names import WriterId
from satchel_service.log.opening import Opening
from satchel_service.log.policy import Policy
from satchel_service.log.reading import Reading
from satchel_service.log.recovering import Recovery
from satchel_service.log.store import Listed
from satchel_service.log.writing import Writer

HOUR_MS: Final = 60 * 60 * 1000
POLICIES: Final = tuple(
    Policy(snapshot_entries=entries, batch_bytes=12, first_read_ahead=1, read_ahead=2) for entries in (1, 1, 2, 3)
)
Task = Coroutine["Call", Any, None]


class ViolationError(AssertionError):
    """A promise of the log was broken."""


class Call(NamedTuple):
    """What a task waits for: a request to the store, or (`idle`) something to do."""

    kind: str
    keys: Sequence[str] = ()
    objects: Mapping[str, bytes] = {}


IDLE: Final = Call("idle")


@coroutine
def ask(call: Call) -> Generator[Call, Any, Any]:
    """Hand a request to the world and wait for its answer."""
    return (yield call)


class SimulatedStore:
    """Implements `LogStore` by asking the world."""

    async def create(self, key: str, data: bytes) -> bool:
        return bool(await ask(Call("create", (key,), {key: data})))

    async def replace(self, objects: Mapping[str, bytes]) -> None:
        if objects:
            await ask(Call("replace", tuple(objects), objects))

    async def get(self, keys: Sequence[str]) -> list[bytes | None]:
        found: list[bytes | None] = await ask(Call("get", keys))
        return found

    async def delete(self, keys: Sequence[str]) -> None:
        if keys:
            await ask(Call("delete", keys))

    async def list(self, prefix: str) -> Sequence[Listed]:
        listed: list[Listed] = await ask(Call("list", (prefix,)))
        return listed


STORE: Final = SimulatedStore()


@dataclass(frozen=True)
class Rules:
    """The rules in force. The tests of this test take one away."""

    opening: type[Opening] = Opening
    writer: type[Writer] = Writer
    keeper: type[Keeper] = Keeper
    are_reads_gated: bool = True
    are_migrations_logged: bool = True
    are_reads_confirmed: bool = True


@dataclass
class Weather:
    """What may happen in one schedule; drawn from its seed."""

    steps: int
    unrest: float
    arrivals: float
    writers: int
    faults: float
    crashes: float
    cuts: float
    duplicates: bool
    has_wild_clocks: bool
    has_damage: bool
    has_versions: bool


@dataclass(slots=True)
class Answer:
    """An answer held back until what it saw is durable."""

    position: int
    seen: int
    write: bytes | None
    asked_at: int
    confirmed: bool = False
    promised: int = 0


@dataclass(slots=True, eq=False)
class Running:
    """A task of an instance and what it waits for."""

    task: Task
    call: Call = IDLE


class World:
    """One schedule."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self.rng = random.Random(seed)
        self.random = self.rng.random
        self.rules = rules
        self.weather = _weather(self.rng)
        self.policy = self.rng.choice(POLICIES)
        self.now = 0
        self.clock_ms = 1_000 * HOUR_MS
        self.objects: dict[str, tuple[bytes, int]] = {}
        self.network: list[tuple[str, str, bytes]] = []
        self.refused: dict[str, bytes] = {}
        self.instances: list[Instance] = []
        self.active: list[Instance] = []
        self.promises: list[bytes] = []
        self.promised: set[bytes] = set()
        self.submitted: dict[bytes, tuple[int, int]] = {}
        self.acknowledged: dict[bytes, int] = {}
        self.moments: list[tuple[int, list[bytes]]] = []
        self.openings = 0
        self.is_damaged = False

    # -- the schedule ------------------------------------------------------------------------------------

    def run(self) -> None:
        """Run the schedule; ViolationError when a promise is broken."""
        try:
            for self.now in range(self.weather.steps):
                self.step()
            for instance in self.instances:
                instance.die()
            self.end()
        except DamagedLogError as exc:
            if not self.is_damaged:
                raise ViolationError(f"an undamaged log was refused: {exc}") from exc
        finally:
            for instance in self.instances:
                instance.die()

    def step(self) -> None:
        """Let one thing happen."""
        self.clock_ms += 1
        if self.random() < self.weather.unrest:
            self.change_weather()
        chance = self.random()
        if chance < 0.05:
            self.pass_time()
        elif chance < 0.08 and self.network:
            self.deliver(self.network.pop(int(self.random() * len(self.network))))
        elif chance < 0.08 + self.weather.crashes and self.instances:
            self.rng.choice(self.instances).crash()
        else:
            instance = self.active[int(self.random() * len(self.active))] if self.active else None
            if instance is None or not instance.tasks or instance.sleeps_until > self.now:
                self.change_weather()
            else:
                instance.step()

    def change_weather(self) -> None:
        """Choose who runs until the next change; the others are paused, as a cloud pauses an idle instance."""
        alive = [instance for instance in self.instances if instance.tasks]
        awake = [instance for instance in alive if instance.sleeps_until <= self.now]
        if len(alive) < self.weather.writers and (not awake or self.random() < self.weather.arrivals):
            awake = [Instance(self)]
            alive += awake
        elif not awake:
            awake = [self.rng.choice(alive)]
            awake[0].sleeps_until = 0
        self.instances = alive
        self.active = [self.rng.choice(awake)] if self.random() < 0.7 else awake

    def pass_time(self) -> None:
        """Let hours pass, or the store's clock jump."""
        if self.weather.has_wild_clocks and self.random() < 0.4:
            self.clock_ms += int((self.random() - 0.5) * 100 * HOUR_MS)
        else:
            self.clock_ms += int(self.random() * 40) * HOUR_MS

    def damage(self) -> None:
        """Spoil the log at rest: put back an entry that was refused, or cut a snapshot. It must show, not be served."""
        entries = sorted(key for key in self.objects if key.startswith("log/"))
        swapped = [key for key in entries[:-1] if key in self.refused]
        snapshots = [key for key in self.objects if key.startswith("snap")]
        if swapped:
            self.objects[max(swapped)] = (self.refused[max(swapped)], self.clock_ms)
        elif snapshots:
            data, modified_ms = self.objects[max(snapshots)]
            self.objects[max(snapshots)] = (data[:-1], modified_ms)
        self.is_damaged = True

    def end(self) -> None:
        """Open once more, in fair weather, twice: what still was on its way arrives in between."""
        self.weather.faults = 0.0
        if self.weather.has_damage:
            self.damage()
        for _ in range(2):
            state = self.open_calmly()
            self.check_order(state)
            self.check_recovery()
            while self.network:
                self.deliver(self.network.pop())

    def open_calmly(self) -> list[bytes]:
        """Return the state as the last opening has it."""
        reading = self.complete(self.rules.opening(STORE, self.policy).run())
        state = state_of(*reading.state())
        self.check_opened(len(self.promises), state)
        return state

    def complete(self, task: Coroutine[Call, Any, Any]) -> Any:
        """Run one task to its end with nothing else going on."""
        answer = None
        while True:
            try:
                call = task.send(answer)
            except StopIteration as stop:
                return stop.value
            answer = self.apply(call)

    # -- the store ---------------------------------------------------------------------------------------

    def perform(self, call: Call) -> Any:
        """Carry out a request as this weather allows; UncertainError is a time-out or a 5xx."""
        if call.kind == "create" and self.random() < self.weather.cuts and call.keys[0].startswith("snap"):
            return self.apply(cut_short(call))
        if self.random() >= self.weather.faults:
            return self.apply(call)
        if call.kind in ("get", "list"):
            raise UncertainError("the read failed")
        chance = self.random()
        if chance < 0.3:
            self.send_partly(call)
            raise UncertainError("timed out; nothing or only a part arrived")
        if chance < 0.6:
            self.apply(call)
            raise UncertainError("timed out; it arrived")
        if chance < 0.8 or not self.weather.duplicates:
            self.delay(call)
            raise UncertainError("timed out; it is still on its way")
        self.delay(call)
        return self.apply(call)

    def send_partly(self, call: Call) -> None:
        if len(call.keys) > 1:
            count = int(self.random() * len(call.keys))
            self.apply(Call(call.kind, call.keys[:count], call.objects))

    def delay(self, call: Call) -> None:
        self.network += [(call.kind, key, call.objects.get(key, b"")) for key in call.keys]

    def deliver(self, message: tuple[str, str, bytes]) -> None:
        kind, key, data = message
        self.apply(Call(kind, (key,), {key: data}))

    def apply(self, call: Call) -> Any:
        """Carry out a request."""
        kind, keys, objects = call
        if kind == "get":
            return [found[0] if (found := self.objects.get(key)) else None for key in keys]
        if kind == "create":
            (key,) = keys
            if key in self.objects:
                self.refused[key] = objects[key]
                return False
            self.objects[key] = (objects[key], self.clock_ms)
            return True
        if kind == "list":
            prefix = keys[0]
            return [
                Listed(key, self.objects[key][1]) for key in sorted(self.objects) if key.startswith(prefix)
            ]
        for key in keys:
            if kind == "delete":
                self.objects.pop(key, None)
            else:
                self.objects[key] = (objects[key], self.clock_ms)
        return None

    # -- what clients were told --------------------------------------------------------------------------

    def promise(self, seen: Sequence[bytes]) -> None:
        """An answer that was built on these transactions has left."""
        for write in seen:
            if write not in self.promised:
                self.promised.add(write)
                self.promises.append(write)

    def check_opened(self, count: int, state: list[bytes]) -> None:
        """The first `count` promises were made before the opening began."""
        have = set(state)
        if len(have) != len(state):
            raise ViolationError("a transaction was applied twice")
        lost = [write for write in self.promises[:count] if write not in have]
        if lost:
            raise ViolationError(f"lost: {lost}")

    def check_order(self, state: list[bytes]) -> None:
        """Nothing stands before what was acknowledged before it was even asked for; no instance returns."""
        latest = -1
        writers: list[int] = []
        for write in state:
            if write not in self.submitted:
                raise ViolationError(f"nobody asked for {write!r}")
            asked_at, writer = self.submitted[write]
            latest = max(latest, asked_at)
            if self.acknowledged.get(write, latest) < latest:
                raise ViolationError(f"{write!r} was acknowledged before what stands before it was asked for")
            if writers[-1:] != [writer]:
                writers.append(writer)
        if len(set(writers)) != len(writers):
            raise ViolationError(f"instances took turns: {writers}")

    def check_recovery(self) -> None:
        """Recover a moment of the last day and compare."""
        if self.weather.has_wild_clocks or self.weather.has_versions or not self.moments:
            return
        since = self.clock_ms - self.policy.retention_ms
        recent = [moment for moment in self.moments if moment[0] >= since]
        if not recent or self.is_damaged:
            return
        at_ms, expected = self.rng.choice(recent)
        try:
            recovered = self.complete(Recovery(STORE, self.policy).run(at_ms))
        except (OutOfReachError, DamagedLogError) as exc:
            raise ViolationError(f"a moment of the last day cannot be recovered: {exc}") from exc
        if state_of(recovered.image, recovered.changesets) != expected:
            raise ViolationError("a moment of the last day was recovered wrongly")


class Instance:
    """One instance of the service: opens, migrates, serves, is fenced or dies."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.openings += 1
        self.number = world.openings
        self.version = 2 if world.weather.has_versions and world.random() < 0.5 else 1
        self.skew_ms = int((world.random() - 0.5) * 100 * HOUR_MS) if world.weather.has_wild_clocks else 0
        self.state: list[bytes] = []
        self.answers: list[Answer] = []
        self.writer: Writer | None = None
        self.keeper: Keeper | None = None
        self.tasks: list[Running] = []
        self.sleeps_until = 0
        self.steps_to_sleep = 1 + int(world.random() * 30)
        self.appetite = world.rng.choice((0.05, 0.35, 0.5, 0.5))
        self.spawn(self.live())

    # -- what the world does to it -----------------------------------------------------------------------

    def step(self) -> None:
        """Go on with one task, or let a client ask for something. Now and then, fall asleep for long."""
        world = self.world
        self.steps_to_sleep -= 1
        if not self.steps_to_sleep:
            self.sleeps_until = world.now + int(world.random() * world.weather.steps)
            self.steps_to_sleep = 1 + int(world.random() * 60)
        if self.writer is not None and self.tasks and world.random() < self.appetite:
            self.serve()
            return
        ready = self.tasks
        if self.is_idle:
            ready = [running for running in ready if running.call is not IDLE]
        if ready:
            self.resume(ready[int(world.random() * len(ready))])
            if self.answers:
                self.release()

    @property
    def is_idle(self) -> bool:
        return self.writer is None or not self.writer.has_work

    def resume(self, running: Running) -> None:
        """Answer what a task waits for."""
        try:
            if running.call is IDLE:
                running.call = running.task.send(None)
                return
            try:
                answer = self.world.perform(running.call)
            except UncertainError as exc:
                running.call = running.task.throw(exc)
            else:
                running.call = running.task.send(answer)
        except StopIteration:
            self.tasks.remove(running)
        except FencedError:
            self.die()

    def crash(self) -> None:
        """Die now; what was on its way arrives, or not, or later."""
        world = self.world
        for running in self.tasks:
            if running.call.kind in ("create", "replace", "delete"):
                chance = world.random()
                if chance < 0.3:
                    world.apply(running.call)
                elif chance < 0.6:
                    world.delay(running.call)
        self.die()

    def die(self) -> None:
        tasks, self.tasks = self.tasks, []
        self.answers = []
        for running in tasks:
            running.task.close()

    def spawn(self, task: Task) -> None:
        running = Running(task)
        self.tasks.append(running)
        self.resume_new(running)

    def resume_new(self, running: Running) -> None:
        try:
            running.call = running.task.send(None)
        except StopIteration:
            self.tasks.remove(running)

    # -- its own life --------------------------------------------------------------------------------------

    def clock(self) -> int:
        return max(0, self.world.clock_ms + self.skew_ms)

    async def live(self) -> None:
        world = self.world
        promised = len(world.promises)
        reading = await self.open()
        self.state = state_of(*reading.state())
        world.check_opened(promised, self.state)
        history = reading.history
        if history.schema > self.version:
            return
        name = WriterId(self.number.to_bytes(16, "big"))
        writer = world.rules.writer(STORE, history, name, self.clock, world.policy)
        if history.schema < self.version:
            await self.migrate(writer)
        self.keeper = world.rules.keeper(STORE, history, world.policy)
        self.writer = writer
        while True:
            while writer.has_work:
                with suppress(UncertainError):
                    await writer.advance()
                self.note(history)
                if (snapshot := writer.take_snapshot()) is not None:
                    self.spawn(self.keep(writer, self.keeper, snapshot))
            await ask(IDLE)

    async def open(self) -> Reading:
        while True:
            with suppress(UncertainError):
                return await self.world.rules.opening(STORE, self.world.policy).run()

    async def migrate(self, writer: Writer) -> None:
        if not self.world.rules.are_migrations_logged:
            writer.history.schema = self.version
            return
        while writer.history.schema < self.version:
            with suppress(UncertainError):
                await writer.migrate(b",".join(self.state), self.version)

    async def keep(self, writer: Writer, keeper: Keeper, snapshot: Any) -> None:
        if await keeper.keep(snapshot):
            with suppress(UncertainError):
                await keeper.truncate()
        writer.end_snapshot()

    def note(self, history: History) -> None:
        """Remember this moment, to recover it later."""
        writer = self.writer
        if writer is not None and not writer.is_fenced:
            seen = len(self.state) - (writer.position - writer.durable)
            self.world.moments.append((history.time_ms, self.state[:seen]))

    # -- its clients -----------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Take a request."""
        writer, world = self.writer, self.world
        if writer is None:
            return
        chance = world.random()
        if chance < 0.6:
            write = b"%d" % len(world.submitted)
            world.submitted[write] = (world.now, self.number)
            self.state.append(write)
            image = b",".join(self.state) if writer.wants_image else None
            position = writer.append(write, image)
            self.answers.append(Answer(position, len(self.state), write, world.now))
        elif chance < 0.8 or len(self.tasks) > 2:
            position = writer.position if world.rules.are_reads_gated else 0
            self.answers.append(Answer(position, len(self.state), None, world.now))
        else:
            self.spawn(self.read_confirmed(writer, len(world.promises)))
        self.release()

    async def read_confirmed(self, writer: Writer, promised: int) -> None:
        if self.world.rules.are_reads_confirmed:
            try:
                if not await writer.confirm():
                    return
            except UncertainError:
                return
        self.answers.append(
            Answer(writer.position, len(self.state), None, self.world.now, confirmed=True, promised=promised)
        )

    def release(self) -> None:
        """Let the answers go that may."""
        writer, world = self.writer, self.world
        if writer is None or not self.answers:
            return
        held = []
        try:
            for answer in self.answers:
                if not writer.is_durable(answer.position):
                    held.append(answer)
                    continue
                seen = self.state[: answer.seen]
                if answer.write is not None:
                    world.acknowledged[answer.write] = world.now
                if answer.confirmed and not set(world.promises[: answer.promised]) <= set(seen):
                    raise ViolationError("a confirmed read was stale")
                world.promise(seen)
        except FencedError:
            held = []
        self.answers = held


def state_of(image: bytes | None, changesets: Sequence[bytes]) -> list[bytes]:
    """Return the transactions in a database: the simulated one is the list of them."""
    return [*(image.split(b",") if image else ()), *changesets]


def cut_short(call: Call) -> Call:
    """Return a put of which the store keeps only a part, though it says that all is well."""
    return Call(call.kind, call.keys, {key: data[:-1] for key, data in call.objects.items()})


def _weather(rng: random.Random) -> Weather:
    return Weather(
        steps=rng.choice((60, 110, 200)),
        unrest=rng.choice((0.03, 0.06, 0.12)),
        arrivals=rng.choice((0.1, 0.3)),
        writers=rng.choice((2, 2, 3)),
        faults=rng.choice((0.0, 0.05, 0.2, 0.4)),
        crashes=rng.choice((0.0, 0.0, 0.01, 0.03)),
        cuts=rng.choice((0.0, 0.0, 0.0, 0.5)),
        duplicates=rng.random() < 0.5,
        has_wild_clocks=rng.random() < 0.3,
        has_damage=rng.random() < 0.1,
        has_versions=rng.random() < 0.2,
    )


def run(seed: int, rules: Rules | None = None) -> World:
    """Run the schedule of one seed; ViolationError names the seed."""
    world = World(seed, rules or Rules())
    try:
        world.run()
    except ViolationError as exc:
        raise ViolationError(f"seed {seed}: {exc}") from exc
    return world
