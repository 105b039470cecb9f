"""The TypeScript of the API is what its messages and operations say."""

import msgspec
from tests.support.window_api import PATH, api_source, problems_of

from satchel.window.messages.base import Request
from satchel.window.operations import BY_NAME, OPERATIONS


def test_generated_source_is_up_to_date() -> None:
    assert PATH.read_text("utf-8") == api_source(), "run: make window-api"


def test_every_operation_has_a_name_of_its_own() -> None:
    assert len(BY_NAME) == len(OPERATIONS)
    assert list(problems_of(OPERATIONS)) == []


def test_every_request_refuses_fields_that_it_does_not_know() -> None:
    for operation in OPERATIONS:
        assert issubclass(operation.takes, Request)
        assert operation.takes.__struct_config__.forbid_unknown_fields, operation.name


def test_values_are_set_in_the_order_of_the_page() -> None:
    for operation in OPERATIONS:
        assert operation.sets >= operation.name.startswith("set_"), operation.name


def test_every_command_that_an_operation_names_exists() -> None:
    from satchel.cli.registry import COMMANDS

    for operation in OPERATIONS:
        if operation.command:
            program, name, *_ = operation.command.split()
            assert program == "satchel"
            assert name in COMMANDS, operation.name


def test_messages_can_be_decoded_strictly() -> None:
    for operation in OPERATIONS:
        msgspec.json.Decoder(operation.takes)
        msgspec.json.Encoder()
