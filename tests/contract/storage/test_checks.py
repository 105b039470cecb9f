"""The checks of `satchel-service check-storage` pass on every implementation."""

import pytest

from satchel_service.storage import Storage
from satchel_service.storage.checks import (
    CHECKS,
    CLEANS_UP,
    REACHES_STORE,
    Check,
    run_checks,
    verifies_presigned_parts,
)

UNVERIFIED = (
    "the response to another size at a part's URL was 200 instead of 403"  # moto does not verify signatures
)


@pytest.mark.parametrize("check", [REACHES_STORE, *CHECKS, CLEANS_UP], ids=lambda check: check.run.__name__)
def test_a_check_passes(storage: Storage, check: Check, request: pytest.FixtureRequest) -> None:
    is_moto = request.node.callspec.params["storage"] == "moto"
    expected = UNVERIFIED if is_moto and check.run is verifies_presigned_parts else ""
    assert check.try_on(storage).problem == expected


def test_the_checks_leave_nothing(storage: Storage) -> None:
    outcomes = list(run_checks(storage))
    assert len(outcomes) == len(CHECKS) + 2
    assert list(storage.list("")) == []
    assert list(storage.uploads()) == []
