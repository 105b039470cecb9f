"""Routes: every operation is found under its path, and nothing else is."""

import re

import pytest

from satchel_service.web.routing import OperationTree
from satchel_wire.operations import OPERATIONS, Operation

TREE = OperationTree(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_every_operation_is_found_with_its_parameters(operation: Operation) -> None:
    values = {name: f"value of {name}" for name in re.findall(r"{(\w+)}", operation.route)}
    match = TREE.find(operation.route.format(**values))
    assert match is not None
    assert match.methods[operation.method] is operation
    assert match.parameters == values


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_a_path_with_more_less_or_an_empty_segment_is_not_found(operation: Operation) -> None:
    path = re.sub(r"{\w+}", "x", operation.route)
    for wrong in (f"{path}/", f"{path}/more/and/more", f"/{path}", path.removeprefix("/")):
        assert TREE.find(wrong) is None
    if path != operation.route:
        assert TREE.find(re.sub(r"{\w+}", "", operation.route)) is None


@pytest.mark.parametrize("path", ["", "/", "/{}", "/v1", "/v1/shares/{}/{}", "/v1/shares/x/x"])
def test_a_path_of_no_operation_is_not_found(path: str) -> None:
    assert TREE.find(path) is None
