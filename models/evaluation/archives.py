"""The text files inside packages: wheels, npm and source archives, and Debian's binary packages."""

import gzip
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Final

from models.evaluation.fetching import Source, fetch, read_table

MAX_FILE_BYTES: Final = 512 * 1024
MAX_LINE_CHARS: Final = 2_000  # longer lines are minified or data
MAX_MEAN_CHARS: Final = 200
_NOT_BY_HAND: Final = (
    "node_modules/",
    "/vendor/",
    "/third_party/",
    "/dist/",
    ".min.",
    "/generated/",
    "/_vendor/",
)


@dataclass(frozen=True, slots=True)
class Member:
    """One text file of a package. `path` is inside it, without the folder that every archive of its kind has."""

    source: Source
    path: str
    text: str

    @property
    def identity(self) -> str:
        """The package with the path, as sets name it."""
        return f"{self.source.name}:{self.path}"

    @property
    def suffix(self) -> str:
        """The extension in lower case, with its dot."""
        return PurePosixPath(self.path).suffix.lower()


class Packages:
    """Every package of the table, fetched and read when first asked for."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = {source.name: source for source in sources}

    @classmethod
    def fetched(cls) -> "Packages":
        """Return the table's packages, all fetched. Raise FetchError if one cannot be had."""
        sources = read_table()
        fetch(sources)
        return cls(sources)

    def named(self, names: Iterable[str]) -> Iterator[Member]:
        """Yield the text files of these packages ("npm/rxjs"), in the order of their paths."""
        for name in names:
            yield from members(self._sources[name])

    def one(self, name: str) -> Source:
        """Return the package of this name."""
        return self._sources[name]

    def of(self, *registries: str) -> list[Source]:
        """Return the packages of these registries, of all without any; not those that one set alone names."""
        every = (one for one in self._sources.values() if not one.only_for)
        return [one for one in every if not registries or one.registry in registries]


def names_in(source: Source) -> list[str]:
    """Return the names of the files in a package, as `file_in` takes them."""
    path = source.path
    if path.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    if path.suffix == ".deb":
        command = ["/usr/bin/dpkg-deb", "--fsys-tarfile", str(path)]
        with (
            subprocess.Popen(command, stdout=subprocess.PIPE) as packed,
            tarfile.open(fileobj=packed.stdout, mode="r|") as tar,
        ):
            return [one.name.removeprefix("./") for one in tar if one.isfile()]
    with tarfile.open(path) as tar:
        return [one.name.partition("/")[2] for one in tar if one.isfile()]


def file_in(source: Source, name: str) -> bytes:
    """Return one file of a package, whatever its size. KeyError if it has none of this name."""
    path = source.path
    if path.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    if path.suffix == ".deb":
        command = ["/usr/bin/dpkg-deb", "--fsys-tarfile", str(path)]
        packed = subprocess.run(command, check=True, capture_output=True).stdout
        with tarfile.open(fileobj=BytesIO(packed)) as tar:
            return _extracted(tar, f"./{name}")
    with tarfile.open(path) as tar:
        return _extracted(tar, next(one for one in tar.getnames() if one.partition("/")[2] == name))


def _extracted(tar: tarfile.TarFile, name: str) -> bytes:
    stream = tar.extractfile(name)
    if stream is None:
        raise KeyError(name)
    return stream.read()


@cache
def members(source: Source) -> tuple[Member, ...]:
    """Return the text files of one package in the order of their paths; not those that machines wrote."""
    return tuple(Member(source, path, text) for path, text in texts_in(source.path).items())


def texts_in(archive: Path) -> dict[str, str]:
    """Return the text files that people wrote in an archive, by their paths in order."""
    return {
        path: text
        for path, data in sorted(_files(archive).items())
        if not any(part in f"/{path}" for part in _NOT_BY_HAND) and (text := _text(data)) is not None
    }


def _text(data: bytes) -> str | None:
    """Return the text of a file that people wrote; None for binary and minified files."""
    if len(data) > MAX_FILE_BYTES or b"\0" in data:
        return None
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        return None
    lines = text.split("\n")
    minified = len(text) > MAX_MEAN_CHARS * len(lines) or any(len(line) > MAX_LINE_CHARS for line in lines)
    return None if minified else text


def _files(path: Path) -> dict[str, bytes]:
    if path.suffix in {".whl", ".zip"}:
        return _zip_files(path)
    if path.suffix == ".deb":
        return _deb_files(path)
    with tarfile.open(path) as archive:
        return _tar_files(archive, skipped=1)


def _zip_files(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {
            one.filename: archive.read(one) for one in archive.infolist() if one.file_size <= MAX_FILE_BYTES
        }


def _deb_files(path: Path) -> dict[str, bytes]:
    """Return the files of a binary package; compressed texts are unpacked, and jars are read like folders."""
    command = ["/usr/bin/dpkg-deb", "--fsys-tarfile", str(path)]
    packed = subprocess.run(command, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        files = _tar_files(archive, skipped=0)
    return {
        name.removeprefix("./").removesuffix(".gz"): gzip.decompress(data) if name.endswith(".gz") else data
        for name, data in files.items()
    }


def _tar_files(archive: tarfile.TarFile, skipped: int) -> dict[str, bytes]:
    """Return the regular files; `skipped` folders at the front of each path are left out."""
    files: dict[str, bytes] = {}
    for one in archive:
        if one.isfile() and one.size <= MAX_FILE_BYTES and (stream := archive.extractfile(one)) is not None:
            files["/".join(one.name.split("/")[skipped:])] = stream.read()
    return files
