"""Imports that several threads do at once.

    import_packages_first()
    module = import_module("satchel.models.titles.model")

CPython takes the lock of `package.module` before that of `package`. A thread that imports the package takes them the
other way round if the package imports the module, and then one of the two fails: with a `_DeadlockError`, or because a
module is only half imported (https://github.com/python/cpython/issues/83065). Here the package is imported first
(docs/adr/0028).
"""

import builtins
import sys
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Final

_import: Final = builtins.__import__


def import_packages_first() -> None:
    """Make every import statement of this process import the packages of a module before the module."""
    builtins.__import__ = _import_packages_first


def import_module(name: str) -> ModuleType:
    """Import a module, its packages first, and return it."""
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
