"""What `satchel doctor` looks at: each check says how it is, and what to do where it is not well.

A check never changes anything (opening the index brings it up to date, as every search does), never asks,
and never raises: what goes wrong in it is its finding.
"""

import datetime as dt
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from satchel.cli.app import App
from satchel.cli.terminal.units import format_count, format_size
from satchel.errors import IntegrityError, NotFoundError, SatchelError

if TYPE_CHECKING:
    from pathlib import Path

Verdict = Literal["ok", "warning", "failed"]

LOW_DISK_BYTES: Final = 256 * 1024 * 1024  # below this, even small things begin to fail
STORES_OF_SPACE: Final = 2  # a restore builds the new store beside the old one
EARLIEST_NOW: Final = dt.datetime(2025, 11, 1, tzinfo=dt.UTC)  # this satchel was written after that
CLOCK_TOLERANCE: Final = dt.timedelta(days=1)
NO_HOME: Final = NotFoundError.exit_code
DAMAGED: Final = IntegrityError.exit_code
_FOR_OTHERS: Final = 0o077


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `exit_code` is that of the error behind a failure."""

    name: str
    verdict: Verdict
    detail: str
    hint: str = ""
    exit_code: int = 1


def run_checks(app: App, now: dt.datetime, *, deep: bool = False) -> Iterator[Finding]:
    """Run every check, in an order in which the first failure explains the later ones; without a home, that one."""
    checks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        ("home", lambda: _check_home(app.home)),
        ("permissions", lambda: _check_permissions(app.home)),
        ("sqlite", _check_sqlite),
        ("store", lambda: _check_store(app, deep=deep)),
        ("index", lambda: _check_index(app)),
        ("keys", lambda: _check_keys(app)),
        ("settings", lambda: _check_settings(app.home)),
        ("disk", lambda: _check_disk(app.home)),
        ("clock", lambda: _check_clock(app.home, now)),
    )
    for name, check in checks:
        try:
            finding = check()
            yield finding
            if finding.exit_code == NO_HOME:
                return
        except SatchelError as exc:
            yield Finding(name, "failed", exc.message, exc.hint, exc.exit_code)
        except OSError as exc:
            yield Finding(name, "failed", (exc.strerror or "the system refused").lower())


def _check_home(home: "Path") -> Finding:
    if not home.is_dir():
        return Finding(
            "home", "failed", f"there is no directory {str(home)!r}", "make a store: satchel init", 3
        )
    if not os.access(home, os.W_OK):
        return Finding("home", "warning", f"{home} can only be read", "nothing can be saved or edited in it")
    return Finding("home", "ok", str(home))


def _check_permissions(home: "Path") -> Finding:
    paths = [home, *(path for path in home.rglob("*") if not path.is_symlink())]
    exposed = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & _FOR_OTHERS]
    if not exposed:
        return Finding("permissions", "ok", "only you can read the home")
    if home in exposed:
        return Finding(
            "permissions", "warning", "others on this computer can look into the home", f"chmod 700 {home}"
        )
    return Finding("permissions", "ok", "only you can enter the home")


def _check_sqlite() -> Finding:
    import apsw  # noqa: PLC0415  costs SQLite

    if "ENABLE_FTS5" not in apsw.compile_options:
        return Finding(
            "sqlite", "failed", "SQLite was built without FTS5", "install apsw from PyPI: it brings its own"
        )
    return Finding("sqlite", "ok", f"SQLite {apsw.sqlite_lib_version()} with FTS5")


def _check_store(app: App, *, deep: bool) -> Finding:
    with app.open_store(read_only=True) as store:
        count = format_count(store.count(), "Piece")
        with app.out.progress().phase("checking the store"):
            problems = list(store.problems()) if deep else _page_problems(store.path)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return Finding(
            "store", "failed", f"{problems[0]}{more}", "bring a backup back: satchel restore", DAMAGED
        )
    return Finding("store", "ok", f"{count}, every {'content' if deep else 'page'} is sound")


def _page_problems(path: "Path") -> list[str]:
    """Return what SQLite's own quick check finds first."""
    import apsw  # noqa: PLC0415  costs SQLite

    try:
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            found = connection.execute("PRAGMA quick_check(1)").get
        finally:
            connection.close()
    except apsw.Error:
        found = "unreadable"
    return [] if found == "ok" else ["the store is damaged"]


def _check_index(app: App) -> Finding:
    with app.open_store(read_only=True) as store, app.open_index(store) as index:
        with app.indexing() as advance:
            index.update(advance)
        return Finding("index", "ok", "up to date")


def _check_keys(app: App) -> Finding:
    vault = app.vault()
    description = vault.describe()
    if description.kept != "passphrase":
        vault.load(lambda: "")
    return Finding("keys", "ok", f"the root secret is {description}")


def _check_settings(home: "Path") -> Finding:
    from satchel.cli.settings_file import read_settings  # noqa: PLC0415

    chosen = read_settings(home)
    return Finding(
        "settings", "ok", f"{format_count(len(chosen), 'setting')} changed" if chosen else "all defaults"
    )


def _check_disk(home: "Path") -> Finding:
    free = shutil.disk_usage(home).free
    store = home / "store.db"
    needed = max(LOW_DISK_BYTES, STORES_OF_SPACE * (store.stat().st_size if store.exists() else 0))
    detail = f"{format_size(free)} free"
    if free < needed:
        return Finding("disk", "warning", detail, f"make room: a restore needs about {format_size(needed)}")
    return Finding("disk", "ok", detail)


def _check_clock(home: "Path", now: dt.datetime) -> Finding:
    store = home / "store.db"
    written = dt.datetime.fromtimestamp(store.stat().st_mtime, dt.UTC) if store.exists() else EARLIEST_NOW
    if now < max(EARLIEST_NOW, written - CLOCK_TOLERANCE):
        return Finding(
            "clock", "warning", f"the clock says {now:%Y-%m-%d %H:%M} UTC, which is past", "set the clock"
        )
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")
