"""The cases of fields: every operation that commands call, every field of its answer, every mutation."""

import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec
from tests.security.evil_server.mutations import FieldPath, Mutation, apply, fields_of, mutations_of
from tests.security.evil_server.scenarios import SCENARIOS, Scenario
from tests.security.evil_server.server import Attack, Seen
from tests.support.asgi import Answer

from satchel_wire import messages
from satchel_wire.operations import OPERATIONS, Operation

WHOLE: Final = os.environ.get("SATCHEL_EVIL_SERVER") == "all"
"""Run every case with every command, instead of a part of them."""
SHARE: Final = 60
"""Without WHOLE, one in so many of the answers that cannot be decoded goes to a command; all go to the client's methods."""


@dataclass(frozen=True)
class FieldCase:
    """One field of one operation's answer."""

    operation: Operation
    field: FieldPath

    @property
    def name(self) -> str:
        return f"{self.operation.id}: {self.field.place}"


def answer_type(operation: Operation) -> type[messages.Message] | None:
    """Return the message that an operation answers with."""
    found = getattr(messages, operation.gives or "", None)
    return found if isinstance(found, type) and issubclass(found, messages.Message) else None


def called_operations() -> list[Operation]:
    """Return the operations that the table's commands call, in the order of the wire's table."""
    called = {each for scenario in SCENARIOS for each in scenario.operations}
    return [each for each in OPERATIONS if each.id in called]


def field_cases() -> Iterator[FieldCase]:
    """Yield every field of every answer that a command decodes."""
    for operation in called_operations():
        message = answer_type(operation)
        if message is not None:
            yield from (FieldCase(operation, field) for field in fields_of(message))


def scenarios_of(operation: str) -> list[Scenario]:
    """Return the commands that call an operation; without WHOLE, the first of them."""
    found = [each for each in SCENARIOS if operation in each.operations and operation not in each.passes]
    return found if WHOLE else sorted(found, key=lambda each: each.spoils)[:1]


def alter(case: FieldCase, mutation: Mutation, sent: list[bytes]) -> Attack:
    """Return the attack that changes a field in every answer, and adds each to `sent`."""

    def change(_: Seen, answer: Answer) -> Answer:
        if answer.status >= 400:
            return answer
        sent.append(apply(msgspec.json.decode(answer.body), case.field, mutation))
        return Answer(answer.status, answer.headers, sent[-1])

    return Attack(case.operation.id, change)


def is_decodable(operation: Operation, body: bytes) -> bool:
    """Return whether a body is a valid answer of an operation."""
    message = answer_type(operation)
    assert message is not None
    try:
        msgspec.json.decode(body, type=message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def is_chosen(case: FieldCase, mutation: Mutation) -> bool:
    """Return whether an answer that cannot be decoded goes to a command."""
    return WHOLE or zlib.crc32(f"{case.name} {mutation.kind}".encode()) % SHARE == 0


def mutations(case: FieldCase) -> tuple[Mutation, ...]:
    """Return the mutations of a case's field."""
    return mutations_of(case.field)
