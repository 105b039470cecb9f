"""Development figures of the model "secrets": recall on planted tokens, precision on lines of others' programs.

    python -m models.secrets.figures FOLDER

FOLDER holds unpacked packages and checkouts of the development list (unpacked wheels and npm archives, checkouts). Tokens of
every format are planted, those of 40 providers with their formats taken out of the table: for them, the rules are
those of an author who never saw the provider. A line counts as found if a finding names it. detect-secrets reads the
same lines. Nothing that is planted is printed.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from models.secrets.planted import planted
from models.secrets.tokens import example_of
from satchel.models.secrets.formats import Format, Matcher, table
from satchel.models.secrets.scanning import scan_plain
from satchel.models.secrets.texts import text_of
from satchel.pieces.media import is_text, sniff

SEED: Final = 41
UNSEEN_PROVIDERS: Final = 40
PER_FORMAT: Final = 5
MOST_BYTES: Final = 2**20

Finder = Callable[[str, str], set[int]]
"""Returns the lines of a text (from 1) in which it finds something. The first value is a name for the file."""


def main(folder: Path) -> None:
    """Print the figures."""
    seen, unseen = _split()
    known = Matcher(seen)

    def ours(_: str, text: str) -> set[int]:
        return {one.line for one in scan_plain(text, known)}

    for name, finder in (("satchel", ours), ("detect-secrets", detect_secrets)):
        found = {
            kind: list(_planted_found(formats, finder))
            for kind, formats in (("seen", seen), ("unseen", unseen))
        }
        false, lines, files = _false_lines(folder, finder)
        hits = sum(map(sum, found.values()))
        print(
            f"{name}: recall seen {_share(found['seen'])}, unseen {_share(found['unseen'])}; "
            f"false lines {false} of {lines} in {files} files; precision {hits / (hits + false):.3f}"
        )


def _share(found: list[bool]) -> str:
    return f"{sum(found) / len(found):.3f} (n={len(found)})"


def _split() -> tuple[tuple[Format, ...], tuple[Format, ...]]:
    providers = sorted({one.provider for one in table()})
    taken = set(Random(SEED).sample(providers, UNSEEN_PROVIDERS))
    return (
        tuple(one for one in table() if one.provider not in taken),
        tuple(one for one in table() if one.provider in taken),
    )


def _planted_found(formats: tuple[Format, ...], finder: Finder) -> Iterator[bool]:
    random = Random(SEED)
    for one in formats:
        for _ in range(PER_FORMAT):
            text = planted(one.provider, example_of(one.shape, random, one.checksum), random)
            yield bool(finder("planted.txt", text + "\n"))


def _false_lines(folder: Path, finder: Finder) -> tuple[int, int, int]:
    false = lines = files = 0
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink() or path.stat().st_size > MOST_BYTES:
            continue
        content = path.read_bytes()
        if is_text(sniff(content)):
            text = text_of(content)
            files += 1
            lines += text.count("\n")
            false += len(finder(path.name, text))
    return false, lines, files


def detect_secrets(name: str, text: str) -> set[int]:
    """Return the lines that detect-secrets reports with its default settings."""
    from detect_secrets.core.secrets_collection import SecretsCollection  # noqa: PLC0415  slow to import
    from detect_secrets.settings import default_settings  # noqa: PLC0415

    with TemporaryDirectory() as folder, default_settings():
        path = Path(folder) / name
        path.write_text(text, "utf-8", errors="replace")
        found = SecretsCollection()
        found.scan_file(str(path))
        return {secret.line_number for _, secret in found}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
