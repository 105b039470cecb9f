"""Packages of the registries, fetched by their own clients and checked by hash."""

import hashlib
import os
import re
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from models.evaluation import metadata

Registry = Literal["pypi", "pypi-source", "npm", "debian", "debian-source", "pypi-metadata", "npm-metadata"]

TABLE: Final = Path(__file__).with_name("sources.toml")
FETCHED: Final = Path(__file__).resolve().parents[2] / "build" / "evaluation" / "packages"
APT_LISTS: Final = Path("/etc/apt")
FETCH_LIMIT_S: Final = 300


class FetchError(Exception):
    """A package of the table cannot be had, or is not the one that the table names."""


@dataclass(frozen=True, slots=True)
class Source:
    """One package: where it is published, under which licence, and the hash of its file."""

    registry: Registry
    package: str
    version: str
    licence: str
    file: str
    sha256: str
    only_for: str = ""

    @property
    def name(self) -> str:
        """The package with its registry, as sets name it."""
        return f"{self.registry}/{self.package}"

    @property
    def path(self) -> Path:
        """Where the file is once it is fetched."""
        return FETCHED / self.registry / self.file


def read_table(path: Path = TABLE) -> tuple[Source, ...]:
    """Return every package of the table, in its order."""
    return tuple(Source(**row) for row in tomllib.loads(path.read_text("utf-8"))["source"])


def fetch(sources: Iterable[Source]) -> None:
    """Fetch the packages that are missing. Raise FetchError for one that is gone or differs from the table."""
    missing = [source for source in sources if not is_fetched(source)]
    if not missing:
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        apt = _apt_options(folder) if any(source.registry == "debian-source" for source in missing) else ()
        for source in missing:
            output = _run(_command(source, apt), folder)
            if source.registry in ("pypi-metadata", "npm-metadata"):
                (folder / source.file).write_bytes(_described(source, output))
            _keep(source, folder)


def is_fetched(source: Source) -> bool:
    """Return whether the file is here with the hash of the table."""
    return source.path.is_file() and _sha256(source.path) == source.sha256


def _command(source: Source, apt: Sequence[str]) -> list[str]:
    """Return the command that writes the package's file into the current directory."""
    match source.registry:
        case "pypi":
            pinned = f"{source.package}=={source.version}"
            any_system = [
                "--platform",
                "any",
                "--python-version",
                "3.11",
                "--implementation",
                "py",
                "--abi",
                "none",
            ]
            return ["pip", "download", "-q", "--no-deps", "--only-binary", ":all:", *any_system, pinned]
        case "pypi-source":
            pinned = f"{source.package}=={source.version}"
            return ["pip", "download", "-q", "--no-deps", "--no-binary", ":all:", pinned]
        case "npm":
            return ["npm", "pack", "--silent", f"{source.package}@{source.version}"]
        case "debian":
            return ["apt-get", "download", "-q", f"{source.package}={source.version}"]
        case "debian-source":
            return [
                "apt-get",
                *apt,
                "source",
                "-q",
                "--tar-only",
                "--download-only",
                "--only-source",
                source.package,
            ]
        case "pypi-metadata" | "npm-metadata" as registry:
            described: Literal["pypi", "npm"] = "pypi" if registry == "pypi-metadata" else "npm"
            return metadata.command(described, source.package, source.version)


def _described(source: Source, output: str) -> bytes:
    """Return the metadata of a package; empty, and so refused by its hash, if the registry does not describe it."""
    try:
        return metadata.canonical("npm" if source.registry == "npm-metadata" else "pypi", output)
    except ValueError:
        return b""


def _apt_options(folder: Path) -> tuple[str, ...]:
    """Make lists of source packages beside the system's own, from the same mirrors, and return apt's options."""
    parts = folder / "apt" / "parts"
    for name in ("parts", "lists/partial", "cache/archives/partial"):
        (folder / "apt" / name).mkdir(parents=True)
    for path in [APT_LISTS / "sources.list", *sorted((APT_LISTS / "sources.list.d").glob("*"))]:
        if path.is_file():
            text = path.read_text("utf-8")
            text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", re.sub(r"(?m)^deb ", "deb-src ", text))
            (parts / path.name).write_text(text, "utf-8")
    settings = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": str(parts),
        "Dir::State::lists": str(folder / "apt" / "lists"),
        "Dir::Cache": str(folder / "apt" / "cache"),
    }
    options = tuple(f"-o{name}={value}" for name, value in settings.items())
    _run(["apt-get", *options, "update", "-qq"], folder)
    return options


def _run(command: Sequence[str], folder: Path) -> str:
    """Run a client and return its output. Its own exit code does not count: the file and its hash do."""
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, check=False, capture_output=True, timeout=FETCH_LIMIT_S
        )
        return done.stdout.decode(errors="replace")
    except FileNotFoundError as error:
        raise FetchError(f"{command[0]!r} is not installed; the table needs it to fetch packages") from error
    except subprocess.TimeoutExpired as error:
        raise FetchError(f"{' '.join(command)!r} took longer than {FETCH_LIMIT_S} s") from error


def _keep(source: Source, folder: Path) -> None:
    """Move the fetched file to its place."""
    found = folder / source.file
    if not found.is_file():
        raise FetchError(
            f"{source.name} {source.version} is not published any more, or its registry was not reached"
        )
    if (digest := _sha256(found)) != source.sha256:
        raise FetchError(f"{source.name} {source.version} has SHA-256 {digest}, not {source.sha256}")
    source.path.parent.mkdir(parents=True, exist_ok=True)
    source.path.write_bytes(found.read_bytes())
    found.unlink()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
