"""Distinct real snippets: this machine's source files, divided at blank lines into pieces of a plausible size."""

import hashlib
import os
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CODE: Final = frozenset(
    {".py", ".pyi", ".js", ".mjs", ".ts", ".c", ".h", ".cc", ".cpp", ".hpp", ".rs", ".go", ".java"}
)
SCRIPTS: Final = frozenset({".rb", ".pl", ".pm", ".sh", ".sql", ".tcl", ".cmake", ".lua"})
PROSE: Final = frozenset({".md", ".rst", ".txt", ".css", ".html", ".json", ".yaml", ".yml", ".toml"})
SUFFIXES: Final = CODE | SCRIPTS | PROSE
TARGET_CHARS: Final = 3_000
MAX_FILE_BYTES: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Snippet:
    """A run of consecutive paragraphs of one source file."""

    name: str
    text: str


def roots() -> list[Path]:
    """Return the directories with source files, the interpreter's own first."""
    stdlib = Path(sysconfig.get_path("stdlib"))
    found = [
        stdlib,
        Path(sys.prefix),
        stdlib.parents[2],
        Path("/usr/lib"),
        Path("/usr/share"),
        Path("/usr/include"),
    ]
    found += [Path("/usr/local"), Path("/opt"), Path.home() / ".cargo", Path.home() / ".rustup"]
    return [path for path in found if path.is_dir()]


def source_files() -> Iterator[Path]:
    """Yield every regular source file below the roots once, in a fixed order."""
    seen: set[tuple[int, int]] = set()
    for root in roots():
        for folder, subfolders, names in os.walk(root):
            subfolders.sort()
            for name in sorted(names):
                path = Path(folder, name)
                if path.suffix not in SUFFIXES or path.is_symlink():
                    continue
                status = path.stat()
                if (status.st_dev, status.st_ino) not in seen and 200 <= status.st_size <= MAX_FILE_BYTES:
                    seen.add((status.st_dev, status.st_ino))
                    yield path


def cut(text: str) -> Iterator[str]:
    """Divide text at blank lines into pieces of about TARGET_CHARS; a longer paragraph stays whole."""
    piece: list[str] = []
    length = 0
    for paragraph in text.split("\n\n"):
        piece.append(paragraph)
        length += len(paragraph)
        if length >= TARGET_CHARS:
            yield "\n\n".join(piece)
            piece, length = [], 0
    if length >= TARGET_CHARS // 4:
        yield "\n\n".join(piece)


def snippets(total_bytes: int) -> Iterator[Snippet]:
    """Yield distinct snippets with `total_bytes` of UTF-8 text in all, or fewer if the machine has no more."""
    seen: set[bytes] = set()
    for path in source_files():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        for number, piece in enumerate(cut(text), 1):
            data = piece.encode()
            digest = hashlib.blake2b(data, digest_size=16).digest()
            if digest in seen:
                continue
            seen.add(digest)
            yield Snippet(f"{path.stem}-{number}{path.suffix}", piece)
            total_bytes -= len(data)
            if total_bytes <= 0:
                return
