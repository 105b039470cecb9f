"""The TypeScript of the window's API, from its messages and operations.

    python -m tests.support.window_api        # writes client/window/src/api.ts

`tests/unit/window/test_api_source.py` compares the file with what this makes.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import inspect as types

from satchel.window.messages.base import Done, Nothing, Request
from satchel.window.messages.pieces import Conflict
from satchel.window.messages.session import ServerEvent
from satchel.window.operations import OPERATIONS, Bytes, Operation, RawBody

PATH: Final = Path(__file__).resolve().parents[2] / "client/window/src/api.ts"
HEADING: Final = """\
// Made by `make window-api` from client/satchel/window: change that, not this file.

import { ask, askBytes, askInOrder, sendBytes } from "./transport.ts";
"""
_HIDDEN: Final = {Bytes, RawBody, Nothing, Done}
_SIMPLE: Final[dict[type[Any], str]] = {
    types.StrType: "string",
    types.IntType: "number",
    types.FloatType: "number",
    types.BoolType: "boolean",
    types.NoneType: "null",
}


def api_source() -> str:
    """Return the whole file."""
    roots = [each for one in OPERATIONS for each in (one.takes, one.gives) if each not in _HIDDEN]
    structs = sorted(_reachable([*roots, Conflict, ServerEvent]), key=lambda each: each.__name__)
    parts = [HEADING, *map(_interface, structs), *map(_function, OPERATIONS), _commands()]
    return "\n".join(parts)


def _reachable(roots: list[Any]) -> set[type[msgspec.Struct]]:
    found: set[type[msgspec.Struct]] = set()
    waiting = [types.type_info(each) for each in roots]
    while waiting:
        info = waiting.pop()
        match info:
            case types.StructType(cls=struct, fields=fields):
                if struct not in found:
                    found.add(struct)
                    waiting += [field.type for field in fields]
            case types.UnionType(types=parts):
                waiting += parts
            case types.VarTupleType(item_type=item):
                waiting.append(item)
            case types.TupleType(item_types=items):
                waiting += items
            case _:
                pass
    return found


def _doc(text: str, indent: str = "") -> str:
    lines = inspect.cleandoc(text).splitlines()
    if len(lines) == 1:
        return f"{indent}/** {lines[0]} */"
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"])


def _interface(struct: type[msgspec.Struct]) -> str:
    info = types.type_info(struct)
    assert isinstance(info, types.StructType)
    is_request = issubclass(struct, Request)
    fields = [
        f"  {field.encode_name}{'?' if is_request and not field.required else ''}: {_type(field.type)};"
        for field in info.fields
    ]
    return "\n".join([_doc(struct.__doc__ or ""), f"export interface {struct.__name__} {{", *fields, "}", ""])


def _type(info: types.Type) -> str:
    match info:
        case types.StructType(cls=struct):
            return struct.__name__
        case types.LiteralType(values=values):
            return " | ".join(msgspec.json.encode(value).decode() for value in sorted(values, key=str))
        case types.UnionType(types=parts):
            return " | ".join(_type(part) for part in parts)
        case types.VarTupleType(item_type=item):
            inner = _type(item)
            is_compound = " | " in inner or inner.startswith("readonly ")
            return f"readonly ({inner})[]" if is_compound else f"readonly {inner}[]"
        case types.TupleType(item_types=items):
            return f"readonly [{', '.join(map(_type, items))}]"
        case _:
            return _SIMPLE[type(info)]


def _function(one: Operation) -> str:
    name = _camel(one.name)
    same = f"\n`{one.command}` does the same." if one.command else ""
    doc = _doc(f"{one.summary}.{same}")
    if one.takes is RawBody:
        body = f'export function {name}(data: Blob, signal?: AbortSignal): Promise<{_answer(one)}> {{\n  return sendBytes("{one.name}", data, signal);\n}}'
    elif one.sets:
        body = f'export function {name}(request: {one.takes.__name__}): Promise<{_answer(one)}> {{\n  return askInOrder("{one.name}", request);\n}}'
    else:
        request = "" if one.takes is Nothing else f"request: {one.takes.__name__}, "
        value = "{}" if one.takes is Nothing else "request"
        call = "askBytes" if one.gives is Bytes else "ask"
        body = f'export function {name}({request}signal?: AbortSignal): Promise<{_answer(one)}> {{\n  return {call}("{one.name}", {value}, signal);\n}}'
    return f"{doc}\n{body}\n"


def _answer(one: Operation) -> str:
    if one.gives is Bytes:
        return "ArrayBuffer"
    return "void" if one.gives is Done else one.gives.__name__


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _commands() -> str:
    rows = "\n".join(f'  {one.name}: "{one.command}",' for one in OPERATIONS if one.command)
    doc = _doc("The command that does the same as an operation, by its name.")
    return f"{doc}\nexport const COMMANDS: Readonly<Record<string, string>> = {{\n{rows}\n}};\n"


def problems_of(operations: tuple[Operation, ...]) -> Iterator[str]:
    """Yield what is wrong with a table: names that TypeScript cannot have twice."""
    names = [_camel(one.name) for one in operations]
    yield from {name for name in names if names.count(name) > 1}


if __name__ == "__main__":
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(api_source(), "utf-8")
