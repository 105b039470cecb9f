"""The error for a cloud that has moved: it names only an address that a device may use."""

import msgspec
import pytest

from satchel.cloud.problems import MovedError, refusal
from satchel.outgoing.transport import Response
from satchel_wire.messages import Problem
from satchel_wire.problems import ProblemCode

CODE = ProblemCode.MOVED
BODY = msgspec.json.encode(
    Problem(type=CODE.type, title=CODE.title, status=CODE.status, detail="it is elsewhere")
)


def error_for(location: str | None) -> MovedError:
    headers = {} if location is None else {"location": location}
    error = refusal(Response(CODE.status, headers, BODY), origin="https://old.example.org")
    assert isinstance(error, MovedError)
    return error


def test_the_error_names_both_addresses_and_what_to_do() -> None:
    error = error_for("https://new.example.org")
    assert error.message == "the cloud at https://old.example.org has moved to https://new.example.org"
    assert "satchel connect https://new.example.org" in error.hint
    assert (error.address, error.exit_code) == ("https://new.example.org", 4)


@pytest.mark.parametrize(
    "location",
    [
        None,
        "",
        "http://new.example.org",
        "https://new.example.org/path",
        "https://user@new.example.org",
        "javascript:alert(1)",
        "/elsewhere",
        "https://new.example.org\x1b[2J",
        "https://" + "a" * 10_000,
        "https://old.example.org",
    ],
)
def test_an_address_that_a_device_must_not_use_is_not_named(location: str | None) -> None:
    error = error_for(location)
    assert error.address == ""
    assert error.message == "the cloud has moved to another address"
    assert error.hint == "ask its operator for the new address"
