"""Whole answers that no satchel cloud gives, to every operation that a command calls."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.security.evil_server.answers import KINDS, Kind, problem, redirect
from tests.security.evil_server.cases import WHOLE, called_operations, scenarios_of
from tests.security.evil_server.mutations import ESCAPES
from tests.security.evil_server.running import Runner
from tests.security.evil_server.scenarios import Scenario
from tests.security.evil_server.server import Attack

from satchel.cloud.problems import REACTIONS
from satchel.errors import NotFoundError
from satchel.outgoing.transport import RESPONSE_BYTES
from satchel.sharing.body import MAX_BODY_BYTES
from satchel_wire.operations import Operation
from satchel_wire.problems import ProblemCode

SHARE = 20
"""Without WHOLE, each operation meets one kind in so many, chosen so that each kind meets many operations."""
SLOW = ("list_devices", "open_share")
"""Without WHOLE, the operations that meet the endless answers, which take a second each."""
KERNEL_BUFFERS = [Path(f"/proc/sys/net/ipv4/tcp_{each}") for each in ("rmem", "wmem")]
BUFFERS = (16 << 20) + sum(int(each.read_text().split()[2]) for each in KERNEL_BUFFERS if each.exists())
"""What a client need not read, but a connection holds: much of it if the client gets no processor for a while."""
REDIRECTS = (300, 301, 302, 303, 305, 307, 308)
TARGETS = ("another origin", "a path of the same cloud", "text with terminal escapes", "nowhere")
# A command that has taken an answer goes on if the cloud does not delete it.
OPERATIONS = [each for each in called_operations() if scenarios_of(each.id)]


def chosen(operation: Operation, names: list[str]) -> list[int]:
    """Return the places of the kinds that an operation meets."""
    return [
        at
        for at, name in enumerate(names)
        if WHOLE or zlib.crc32(f"{operation.id} {name}".encode()) % SHARE == 0
    ]


def kinds_of(operation: Operation) -> Iterator[Kind]:
    """Yield the kinds of whole answers that an operation meets."""
    for at in chosen(operation, [each.name for each in KINDS]):
        if not KINDS[at].is_endless:
            yield KINDS[at]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_an_answer_that_no_cloud_gives_ends_the_command(runner: Runner, operation: Operation) -> None:
    found = [
        f"{kind.name}: satchel {scenario.name}: {fault}"
        for scenario in scenarios_of(operation.id)
        for kind in kinds_of(operation)
        for fault in _faults(runner, scenario, operation, kind)
    ]
    assert not found, "\n".join(found)


@pytest.mark.usefixtures("_brief")
@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if WHOLE or each.id in SLOW], ids=lambda each: each.id
)
def test_an_answer_without_end_ends_the_command(runner: Runner, operation: Operation) -> None:
    scenario = scenarios_of(operation.id)[0]
    found = [
        f"{kind.name}: satchel {scenario.name}: {fault}"
        for kind in KINDS
        if kind.is_endless
        for fault in _faults(runner, scenario, operation, kind)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_a_redirect_is_not_followed(runner: Runner, operation: Operation) -> None:
    scenario = scenarios_of(operation.id)[0]
    addresses = (f"{runner.other.url}/v1/evil", f"{runner.evil.url}/v1/evil", f"//evil{ESCAPES}", "")
    kinds = [redirect(status, target) for status in REDIRECTS for target in addresses]
    assert len(addresses) == len(TARGETS)
    found = []
    for at in chosen(operation, [f"{number} {kind.name}" for number, kind in enumerate(kinds)]):
        outcome = runner.run(scenario, Attack(operation.id, kinds[at].change))
        found += runner.faults(scenario, outcome, {scenario.refused}, operation.id)
        found += [f"followed to {each.path}" for each in outcome.elsewhere]
        found += [f"followed to {each.path}" for each in outcome.seen if each.path == "/v1/evil"]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_a_problem_has_its_own_exit_code_and_shows_no_escapes(runner: Runner, operation: Operation) -> None:
    scenario = scenarios_of(operation.id)[0]
    codes = list(ProblemCode)
    found = []
    for at in chosen(operation, [each.code for each in codes]):
        code = codes[at]
        attack = Attack(operation.id, problem(code.code, code.status, ESCAPES + "x" * 500))
        outcome = runner.run(scenario, attack)
        expected = problem_codes(operation, scenario, code)
        found += [
            f"{code.code}: {fault}\n    {outcome.err.strip()[:300]}"
            for fault in runner.faults(scenario, outcome, expected, operation.id)
        ]
    assert not found, "\n".join(found)


def problem_codes(operation: Operation, scenario: Scenario, code: ProblemCode) -> set[int]:
    """Return how a command may end if an operation has this problem."""
    if scenario.refused == 1:
        return {1}
    reaction = REACTIONS[code].error
    codes = {reaction.exit_code}
    if operation.id in GENTLE and issubclass(reaction, NotFoundError):
        codes |= GENTLE[operation.id]
    if operation.query and code is ProblemCode.INVALID:
        codes = {6}  # it has named the page itself
    return codes


GENTLE = {
    "capabilities": {0, 1},  # an earlier cloud, which may be too old for the command
    "share_info": {0},  # a share that has ended may say so when it is opened
    "revoke_device": {0},  # it is gone
}


def _faults(runner: Runner, scenario: Scenario, operation: Operation, kind: Kind) -> list[str]:
    outcome = runner.run(scenario, Attack(operation.id, kind.change))
    is_ignored = operation.gives is None and kind.group in {"bodies", "headers"}
    codes = {scenario.refused}
    if kind.is_harmless or is_ignored:
        codes.add(0)
    if operation.gives == "bytes":
        codes.add(5)  # sealed bytes that do not authenticate
    found = runner.faults(scenario, outcome, codes, operation.id)
    limit = MAX_BODY_BYTES if operation.id == "open_share" else RESPONSE_BYTES
    if outcome.sent_bytes > limit + BUFFERS:
        found.append(f"the client read {outcome.sent_bytes:,} bytes")
    if not outcome.altered:
        found.append("the answer was not altered")
    return [f"{each}\n    {outcome.err.strip()[:300]}" for each in found]
