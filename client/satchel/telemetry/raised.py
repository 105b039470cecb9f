"""The attributes of an exception, read without running code of its class, which may return anything or raise."""

from collections.abc import Iterator
from types import TracebackType
from typing import Any, Final

_own: Final[dict[str, Any]] = {
    name: BaseException.__dict__[name].__get__ for name in ("__cause__", "__context__", "__traceback__")
}
_members: Final = BaseExceptionGroup.__dict__["exceptions"].__get__
_class: Final[dict[str, Any]] = {
    name: type.__dict__[name].__get__ for name in ("__module__", "__qualname__", "__mro__")
}


def cause_of(error: BaseException) -> BaseException | None:
    """Return the exception that an exception was raised from."""
    found: BaseException | None = _own["__cause__"](error)
    return found


def context_of(error: BaseException) -> BaseException | None:
    """Return the exception that was being handled."""
    found: BaseException | None = _own["__context__"](error)
    return found


def members_of(error: BaseException) -> tuple[BaseException, ...]:
    """Return the members of a group; none for any other exception."""
    if not issubclass(type(error), BaseExceptionGroup):  # `isinstance` would ask the exception
        return ()
    found: tuple[BaseException, ...] = _members(error)
    return found


def traceback_of(error: BaseException) -> TracebackType | None:
    """Return the traceback of an exception, the outermost frame first."""
    found: TracebackType | None = _own["__traceback__"](error)
    return found


def traces_of(error: BaseException) -> Iterator[TracebackType]:
    """Yield each entry of the traceback of an exception."""
    trace = traceback_of(error)
    while trace is not None:
        yield trace
        trace = trace.tb_next


def module_of(kind: type) -> str:
    """Return the name of the module that a class says it is defined in; empty if that is not a string."""
    found = _class["__module__"](kind)
    return found if type(found) is str else ""


def qualified_name_of(kind: type) -> str:
    """Return the name of a class within its module."""
    found: str = _class["__qualname__"](kind)
    return found


def bases_of(kind: type) -> tuple[type, ...]:
    """Return a class and its base classes, the closest first."""
    found: tuple[type, ...] = _class["__mro__"](kind)
    return found
