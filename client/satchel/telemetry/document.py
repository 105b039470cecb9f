"""The telemetry document: counts and versions, rounded so that no value stands out.

    data = make_document(identity, today, facts, runs_in(lines), commands)

Everything here is pure. docs/spec/telemetry.md says why each value is as coarse as it is.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from satchel.telemetry.counting import UNCOUNTED
from satchel.telemetry.identity import Identity
from satchel.telemetry.runs import Run
from satchel_wire.telemetry import SIZES, Sizes, System, TelemetryDocument, encode_document, round_down

LONGEST_DAYS: Final = 90
"""Older counts are not sent."""
EXIT_CODES: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 130, 141})
OTHER: Final = "other"
_MIB: Final = 1 << 20
_RELEASE: Final = re.compile(r"\d{1,3}\.\d{1,3}\.\d{1,3}")
_PYTHON: Final = re.compile(r"3\.\d{1,2}")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a device is: versions, the family of its system, the extras installed, and the exact sizes of the store."""

    satchel: str
    python: str
    system: System
    extras: tuple[str, ...] = ()
    pieces: int = 0
    store_bytes: int = 0


def family_of(platform: str) -> System:
    """Return the family of a system by `sys.platform`."""
    if platform.startswith("linux"):
        return "linux"
    return {"darwin": "macos", "win32": "windows"}.get(platform, OTHER)  # type: ignore[return-value]


def release_of(version: str) -> str:
    """Return the version of a release; `other` for a development version, which few devices have."""
    return version if _RELEASE.fullmatch(version) else OTHER


def python_of(version: str) -> str:
    """Return the version of a Python without its patch level; `other` for one that is not released."""
    short = ".".join(version.split(".")[:2])
    return short if _PYTHON.fullmatch(short) else OTHER


def make_document(
    identity: Identity, today: str, facts: Facts, runs: Iterable[Run], commands: Collection[str]
) -> bytes:
    """Return the bytes of the document. Only runs of `commands`, the names of satchel's own commands, are counted."""
    countable = frozenset(commands) - UNCOUNTED
    recent = [run for run in runs if run.command in countable and is_recent(run.day, today)]
    named = Counter(run.command for run in recent)
    ended = Counter(run.code for run in recent if run.code in EXIT_CODES)
    return encode_document(
        TelemetryDocument(
            format="satchel-telemetry/1",
            id=identity.id,
            day=today,
            satchel=release_of(facts.satchel),
            python=python_of(facts.python),
            system=facts.system,
            extras=tuple(sorted(facts.extras)),
            sizes=Sizes(
                pieces=round_down(facts.pieces, SIZES),  # type: ignore[arg-type]  # one of the sizes
                store_mib=round_down(facts.store_bytes // _MIB, SIZES),  # type: ignore[arg-type]
            ),
            days=round_down(len({run.day for run in recent})),  # type: ignore[arg-type]  # one of the steps
            commands={name: round_down(named[name]) for name in sorted(named)},  # type: ignore[misc]
            outcomes={str(code): round_down(ended[code]) for code in sorted(ended)},  # type: ignore[misc]
        )
    )


def is_recent(day: str, today: str) -> bool:
    """Return whether a day is at most LONGEST_DAYS before today, and not after it."""
    try:
        return timedelta(0) <= date.fromisoformat(today) - date.fromisoformat(day) <= timedelta(LONGEST_DAYS)
    except ValueError:  # a line with a day that no calendar has
        return False
