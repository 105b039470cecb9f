"""The tables of canaries name every field: of the model, of the wire, of the command line."""

import dataclasses
from collections.abc import Iterator
from typing import Any, Final, cast

import click
import msgspec
from msgspec import inspect
from tests.security.canaries.planted import (
    MODEL,
    MODEL_WITHOUT,
    OPTIONS,
    OPTIONS_WITHOUT,
    PUBLIC,
    WINDOW,
    WINDOW_WITHOUT,
    WIRE,
    Canaries,
)
from tests.security.canaries.searching import forms

from satchel.cli.registry import COMMANDS
from satchel.cli.root import root
from satchel.pieces.model import Changes, Draft, Source, WholeFile
from satchel.window.messages.unsaved import KeepDraftRequest, PreferenceRequest
from satchel_wire import messages
from satchel_wire.messages import Message
from satchel_wire.operations import OPERATIONS

NAMES: Final = {each.name for each in dataclasses.fields(Canaries)}
TEXTLESS: Final = (
    "IntRange",
    "FloatRange",
    "BoolParamType",
    "Choice",
    "NumberType",
    "MomentType",
    "DurationType",
    "EndType",
    "ViewsType",
    "SizeType",
    "SampleType",
    "WordType",
)


def model_fields() -> set[str]:
    kinds = (Draft, Source, WholeFile, Changes)
    return {f"{kind.__name__}.{each.name}" for kind in kinds for each in dataclasses.fields(kind)}


def test_every_field_of_a_piece_has_a_canary_or_a_reason() -> None:
    assert model_fields() == MODEL.keys() | MODEL_WITHOUT.keys()
    assert not MODEL.keys() & MODEL_WITHOUT.keys()
    assert set(MODEL.values()) <= NAMES


def holds_text(kind: inspect.Type) -> bool:
    """Tell whether a value of this type can hold text or bytes that a person chose."""
    match kind:
        case inspect.Metadata() | inspect.VarTupleType():
            return holds_text(kind.item_type if isinstance(kind, inspect.VarTupleType) else kind.type)
        case inspect.UnionType():
            return any(map(holds_text, kind.types))
    return isinstance(
        kind, (inspect.StrType, inspect.BytesType, inspect.LiteralType, inspect.DictType, inspect.AnyType)
    )


def sent_kinds() -> Iterator[type[Message]]:
    """Yield every message that a device or a reader sends, and those inside them."""
    found = {getattr(messages, each.takes) for each in OPERATIONS if each.takes not in (None, "bytes")}
    for kind in sorted(found, key=lambda each: each.__name__):
        yield from _with_inner(inspect.type_info(kind))


def _with_inner(kind: Any) -> Iterator[type[Message]]:  # noqa: ANN401  any type of msgspec's
    if isinstance(kind, inspect.StructType):
        yield cast("type[Message]", kind.cls)
        for each in kind.fields:
            yield from _with_inner(each.type)
    for inner in (*getattr(kind, "types", ()), getattr(kind, "type", None), getattr(kind, "item_type", None)):
        if inner is not None:
            yield from _with_inner(inner)


def test_every_text_that_a_device_sends_is_accounted_for() -> None:
    texts = {
        f"{kind.__name__}.{each.name}"
        for kind in sent_kinds()
        for each in inspect.type_info(kind).fields  # type: ignore[attr-defined]
        if holds_text(each.type)
    }
    assert texts == WIRE.keys()
    named = {text.partition(": ")[2] for text in WIRE.values() if text.startswith(("sealed: ", "public: "))}
    assert named <= NAMES
    assert {text.partition(": ")[2] for text in WIRE.values() if text.startswith("public: ")} == PUBLIC


def test_every_text_that_the_window_keeps_is_accounted_for() -> None:
    kinds = {
        each for one in (KeepDraftRequest, PreferenceRequest) for each in _with_inner(inspect.type_info(one))
    }
    texts = {
        f"{kind.__name__}.{each.name}"
        for kind in kinds
        for each in inspect.type_info(kind).fields  # type: ignore[attr-defined]
        if holds_text(each.type)
    }
    assert texts == WINDOW.keys() | WINDOW_WITHOUT.keys()
    assert not WINDOW.keys() & WINDOW_WITHOUT.keys()
    assert {text for text in WINDOW.values() if " " not in text} <= NAMES


def options() -> Iterator[tuple[str, str]]:
    """Yield the name of every option and argument that takes text, with its command."""
    for name in COMMANDS:
        command = root.get_command(click.Context(root), name)
        assert command is not None
        yield from _options(command, name)


def _options(command: click.Command, words: str) -> Iterator[tuple[str, str]]:
    for each in command.params:
        is_flag = isinstance(each, click.Option) and each.is_flag
        if not is_flag and type(each.type).__name__ not in TEXTLESS:
            yield str(each.name), f"{words}.{each.name}"
    for name, inner in getattr(command, "commands", {}).items():
        yield from _options(inner, f"{words} {name}")


def test_every_option_that_takes_text_has_a_canary_or_a_reason() -> None:
    missing = {whole for name, whole in options() if not {name, whole} & {*OPTIONS, *OPTIONS_WITHOUT}}
    assert not missing
    known = {each for pair in options() for each in pair}
    assert OPTIONS.keys() | OPTIONS_WITHOUT.keys() <= known
    assert {text for text in OPTIONS.values() if " " not in text} <= NAMES


def test_canaries_are_unique_and_survive_encodings() -> None:
    one, other = Canaries().secrets(), Canaries().secrets()
    values = [*one.values(), *other.values()]
    assert len(set(values)) == len(values)
    assert all(len(value) > 20 and value.isalnum() for value in values)
    assert all(len(forms(value)) > 15 for value in values)


def test_the_base_of_messages_is_found() -> None:
    assert {"Card", "PasswordProfile", "ReportRequest"} <= {kind.__name__ for kind in sent_kinds()}
    assert issubclass(messages.Card, msgspec.Struct)
