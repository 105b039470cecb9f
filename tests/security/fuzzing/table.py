"""The form of the table: a target is a parser of untrusted bytes, with the outcomes that it may have.

    Target("link", read_link, seeds=[b"https://…"], raises=(UsageError,))

`read` takes any bytes. It may return, or raise one of `raises`, the errors that the parser documents. Anything else is
a fault: another exception, more time or memory than the engine allows, or `Broken`, raised by a target that checks more
(what is accepted encodes to the same bytes, or keeps the limits of its format).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
CORPUS: Final = FOLDER / "corpus"
CRASHES: Final = FOLDER / "crashes"
JSON_SYNTAX: Final = (b'"', b"{", b"}", b"[", b"]", b",", b"null", b"\\ud800", b"\xff")
"""Words of every target that reads JSON."""


class BrokenError(Exception):
    """A parser accepted what it must refuse, or changed it."""


@dataclass(frozen=True)
class Target:
    """A parser. `words` are byte strings that its format uses; `max_bytes` bounds the inputs that are generated."""

    name: str
    read: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]] = field(repr=False)
    raises: tuple[type[BaseException], ...] = ()
    words: tuple[bytes, ...] = ()
    max_bytes: int = 4096

    def run(self, data: bytes) -> None:
        """Run the parser on an input. Raise what it must not."""
        with suppress(*self.raises):
            self.read(data)

    def stored(self) -> Iterator[Path]:
        """Yield the stored inputs: the corpus, then the crashes of the past."""
        for folder in (CORPUS, CRASHES):
            if (folder / self.name).is_dir():
                yield from sorted((folder / self.name).iterdir())

    def inputs(self) -> Iterator[bytes]:
        """Yield the seeds and the stored inputs."""
        yield b""
        yield from self.seeds()
        for path in self.stored():
            yield path.read_bytes()


def require(condition: object, what: str) -> None:
    """Raise BrokenError unless a promise is kept."""
    if not condition:
        raise BrokenError(what)
