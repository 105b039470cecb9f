"""Whether a backup is the expected one: compares it with the backups that this home has made and restored.

An attacker who controls a destination can present an older backup as the latest. Another device, or a copy of the
home, can back up changes of its own under a number that this home has used too: a fork. Numbers are compared within
one series, so that backups to one place never make those at another look old; forks are noticed across all of them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

import msgspec

from satchel.archive.manifest import Manifest, SignedManifest
from satchel.backup.local.sequences import Seen, Series
from satchel.errors import IntegrityError

Kind = Literal["older", "fork"]

SHORT_ID: Final = 8


class Finding(msgspec.Struct, frozen=True):
    """A reason to doubt a backup: what was compared, and what to do."""

    kind: Kind
    message: str
    hint: str

    def error(self) -> IntegrityError:
        """Return it as the error of a restore that does not go on."""
        return IntegrityError(self.message, hint=self.hint)


class History(msgspec.Struct, frozen=True):
    """What a home knows of a store's backups."""

    seen: tuple[Seen, ...]
    """Backups made or restored here, oldest first."""
    highest: int
    """The highest number seen, which may stem from a record that does not say where."""

    def newest_in(self, series: Series) -> Seen | None:
        """Return the backup with the highest number in a series."""
        return max(
            (each for each in self.seen if each.series == series.key),
            key=lambda each: each.sequence,
            default=None,
        )

    def knows(self, series: Series) -> bool:
        """Whether a number of this series is known."""
        return self.newest_in(series) is not None or self.is_unplaced(series)

    def is_unplaced(self, series: Series) -> bool:
        """Whether only the highest number is known, and this may be the series that it stems from."""
        return bool(self.highest) and not self.seen and not series.is_file


def joined(histories: Sequence[History]) -> History:
    """Return what several homes know together."""
    return History(
        tuple(each for history in histories for each in history.seen),
        max(history.highest for history in histories),
    )


def check_expected(signed: SignedManifest, history: History, series: Series) -> Finding | None:
    """Compare a backup with those seen here; return the reason to doubt it, if there is one."""
    manifest = signed.manifest
    if any(each.manifest == signed.digest for each in history.seen):
        return _if_older(manifest, history, series)
    twin = next((each for each in history.seen if each.sequence == manifest.sequence), None)
    return _fork(manifest, twin) if twin is not None else _if_older(manifest, history, series)


def _if_older(manifest: Manifest, history: History, series: Series) -> Finding | None:
    newest = history.newest_in(series)
    known = newest.sequence if newest else history.highest if history.is_unplaced(series) else 0
    if manifest.sequence >= known:
        return None
    last = f"number {known}" + (f" ({newest.archive[:SHORT_ID]})" if newest else "")
    return Finding(
        "older",
        f"backup {_described(manifest)} in {series.name} is older than {last}, which this home has seen there",
        hint="to restore it anyway: --allow-older",
    )


def _fork(manifest: Manifest, twin: Seen) -> Finding:
    where = Series(twin.series).name
    return Finding(
        "fork",
        f"backup {_described(manifest)} is not the number {twin.sequence} ({twin.archive[:SHORT_ID]}) that this home "
        f"has seen in {where}: another device or a copy of this home made it",
        hint="take its Pieces and keep yours: satchel restore --merge; to replace the store anyway: --allow-older",
    )


def _described(manifest: Manifest) -> str:
    made = f"{_minutes(manifest.created)} UTC"
    return f"{manifest.archive[:SHORT_ID]} (number {manifest.sequence}, made {made} by {manifest.device!r})"


def _minutes(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="minutes")[:16]
