"""Schedules in which the cloud moves among three stores while its instances run.

The rules of docs/spec/log.md, section 14: whatever is killed, paused or delayed, at most one store holds a log that
goes on, and finishing or undoing the moves that were begun leaves exactly one, with everything that was promised.
"""

import random
from collections.abc import Sequence
from typing import Any, Final

from tests.property.log.instance import Instance, Rules
from tests.property.log.mover import Mover, image_at_end, run_move
from tests.property.log.promises import Promises, ViolationError, state_of
from tests.property.log.simulated_store import Bucket, Call, Reply, SimulatedStore, Task
from tests.property.log.simulator import ALL, HOUR_MS, POLICIES, Conditions, draw_conditions

from satchel_service.log.errors import DamagedLogError
from satchel_service.log.handover import SourceId
from satchel_service.log.reader import LogContents
from satchel_service.moving.errors import MoveRefusedError
from satchel_service.moving.handover import Addresses

PLACES: Final = 3
PAIRS: Final = tuple((old, new) for old in range(PLACES) for new in range(PLACES) if old != new)


class Buckets:
    """Several stores with one clock. A request goes to the store that it names."""

    def __init__(self, rng: random.Random, conditions: Conditions) -> None:
        self.each = [
            Bucket(rng, conditions.faults, conditions.cuts, has_duplicates=conditions.has_duplicates)
            for _ in range(PLACES)
        ]
        self._random = rng.random
        self.clock_ms = 1_000 * HOUR_MS

    @property
    def clock_ms(self) -> int:
        return self.each[0].clock_ms

    @clock_ms.setter
    def clock_ms(self, now_ms: int) -> None:
        for bucket in self.each:
            bucket.clock_ms = now_ms

    @property
    def delayed(self) -> Sequence[Bucket]:
        """The stores that a delayed request is on its way to."""
        return [bucket for bucket in self.each if bucket.network]

    def perform(self, call: Call) -> Reply:
        return self.each[call.place].perform(call)

    def apply(self, call: Call) -> Reply:
        return self.each[call.place].apply(call)

    def abandon(self, call: Call) -> None:
        self.each[call.place].abandon(call)

    def deliver(self) -> None:
        """Deliver one delayed request."""
        delayed = self.delayed
        delayed[int(self._random() * len(delayed))].deliver()


