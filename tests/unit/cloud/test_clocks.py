"""A device whose clock is wrong is told so."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.unit.cloud.conftest import problem

from satchel.cloud.client import CloudClient
from satchel.cloud.clocks import clock_offset, clock_warning
from satchel.errors import UsageError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request, Response
from satchel_wire.problems import ProblemCode

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("offset", "said"),
    [
        (timedelta(), ""),
        (timedelta(minutes=5), ""),
        (timedelta(minutes=-6), "6 minutes behind the cloud's"),
        (timedelta(minutes=61), "1 hour ahead of the cloud's"),
        (timedelta(hours=-24), "1 day behind the cloud's"),
        (timedelta(days=4000), "4,000 days ahead of the cloud's"),
    ],
)
def test_the_difference_is_told(offset: timedelta, said: str) -> None:
    there = format_datetime(NOW, usegmt=True)
    warning = clock_warning(clock_offset(there, NOW + offset))
    assert warning.endswith(said)
    assert bool(warning) == bool(said)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Fri, 99 May 2026 12:00:00 GMT", "Fri, 01 May 99999 12:00:00 GMT", "\x00" * 100]
)
def test_a_malformed_date_tells_nothing(date: str) -> None:
    assert clock_offset(date, NOW) is None


class Refusing:
    """A cloud that refuses every request, as it does for an expiry in the past."""

    def send(self, _request: Request) -> Response:
        there = format_datetime(NOW, usegmt=True)
        return problem(ProblemCode.INVALID, detail="expires: is in the past", headers={"date": there})


@pytest.mark.parametrize(("offset", "is_wrong"), [(timedelta(days=-1), True), (timedelta(), False)])
def test_a_refusal_names_the_clock_if_it_is_wrong(offset: timedelta, *, is_wrong: bool) -> None:
    client = CloudClient(Origin.parse("http://127.0.0.1:9"), Refusing(), now=lambda: NOW + offset)
    with pytest.raises(UsageError) as caught:
        client.status()
    assert ("1 day behind" in caught.value.hint) == is_wrong
    assert ("different versions" in caught.value.hint) != is_wrong
    assert client.clock_offset == offset
