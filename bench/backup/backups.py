"""Backups beside restic, borg and `zstd | age`: the same store, the same change, the same run.

Each round creates new repositories. Every peer then backs up the same bytes for the first time, again without a change,
and again after 1% of the Pieces have been edited and 1% added; then it restores, and the result is compared byte for
byte. The peers take turns at going first. A ratio compares two programs within one round.
"""

import filecmp
import random
import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.backup.peers import PEERS, Peer
from bench.corpus import snippets
from bench.measure import Cost, cost, disk_bytes
from bench.service.process import BIN, Service
from satchel.pieces.model import Changes, Draft
from satchel.store.store import Store

PHASES: Final = ("first", "unchanged", "changed", "restore")
CHANGED_FRACTION: Final = 0.01


@dataclass(frozen=True, slots=True)
class Outcome:
    """One phase of one peer in one round. A restore adds no bytes."""

    cost: Cost
    added_bytes: int = 0


Round = dict[str, dict[str, Outcome]]
Reader = Callable[[dict[str, Outcome]], float]


class Satchel(Peer):
    """satchel with its cloud in a directory: it encrypts, sends over loopback, and the service stores."""

    name = "satchel"
    programs = ()

    def __init__(self, folder: Path, home: Path) -> None:
        super().__init__(folder, home / "store.db")
        self.home = home
        self.cloud = Service(self.repository / "cloud")

    def _run(self, *words: str) -> Cost:
        return cost([str(BIN / "satchel"), "--home", str(self.home), "--quiet", "--json", *words])

    def prepare(self) -> None:
        """Start the cloud and connect the home to it."""
        self.cloud.__enter__()
        self._run("connect", self.cloud.url, "--pair", self.cloud.pairing_code())

    def close(self) -> float:
        """Stop the cloud and return its peak resident set in MiB."""
        peak = self.cloud.peak_rss_mib()
        self.cloud.__exit__(None, None, None)
        return peak

    def stored_bytes(self) -> int:
        """Return the size of the cloud's files, micro-database included."""
        return disk_bytes(self.cloud.folder)

    def backup(self) -> Cost:
        """Run `satchel backup`."""
        return self._run("backup")

    def restore(self, target: Path) -> Cost:
        """Run `satchel restore latest` into another home."""
        return self._run("restore", "latest", "--into", str(target))


def make_home(home: Path, size_mib: int) -> int:
    """Fill a new home with real snippets and return their number."""
    cost([str(BIN / "satchel"), "--home", str(home), "--quiet", "init"])
    drafts = (
        Draft(content=item.text.encode(), title=item.name, language=item.name.rpartition(".")[2])
        for item in snippets(size_mib * 1024 * 1024)
    )
    with Store.open(home) as store:
        added = sum(1 for _ in store.add_many(drafts))
    _index(home)
    return added


def _index(home: Path) -> None:
    cost([str(BIN / "satchel"), "--home", str(home), "--quiet", "search", "anything"])


def change(home: Path, seed: int) -> int:
    """Edit 1% of the Pieces at random positions and add 1%; return the number added."""
    chance = random.Random(seed)
    with Store.open(home) as store:
        ids = [piece.id for piece in store.pieces()]
        sample = chance.sample(ids, round(len(ids) * CHANGED_FRACTION))
        for piece in sample:
            store.edit(piece, Changes(content=_edited(store.content(piece), chance)))
        drafts = [
            Draft(content=_edited(store.content(piece), chance), title=f"new {number}", language="py")
            for number, piece in enumerate(chance.sample(ids, len(sample)))
        ]
        added = sum(1 for _ in store.add_many(drafts))
    _index(home)
    return added


def _edited(content: bytes, chance: random.Random) -> bytes:
    lines = content.split(b"\n")
    lines.insert(chance.randrange(len(lines) + 1), b"# reviewed %08x" % chance.getrandbits(32))
    return b"\n".join(lines)


def rounds_of(base: Path, count: int, workspace: Path) -> Iterator[Round]:
    """Run the rounds; yield each peer's outcome in every phase."""
    for number in range(count):
        folder = workspace / f"round-{number}"
        home = folder / "home"
        shutil.copytree(base, home)
        satchel = Satchel(folder, home)
        others = [kind(folder, satchel.source) for kind in PEERS if kind.is_installed()]
        peers: list[Peer] = [satchel, *others]
        for peer in peers:
            peer.prepare()
        try:
            yield _round(rotated(peers, number), home, folder, seed=number)
        finally:
            print(f"  round {number + 1}: peak of the service {satchel.close():.0f} MiB")
            shutil.rmtree(folder)


def rotated(peers: list[Peer], number: int) -> list[Peer]:
    """Return the peers with another one first in every round."""
    first = number % len(peers)
    return peers[first:] + peers[:first]


def _round(peers: list[Peer], home: Path, folder: Path, *, seed: int) -> Round:
    source = home / "store.db"
    results: Round = {peer.name: {} for peer in peers}
    for phase in PHASES[:3]:
        if phase == "changed":
            change(home, seed)
        for peer in peers:
            before = peer.stored_bytes()
            spent = peer.backup()
            results[peer.name][phase] = Outcome(spent, peer.stored_bytes() - before)
    for peer in peers:
        target = folder / f"restored-{peer.repository.name}"
        target.mkdir()
        results[peer.name]["restore"] = Outcome(peer.restore(target))
        if not filecmp.cmp(source, peer.restored(target), shallow=False):
            raise RuntimeError(f"{peer.name} restored other bytes than it backed up")
        shutil.rmtree(target)
    return results


def run(rounds: int, size_mib: int = 425) -> list[dict[str, str]]:
    """Measure; return a row of medians for each peer, with satchel's ratio to it and the ratio's range."""
    with tempfile.TemporaryDirectory(prefix="satchel-bench-") as name:
        workspace = Path(name)
        base = workspace / "base"
        count = make_home(base, size_mib)
        store_bytes = (base / "store.db").stat().st_size
        print(f"  {count:,} Pieces, store.db {store_bytes / 2**20:.0f} MiB")
        measured = list(rounds_of(base, rounds, workspace))
    return [
        _row(peer, measured)
        for peer in [Satchel.name, *(name for name in measured[0] if name != Satchel.name)]
    ]


def _row(peer: str, measured: list[Round]) -> dict[str, str]:
    row = {"program": peer}
    for phase in PHASES:
        row[f"{phase}, s"] = _figure(peer, measured, _seconds(phase), "{:.2f}")
    for phase in PHASES[:3]:
        row[f"{phase}, MB added"] = _figure(peer, measured, _megabytes(phase), "{:.2f}")
    row["peak memory, MiB"] = _figure(peer, measured, _peak_mib, "{:.0f}")
    return row


def _seconds(phase: str) -> Reader:
    return lambda outcomes: outcomes[phase].cost.wall_s


def _megabytes(phase: str) -> Reader:
    return lambda outcomes: outcomes[phase].added_bytes / 1e6


def _peak_mib(outcomes: dict[str, Outcome]) -> float:
    return max(outcome.cost.peak_rss_mib for outcome in outcomes.values())


def _figure(peer: str, measured: list[Round], read: Reader, form: str) -> str:
    text = form.format(statistics.median(read(results[peer]) for results in measured))
    theirs = [read(results[peer]) for results in measured]
    if peer == Satchel.name or not all(theirs):
        return text
    ours = [read(results[Satchel.name]) for results in measured]
    ratios = sorted(mine / other for mine, other in zip(ours, theirs, strict=True))
    return f"{text} ({statistics.median(ratios):.2f}×, {ratios[0]:.2f}–{ratios[-1]:.2f})"
