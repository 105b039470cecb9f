"""Known vulnerabilities of what satchel ships, by pip-audit and npm audit, where their sources can be reached.

Without a source nothing fails, and one line says that nothing was checked. pip-audit reports no vulnerability for a
package that its source does not know, so a source counts as reached only if it knows every package.

Results are kept for a day, failures to reach a source for an hour, because `make check` runs often.
"""

import hashlib
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from audit.shipped import CLIENT_LOCK, PAGES_LOCK, ROOT, SERVICE_LOCK

CACHE: Final = ROOT / "build/advisories.json"
ACCEPTED: Final = Path(__file__).with_name("accepted_advisories.toml")
TIMEOUT_S: Final = 30  # for each program
SOURCES: Final = ((), ("--vulnerability-service", "osv"))  # pip-audit's default, then the OSV database
KEPT_S: Final = {"checked": 24 * 60 * 60, "not checked": 60 * 60}


class Checked(msgspec.Struct, frozen=True):
    """What one source reported: `found` has one line for each known vulnerability."""

    source: str
    outcome: Literal["checked", "not checked"]
    detail: str
    found: tuple[str, ...] = ()


UNREACHED: Final = Checked("pip-audit", "not checked", "no source of advisories can be reached")


class Accepted(msgspec.Struct, frozen=True):
    """A vulnerability that does not affect satchel, until a date at which it must be looked at again."""

    reason: str
    until: date


class Cached(msgspec.Struct, frozen=True):
    """Results, the locks they are about, and when they were made."""

    locks_sha256: str
    made_s: float
    checked: tuple[Checked, ...]


def check_cached(now_s: float, today: date, *, cache: Path = CACHE) -> list[Checked]:
    """Return the results of every source, from the cache if it is fresh."""
    locks = locks_digest()
    known = _read(cache)
    if known is None or known.locks_sha256 != locks or not is_fresh(known, now_s):
        known = Cached(locks, now_s, tuple(check_all()))
        cache.parent.mkdir(parents=True, exist_ok=True)
        cache.write_bytes(msgspec.json.encode(known))
    return [without_accepted(each, read_accepted(), today) for each in known.checked]


def check_all() -> list[Checked]:
    """Ask every source."""
    return [check_python(), check_npm()]


def is_fresh(known: Cached, now_s: float) -> bool:
    """Whether results are recent enough: a day, or an hour if a source could not be reached."""
    kept_s = min(KEPT_S[each.outcome] for each in known.checked)
    return 0 <= now_s - known.made_s < kept_s


def locks_digest() -> str:
    """Return the digest of the lock files of everything that ships."""
    locks = b"".join(path.read_bytes() for path in (CLIENT_LOCK, SERVICE_LOCK, PAGES_LOCK))
    return hashlib.sha256(locks).hexdigest()


def check_python(
    locks: Sequence[Path] = (CLIENT_LOCK, SERVICE_LOCK),
    sources: Sequence[Sequence[str]] = SOURCES,
    timeout_s: int = TIMEOUT_S,
) -> Checked:
    """Ask pip-audit about the packages of these locks, at one source after another until one knows them."""
    program = Path(sys.executable).with_name("pip-audit")
    files = [word for lock in locks for word in ("-r", str(lock))]
    checked = UNREACHED
    for source in sources:
        with tempfile.TemporaryDirectory() as cache:
            command = [str(program), *files, "--disable-pip", "--require-hashes", "--format", "json", *source]
            command += ["--progress-spinner", "off", "--timeout", "5", "--cache-dir", cache]
            checked = judge_python(_output(command, ROOT, timeout_s))
        if checked.outcome == "checked" or checked.found:
            break
    return checked


def judge_python(output: str) -> Checked:
    """Return what the output of pip-audit means: nothing, if it has failed or its source knows no package."""
    packages = _document(output).get("dependencies", [])
    known = [package for package in packages if "vulns" in package]
    if not known:
        return UNREACHED
    found = {
        f"{package['name']} {package['version']}: {entry['id']}"
        for package in known
        for entry in package["vulns"]
    }
    lines = tuple(sorted(found))
    if len(known) < len(packages):
        detail = f"the source knows only {len(known)} of {len(packages)} packages"
        return Checked("pip-audit", "not checked", detail, lines)
    return Checked("pip-audit", "checked", f"{len(known)} Python packages", lines)


def check_npm(
    folder: Path = PAGES_LOCK.parent, options: Sequence[str] = (), timeout_s: int = TIMEOUT_S
) -> Checked:
    """Ask npm about the packages that build the pages."""
    command = [
        "npm",
        "audit",
        "--json",
        "--package-lock-only",
        "--fetch-retries",
        "0",
        "--fetch-timeout",
        "5000",
    ]
    return judge_npm(_output([*command, *options], folder, timeout_s))


def judge_npm(output: str) -> Checked:
    """Return what the output of npm audit means."""
    document = _document(output)
    if "vulnerabilities" not in document:
        return msgspec.structs.replace(UNREACHED, source="npm audit")
    found = {
        f"{name}: {advisory.get('url', '').rpartition('/')[2]}"
        for name, entry in document["vulnerabilities"].items()
        for advisory in entry.get("via", [])
        if isinstance(advisory, dict)
    }
    total = document.get("metadata", {}).get("dependencies", {}).get("total", 0)
    return Checked("npm audit", "checked", f"{total} npm packages", tuple(sorted(found)))


def read_accepted(path: Path = ACCEPTED) -> dict[str, Accepted]:
    """Return the accepted vulnerabilities by id."""
    with path.open("rb") as file:
        return {name: msgspec.convert(entry, Accepted) for name, entry in tomllib.load(file).items()}


def without_accepted(checked: Checked, accepted: Mapping[str, Accepted], today: date) -> Checked:
    """Leave out the vulnerabilities that are accepted today."""
    live = {name for name, entry in accepted.items() if today <= entry.until}
    found = tuple(line for line in checked.found if line.rpartition(" ")[2] not in live)
    return msgspec.structs.replace(checked, found=found)


def _output(command: Sequence[str], folder: Path, timeout_s: int) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=timeout_s, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def _document(output: str) -> Mapping[str, Any]:
    try:
        document = json.loads(output)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _read(cache: Path) -> Cached | None:
    try:
        return msgspec.json.decode(cache.read_bytes(), type=Cached)
    except (OSError, msgspec.MsgspecError):
        return None
