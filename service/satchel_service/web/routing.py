"""Finds the operations of a path in a tree of segments."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from satchel_service.problems import ProblemError
from satchel_wire.operations import Operation
from satchel_wire.problems import ProblemCode

PARAMETER: Final = "{}"  # no segment of a route has this name

Methods: TypeAlias = Mapping[str, Operation]


class Match(NamedTuple):
    """The operations of a path by method, and the parameters in the path."""

    methods: Methods
    parameters: dict[str, str]


class _Node:
    """A segment: its children, and the operations of the path that ends here."""

    __slots__ = ("children", "methods", "names")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.methods: dict[str, Operation] = {}
        self.names: tuple[str, ...] = ()


class OperationTree:
    """Looks paths up in a tree of segments. An exact segment takes precedence over a parameter."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        for operation in operations:
            self._add(operation)

    def find(self, path: str) -> Match | None:
        """Return the match of a path; None if no operation has this path."""
        node, values = self._root, []
        for segment in path.split("/"):
            child = node.children.get(segment)
            if child is None:
                child = node.children.get(PARAMETER)
                if child is None or not segment:
                    return None
                values.append(segment)
            node = child
        if not node.methods:
            return None
        return Match(node.methods, dict(zip(node.names, values, strict=True)))

    def resolve(self, path: str, method: str) -> tuple[Operation, dict[str, str]]:
        """Return the operation of a request and the parameters in its path. HEAD counts as GET.

        Raise a `not-found` or `method-not-allowed` problem.
        """
        match = self.find(path)
        if match is None:
            raise ProblemError(ProblemCode.NOT_FOUND)
        operation = match.methods.get("GET" if method == "HEAD" else method)
        if operation is None:
            raise method_not_allowed(match.methods)
        return operation, match.parameters

    def _add(self, operation: Operation) -> None:
        node, names = self._root, []
        for segment in operation.route.split("/"):
            is_parameter = segment.startswith("{")
            if is_parameter:
                names.append(segment.strip("{}"))
            node = node.children.setdefault(PARAMETER if is_parameter else segment, _Node())
        node.methods[operation.method] = operation
        node.names = tuple(names)


def method_not_allowed(methods: Collection[str]) -> ProblemError:
    """Return the problem that lists the methods of a path."""
    allowed = {*methods, *(("HEAD",) if "GET" in methods else ())}
    return ProblemError(ProblemCode.METHOD_NOT_ALLOWED, headers=(("Allow", ", ".join(sorted(allowed))),))
