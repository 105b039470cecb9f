"""Every operation has an endpoint of its types."""

import inspect
from typing import Any, get_type_hints

import pytest

from satchel.window.endpoints import MODULES, find_endpoint
from satchel.window.operations import OPERATIONS, Bytes, Operation, RawBody

JSON = [one for one in OPERATIONS if one.takes is not RawBody]


def test_the_tables_name_the_same_operations() -> None:
    assert set(MODULES) == {one.name for one in JSON}


@pytest.mark.parametrize("operation", JSON, ids=lambda one: one.name)
def test_an_endpoint_takes_and_gives_the_messages_of_its_operation(operation: Operation) -> None:
    endpoint: Any = find_endpoint(operation.name)
    hints = get_type_hints(endpoint)
    parameters = list(inspect.signature(endpoint).parameters)
    assert hints[parameters[1]] is operation.takes
    assert hints["return"] is (bytes if operation.gives is Bytes else operation.gives)
