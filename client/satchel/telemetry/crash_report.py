"""The report of an unexpected exception: its type and the places in satchel's own code, and none of the data involved.

    data = make_report(error, today, facts, command="search")

A report holds no message, no value of a variable, no path and no argument. Names come from satchel's own source, from
Python's and from the packages below; the name of any other type is replaced by that of its closest known base class.
"""

import re
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple

import satchel
from satchel.telemetry.document import Facts, python_of, release_of
from satchel.telemetry.raised import (
    bases_of,
    cause_of,
    context_of,
    members_of,
    module_of,
    qualified_name_of,
    traces_of,
)
from satchel_wire.telemetry import CrashException, CrashReport, Relation, encode_document

MOST_EXCEPTIONS: Final = 12
MOST_FRAMES: Final = 20
MOST_READ_FRAMES: Final = 1_000_000
PACKAGES: Final = frozenset({
    "apsw", "click", "cryptography", "httpx", "keyring", "magika", "mcp", "msgspec", "numpy", "onnxruntime", "PIL",
    "platformdirs", "pygments", "rapidocr", "satchel", "satchel_wire", "urllib3",
})  # fmt: skip
"""Packages whose exceptions may be named, besides Python's own."""

_ROOT: Final = f"{Path(satchel.__file__).parent}/"
_MODULE: Final = re.compile(r"(?:[a-z0-9_]{1,40}/){0,7}[a-z0-9_]{1,40}\.py")
_FUNCTION: Final = re.compile(r"[A-Za-z_<][A-Za-z0-9_.<>]{0,119}")
_TYPE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
_UNKNOWN: Final = "<unknown>"


class TypeName(NamedTuple):
    """The name of a known type, and whether it is only a base class of the real one."""

    name: str
    is_subclass: bool


def type_name(kind: type[BaseException]) -> TypeName:
    """Return the name of a type, or else of its closest base class with a known name.

    A class created at run time can have any text as its name, so only names in source code are known.
    """
    for base in bases_of(kind):
        name = _known_name(base)
        if name is not None:
            return TypeName(name, base is not kind)
    return TypeName("BaseException", is_subclass=True)


def make_report(
    error: BaseException, today: str, facts: Facts, *, command: str = "", in_thread: bool = False
) -> bytes:
    """Return the bytes of a report."""
    return encode_document(
        CrashReport(
            format="satchel-crash/1",
            day=today,
            satchel=release_of(facts.satchel),
            python=python_of(facts.python),
            system=facts.system,
            command=command,
            in_thread=in_thread,
            exceptions=tuple(
                _describe(each, relation) for each, relation in islice(_related(error), MOST_EXCEPTIONS)
            ),
        )
    )


def _related(error: BaseException) -> Iterator[tuple[BaseException, Relation]]:
    """Yield an exception, those that led to it, and the members of groups, each once, nearest first."""
    waiting: list[tuple[BaseException, Relation]] = [(error, "raised")]
    seen = {id(error)}
    while waiting:
        current, relation = waiting.pop(0)
        yield current, relation
        for other, how in islice(_next(current), MOST_EXCEPTIONS):
            if id(other) not in seen:
                seen.add(id(other))
                waiting.append((other, how))


def _next(error: BaseException) -> Iterator[tuple[BaseException, Relation]]:
    """Yield the cause or the context of an exception, and the members of a group."""
    cause, context = cause_of(error), context_of(error)
    if cause is not None:
        yield cause, "cause"
    elif context is not None:
        yield context, "context"
    for member in members_of(error):
        yield member, "member"


def _describe(error: BaseException, relation: Relation) -> CrashException:
    name = type_name(type(error))
    own, others = [], 0
    for trace in islice(traces_of(error), MOST_READ_FRAMES):
        place = _own_place(trace)
        if place is None:
            others += 1
        else:
            own.append(place)
    kept = own if len(own) <= MOST_FRAMES else [*own[: MOST_FRAMES // 2], *own[-MOST_FRAMES // 2 :]]
    return CrashException(
        relation=relation,
        type=name.name,
        is_subclass=name.is_subclass,
        frames=tuple(kept),
        others=others,
        left_out=len(own) - len(kept),
    )


def _own_place(trace: TracebackType) -> str | None:
    """Return module, function and line of a frame in satchel's own code; None for any other code."""
    code = trace.tb_frame.f_code
    inside = code.co_filename.removeprefix(_ROOT)
    if inside == code.co_filename or not _MODULE.fullmatch(inside):
        return None
    module = ".".join(("satchel", *inside.removesuffix(".py").split("/"))).removesuffix(".__init__")
    function = code.co_qualname if _FUNCTION.fullmatch(code.co_qualname) else _UNKNOWN
    return f"{module}:{function}:{max(0, trace.tb_lineno or 0)}"


def _known_name(kind: type) -> str | None:
    """Return the full name of a class if that is where it is defined, in a package that may be named."""
    module, name = module_of(kind), qualified_name_of(kind)
    if module not in sys.modules or not _TYPE.fullmatch(f"{module}.{name}"):
        return None
    package = module.partition(".")[0]
    if package not in PACKAGES and package not in sys.stdlib_module_names:
        return None
    found: object = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not kind:
        return None
    return name if module == "builtins" else f"{module}.{name}"
