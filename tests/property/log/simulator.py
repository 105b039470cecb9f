"""A world in one process: instances that come, sleep and die, one store, a bad network, clocks that jump.

Everything that happens follows from one seed. The instances run the rules of `satchel_service.log` as the service
does; only the store is simulated, and what clients would see is checked:

- what was acknowledged, or shown by an answer, is in every later opening, and in the last one;
- answers are in real-time order across instances: no two of them acknowledge after a takeover;
- a confirmed read shows everything that was shown before it was asked for;
- every moment of the last day can be recovered (where no clock jumped).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.property.log.bucket import STORE, Bucket, Task
from tests.property.log.instance import Instance, Rules
from tests.property.log.promises import Promises, ViolationError, state_of

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
class Weather:
    """What may happen in one schedule: chances are per step, drawn from its seed."""

    steps: int
    unrest: float
    arrivals: float
    instances: int
    faults: float
    crashes: float
    cuts: float
    has_duplicates: bool
    has_wild_clocks: bool
    has_damage: bool
    has_versions: bool


def weather(rng: random.Random) -> Weather:
    """Draw the weather of one schedule."""
    return Weather(
        steps=rng.choice((60, 110, 200)),
        unrest=rng.choice((0.03, 0.06, 0.12)),
        arrivals=rng.choice((0.1, 0.3)),
        instances=rng.choice((2, 2, 3)),
        faults=rng.choice((0.0, 0.05, 0.2, 0.4)),
        crashes=rng.choice((0.0, 0.0, 0.01, 0.03)),
        cuts=rng.choice((0.0, 0.0, 0.0, 0.5)),
        has_duplicates=rng.random() < 0.5,
        has_wild_clocks=rng.random() < 0.3,
        has_damage=rng.random() < 0.1,
        has_versions=rng.random() < 0.2,
    )


class Simulation:
    """One schedule."""

    def __init__(self, seed: int, rules: Rules) -> None:
        self.rng = random.Random(seed)
        self.random = self.rng.random
        self.rules = rules
        self.weather = weather(self.rng)
        self.policy = self.rng.choice(POLICIES)
        self.bucket = Bucket(
            self.rng, self.weather.faults, self.weather.cuts, has_duplicates=self.weather.has_duplicates
        )
        self.bucket.clock_ms = 1_000 * HOUR_MS
        self.promises = Promises()
        self.moments: list[tuple[int, list[bytes]]] = []
        self.now = 0
        self.openings = 0
        self._instances: list[Instance] = []
        self._active: list[Instance] = []

    def run(self) -> None:
        """Run the schedule; ViolationError when a promise is broken."""
        try:
            while self.now < self.weather.steps:
                self._step()
                self.now += 1
            self._stop()
            self._end()
        except DamagedLogError as exc:
            if not self.weather.has_damage:
                raise ViolationError(f"an undamaged log was refused: {exc}") from exc
        finally:
            self._stop()

    def _step(self) -> None:
        """Let one thing happen."""
        self.bucket.clock_ms += 1
        if self.random() < self.weather.unrest:
            self._change()
        chance = self.random()
        if chance < 0.05:
            self._pass_time()
        elif chance < 0.08 and self.bucket.network:
            self.bucket.deliver()
        elif chance < 0.08 + self.weather.crashes and self._instances:
            self.rng.choice(self._instances).crash()
        else:
            instance = self._active[int(self.random() * len(self._active))] if self._active else None
            if instance is None or not instance.tasks or instance.sleeps_until > self.now:
                self._change()
            else:
                instance.step()

    def _change(self) -> None:
        """Choose who runs until the next change; the others are paused, as a cloud pauses an idle instance."""
        alive = [instance for instance in self._instances if instance.tasks]
        awake = [instance for instance in alive if instance.sleeps_until <= self.now]
        if len(alive) < self.weather.instances and (not awake or self.random() < self.weather.arrivals):
            awake = [self._arrive()]
            alive += awake
        elif not awake:
            awake = [self.rng.choice(alive)]
            awake[0].sleeps_until = 0
        self._instances = alive
        self._active = [self.rng.choice(awake)] if self.random() < 0.7 else awake

    def _arrive(self) -> Instance:
        self.openings += 1
        version = 2 if self.weather.has_versions and self.random() < 0.5 else 1
        skew_ms = int((self.random() - 0.5) * 100 * HOUR_MS) if self.weather.has_wild_clocks else 0
        return Instance(self, self.openings, version, skew_ms, self.weather.steps)

    def _pass_time(self) -> None:
        """Let hours pass, or the store's clock jump."""
        if self.weather.has_wild_clocks and self.random() < 0.4:
            self.bucket.clock_ms += int((self.random() - 0.5) * 100 * HOUR_MS)
        else:
            self.bucket.clock_ms += int(self.random() * 40) * HOUR_MS

    # -- the end ---------------------------------------------------------------------------------------

    def _stop(self) -> None:
        for instance in self._instances:
            instance.die()

    def _end(self) -> None:
        """Open twice in fair weather: what was still on its way arrives in between."""
        if self.weather.has_damage:
            self.bucket.spoil()
        for _ in range(2):
            reading = self._complete(self.rules.opening(STORE, self.policy).run())
            state = state_of(*reading.state())
            self.promises.check_opening(len(self.promises.made), state)
            self.promises.check_order(state)
            self._check_recovery()
            while self.bucket.network:
                self.bucket.deliver()

    def _check_recovery(self) -> None:
        """Recover a moment of the last day and compare."""
        found = self.weather
        if found.has_wild_clocks or found.has_versions or found.has_damage:
            return
        since_ms = self.bucket.clock_ms - self.policy.retention_ms
        recent = [moment for moment in self.moments if moment[0] >= since_ms]
        if recent:
            self._recover(*self.rng.choice(recent))

    def _recover(self, at_ms: int, expected: Sequence[bytes]) -> None:
        try:
            recovered = self._complete(Recovery(STORE, self.policy).run(at_ms))
        except (OutOfReachError, DamagedLogError) as exc:
            raise ViolationError(f"a moment of the last day cannot be recovered: {exc}") from exc
        if state_of(recovered.image, recovered.changesets) != expected:
            raise ViolationError("a moment of the last day was recovered wrongly")

    def _complete(self, task: Task) -> Any:  # noqa: ANN401  whatever the task returns
        """Run one task to its end with nothing else going on."""
        reply = None
        while True:
            try:
                reply = self.bucket.apply(task.send(reply))
            except StopIteration as stop:
                return stop.value


def run(seed: int, rules: Rules = ALL) -> Simulation:
    """Run the schedule of one seed; ViolationError names the seed."""
    simulation = Simulation(seed, rules)
    try:
        simulation.run()
    except ViolationError as exc:
        raise ViolationError(f"seed {seed}: {exc}") from exc
    return simulation
