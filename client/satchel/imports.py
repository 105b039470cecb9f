"""Imports that are safe in several threads: each package is imported before its modules.

    import_packages_first()                                  # once in a process, for all its import statements
    module = import_module("satchel.models.titles.model")    # its package may not have been imported yet

CPython locks `package.module` before `package`. If another thread imports `package`, and `package` imports the module,
the two threads take the locks in opposite orders, and one import fails with a `_DeadlockError` or finds a partially
initialized module (https://github.com/python/cpython/issues/83065; docs/adr/0028).
"""

import builtins
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Final

_import: Final = builtins.__import__


def import_packages_first() -> None:
    """Make every import statement in this process import a module's packages before the module."""
    builtins.__import__ = _import_packages_first


def import_module(name: str) -> ModuleType:
    """Import a module after its packages, and return it."""
    _import_packages_first(name)
    return sys.modules[name]


def _import_packages_first(
    name: str,
    globals: Mapping[str, object] | None = None,  # noqa: A002  as Python names them
    locals: Mapping[str, object] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    if name not in sys.modules and "." in name and not level:
        _import_packages_first(name.rpartition(".")[0])
    return _import(name, globals, locals, fromlist, level)
