"""Building a set once, keeping it in build/evaluation, and comparing it with the frozen one.

A kept set is used until the table of packages or the code that draws sets changes.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from models.evaluation.archives import Packages
from models.evaluation.fetching import FETCHED, TABLE
from models.evaluation.sampling import Frozen

Item = TypeVar("Item")

KEPT: Final = FETCHED.parent / "sets"


class SetError(Exception):
    """A set is not the one that was frozen, so that its figures would compare with no earlier ones."""


class Sets:
    """The sets of one run. With `freezing`, every set that is asked for becomes the frozen one."""

    def __init__(self, *, freezing: bool = False, folder: Path = KEPT, frozen: Frozen | None = None) -> None:
        self._freezing = freezing
        self._folder = folder
        self._frozen = frozen or Frozen()
        self._packages: Packages | None = None

    @property
    def packages(self) -> Packages:
        """The packages, fetched when a set is first built from them."""
        self._packages = self._packages or Packages.fetched()
        return self._packages

    def built(self, name: str, items: list[Item]) -> list[Item]:
        """Return the items of a set that every run builds anew. Raise SetError if they differ from the frozen ones."""
        if self._freezing:
            self._frozen.freeze(name, items)
        elif problem := self._frozen.check(name, items):
            raise SetError(f"{problem}; hint: restore sources.toml, or freeze it: make eval EVAL='--freeze'")
        return items

    def load(self, name: str, kind: type[Item], build: Callable[[Packages], list[Item]]) -> list[Item]:
        """Return the items of a set. Raise SetError if they differ from the frozen ones."""
        kept = self._folder / f"{name}-{_origin()}.json"
        if not self._freezing and kept.is_file():
            items: list[Item] = msgspec.json.decode(kept.read_bytes(), type=list[kind])  # type: ignore[valid-type]
            if not self._frozen.check(name, items):
                return items
        items = build(self.packages)
        if self._freezing:
            self._frozen.freeze(name, items)
        elif problem := self._frozen.check(name, items):
            raise SetError(f"{problem}; hint: restore sources.toml, or freeze it: make eval EVAL='--freeze'")
        self._folder.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(msgspec.json.encode(items))
        return items


@cache
def _origin() -> str:
    """Return a short hash of what every set is drawn from: the table of packages, and the code that reads them."""
    drawing = Path(__file__).parent
    code = sorted([*drawing.glob("*.py"), drawing.with_name("archives.py"), drawing.with_name("sampling.py")])
    total = hashlib.sha256()
    for path in (TABLE, *code):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:12]
