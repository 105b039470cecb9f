"""A corpus of distinct real snippets: the source files of this machine, split at blank lines."""

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
    """Consecutive paragraphs of one source file."""

    name: str
    text: str


def roots() -> list[Path]:
    """Return the existing directories that may contain source files, Python's first."""
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
    """Yield each source file below the roots once, in a fixed order, without symbolic links."""
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


def split(text: str) -> Iterator[str]:
    """Split text at blank lines into snippets of about TARGET_CHARS, without splitting paragraphs."""
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
    """Yield distinct snippets of `total_bytes` of UTF-8 text in total, or less if the machine has less."""
    seen: set[bytes] = set()
    for path in source_files():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        for number, piece in enumerate(split(text), 1):
            data = piece.encode()
            digest = hashlib.blake2b(data, digest_size=16).digest()
            if digest in seen:
                continue
            seen.add(digest)
            yield Snippet(f"{path.stem}-{number}{path.suffix}", piece)
            total_bytes -= len(data)
            if total_bytes <= 0:
                return
