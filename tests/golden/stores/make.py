"""Create the golden store of the current schema version: `python -m tests.golden.stores.make`.

Run it once for each new version. An existing golden store is never replaced, since it represents stores in use.
"""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from satchel.store import (
    SCHEMA_VERSION,
    Author,
    Changes,
    Draft,
    Revision,
    Source,
    Store,
    SuggestedValue,
    WholeFile,
)

HERE = Path(__file__).parent
SMALLEST_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63606060f80f00"
    "010401005fe5c34b0000000049454e44ae426082"
)


def ticks() -> Iterator[datetime]:
    at = datetime(2025, 11, 22, 9, tzinfo=UTC)
    while True:
        at += timedelta(minutes=1)
        yield at


def fill(store: Store) -> None:
    """Add everything a store can hold: text, images, edits, restored revisions, removals, unusual characters."""
    code = store.add(
        Draft(
            b"def parse_http_header(line):\n    return line.split(b':', 1)\n",
            title="parse_http_header.py",
            description="Splits a header.\nNothing more.",
            language="python",
            tags=("http", "c++"),
            links=("https://www.rfc-editor.org/rfc/rfc9110",),
            source=Source("file", "/src/parse_http_header.py", "parse_http_header.py"),
            created=datetime(2019, 5, 6, 7, 8, 9, 123_000, tzinfo=UTC),
        )
    )
    store.edit(code.id, Changes(content=b"def parse_http_header(line: bytes): ...\n"))
    store.edit(code.id, Changes(title="Header parser", add_tags=("wire",), remove_tags=("c++",)))
    store.restore_revision(code.id, 1)
    store.add(Draft("größe = 文件读取  # 🎉\n".encode(), title="Größe 文件", tags=("日本", 'q"uote')))
    store.add(Draft(SMALLEST_PNG, title="dot.png", source=Source("file", "dot.png", "dot.png")))
    store.add(Draft("Straße".encode("latin-1"), title="old encoding"))
    store.add(Draft(b"", title=""))
    store.add(Draft(b"0123456789abcdef" * 1_024, title="more than a page"))
    removed = store.add(Draft(b"to be removed", title="removed"))
    store.remove(removed.id)
    _fill_with_files(store)
    _fill_with_suggestions(store)
    _fill_with_agents(store)


def _fill_with_files(store: Store) -> None:
    """Add Pieces with several files, and edits of them, which exist since version 2."""
    files = (
        WholeFile("test_main.py", b"from main import run\n"),
        WholeFile("größe 文件.txt", b"", language=""),
        WholeFile("shot.png", SMALLEST_PNG),
    )
    source = Source("file", "/src/main.py", "main.py")
    piece = store.add(Draft(b"def run(): ...\n", title="runner", source=source, files=files))
    store.edit(piece.id, Changes(title="Runner"))
    store.edit(
        piece.id,
        Changes(add_files=(WholeFile("test_main.py", b"import main\n"),), remove_files=("shot.png",)),
    )
    store.edit(piece.id, Changes(files=()))
    store.restore_revision(piece.id, 2)
    removed = store.add(Draft(b"removed", files=(WholeFile("removed.txt", b"its file"),)))
    store.remove(removed.id)


def _fill_with_suggestions(store: Store) -> None:
    """Add a Piece whose fields are from models, and edits of it, which exist since version 4."""
    title = SuggestedValue("title", 'Größe "lesen"', "titles/1")
    tags = (SuggestedValue("tags", "größe", "tags/1"), SuggestedValue("tags", "文件", "tags/1"))
    description = SuggestedValue("description", "Reads a size.\nNothing\tmore.", "titles/1")
    piece = store.add(
        Draft(
            b"def size(path): ...\n",
            title=title.value,
            description=description.value,
            language="python",
            tags=("größe", "文件"),
            links=("https://docs.python.org/3/",),
            suggested=(
                title,
                description,
                *tags,
                SuggestedValue("language", "python", "language/1"),
                SuggestedValue("language", "ruby", "language/1"),
                SuggestedValue("links", "https://docs.python.org/3/", "links/1"),
            ),
        )
    )
    store.edit(piece.id, Changes(title="Size of a file", remove_tags=("文件",)))
    store.edit(piece.id, Changes(language="python"))
    store.restore_revision(piece.id, 1)


