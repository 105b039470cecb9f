"""A simulation in one process: instances, one store, an unreliable network, clocks that jump.

Each schedule follows from one seed. The instances run the same `satchel_service.log` code as the service; only the
store is simulated. The simulator checks what clients see:

- every transaction that was acknowledged or shown is in every later opening;
- answers are in real-time order across instances: after a takeover only the new instance acknowledges;
- a confirmed read shows everything that was shown before its request;
- every moment of the last 24 hours can be recovered (in schedules where no clock jumps).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.property.log.instance import Instance, Rules
from tests.property.log.promises import Promises, ViolationError, state_of
from tests.property.log.simulated_store import STORE, Bucket, Task

from satchel_service.log.errors import DamagedLogError, OutOfReachError
from satchel_service.log.policy import Policy
from satchel_service.log.reader import Recovery

HOUR_MS: Final = 60 * 60 * 1000
POLICIES: Final = tuple(
    Policy(snapshot_entries=entries, batch_bytes=12, first_read_ahead=1, read_ahead=2)
    for entries in (1, 1, 2, 3)
)
ALL: Final = Rules()


@dataclass(frozen=True)
class Conditions:
    """The conditions of one schedule, drawn from its seed. Chances are per step."""

    steps: int
    change_chance: float
    arrival_chance: float
    instances: int
    faults: float
    crashes: float
    cuts: float
    has_duplicates: bool
    has_clock_jumps: bool
    has_damage: bool
    has_versions: bool


def draw_conditions(rng: random.Random) -> Conditions:
    """Draw the conditions of one schedule."""
    return Conditions(
        steps=rng.choice((60, 110, 200)),
        change_chance=rng.choice((0.03, 0.06, 0.12)),
        arrival_chance=rng.choice((0.1, 0.3)),
        instances=rng.choice((2, 2, 3)),
        faults=rng.choice((0.0, 0.05, 0.2, 0.4)),
        crashes=rng.choice((0.0, 0.0, 0.01, 0.03)),
        cuts=rng.choice((0.0, 0.0, 0.0, 0.5)),
        has_duplicates=rng.random() < 0.5,
        has_clock_jumps=rng.random() < 0.3,
        has_damage=rng.random() < 0.1,
        has_versions=rng.random() < 0.2,
    )


class Simulation:
    """One schedule."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self.rng = random.Random(seed)
        self.random = self.rng.random
        self.rules = rules
        self.conditions = draw_conditions(self.rng)
        self.policy = self.rng.choice(POLICIES)
        self.bucket = Bucket(
            self.rng,
            self.conditions.faults,
            self.conditions.cuts,
            has_duplicates=self.conditions.has_duplicates,
        )
        self.bucket.clock_ms = 1_000 * HOUR_MS
        self.promises = Promises()
        self.moments: list[tuple[int, list[bytes]]] = []
        self.now = 0
        self.openings = 0
        self._instances: list[Instance] = []
        self._active: list[Instance] = []

    def run(self) -> None:
        """Run the schedule. Raise ViolationError if a promise is broken."""
        try:
            while self.now < self.conditions.steps:
                self._step()
                self.now += 1
            self._stop()
            self._end()
        except DamagedLogError as exc:
            if not self.conditions.has_damage:
                raise ViolationError(f"an undamaged log was refused: {exc}") from exc
        finally:
            self._stop()

    def _step(self) -> None:
        """Run one step: a delivery, a crash, a passage of time, or a step of an instance."""
        self.bucket.clock_ms += 1
        if self.random() < self.conditions.change_chance:
            self._change()
        chance = self.random()
        if chance < 0.05:
            self._pass_time()
        elif chance < 0.08 and self.bucket.network:
            self.bucket.deliver()
        elif chance < 0.08 + self.conditions.crashes and self._instances:
            self.rng.choice(self._instances).crash()
        else:
            instance = self._active[int(self.random() * len(self._active))] if self._active else None
            if instance is None or not instance.tasks or instance.sleeps_until > self.now:
                self._change()
            else:
                instance.step()

    def _change(self) -> None:
        """Choose who runs until the next change; the others are suspended."""
        alive = [instance for instance in self._instances if instance.tasks]
        awake = [instance for instance in alive if instance.sleeps_until <= self.now]
        if len(alive) < self.conditions.instances and (
            not awake or self.random() < self.conditions.arrival_chance
        ):
            awake = [self._add_instance()]
            alive += awake
        elif not awake:
            awake = [self.rng.choice(alive)]
            awake[0].sleeps_until = 0
        self._instances = alive
        self._active = [self.rng.choice(awake)] if self.random() < 0.7 else awake

    def _add_instance(self) -> Instance:
        self.openings += 1
        version = 2 if self.conditions.has_versions and self.random() < 0.5 else 1
        skew_ms = int((self.random() - 0.5) * 100 * HOUR_MS) if self.conditions.has_clock_jumps else 0
        return Instance(self, self.openings, version, skew_ms, self.conditions.steps)

    def _pass_time(self) -> None:
        """Advance the clock by hours, or make the store's clock jump."""
        if self.conditions.has_clock_jumps and self.random() < 0.4:
            self.bucket.clock_ms += int((self.random() - 0.5) * 100 * HOUR_MS)
        else:
            self.bucket.clock_ms += int(self.random() * 40) * HOUR_MS

    # -- the end ---------------------------------------------------------------------------------------

    def _stop(self) -> None:
        for instance in self._instances:
            instance.die()

    def _end(self) -> None:
        """Open the log twice without faults; delayed requests arrive in between."""
        if self.conditions.has_damage:
            self.bucket.damage()
        for _ in range(2):
            contents = self._complete(self.rules.opening(STORE, self.policy).run())
            state = state_of(*contents.state())
            self.promises.check_opening(len(self.promises.made), state)
            self.promises.check_order(state)
            self._check_recovery()
            while self.bucket.network:
                self.bucket.deliver()

    def _check_recovery(self) -> None:
        """Recover a moment of the last 24 hours and compare."""
        conditions = self.conditions
        if conditions.has_clock_jumps or conditions.has_versions or conditions.has_damage:
            return
        since_ms = self.bucket.clock_ms - self.policy.retention_ms
        recent = [moment for moment in self.moments if moment[0] >= since_ms]
        if recent:
            self._recover(*self.rng.choice(recent))

    def _recover(self, at_ms: int, expected: Sequence[bytes]) -> None:
        try:
            recovered = self._complete(Recovery(STORE, self.policy).run(at_ms))
        except (OutOfReachError, DamagedLogError) as exc:
            raise ViolationError(f"a moment of the last 24 hours cannot be recovered: {exc}") from exc
        if state_of(recovered.image, recovered.changesets) != expected:
            raise ViolationError("a moment of the last 24 hours was recovered incorrectly")

    def _complete(self, task: Task) -> Any:  # noqa: ANN401  the result of any task
        """Run one task to completion with nothing else running."""
        reply = None
        while True:
            try:
                reply = self.bucket.apply(task.send(reply))
            except StopIteration as stop:
                return stop.value


def run(seed: int, rules: Rules = ALL) -> Simulation:
    """Run the schedule of a seed. Raise ViolationError, naming the seed, if a promise is broken."""
    simulation = Simulation(seed, rules)
    try:
        simulation.run()
    except ViolationError as exc:
        raise ViolationError(f"seed {seed}: {exc}") from exc
    return simulation
