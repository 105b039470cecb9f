"""No operation that the client calls and no field that it decodes is without a case."""

import ast
from pathlib import Path

from tests.security.evil_server.cases import answer_type, called_operations, field_cases
from tests.security.evil_server.mutations import fields_of, mutations_of
from tests.security.evil_server.scenarios import NEVER_CALLED, SCENARIOS, WITHOUT_COMMAND

from satchel_wire import messages, routes
from satchel_wire.operations import OPERATIONS, Operation

CLIENT = Path(messages.__file__).parents[2] / "client" / "satchel"


def routes_of_client() -> set[str]:
    """Return the paths that the client's code names."""
    names = {
        node.attr
        for file in CLIENT.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "routes"
    }
    return {getattr(routes, name) for name in names}


def reachable_operations() -> list[Operation]:
    """Return the operations on the paths that the client's code names."""
    used = routes_of_client() | {routes.UPLOAD_PART}  # which the answer to an announcement names
    return [each for each in OPERATIONS if each.route in used]


def test_every_operation_on_a_path_of_the_client_has_a_command_or_a_reason() -> None:
    covered = [each.id for each in called_operations()]
    named = [*covered, *NEVER_CALLED, *WITHOUT_COMMAND]
    assert len(named) == len(set(named))
    assert {each.id for each in reachable_operations()} == set(named)


def test_every_field_that_a_command_decodes_has_mutations() -> None:
    cases = {(each.operation.id, each.field.steps) for each in field_cases()}
    for operation in called_operations():
        message = answer_type(operation)
        if message is None:
            assert operation.gives in {None, "bytes"}, f"{operation.id} gives {operation.gives}"
            continue
        for field in fields_of(message):
            assert (operation.id, field.steps) in cases
            assert len(mutations_of(field)) > len({"missing", "null", "object", "nested"})


def test_every_command_of_the_table_has_its_own_name() -> None:
    names = [each.name for each in SCENARIOS]
    assert len(set(names)) == len(names)
