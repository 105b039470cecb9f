"""Every field of every answer, changed in every way that its type suggests."""

import pytest
from tests.security.evil_server.cases import (
    FieldCase,
    alter,
    field_cases,
    is_chosen,
    is_decodable,
    mutations,
    scenarios_of,
)
from tests.security.evil_server.mutations import Mutation, apply, example
from tests.security.evil_server.running import Runner
from tests.security.evil_server.scenarios import Scenario

from satchel.outgoing.transport import RESPONSE_BYTES

LIES = frozenset({0, 1, 3, 5, 6})
"""How a command may end if a field has another valid value: well, or because it noticed."""

OTHER_LIES = {
    "capabilities": frozenset({4}),  # an earlier cloud refuses to be erased
    "share_info": frozenset(
        {2, 4}
    ),  # a password that the share does not have cannot be asked for, or is wrong
}
NOTICED = {
    ("pair", "token", "terminal escapes"): 6,
    ("pair", "token", "very long"): 6,
    ("create_pairing", "code", "terminal escapes"): 6,
    ("create_pairing", "code", "empty"): 6,
    ("list_shares", "next", "terminal escapes"): 6,
    ("list_shares", "next", "empty"): 6,
    ("announce_upload", "url", "terminal escapes"): 4,
    ("announce_upload", "url", "empty"): 4,
}
"""Valid values that a command must notice, and how it ends then."""


def codes_of(case: FieldCase, mutation: Mutation, scenario: Scenario, *, is_valid: bool) -> frozenset[int]:
    """Return the exit codes that a case may have."""
    if not is_valid:
        return frozenset({scenario.refused})
    if case.field.steps == ("id",) and "{id}" in case.operation.route and mutation.kind == "another's id":
        return frozenset({5})  # an answer about another object than the one that was asked about
    noticed = NOTICED.get((case.operation.id, case.field.name, mutation.kind))
    if noticed is not None:
        return frozenset({noticed})
    return LIES | {scenario.refused} | OTHER_LIES.get(case.operation.id, frozenset())


@pytest.mark.parametrize("case", list(field_cases()), ids=lambda each: each.name)
def test_a_changed_field_is_refused_or_does_no_harm(runner: Runner, case: FieldCase) -> None:
    found = [
        f"{mutation.kind}: satchel {scenario.name}: {fault}"
        for scenario in scenarios_of(case.operation.id)
        for mutation in mutations(case)
        for fault in _faults(runner, case, mutation, scenario)
    ]
    assert not found, "\n".join(found)


def _faults(runner: Runner, case: FieldCase, mutation: Mutation, scenario: Scenario) -> list[str]:
    if not (_seems_valid(case, mutation) or is_chosen(case, mutation)):
        return []
    sent: list[bytes] = []
    outcome = runner.run(scenario, alter(case, mutation, sent))
    if not sent:
        return ["the answer was not altered"]
    is_valid = len(sent[0]) <= RESPONSE_BYTES and is_decodable(case.operation, sent[0])
    codes = codes_of(case, mutation, scenario, is_valid=is_valid)
    found = runner.faults(scenario, outcome, codes, case.operation.id)
    return [f"{each}\n    {outcome.err.strip()}" for each in found]


def _seems_valid(case: FieldCase, mutation: Mutation) -> bool:
    """Return whether an example with this change can be decoded."""
    return is_decodable(case.operation, apply(example(case.field.root), case.field, mutation))
