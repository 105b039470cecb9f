"""The programs that satchel is compared with, behind one interface."""

import os
import re
import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from bench.measure import Cost, cost, disk_bytes


class Peer(ABC):
    """A program that backs one file up to a local repository."""

    name: ClassVar[str]
    programs: ClassVar[tuple[str, ...]]

    def __init__(self, folder: Path, source: Path) -> None:
        self.source = source
        self.repository = folder / re.sub(r"\W+", "-", self.name)
        self.repository.mkdir(parents=True)
        self.env = dict(os.environ, HOME=str(folder), RESTIC_PASSWORD="bench", BORG_PASSPHRASE="bench")

    @classmethod
    def is_installed(cls) -> bool:
        """Return whether its programs are installed."""
        return all(shutil.which(program) for program in cls.programs)

    def stored_bytes(self) -> int:
        """Return the size of its repository."""
        return disk_bytes(self.repository)

    @abstractmethod
    def prepare(self) -> None:
        """Create an empty repository; not measured."""

    @abstractmethod
    def backup(self) -> Cost:
        """Back the file up."""

    @abstractmethod
    def restore(self, target: Path) -> Cost:
        """Restore the newest backup into an empty folder."""

    def restored(self, target: Path) -> Path:
        """Return the path of the store's file after `restore`."""
        return target / "store.db"


class Restic(Peer):
    """restic with its defaults and a local repository."""

    name = "restic"
    programs = ("restic",)

    def _run(self, *words: str, cwd: Path | None = None) -> Cost:
        return cost(["restic", "--quiet", "--repo", str(self.repository), *words], env=self.env, cwd=cwd)

    def prepare(self) -> None:
        """Initialise the repository."""
        self._run("init")

    def backup(self) -> Cost:
        """Back up by relative path, so that the file is restored without its directories."""
        return self._run("backup", self.source.name, cwd=self.source.parent)

    def restore(self, target: Path) -> Cost:
        """Restore the latest snapshot."""
        return self._run("restore", "latest", "--target", str(target))


class ResticWithIndex(Restic):
    """restic on the whole home. It cannot know that the index can be rebuilt."""

    name = "restic, home with index"

    def backup(self) -> Cost:
        """Back up the two databases of the home."""
        home = self.source.parent
        return self._run("backup", self.source.name, "index.db", cwd=home)


class Borg(Peer):
    """borg with repokey encryption and zstd, its default chunker."""

    name = "borg"
    programs = ("borg",)
    chunker: ClassVar[tuple[str, ...]] = ()

    def __init__(self, folder: Path, source: Path) -> None:
        super().__init__(folder, source)
        self.count = 0

    def prepare(self) -> None:
        """Initialise the repository."""
        cost(["borg", "init", "--encryption", "repokey-blake2", str(self.repository)], env=self.env)

    def backup(self) -> Cost:
        """Create the next archive."""
        self.count += 1
        options = ["--compression", "zstd,3", *self.chunker]
        archive = f"{self.repository}::{self.count}"
        return cost(
            ["borg", "create", *options, archive, self.source.name], env=self.env, cwd=self.source.parent
        )

    def restore(self, target: Path) -> Cost:
        """Extract the newest archive."""
        return cost(["borg", "extract", f"{self.repository}::{self.count}"], env=self.env, cwd=target)


class BorgForDatabases(Borg):
    """borg with small chunks, which suit a database best."""

    name = "borg-small-chunks"
    chunker = ("--chunker-params", "10,16,12,4095")


class Floor(Peer):
    """`zstd -3 -T2` piped to `age`, without deduplication or catalogue: the least that a sealed copy can cost."""

    name = "zstd|age"
    programs = ("zstd", "age", "age-keygen")

    def prepare(self) -> None:
        """Create a key."""
        self.key = self.repository.parent / "floor.key"
        cost(["age-keygen", "--output", str(self.key)])
        self.recipient = cost(["age-keygen", "-y", str(self.key)]).output.strip()

    def backup(self) -> Cost:
        """Compress and encrypt the whole file."""
        line = 'zstd -q -3 -T2 -c "$1" | age -r "$2" > "$3"'
        target = self.repository / f"{len(list(self.repository.iterdir()))}.age"
        return cost(["sh", "-c", line, "sh", str(self.source), self.recipient, str(target)])

    def restore(self, target: Path) -> Cost:
        """Decrypt and decompress the newest copy."""
        newest = max(self.repository.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        line = 'age -d -i "$1" "$2" | zstd -q -d -T2 > "$3"'
        return cost(["sh", "-c", line, "sh", str(self.key), str(newest), str(target / "store.db")])


PEERS: tuple[type[Peer], ...] = (Restic, ResticWithIndex, Borg, BorgForDatabases, Floor)
