"""The rules of docs/spec/log.md under random schedules, and the schedules with one rule removed at a time."""

import os

import pytest
from tests.property.log.instance import Rules
from tests.property.log.mutants import MUTANTS
from tests.property.log.promises import ViolationError
from tests.property.log.simulator import Simulation, run

from satchel_service.log.format import Kind, decode_entry

SCHEDULES = int(os.environ.get("SATCHEL_SCHEDULES", "40000"))  # `make simulator` runs more
BLOCK = 10_000
MAX_SCHEDULES = 20_000


def holds(seed: int, rules: Rules) -> bool:
    """Return whether the schedule breaks no promise."""
    try:
        run(seed, rules)
    except ViolationError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SCHEDULES, BLOCK))
def test_no_schedule_breaks_a_promise(first: int) -> None:
    for seed in range(first, first + BLOCK):
        run(seed)


@pytest.mark.slow
@pytest.mark.parametrize("missing", MUTANTS)
def test_removing_any_one_rule_breaks_a_promise_in_some_schedule(missing: str) -> None:
    assert not all(holds(seed, MUTANTS[missing]) for seed in range(MAX_SCHEDULES))


def test_a_seed_determines_the_whole_schedule() -> None:
    for seed in range(50):
        first, second = Simulation(seed, Rules()), Simulation(seed, Rules())
        first.run()
        second.run()
        assert first.bucket.objects == second.bucket.objects
        assert first.promises.acknowledged == second.promises.acknowledged


def test_a_violation_names_its_seed() -> None:
    ungated = MUTANTS["the output gate"]
    broken = [seed for seed in range(100) if not holds(seed, ungated)]
    with pytest.raises(ViolationError, match=f"^seed {broken[0]}: "):
        run(broken[0], ungated)


def test_schedules_reach_the_situations_that_the_rules_cover() -> None:
    """They include takeovers, retries, snapshots, truncation and emptied entries."""
    simulations = [run(seed) for seed in range(1000)]
    objects = [simulation.bucket.objects for simulation in simulations]
    entries = [
        decode_entry(data) for found in objects for key, (data, _) in found.items() if key.startswith("log/")
    ]
    assert sum(len(simulation.promises.acknowledged) for simulation in simulations) > 5_000
    assert sum(simulation.openings for simulation in simulations) > 4_000
    assert sum(bool(simulation.bucket.refused) for simulation in simulations) > 300
    assert sum(entry.kind is Kind.EMPTIED for entry in entries) > 100
    assert sum(any(key.startswith("snap") for key in found) for found in objects) > 500
