"""Every way in which a field of a message can be wrong, generated from the types of `satchel_wire.messages`.

`fields_of(Backup)` walks a message, its lists and the messages inside. `mutations_of(field)` depends on the field's
type alone, so a new field gets its mutations without anyone thinking of it.
"""

import base64
import copy
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import inspect

from satchel_wire.messages import LARGEST

ESCAPES: Final = "\x1b]0;evil\x07\x1b[2J\x9b31m\r\n\u202eevil\u2066\u200b\x00\x7f"
OTHER_ID: Final = "0123456789abcdef0123456789abcdef"
NESTING: Final = 100_000
MUCH_TEXT: Final = 300_000


@dataclass(frozen=True)
class Raw:
    """JSON text that no encoder writes."""

    text: bytes


@dataclass(frozen=True)
class FieldPath:
    """A field of a message: where it is in the answer. A list's element is its first one."""

    owner: str
    name: str
    steps: tuple[str | int, ...]
    type: inspect.Type
    root: inspect.Type
    """The whole answer."""

    @property
    def label(self) -> str:
        return f"{self.owner}.{self.name}"

    @property
    def place(self) -> str:
        """The way to it, in words: `backups[].needs`."""
        words = ["[]" if isinstance(step, int) else f".{step}" for step in self.steps]
        return "".join(words).removeprefix(".")


@dataclass(frozen=True)
class Mutation:
    """One change of one field. `change` gets the field's value, or MISSING, and returns the new one."""

    kind: str
    value: Callable[[Any], Any]


MISSING: Final = object()


def fields_of(message: type[msgspec.Struct]) -> Iterator[FieldPath]:
    """Yield every field of a message, and of every message inside it."""
    root = inspect.type_info(message)
    yield from _fields(root, (), root)


def _fields(kind: inspect.Type, steps: tuple[str | int, ...], root: inspect.Type) -> Iterator[FieldPath]:
    for each in _parts(kind):
        if isinstance(each, inspect.StructType):
            for field in each.fields:
                path = (*steps, field.encode_name)
                yield FieldPath(each.cls.__name__, field.encode_name, path, field.type, root)
                yield from _fields(field.type, path, root)
        elif isinstance(each, inspect.VarTupleType):
            yield from _fields(each.item_type, (*steps, 0), root)


def _parts(kind: inspect.Type) -> tuple[inspect.Type, ...]:
    kind = kind.type if isinstance(kind, inspect.Metadata) else kind
    return (
        tuple(each.type if isinstance(each, inspect.Metadata) else each for each in kind.types)
        if isinstance(kind, inspect.UnionType)
        else (kind,)
    )


# -- mutations by type ------------------------------------------------------------------------


def _always(kind: str, value: Any) -> Mutation:  # noqa: ANN401  any JSON value
    return Mutation(kind, lambda _: value)


COMMON: Final = (
    _always("missing", MISSING),
    _always("null", None),
    _always("an object instead", {"evil": True}),
    _always("nested deeply", Raw(b"[" * NESTING + b"]" * NESTING)),
)
NUMBERS: Final = (
    _always("negative", -1),
    _always("the largest", LARGEST),
    _always("above the largest", LARGEST + 1),
    _always("of 5,000 digits", Raw(b"9" * 5_000)),
    _always("infinite", Raw(b"1e999")),
    _always("a fraction", 1.5),
    _always("a word", "many"),
    _always("true", True),
)
TEXTS: Final = (
    _always("empty", ""),
    _always("terminal escapes", ESCAPES),
    _always("a lone surrogate", Raw(rb'"\ud800"')),
    _always("not UTF-8", Raw(b'"\xff\xfe"')),
    _always("very long", "x" * MUCH_TEXT),
    _always("a number", 7),
)
IDS: Final = (
    _always("another's id", OTHER_ID),
    _always("a path", "../../../../../../etc/passwd////"),
    _always("in capitals", OTHER_ID.upper()),
)
TIMES: Final = (
    _always("the first moment", "0001-01-01T00:00:00Z"),
    _always("before the first moment", "0001-01-01T00:00:00+23:59"),
    _always("the last moment", "9999-12-31T23:59:59.999999Z"),
    _always("after the last moment", "9999-12-31T23:59:59-23:59"),
    _always("year 10000", "10000-01-01T00:00:00Z"),
    _always("without an offset", "2026-01-31T12:00:00"),
    _always("seconds since 1970", 1_700_000_000),
    _always("a word", "tomorrow"),
)
BINARY: Final = (
    _always("empty", ""),
    _always("not base64", "!!!!"),
    _always("not sealed", base64.b64encode(b"not sealed to anyone").decode()),
    _always("terminal escapes", base64.b64encode(ESCAPES.encode()).decode()),
    _always("very long", base64.b64encode(bytes(MUCH_TEXT)).decode()),
    _always("a number", 7),
)
BOOLEANS: Final = (
    Mutation("the opposite", lambda value: not (value is not MISSING and value)),
    _always("a number", 1),
    _always("a word", "true"),
)
OBJECTS: Final = (
    Mutation("an unknown field", lambda value: {**(value if isinstance(value, dict) else {}), "evil": 1}),
    _always("empty", {}),
    _always("a list instead", []),
)
LISTS: Final = (
    _always("empty", []),
    _always("a text instead", "evil"),
    _always("holds null", [None]),
    Mutation("repeats its entries", lambda value: [*_list(value), *_list(value)] or [None, None]),
    Mutation("too many entries", lambda value: Raw(_many(value))),
)
WORDS: Final = (_always("an unknown word", "evil"),)


