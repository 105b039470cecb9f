"""The OpenAPI 3.1 document, generated from the messages and the table of operations."""

import inspect
import re
from collections.abc import Sequence
from types import ModuleType
from typing import Any, Final, NamedTuple

import msgspec

from satchel_wire import messages as wire
from satchel_wire.operations import OPERATIONS, Operation, problems_of
from satchel_wire.problems import MEDIA_TYPE, ProblemCode

VERSION: Final = "1"
REF: Final = "#/components/schemas/{name}"
OBJECT_ID: Final = {"type": "string", "pattern": "^[0-9a-f]{32}$", "minLength": 32, "maxLength": 32}
PARAMETERS: Final = {
    "id": OBJECT_ID,
    "answer": OBJECT_ID,
    "number": {"type": "integer", "minimum": 1, "maximum": 999_999},
}
JSON_TYPE: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"
PAGES: Final = frozenset({ProblemCode.NOT_FOUND, ProblemCode.TOO_MANY})
"""What an operation that gives a page also answers with a page."""

BINARY: Final[dict[str, Any]] = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
}
HTML: Final[dict[str, Any]] = {"text/html": {"schema": {"type": "string"}}}
JSON: Final[dict[str, Any]] = {"application/json": {"schema": {"type": "object"}}}
SECURITY: Final = {"device": {"type": "http", "scheme": "bearer", "description": "a device's token"}}
PLAIN: Final = {"bytes": BINARY, "html": HTML, "json": JSON}


class Interface(NamedTuple):
    """What a document describes. Messages are looked up in `modules`, by the names in the operations."""

    title: str
    summary: str
    operations: Sequence[Operation]
    modules: tuple[ModuleType, ...]


CLOUD: Final = Interface(
    "satchel cloud",
    "One owner's sealed backups and shares. docs/spec/wire.md explains what this lists.",
    OPERATIONS,
    (wire,),
)


def document(interface: Interface = CLOUD) -> bytes:
    """Return the document as indented JSON with a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(describe(interface)), indent=2) + b"\n"


def describe(interface: Interface = CLOUD) -> dict[str, Any]:
    """Return the document."""
    _, schemas = msgspec.json.schema_components(messages(interface), ref_template=REF)
    for schema in schemas.values():
        schema["description"] = inspect.cleandoc(schema["description"])
    paths: dict[str, dict[str, Any]] = {}
    for operation in interface.operations:
        paths.setdefault(operation.route, {})[operation.method.lower()] = describe_operation(operation)
    has_tokens = not all(operation.public for operation in interface.operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": interface.title,
            "version": VERSION,
            "summary": interface.summary,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            **({"securitySchemes": SECURITY} if has_tokens else {}),
        },
    }


def messages(interface: Interface = CLOUD) -> list[type[wire.Message]]:
    """Return every message of the table, once, in its order."""
    names = [name for operation in interface.operations for name in (operation.takes, operation.gives)]
    return [
        next(getattr(module, name) for module in interface.modules if hasattr(module, name))
        for name in dict.fromkeys([*names, "Problem"])
        if name and name not in PLAIN
    ]


def describe_operation(operation: Operation) -> dict[str, Any]:
    """Return one operation object."""
    described: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters(operation),
        "responses": responses(operation),
    }
    if not operation.public:
        described["security"] = [{"device": []}]
    if operation.takes is not None:
        media_type = FORM if operation.form else JSON_TYPE
        described["requestBody"] = {"required": True, "content": content(operation.takes, media_type)}
    return described


def parameters(operation: Operation) -> list[dict[str, Any]]:
    """Return the parameters of the path and the headers that matter."""
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": PARAMETERS[name]}
        for name in re.findall(r"{(\w+)}", operation.route)
    ]
    if operation.ranged:
        found.append(
            {"name": "Range", "in": "header", "schema": {"type": "string"}, "example": "bytes=0-1023"}
        )
    found += [
        {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
        for name in operation.query
    ]
    if operation.takes == "bytes":
        found.append({"name": "Content-Digest", "in": "header", "schema": {"type": "string"}})
    return found


def responses(operation: Operation) -> dict[str, Any]:
    """Return every answer, by status; problems that share a status share an entry."""
    done: dict[str, Any] = {"description": "done"}
    if operation.gives is not None:
        done["content"] = content(operation.gives)
    found = {str(operation.status): done}
    if operation.earlier_status is not None:
        found[str(operation.earlier_status)] = {"description": "done, for clients without the capability"}
    if operation.ranged:
        found["206"] = {"description": "the range", "content": BINARY}
        found["304"] = {"description": "as the client has it"}
    for code in problems_of(operation):
        entry = found.setdefault(
            str(code.status),
            {"description": "", "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(name="Problem")}}}},
        )
        entry["description"] = "; ".join(filter(None, (entry["description"], f"`{code.code}`: {code.title}")))
    if operation.gives == "html":
        for code in set(operation.problems) & PAGES:
            found[str(code.status)]["content"] = HTML
    return found


def content(kind: str, media_type: str = JSON_TYPE) -> dict[str, Any]:
    """Return the media type and schema of a body."""
    return PLAIN.get(kind) or {media_type: {"schema": {"$ref": REF.format(name=kind)}}}