class MovingSimulation:
    """One schedule."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self.rng = random.Random(seed)
        self.random = self.rng.random
        self.rules = rules
        self.conditions = draw_conditions(self.rng)
        self.policy = self.rng.choice(POLICIES)
        self.bucket = Buckets(self.rng, self.conditions)
        self.promises = Promises()
        self.moments: list[tuple[int, list[bytes]]] = []
        self.now = 0
        self.openings = 0
        self.moves = 0
        self._move_chance = self.rng.choice((0.2, 0.5))
        self._actors: list[Instance | Mover] = []
        self._active: list[Instance | Mover] = []

    def run(self) -> None:
        """Run the schedule. Raise ViolationError if a promise is broken."""
        try:
            while self.now < 2 * self.conditions.steps:
                self._step()
                self.now += 1
            self._stop()
            self._end()
        except DamagedLogError as exc:
            raise ViolationError(f"an undamaged log was refused: {exc}") from exc
        finally:
            self._stop()

    def _step(self) -> None:
        """Run one step: a delivery, a crash, a passage of time, or a step of an instance or a move."""
        self.bucket.clock_ms += 1
        if self.random() < self.conditions.change_chance:
            self._change()
        chance = self.random()
        if chance < 0.03:
            self.bucket.clock_ms += int(self.random() * 40) * HOUR_MS
        elif chance < 0.06 and self.bucket.delayed:
            self.bucket.deliver()
        elif chance < 0.06 + self.conditions.crashes and self._actors:
            self.rng.choice(self._actors).crash()
        else:
            actor = self._active[int(self.random() * len(self._active))] if self._active else None
            if actor is None or not actor.tasks or actor.sleeps_until > self.now:
                self._change()
            else:
                actor.step()

    def _change(self) -> None:
        """Choose who runs until the next change; the others are suspended."""
        alive = [actor for actor in self._actors if actor.tasks]
        awake = [actor for actor in alive if actor.sleeps_until <= self.now]
        if len(alive) < self.conditions.instances + 1 and (
            not awake or self.random() < self.conditions.arrival_chance
        ):
            awake = [self._add_actor()]
            alive += awake
        elif not awake:
            awake = [self.rng.choice(alive)]
            awake[0].sleeps_until = 0
        self._actors = alive
        self._active = [self.rng.choice(awake)] if self.random() < 0.7 else awake

    def _add_actor(self) -> Instance | Mover:
        """Start an instance in a store with a log, or a move from one."""
        begun = [place for place, bucket in enumerate(self.bucket.each) if bucket.objects] or [0]
        place = self.rng.choice(begun)
        nap_steps = self.conditions.steps
        if self.random() < self._move_chance and self.bucket.each[place].objects:
            self.moves += 1
            new = (place + self.rng.choice((1, 1, 2))) % PLACES
            return Mover(self, (place, new), nap_steps, is_undo=self.random() < 0.25)
        self.openings += 1
        version = 2 if self.conditions.has_versions and self.random() < 0.5 else 1
        return Instance(self, self.openings, version, 0, nap_steps, store=SimulatedStore(place))

    # -- the end ---------------------------------------------------------------------------------------

    def _stop(self) -> None:
        for actor in self._actors:
            actor.die()

    def _end(self) -> None:
        """Finish or undo what was begun, without faults; delayed requests arrive in between."""
        if not any(bucket.objects for bucket in self.bucket.each):
            return
        self._check_at_most_one()
        for pair in self.rng.sample(PAIRS, len(PAIRS)):
            self._finish(pair, is_undo=self.random() < 0.5)
            self._check_at_most_one()
        for pair in (*PAIRS, *PAIRS):  # one undo can be in the way of another
            if not self._open_logs():
                self._finish(pair, is_undo=True)
        for _ in range(2):
            self._check_cloud()
            while self.bucket.delayed:
                self.bucket.deliver()

    def _check_at_most_one(self) -> None:
        if len(self._open_logs()) > 1:
            raise ViolationError("two logs go on")

    def _check_cloud(self) -> None:
        """Check that exactly one log goes on, with everything that was promised."""
        found = self._open_logs()
        if len(found) != 1:
            if len(found) == 0 and not self.promises.made and not self.promises.acknowledged:
                return
            raise ViolationError(f"{len(found)} logs go on")
        state = state_of(*found[0].state())
        self.promises.check_opening(len(self.promises.made), state)
        self.promises.check_order(state)

    def _open_logs(self) -> list[LogContents]:
        """Return the logs that an instance would serve, of those that were begun."""
        contents = [self._open(place) for place in range(PLACES)]
        return [each for each in contents if each.history.sequence and each.history.closed is None]

    def _open(self, place: int) -> LogContents:
        opened: LogContents = self._complete(self.rules.opening(SimulatedStore(place), self.policy).run())
        return opened

    def _finish(self, pair: tuple[int, int], *, is_undo: bool) -> None:
        old, new = pair
        handover = self.rules.handover(
            SimulatedStore(old),
            SimulatedStore(new),
            Addresses(old_url="", new_url="", source=SourceId(bytes([old] * 16))),
            image_at_end,
            clock=lambda: self.bucket.clock_ms,
            entropy=self.rng.randbytes,
            policy=self.policy,
        )
        try:
            self._complete(run_move(handover, is_undo=is_undo))
        except MoveRefusedError:
            return

    def _complete(self, task: Task) -> Any:  # noqa: ANN401  the result of any task
        """Run one task to completion with nothing else running."""
        reply = None
        while True:
            try:
                reply = self.bucket.apply(task.send(reply))
            except StopIteration as stop:
                return stop.value


def run(seed: int, rules: Rules = ALL) -> MovingSimulation:
    """Run the schedule of a seed. Raise ViolationError, naming the seed, if a promise is broken."""
    simulation = MovingSimulation(seed, rules)
    try:
        simulation.run()
    except ViolationError as exc:
        raise ViolationError(f"seed {seed}: {exc}") from exc
    return simulation
