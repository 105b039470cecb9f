"""The table of frameworks: `frameworks.txt`, read once."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

_SEPARATORS: Final = ("/", ".", "::", "\\")


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework: its name, whether it makes a good tag, the starts of its modules, and telling texts."""

    name: str
    is_tag: bool
    modules: tuple[str, ...]
    telling: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The frameworks of one language."""

    frameworks: tuple[Framework, ...]
    by_module: dict[str, Framework]

    def of_module(self, module: str) -> Framework | None:
        """Return the framework of a module: the one with the longest start of its name."""
        name = module.removeprefix("node:")
        while name:
            found = self.by_module.get(name) or self.by_module.get(name.lower())
            if found is not None:
                return found
            end = max(name.rfind(separator) for separator in _SEPARATORS)
            name = name[: max(end, 0)].rstrip(":")
        return None


@cache
def table_of(language: str) -> Table:
    """Return the table of a language; an empty one for a language without frameworks."""
    found = tuple(_tables().get("javascript" if language == "typescript" else language, ()))
    return Table(found, {module: one for one in found for module in one.modules})


@cache
def _tables() -> dict[str, list[Framework]]:
    tables: dict[str, list[Framework]] = {}
    names = [""]
    for line in (files("satchel.models.frameworks") / "frameworks.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            names = line.strip("[]").split()
        elif line and not line.startswith("#"):
            for name in names:
                tables.setdefault(name, []).append(_framework(line))
    return tables


def _framework(line: str) -> Framework:
    name, _, rest = line.partition(": ")
    modules, _, telling = rest.partition(" ~ ")
    return Framework(
        name.removeprefix("*"),
        name.startswith("*"),
        tuple(modules.split()),
        tuple(one for one in telling.split(" | ") if one),
    )
