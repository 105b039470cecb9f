"""Addresses of parts that lead elsewhere. A part may go to storage, but the token may not."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from tests.security.evil_server.addresses import ADDRESSES, Address
from tests.security.evil_server.running import Runner
from tests.security.evil_server.scenarios import SCENARIOS
from tests.security.evil_server.server import Attack, Raw, Seen
from tests.support.asgi import Answer

SENDING = [each for each in SCENARIOS if each.name in {"backup", "share"}]


def with_parts(change: Callable[[list[Any]], object]) -> Attack:
    """Return the attack that changes the parts in the answer to an announcement."""

    def alter(_: Seen, answer: Answer) -> Answer:
        document = msgspec.json.decode(answer.body)
        change(document["parts"])
        return Answer(answer.status, answer.headers, msgspec.json.encode(document))

    return Attack("announce_upload", alter)


def at(url: str) -> Attack:
    """Return the attack that sends every part to an address."""

    def move(parts: list[Any]) -> None:
        for part in parts:
            part["url"] = url

    return with_parts(move)


@pytest.mark.parametrize("scenario", SENDING, ids=lambda each: each.name)
@pytest.mark.parametrize("address", ADDRESSES, ids=lambda each: each.name)
def test_no_token_goes_to_the_address_of_a_part(runner: Runner, scenario: Any, address: Address) -> None:  # noqa: ANN401
    own, other = runner.evil.url.removeprefix("http://"), runner.other.url.removeprefix("http://")
    outcome = runner.run(scenario, at(address.url.format(own=own, other=other)))
    assert runner.faults(scenario, outcome, set(address.codes), "put_part") == []
    assert bool(outcome.elsewhere) == address.is_reached
    for request in outcome.elsewhere:
        assert "authorization" not in request.headers
        assert "satchel-capabilities" not in request.headers


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_the_storage_is_not_followed(runner: Runner, status: int) -> None:
    scenario = next(each for each in SENDING if each.name == "backup")
    target = f"{runner.evil.url}/v1/stolen"
    runner.other.answer = Answer(status, {"location": target}, b"")
    outcome = runner.run(scenario, at(f"{runner.other.url}/part"))
    assert runner.faults(scenario, outcome, {6}, "put_part") == []
    assert not [each for each in outcome.seen if each.path == "/v1/stolen"]


def test_an_endless_answer_of_the_storage_ends_the_command(runner: Runner) -> None:
    scenario = next(each for each in SENDING if each.name == "backup")
    endless = (b"HTTP/1.1 200 OK\r\n\r\n", *([bytes(65_536)] * 2_000))
    runner.other.answer = Raw(lambda: iter(endless))
    outcome = runner.run(scenario, at(f"{runner.other.url}/part"))
    assert runner.faults(scenario, outcome, {6}, "put_part") == []


def test_parts_that_are_not_those_of_the_object_are_not_sent(runner: Runner) -> None:
    scenario = next(each for each in SENDING if each.name == "backup")
    changes: dict[str, Callable[[list[Any]], object]] = {
        "none": lambda parts: parts.clear(),
        "twice": lambda parts: parts.extend([*parts]),
        "in another order": lambda parts: parts.reverse() if len(parts) > 1 else parts.clear(),
        "overlapping": lambda parts: parts.append({**parts[-1], "number": 9, "offset": parts[-1]["offset"]}),
        "beyond the end": lambda parts: parts.append(
            {**parts[-1], "number": 9, "offset": parts[-1]["offset"] + parts[-1]["size_bytes"]}
        ),
        "empty": lambda parts: parts.extend([{**parts[-1], "size_bytes": 0}] * 9),
        "too large": lambda parts: parts[0].update(size_bytes=1 << 40),
        "all sent": lambda parts: [part.update(received=True) for part in parts],
    }
    for name, change in changes.items():
        outcome = runner.run(scenario, with_parts(change))
        expected = {1} if name == "all sent" else {5}
        assert runner.faults(scenario, outcome, expected, "put_part") == [], name
        assert not [each for each in outcome.seen if each.operation == "put_part"], name


def test_the_cloud_cannot_have_a_part_sent_for_ever(runner: Runner) -> None:
    scenario = next(each for each in SENDING if each.name == "backup")

    document = {"type": "urn:satchel:problem:incomplete", "title": "x", "status": 409}
    denial = Answer(409, {"content-type": "application/problem+json"}, msgspec.json.encode(document))
    outcome = runner.run(scenario, Attack("complete_upload", lambda _, given: given, instead=denial))
    assert runner.faults(scenario, outcome, {1}, "complete_upload") == []
    assert sum(each.operation == "put_part" for each in outcome.seen) <= 3 * 3
