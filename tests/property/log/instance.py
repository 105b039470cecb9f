"""A simulated instance of the service. It opens the log, migrates, serves, is suspended, is fenced or crashes."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from tests.property.log.promises import Promises, image_of, state_of
from tests.property.log.simulated_store import (
    IDLE,
    STORE,
    Call,
    Reply,
    SimulatedStore,
    Task,
    ask,
)

from satchel_service.log.errors import FencedError, UncertainError
from satchel_service.log.format import Snapshot, WriterId
from satchel_service.log.history import History
from satchel_service.log.policy import Policy
from satchel_service.log.reader import LogContents, Opening
from satchel_service.log.retention import Retention
from satchel_service.log.writer import Writer
from satchel_service.moving.handover import Handover


@dataclass(frozen=True)
class Rules:
    """The rules of the log. `mutants` replaces them one at a time."""

    opening: type[Opening] = Opening
    writer: type[Writer] = Writer
    retention: type[Retention] = Retention
    are_reads_gated: bool = True
    are_reads_confirmed: bool = True
    are_migrations_logged: bool = True
    are_left_logs_served: bool = False
    are_reserved_logs_served: bool = False
    are_steps_surveyed: bool = True
    handover: type[Handover] = Handover


class Stores(Protocol):
    """The part of a `Bucket`, or of several, that an instance uses."""

    clock_ms: int

    def perform(self, call: Call) -> Reply:
        """Carry out a request, or let it fail."""

    def abandon(self, call: Call) -> None:
        """Apply, delay or drop a request whose sender has crashed."""


class World(Protocol):
    """The part of the simulation that an instance uses."""

    now: int
    random: Callable[[], float]
    rules: Rules
    policy: Policy
    promises: Promises
    moments: list[tuple[int, list[bytes]]]

    @property
    def bucket(self) -> Stores:
        """The store, or the stores."""


@dataclass(slots=True)
class Answer:
    """An answer held back until its position is durable.

    `seen` is the number of transactions it shows; `confirmed` the number of promises made before its request.
    """

    position: int
    seen: int
    write: bytes | None = None
    confirmed: int | None = None


@dataclass(slots=True, eq=False)
class Running:
    """A task of an instance and the call it waits for."""

    task: Task
    call: Call = IDLE


class Instance:
    """One instance. `nap_steps` is its longest suspension in steps, `version` the schema that it knows."""

    def __init__(
        self,
        world: World,
        number: int,
        version: int,
        skew_ms: int,
        nap_steps: int,
        *,
        store: SimulatedStore = STORE,
    ) -> None:
        self.number = number
        self.sleeps_until = 0
        self.tasks: list[Running] = []
        self._world = world
        self._store = store
        self._version = version
        self._skew_ms = skew_ms
        self._nap_steps = nap_steps
        self._steps_to_nap = 1 + int(world.random() * 30)
        self._request_chance = (0.05, 0.35, 0.5, 0.5)[int(world.random() * 4)]
        self._state: list[bytes] = []
        self._answers: list[Answer] = []
        self._writer: Writer | None = None
        self._spawn(self._run())

    # -- driven by the simulator -------------------------------------------------------------------------

    def step(self) -> None:
        """Advance one task or serve a client. Now and then, suspend for long."""
        world, writer = self._world, self._writer
        self._steps_to_nap -= 1
        if not self._steps_to_nap:
            self.sleeps_until = world.now + int(world.random() * self._nap_steps)
            self._steps_to_nap = 1 + int(world.random() * 60)
        if writer is not None and world.random() < self._request_chance:
            self._serve(writer)
            self._release(writer)
            return
        ready = self.tasks
        if writer is None or not writer.has_work:
            ready = [running for running in ready if running.call is not IDLE]
        if ready:
            self._resume(ready[int(world.random() * len(ready))])
            if self._answers and writer is not None:
                self._release(writer)

    def crash(self) -> None:
        """Crash; requests in flight may still take effect."""
        for running in self.tasks:
            self._world.bucket.abandon(running.call)
        self.die()

    def die(self) -> None:
        """Stop; no further answer leaves."""
        tasks, self.tasks = self.tasks, []
        self._answers = []
        for running in tasks:
            running.task.close()

    def _resume(self, running: Running) -> None:
        """Carry out the call that a task waits for and resume it."""
        try:
            if running.call is IDLE:
                running.call = running.task.send(None)
                return
            try:
                reply = self._world.bucket.perform(running.call)
            except UncertainError as exc:
                running.call = running.task.throw(exc)
            else:
                running.call = running.task.send(reply)
        except StopIteration:
            self.tasks.remove(running)
        except FencedError:
            self.die()

    def _spawn(self, task: Task) -> None:
        with suppress(StopIteration):
            self.tasks.append(Running(task, task.send(None)))

    # -- its tasks ---------------------------------------------------------------------------------------

    async def _run(self) -> None:
        world = self._world
        promised = len(world.promises.made)
        contents = await self._open()
        if not self._may_serve(contents.history):
            return
        self._state = state_of(*contents.state())
        world.promises.check_opening(promised, self._state)
        history = contents.history
        if history.schema > self._version:
            return
        name = WriterId(self.number.to_bytes(16, "big"))
        writer = world.rules.writer(self._store, history, name, self._clock, world.policy)
        await self._migrate(writer)
        self._writer = writer
        while True:
            while writer.has_work:
                with suppress(UncertainError):
                    await writer.advance()
                self._record(writer, history)
                if (snapshot := writer.take_snapshot()) is not None:
                    self._spawn(
                        self._store_snapshot(
                            writer, world.rules.retention(self._store, history, world.policy), snapshot
                        )
                    )
            await ask(IDLE)

    def _may_serve(self, history: History) -> bool:
        """Whether the log is open, or a rule that forbids to serve it is removed."""
        closed, rules = history.closed, self._world.rules
        if closed is not None and not closed.is_awaiting and rules.are_left_logs_served:
            history.closed = None
        if closed is not None and closed.is_awaiting and rules.are_reserved_logs_served:
            history.closed = None
        return history.closed is None

    async def _open(self) -> LogContents:
        while True:
            with suppress(UncertainError):
                return await self._world.rules.opening(self._store, self._world.policy).run()

    async def _migrate(self, writer: Writer) -> None:
        if not self._world.rules.are_migrations_logged:
            writer.history.schema = self._version
        while writer.history.schema < self._version:
            with suppress(UncertainError):
                await writer.migrate(image_of(self._state), self._version)

    async def _store_snapshot(self, writer: Writer, retention: Retention, snapshot: Snapshot) -> None:
        if await retention.store_snapshot(snapshot):
            with suppress(UncertainError):
                await retention.truncate()
        writer.finish_snapshot()

    def _record(self, writer: Writer, history: History) -> None:
        """Record this moment, to recover it later."""
        if not writer.is_fenced:
            durable = len(self._state) - (writer.position - writer.durable)
            self._world.moments.append((history.time_ms, self._state[:durable]))

    def _clock(self) -> int:
        return max(0, self._world.bucket.clock_ms + self._skew_ms)

    # -- its clients -------------------------------------------------------------------------------------

    def _serve(self, writer: Writer) -> None:
        """Serve a write, a read, or a confirmed read."""
        world = self._world
        chance = world.random()
        if chance < 0.6:
            write = world.promises.new_write(world.now, self.number)
            self._state.append(write)
            image = image_of(self._state) if writer.needs_image else None
            self._answers.append(Answer(writer.append(write, image), len(self._state), write))
        elif chance < 0.8 or len(self.tasks) > 2:
            position = writer.position if world.rules.are_reads_gated else 0
            self._answers.append(Answer(position, len(self._state)))
        else:
            self._spawn(self._confirm(writer, len(world.promises.made)))

    async def _confirm(self, writer: Writer, promised: int) -> None:
        if self._world.rules.are_reads_confirmed:
            try:
                if not await writer.confirm():
                    return
            except UncertainError:
                return
        self._answers.append(Answer(writer.position, len(self._state), None, promised))

    def _release(self, writer: Writer) -> None:
        """Send the answers that may leave."""
        promises, held = self._world.promises, []
        with suppress(FencedError):
            for answer in self._answers:
                if not writer.is_durable(answer.position):
                    held.append(answer)
                    continue
                seen = self._state[: answer.seen]
                if answer.write is not None:
                    promises.acknowledged[answer.write] = self._world.now
                if answer.confirmed is not None:
                    promises.check_confirmed(answer.confirmed, seen)
                promises.make(seen)
        self._answers = held
