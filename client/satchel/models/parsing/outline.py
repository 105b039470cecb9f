"""The parts of an outline. Lines count from 1, and a last line is part of its declaration."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["function", "method", "class", "interface", "struct", "enum", "module", "type", "macro"]

CONTAINERS: Final[frozenset[str]] = frozenset({"class", "interface", "struct", "enum", "module"})
"""Kinds whose functions are methods or members."""

MAX_IMPORTS: Final = 500
MAX_DECLARATIONS: Final = 2_000
MAX_CALLS: Final = 2_000
MAX_NAME_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that an import brings: `name` is its name in the module, `local` the one in this text.

    An import of the module itself has its own name; a wildcard is "*".
    """

    name: str
    local: str


@dataclass(frozen=True, slots=True)
class Import:
    """An import of a module, as it is written: "os.path", "./parse", "java.util.List", "stdio.h", "net/http"."""

    module: str
    bindings: tuple[Binding, ...]
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Declaration:
    """A declared function, class or type.

    `parent` is the name of the declaration around it, or empty. `doc` is its docstring or the comment before it,
    without comment signs. `lead_line` is the first line with that comment and the decorators; `decorators` are
    decorators, annotations and attributes without their signs and arguments.
    """

    kind: Kind
    name: str
    first_line: int
    last_line: int
    lead_line: int
    parent: str = ""
    parameters: tuple[str, ...] = ()
    doc: str = ""
    decorators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A call, by its dotted name: "os.path.join", "fmt.Println", "std::fs::read". ".name" is called on a value."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What a text imports, declares and calls, in the order of its lines.

    `doc` is the docstring or comment at its start. `is_parsed` is False if only patterns were used, which find no
    calls and no functions inside functions. `has_errors` tells that a part is no valid code of the language.
    """

    language: str
    imports: tuple[Import, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    calls: tuple[Call, ...] = ()
    doc: str = ""
    is_parsed: bool = False
    has_errors: bool = False
