"""The packages and repositories of the development sets, and their files.

    python -m models.evaluation.dev.sources DIRECTORY [CLONES]

downloads the packages into DIRECTORY/pypi and DIRECTORY/npm, and clones the repositories into DIRECTORY/git unless
CLONES holds them already as `owner+name/repo`.
"""

import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAMED: Final = tomllib.loads(Path(__file__).with_name("sources.toml").read_text("utf-8"))
PYPI: Final[list[str]] = _NAMED["pypi"]
NPM: Final[list[str]] = _NAMED["npm"]
REPOSITORIES: Final[list[str]] = _NAMED["repositories"]
MARKED: Final[list[str]] = _NAMED["marked"]
LARGEST_BYTES: Final = 200_000
FILES_PER_SOURCE: Final = 1_500


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One text file: the package or repository, the path in it, and its text."""

    source: str
    path: str
    text: str


def fetch(directory: Path, clones: Path | None) -> None:
    """Download what is missing."""
    for name in ("pypi", "npm", "git"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    if not any((directory / "pypi").iterdir()):
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            str(directory / "pypi"),
        ]
        subprocess.run([*pip, *PYPI], check=True)
    if not any((directory / "npm").iterdir()):
        subprocess.run(["npm", "pack", "--silent", *NPM], check=True, cwd=directory / "npm")  # noqa: S607 - the npm on the path
    for name in REPOSITORIES + MARKED:
        if repository(directory, clones, name) is None:
            target = directory / "git" / name.replace("/", "+")
            subprocess.run(
                ["git", "clone", "--bare", "--depth", "1", f"https://github.com/{name}", str(target)],  # noqa: S607 - the git on the path
                check=True,
            )


def repository(directory: Path, clones: Path | None, name: str) -> Path | None:
    """Return the git directory of a repository, or None if it is not here."""
    flat = name.replace("/", "+")
    places = [directory / "git" / flat] + ([clones / flat / "repo"] if clones else [])
    return next((place for place in places if place.exists()), None)


def files(directory: Path, clones: Path | None = None) -> Iterator[SourceFile]:
    """Yield every text file of the sources, of one source after another."""
    for path in sorted((directory / "pypi").iterdir()):
        if path.suffix in (".whl", ".zip"):
            yield from _zipped(path)
        elif path.name.endswith(".tar.gz"):
            yield from _tarred(path)
    for path in sorted((directory / "npm").glob("*.tgz")):
        yield from _tarred(path)
    for name in REPOSITORIES:
        place = repository(directory, clones, name)
        if place is not None:
            yield from committed(place, name)


def _zipped(path: Path) -> Iterator[SourceFile]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.file_size <= LARGEST_BYTES:
                yield from _decoded(path.name, info.filename, archive.read(info))


def _tarred(path: Path) -> Iterator[SourceFile]:
    with tarfile.open(path) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() and member.size <= LARGEST_BYTES else None
            if file is not None:
                yield from _decoded(path.name, member.name, file.read())


def committed(place: Path, name: str) -> Iterator[SourceFile]:
    """Yield text files of a repository's newest commit, spread over its folders."""
    listing = _git(place, "ls-tree", "-r", "-l", "-z", "HEAD").split(b"\0")
    rows = [row.split(b"\t", 1) for row in listing if row]
    small = [
        (head.split(), path.decode())
        for head, path in rows
        if head.split()[3].isdigit() and int(head.split()[3]) <= LARGEST_BYTES
    ]
    step = max(1, len(small) // FILES_PER_SOURCE)
    for head, path in small[::step]:
        yield from _decoded(name, path, _git(place, "cat-file", "blob", head[2].decode()))


def _git(place: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(place), *arguments]
    return subprocess.run(command, capture_output=True, check=False).stdout


def _decoded(source: str, path: str, data: bytes) -> Iterator[SourceFile]:
    if b"\0" in data or not data:
        return
    try:
        yield SourceFile(source, path, data.decode("utf-8").replace("\r\n", "\n"))
    except UnicodeDecodeError:
        return


if __name__ == "__main__":
    fetch(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
