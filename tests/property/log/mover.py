"""A simulated operator who moves the cloud, or undoes a move. It pauses and crashes like an instance."""

from contextlib import suppress

from tests.property.log.instance import Running, World
from tests.property.log.promises import image_of, state_of
from tests.property.log.simulated_store import SimulatedStore

from satchel_service.log.errors import FencedError, UncertainError
from satchel_service.log.handover import MoveId, SourceId
from satchel_service.log.reader import LogContents
from satchel_service.moving.decisions import Step
from satchel_service.moving.errors import MoveRefusedError
from satchel_service.moving.handover import Addresses, Handover

ORDER = (Step.RESERVE, Step.CLOSE, Step.OPEN)


async def image_at_end(contents: LogContents, _: MoveId) -> bytes:
    """Return the simulated database at the end of a log."""
    return image_of(state_of(*contents.state()))


class Mover:
    """One run of `move` or `move --undo` from one store to another; it ends when nothing is left to do."""

    def __init__(self, world: World, places: tuple[int, int], nap_steps: int, *, is_undo: bool) -> None:
        self.sleeps_until = 0
        self.tasks: list[Running] = []
        self.has_opened = False
        self._world = world
        self._nap_steps = nap_steps
        self._steps_to_nap = 1 + int(world.random() * 30)
        old, new = places
        self._handover = world.rules.handover(
            SimulatedStore(old),
            SimulatedStore(new),
            Addresses(old_url="", new_url="https://new.example.org", source=SourceId(bytes([old] * 16))),
            image_at_end,
            clock=lambda: max(0, world.bucket.clock_ms),
            entropy=lambda count: bytes(int(world.random() * 256) for _ in range(count)),
            policy=world.policy,
        )
        task = run_move(self._handover, is_undo=is_undo, is_surveyed=world.rules.are_steps_surveyed)
        self.tasks.append(Running(task, task.send(None)))

    def step(self) -> None:
        """Carry out the request that the command waits for, and resume it. Now and then, pause for long."""
        world, running = self._world, self.tasks[0]
        self._steps_to_nap -= 1
        if not self._steps_to_nap:
            self.sleeps_until = world.now + int(world.random() * self._nap_steps)
            self._steps_to_nap = 1 + int(world.random() * 60)
        try:
            try:
                reply = world.bucket.perform(running.call)
            except UncertainError as exc:
                running.call = running.task.throw(exc)
            else:
                running.call = running.task.send(reply)
        except (StopIteration, MoveRefusedError):
            self.tasks.remove(running)

    def crash(self) -> None:
        """Crash; a request in flight may still take effect."""
        for running in self.tasks:
            self._world.bucket.abandon(running.call)
        self.die()

    def die(self) -> None:
        """Stop."""
        tasks, self.tasks = self.tasks, []
        for running in tasks:
            running.task.close()


async def run_move(handover: Handover, *, is_undo: bool, is_surveyed: bool = True) -> None:
    """Take one step after another until nothing is left to do, as `satchel_service.moving` does."""
    while True:
        with suppress(UncertainError, FencedError):
            step = await (handover.survey_back() if is_undo else handover.survey())
            if step is Step.DONE:
                return
            if not is_surveyed and step in ORDER:
                await take_all(handover, ORDER[ORDER.index(step) :])
                return
            await handover.take(step)


async def take_all(handover: Handover, steps: tuple[Step, ...]) -> None:
    """Take steps without asking the logs whether each took effect: a mistake that an implementer could make."""
    for step in steps:
        with suppress(UncertainError, FencedError, RuntimeError):
            await handover.take(step)
        with suppress(UncertainError):
            await handover.read()
