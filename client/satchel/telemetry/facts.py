"""The facts of a document or a crash report, read from the installation and the store."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from satchel.errors import SatchelError
from satchel.telemetry.document import OTHER, Facts, family_of
from satchel.version import VERSION

EXTRAS: Final[Mapping[str, str]] = {"lsp": "pygls", "mcp": "mcp", "models": "onnxruntime", "ocr": "rapidocr"}
"""The extras that a document names, each with a package whose presence shows that it is installed."""
UNNAMED_EXTRAS: Final = frozenset({"service", "s3", "cloudrun", "knative"})
"""Extras of operators. So few devices have them that they would single one out."""


def gather_facts(home: Path) -> Facts:
    """Return the facts of this device. A store that cannot be read counts as empty."""
    extras = tuple(name for name, package in EXTRAS.items() if find_spec(package) is not None)
    pieces, store_bytes = _sizes(home)
    return replace(gather_versions(), extras=extras, pieces=pieces, store_bytes=store_bytes)


def gather_versions() -> Facts:
    """Return the facts of a crash report: the versions and the system, nothing of the home."""
    return Facts(satchel=VERSION, python=python_version(), system=family_of(sys.platform))


def python_version() -> str:
    """Return the version of this Python; `other` for a pre-release or another implementation, which few have."""
    if sys.version_info.releaselevel != "final" or sys.implementation.name != "cpython":
        return OTHER
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _sizes(home: Path) -> tuple[int, int]:
    """Return the number of Pieces, and the bytes of the store."""
    from satchel.store import Store  # noqa: PLC0415  SQLite costs over 20 ms, and a crash report needs no sizes

    try:
        with Store.open(home, read_only=True) as store:
            return store.count(), store.path.stat().st_size
    except (SatchelError, OSError):
        return 0, 0