def _fill_with_agents(store: Store) -> None:
    """Add a Piece of an agent, its edits, and one that is withdrawn, which exist since version 5."""
    agent = Author("größe-agent", "a client 1.0")
    piece = store.add(Draft(b"written by an agent\n", title="Agent's", author=agent))
    store.edit(piece.id, Changes(title="The owner's"))
    store.edit(piece.id, Changes(content=b"edited by an agent\n", author=Author("other")))
    store.restore_revision(piece.id, 1)
    withdrawn = store.add(Draft(b"withdrawn\n", author=agent))
    store.withdraw(withdrawn.id)


def described(store: Store) -> dict[str, object]:
    """Return the whole content of a store as JSON values, to compare."""
    return {
        "store_id": store.store_id,
        "change_counter": store.change_counter,
        "pieces": [
            {
                "id": piece.id,
                "created": piece.created.isoformat(),
                "source": [piece.source.kind, piece.source.location, piece.source.file_name]
                if piece.source
                else None,
                "revisions": [
                    {
                        "at": revision.at.isoformat(),
                        "title": revision.title,
                        "description": revision.description,
                        "language": revision.language,
                        "media_type": revision.media_type,
                        "tags": list(revision.tags),
                        "links": list(revision.links),
                        "content": store.content(piece.id, revision.number).hex(),
                        **_files(store, piece.id, revision),
                        **_suggested(revision),
                        **_author(revision),
                    }
                    for revision in store.revisions(piece.id)
                ],
            }
            for piece in store.pieces(order="saved", newest_first=False)
        ],
    }


def revision_ids(store: Store) -> dict[str, list[str]]:
    """Return the ids of every Piece's revisions, which a migration may derive but never change."""
    return {piece.id: [each.id for each in store.revisions(piece.id)] for piece in store.pieces()}


def _files(store: Store, piece_id: str, revision: Revision) -> dict[str, object]:
    """Return the files, or nothing if there are none, as in version 1."""
    files = store.files(piece_id, revision.number)
    described_files = [[file.name, file.language, file.media_type, file.content.hex()] for file in files]
    return {"files": described_files} if described_files else {}


def _suggested(revision: Revision) -> dict[str, object]:
    """Return what models suggested, or nothing, as before version 4."""
    return {"suggested": [list(one) for one in revision.suggested]} if revision.suggested else {}


def _author(revision: Revision) -> dict[str, object]:
    """Return which agent wrote it and whether it withdraws the Piece, or nothing, as before version 5."""
    author = revision.author
    named: dict[str, object] = {"author": [author.agent, author.client]} if author else {}
    return {**named, "is_withdrawn": True} if revision.is_withdrawn else named


def main() -> None:
    """Write the golden store and its description."""
    target = HERE / f"v{SCHEMA_VERSION}"
    if target.exists():
        sys.exit(f"{target} already exists and is never replaced")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        clock = ticks()
        with Store.create(home, clock=lambda: next(clock), entropy=Random(SCHEMA_VERSION).randbytes) as store:
            fill(store)
            text = json.dumps(described(store), ensure_ascii=False, indent=1) + "\n"
            ids = json.dumps(revision_ids(store), indent=1) + "\n"
        target.mkdir()
        shutil.copy(home / "store.db", target / "store.db")
        (target / "holds.json").write_text(text, encoding="utf-8")
        (target / "revision_ids.json").write_text(ids, encoding="utf-8")


if __name__ == "__main__":
    main()
