"""The checks of `satchel doctor`: each reports a finding and suggests a fix.

A check never changes anything (except that opening the index updates it, as every search does), never
prompts and never raises: an error becomes a finding.
"""

import datetime as dt
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import apsw

from satchel.cli.app import App
from satchel.cli.edits import leftovers
from satchel.cli.memory_state import check_memory
from satchel.cli.protection.assessment import Finding, assess
from satchel.cli.protection.facts import CloudAnswer
from satchel.cli.protection.gathering import gather
from satchel.cli.settings_file import read_settings
from satchel.cli.terminal.text import format_count, format_moment
from satchel.errors import IntegrityError, NotFoundError, SatchelError
from satchel.store.database import connect, translated

EARLIEST_NOW: Final = dt.datetime(2025, 11, 1, tzinfo=dt.UTC)  # this version is newer than that
CLOCK_TOLERANCE: Final = dt.timedelta(days=1)
NO_HOME: Final = NotFoundError.exit_code
DAMAGED: Final = IntegrityError.exit_code
_FOR_OTHERS: Final = 0o077


def run_checks(
    app: App, now: dt.datetime, *, deep: bool = False, ask_cloud: bool = True
) -> Iterator[Finding]:
    """Run all checks, causes before effects. Stop after the first if there is no home."""
    checks: tuple[tuple[str, Callable[[], Finding | list[Finding]]], ...] = (
        ("home", lambda: _check_home(app.home)),
        ("permissions", lambda: _check_permissions(app.home)),
        ("sqlite", _check_sqlite),
        ("store", lambda: _check_store(app, deep=deep)),
        ("index", lambda: _check_index(app)),
        ("keys", lambda: _check_keys(app)),
        ("settings", lambda: _check_settings(app.home)),
        ("edits", lambda: _check_edits(app.home)),
        ("memory", lambda: check_memory(app)),
        ("backup", lambda: _check_protection(app, now, ask_cloud=ask_cloud)),
    )
    for name, check in checks:
        try:
            found = check()
            yield from found if isinstance(found, list) else [found]
            if isinstance(found, Finding) and found.exit_code == NO_HOME:
                return
        except SatchelError as exc:
            yield Finding(name, "failed", exc.message, exc.hint, exc.exit_code)
        except OSError as exc:
            yield Finding(name, "failed", (exc.strerror or "system error").lower())


def _check_home(home: Path) -> Finding:
    if not home.is_dir():
        return Finding(
            "home", "failed", f"there is no directory {str(home)!r}", "create a store: satchel init", NO_HOME
        )
    if not os.access(home, os.W_OK):
        return Finding("home", "warning", f"{home} is read-only", "you cannot save or edit Pieces in it")
    return Finding("home", "ok", str(home))


def _check_permissions(home: Path) -> Finding:
    paths = [home, *(path for path in home.rglob("*") if not path.is_symlink())]
    exposed = [path for path in paths if stat.S_IMODE(path.stat().st_mode) & _FOR_OTHERS]
    if not exposed:
        return Finding("permissions", "ok", "only you can read the home")
    if home in exposed:
        return Finding(
            "permissions", "warning", "other users of this computer can read the home", f"chmod 700 {home}"
        )
    return Finding("permissions", "ok", "only you can enter the home")


def _check_sqlite() -> Finding:
    if "ENABLE_FTS5" not in apsw.compile_options:
        return Finding(
            "sqlite", "failed", "SQLite was built without FTS5", "install apsw from PyPI, which includes it"
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
            "store", "failed", f"{problems[0]}{more}", "restore a backup: satchel restore", DAMAGED
        )
    return Finding("store", "ok", f"{count}, no damaged {'contents' if deep else 'pages'}")


def _page_problems(path: Path) -> list[str]:
    """Return the first problem that SQLite's quick check finds."""
    connection = connect(path)
    try:
        with translated(path):
            result = connection.execute("PRAGMA quick_check(1)").get
    except IntegrityError:
        result = "unreadable"
    finally:
        connection.close()
    return [] if result == "ok" else ["the store is damaged"]


def _check_edits(home: Path) -> Finding:
    """Report the texts of edits that were not saved, which still are in the home."""
    from satchel.window.drafts import DraftFolder  # noqa: PLC0415  costs over 40 ms

    drafts = DraftFolder(home)
    damaged, waiting = drafts.damaged(), drafts.count()
    found = leftovers(home)
    if not found and damaged:
        more = f" (and {len(damaged) - 1} more)" if len(damaged) > 1 else ""
        return Finding(
            "edits",
            "warning",
            f"a draft of the window is damaged: {str(damaged[0])!r}{more}",
            "its text may still be in the file; then delete the file",
        )
    if not found:
        drafted = f"{format_count(waiting, 'draft')} in the window; satchel open shows them"
        return Finding("edits", "ok", drafted if waiting else "none is unsaved")
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    hint = f"save its text: satchel save {str(first.path)!r}; then delete the file"
    if first.subject is not None:
        hint = f"satchel edit {first.subject.piece_id} --recover saves it, --discard deletes it"
    detail = f"an edit of {format_moment(first.started)} was not saved: {str(first.path)!r}{more}"
    return Finding("edits", "warning", detail, hint)


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


def _check_settings(home: Path) -> Finding:
    changed = read_settings(home)
    return Finding(
        "settings", "ok", f"{format_count(len(changed), 'setting')} changed" if changed else "all defaults"
    )


def _check_clock(home: Path, now: dt.datetime, cloud: CloudAnswer | None) -> Finding:
    """Compare this device's clock with the cloud's, if it was asked, and with the last change of the store."""
    if cloud is not None and cloud.clock_warning:
        return Finding("clock", "warning", cloud.clock_warning, "set the clock")
    store = home / "store.db"
    written = dt.datetime.fromtimestamp(store.stat().st_mtime, dt.UTC) if store.exists() else EARLIEST_NOW
    if now < max(EARLIEST_NOW, written - CLOCK_TOLERANCE):
        return Finding("clock", "warning", f"the clock is behind: {now:%Y-%m-%d %H:%M} UTC", "set the clock")
    return Finding("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")


def _check_protection(app: App, now: dt.datetime, *, ask_cloud: bool) -> list[Finding]:
    """Check the clock, the backups, the cloud, the schedules, the words and the disk."""
    try:
        with app.open_store(read_only=True) as store:
            facts = gather(app, store, now, ask_cloud=ask_cloud)
    except SatchelError as exc:
        failed = Finding("backup", "failed", exc.message, exc.hint, exc.exit_code)
        return [_check_clock(app.home, now, None), failed]
    return [_check_clock(app.home, now, facts.cloud), *assess(facts, now)]
