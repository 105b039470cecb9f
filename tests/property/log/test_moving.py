"""The rules of moving a cloud (docs/spec/log.md, section 14) under random schedules, and with one rule removed."""

import os

import pytest
from tests.property.log.instance import Rules
from tests.property.log.moving_mutants import MOVING_MUTANTS
from tests.property.log.moving_simulator import MovingSimulation, run
from tests.property.log.promises import ViolationError

from satchel_service.log.format import Kind, decode_entry

SCHEDULES = int(os.environ.get("SATCHEL_MOVES", "2000"))  # `make moves` runs more
BLOCK = 1_000
MAX_SCHEDULES = 2_000
RARE = {
    "a cancelled reservation restores what the log said before": 600,
    "an undo ends with an entry in the old log": 800,
    "the old log is read before the new one": 3_000,
}
"""Where to begin for rules that matter in one schedule of thousands."""


def holds(seed: int, rules: Rules) -> bool:
    """Return whether the schedule breaks no promise."""
    try:
        run(seed, rules)
    except ViolationError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SCHEDULES, BLOCK))
def test_no_schedule_leaves_two_clouds_or_none(first: int) -> None:
    for seed in range(first, first + BLOCK):
        run(seed)


@pytest.mark.parametrize("missing", MOVING_MUTANTS)
def test_removing_any_one_rule_of_a_move_breaks_a_promise_in_some_schedule(missing: str) -> None:
    first = RARE.get(missing, 0)
    assert not all(holds(seed, MOVING_MUTANTS[missing]) for seed in range(first, first + MAX_SCHEDULES))


def test_a_seed_determines_the_whole_schedule() -> None:
    for seed in range(10):
        first, second = MovingSimulation(seed, Rules()), MovingSimulation(seed, Rules())
        first.run()
        second.run()
        assert [each.objects for each in first.bucket.each] == [each.objects for each in second.bucket.each]
        assert first.promises.acknowledged == second.promises.acknowledged


def test_schedules_reach_the_situations_that_the_rules_cover() -> None:
    """They include finished and undone moves, moves back, and instances that serve before and after."""
    kinds: list[Kind] = []
    returns = 0
    acknowledged = 0
    for seed in range(150):
        simulation = run(seed)
        acknowledged += len(simulation.promises.acknowledged)
        for bucket in simulation.bucket.each:
            found = [
                decode_entry(bucket.objects[key][0])
                for key in sorted(bucket.objects)
                if key.startswith("log/")
            ]
            kinds += [entry.kind for entry in found]
            left = [entry.sequence for entry in found if entry.kind is Kind.CLOSING and len(found) > 1]
            returns += any(entry.kind is Kind.AWAITING and entry.sequence - 1 in left for entry in found)
    assert acknowledged > 500
    assert kinds.count(Kind.OPENING) > 50
    assert kinds.count(Kind.CLOSING) > kinds.count(Kind.OPENING) // 2
    assert returns > 5