def _list(value: Any) -> list[Any]:  # noqa: ANN401  any JSON value
    return value if isinstance(value, list) else []


def _many(value: Any) -> bytes:  # noqa: ANN401  any JSON value
    entry = msgspec.json.encode(_list(value)[0] if _list(value) else OTHER_ID)
    return b"[" + b",".join([entry] * (100_001 if len(entry) < 40 else 50_001)) + b"]"


def mutations_of(field: FieldPath) -> tuple[Mutation, ...]:
    """Return the mutations of a field. Raise NotImplementedError for a type that has none."""
    found: dict[str, Mutation] = {each.kind: each for each in COMMON}
    for each in _parts(field.type):
        found |= {mutation.kind: mutation for mutation in _by_type(each, field.type)}
    return tuple(found.values())


_BY_TYPE: Final[dict[type[inspect.Type], tuple[Mutation, ...]]] = {
    inspect.NoneType: (),
    inspect.BoolType: BOOLEANS,
    inspect.IntType: NUMBERS,
    inspect.FloatType: NUMBERS,
    inspect.DateTimeType: TIMES,
    inspect.BytesType: BINARY,
    inspect.LiteralType: (*TEXTS, *WORDS),
    inspect.StrType: TEXTS,
    inspect.StructType: OBJECTS,
    inspect.VarTupleType: LISTS,
}


def _by_type(kind: inspect.Type, whole: inspect.Type) -> tuple[Mutation, ...]:
    found = _BY_TYPE.get(type(kind))
    if found is None:
        raise NotImplementedError(f"no mutations for {whole}")
    if isinstance(kind, inspect.IntType):
        return (*found, *_bounds(kind))
    if isinstance(kind, inspect.LiteralType):
        return (*found, *(_always(f"{value!r}", value) for value in kind.values))
    return (*found, *IDS) if isinstance(kind, inspect.StrType) and kind.pattern else found


def _bounds(kind: inspect.IntType) -> tuple[Mutation, ...]:
    found = []
    if kind.ge is not None and kind.ge > 0:
        found.append(_always("below the smallest", kind.ge - 1))
    if kind.le is not None and kind.le < LARGEST:
        found += [_always("at the limit", kind.le), _always("above the limit", kind.le + 1)]
    return tuple(found)


# -- applying ---------------------------------------------------------------------------------

_MARK: Final = "@@evil-raw@@"


def apply(answer: Any, field: FieldPath, mutation: Mutation) -> bytes:  # noqa: ANN401  any JSON value
    """Return the answer with one field changed. Lists and optional messages on the way are filled if they are empty."""
    changed = copy.deepcopy(answer)
    parent, raw = changed, b""
    for at, step in enumerate(field.steps[:-1]):
        parent = _enter(parent, step, field, at)
    last = field.steps[-1]
    value = mutation.value(parent.get(last, MISSING))
    if value is MISSING:
        parent.pop(last, None)
    elif isinstance(value, Raw):
        parent[last], raw = _MARK, value.text
    else:
        parent[last] = value
    return msgspec.json.encode(changed).replace(f'"{_MARK}"'.encode(), raw)


def _enter(parent: Any, step: str | int, field: FieldPath, at: int) -> Any:  # noqa: ANN401  any JSON value
    """Return what is at a step; put an example there if the answer has nothing."""
    if isinstance(step, int):
        if not parent:
            parent.append(example(_type_at(field, at + 1)))
        return parent[0]
    if parent.get(step) is None:
        parent[step] = example(_type_at(field, at + 1))
    return parent[step]


def _type_at(field: FieldPath, at: int) -> inspect.Type:
    """Return the type of what is `at` steps into the answer."""
    kind = field.root
    for step in field.steps[:at]:
        kind = _step(kind, step)
    return kind


def _step(kind: inspect.Type, step: str | int) -> inspect.Type:
    for each in _parts(kind):
        if isinstance(step, int) and isinstance(each, inspect.VarTupleType):
            return each.item_type
        if isinstance(each, inspect.StructType):
            found = {field.encode_name: field.type for field in each.fields}
            if step in found:
                return found[str(step)]
    raise KeyError(step)


def example(kind: inspect.Type) -> Any:  # noqa: ANN401, PLR0911  any JSON value
    """Return a valid value of a type."""
    part = next(each for each in _parts(kind) if not isinstance(each, inspect.NoneType))
    match part:
        case inspect.StructType():
            return {field.encode_name: example(field.type) for field in part.fields if field.required}
        case inspect.VarTupleType():
            return [example(part.item_type)]
        case inspect.BoolType():
            return False
        case inspect.IntType():
            return max(part.ge or 0, 1)
        case inspect.DateTimeType():
            return dt.datetime(2026, 1, 31, tzinfo=dt.UTC).isoformat()
        case inspect.BytesType():
            return base64.b64encode(bytes(part.min_length or 0)).decode()
        case inspect.LiteralType():
            return part.values[0]
        case inspect.StrType():
            return OTHER_ID if part.pattern else "x" * (part.min_length or 1)
    raise NotImplementedError(f"no example for {kind}")
