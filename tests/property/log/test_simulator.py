"""The rules of docs/spec/log.md over random schedules, and the schedules over rules with one taken away."""

import pytest
from tests.property.log.instance import Rules
from tests.property.log.promises import ViolationError
from tests.property.log.simulator import Simulation, run
from tests.property.log.without import WITHOUT

from satchel_service.log.format import Kind, decode_entry

SCHEDULES = 100_000
BLOCK = 10_000
PATIENCE = 20_000


def holds(seed: int, rules: Rules) -> bool:
    """Whether no promise is broken."""
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
@pytest.mark.parametrize("missing", WITHOUT)
def test_without_any_one_rule_some_schedule_breaks_a_promise(missing: str) -> None:
    assert not all(holds(seed, WITHOUT[missing]) for seed in range(PATIENCE))


def test_a_seed_tells_everything_that_happens() -> None:
    for seed in range(50):
        first, second = Simulation(seed, Rules()), Simulation(seed, Rules())
        first.run()
        second.run()
        assert first.bucket.objects == second.bucket.objects
        assert first.promises.acknowledged == second.promises.acknowledged


def test_a_violation_names_its_seed() -> None:
    ungated = WITHOUT["the output gate"]
    broken = [seed for seed in range(100) if not holds(seed, ungated)]
    with pytest.raises(ViolationError, match=f"^seed {broken[0]}: "):
        run(broken[0], ungated)


def test_the_schedules_go_where_the_rules_matter() -> None:
    """In one block of schedules: takeovers, retries, snapshots, truncation, emptied entries."""
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
