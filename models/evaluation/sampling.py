"""Choosing items without chance, and proving that a set is the one that was measured before.

An item's place depends on the hash of its own name, so a set does not change when a package is added that adds no
item to it, and is the same on every machine and Python version.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

Item = TypeVar("Item")

FROZEN: Final = Path(__file__).with_name("frozen.json")


def number(*names: object) -> int:
    """Return a number of 64 bits that depends on these names alone; what chance would be elsewhere."""
    return int.from_bytes(hashlib.sha256("\0".join(map(str, names)).encode()).digest()[:8])


def chosen(items: Iterable[Item], count: int, name: Callable[[Item], str], salt: str) -> list[Item]:
    """Return `count` of the items, or all if there are fewer, in the order of the hashes of their names."""
    return sorted(items, key=lambda item: number(salt, name(item)))[:count]


def spread(
    items: Iterable[Item], count: int, group: Callable[[Item], str], order: Callable[[Item], str]
) -> list[Item]:
    """Return `count` items with as equal a part of each group (a package, say) as there are, in a fixed order."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(group(item), []).append(item)
    lines = [chosen(groups[name], len(groups[name]), order, name) for name in sorted(groups)]
    rounds = (
        line[turn] for turn in range(max(map(len, lines), default=0)) for line in lines if turn < len(line)
    )
    return [item for item, _ in zip(rounds, range(count), strict=False)]


def digest(items: Sequence[object]) -> str:
    """Return the hash of a set: of every item's text, in its order."""
    total = hashlib.sha256()
    for item in items:
        total.update(hashlib.sha256(repr(item).encode()).digest())
    return total.hexdigest()


class Frozen:
    """The hash of every set. A set that differs from its hash is no measure beside the earlier ones."""

    def __init__(self, path: Path = FROZEN) -> None:
        self._path = path
        self._sets: dict[str, dict[str, str | int]] = (
            json.loads(path.read_text("utf-8")) if path.exists() else {}
        )

    def check(self, name: str, items: Sequence[object]) -> str:
        """Return one line if the set is not the frozen one; empty if it is."""
        known = self._sets.get(name)
        if known is None:
            return f"the set {name!r} is not frozen"
        return "" if known == self._row(items) else f"the set {name!r} differs from the frozen one"

    def freeze(self, name: str, items: Sequence[object]) -> None:
        """Record the set as it is now, beside what another run has recorded meanwhile."""
        self._sets = json.loads(self._path.read_text("utf-8")) if self._path.exists() else {}
        self._sets[name] = self._row(items)
        self._path.write_text(json.dumps(self._sets, indent=1, sort_keys=True) + "\n", "utf-8")

    def _row(self, items: Sequence[object]) -> dict[str, str | int]:
        return {"items": len(items), "sha256": digest(items)}
