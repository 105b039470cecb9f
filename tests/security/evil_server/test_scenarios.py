"""Without an attack, every command of the table succeeds and calls the operations that the table says."""

import pytest
from tests.security.evil_server.running import Runner
from tests.security.evil_server.scenarios import SCENARIOS, Scenario


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_every_command_of_the_table_calls_its_operations(runner: Runner, scenario: Scenario) -> None:
    outcome = runner.run(scenario)
    assert outcome.code in ({1} if scenario.refused == 1 else {0}), outcome.err
    assert {each.operation for each in outcome.seen} == set(scenario.operations)
