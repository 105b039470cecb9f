"""Sign-ins leave their entries in the audit log; refused ones are counted."""

from collections.abc import Callable

import pytest
from tests.support.audit_log import read_log
from tests.unit.service.sign_in.conftest import SigningIn

from satchel_service.audit.coverage import EVENTS

Act = Callable[[SigningIn], object]


def pass_on(signing_in: SigningIn) -> None:
    device = signing_in.claim()
    assert device.call("PUT", "/v1/owner", signing_in.proof(sub="grace")).status == 200


ACTS: dict[str, tuple[Act, list[tuple[str, str]]]] = {
    "sign_in": (
        SigningIn.claim,
        [("operator-code-used", "operator"), ("owner-set", "subject"), ("signed-in", "subject")],
    ),
    "step_up": (
        lambda signing_in: signing_in.step_up(signing_in.claim()),
        [
            ("operator-code-used", "operator"),
            ("owner-set", "subject"),
            ("signed-in", "subject"),
            ("sign-in-renewed", "device"),
        ],
    ),
    "set_owner": (
        pass_on,
        [
            ("operator-code-used", "operator"),
            ("owner-set", "subject"),
            ("signed-in", "subject"),
            ("owner-set", "device"),
        ],
    ),
}


@pytest.mark.parametrize("operation", ACTS)
def test_a_sign_in_leaves_its_entries(signing_in: SigningIn, operation: str) -> None:
    act, expected = ACTS[operation]
    before = len(read_log(signing_in.cloud.device))
    act(signing_in)
    found = [(entry["event"], entry["actor"]) for entry in read_log(signing_in.cloud.device)[before:]]
    assert found == expected
    assert {event for event, _ in found} >= {EVENTS[operation][0].code}


@pytest.mark.parametrize(
    ("changes", "event"),
    [
        ({"aud": "another"}, "wrong-sign-in"),
        ({"sub": "mallory"}, "not-owner"),
    ],
)
def test_refused_sign_ins_are_counted_by_the_hour(
    signing_in: SigningIn, changes: dict[str, str], event: str
) -> None:
    signing_in.claim()
    before = len(read_log(signing_in.cloud.device))
    for _ in range(5):
        assert signing_in.sign_in(**changes).problem == event
    signing_in.cloud.clock.advance(hours=1)
    signing_in.cloud.device.backup()
    found = [entry for entry in read_log(signing_in.cloud.device)[before:] if entry["event"] == event]
    assert [(entry["occurrences"], entry["outcome"]) for entry in found] == [(5, "refused")]
    assert "mallory" not in str(found)
