"""Imports: every format, detection, text, names, and the pieces of other programs' syntax.

An importer may refuse a source with a SatchelError of one line that has a hint. Everything else about its content is a
problem of one item.
"""

import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Final

import msgspec
from tests.security.fuzzing.table import JSON_SYNTAX, Target, require
from tests.support.archives import OWNER
from tests.unit.exchange.test_cheatsheets import CHEAT, NAVI, PET, TLDR
from tests.unit.exchange.test_damaged_json import ASSETS, DATABASE, GISTS
from tests.unit.exchange.test_masscode import write_database
from tests.unit.exchange.test_vscode import DOCUMENT

from satchel.age import seal
from satchel.errors import SatchelError
from satchel.exchange.detection import KINDS, kind_of, read
from satchel.exchange.folder.gitignore import rules_for
from satchel.exchange.items import History, Item, Problem
from satchel.exchange.json_formats import is_empty, kind_of_json, resembled_kind
from satchel.exchange.json_text import (
    Part,
    as_utf8,
    documents,
    elements,
    flat_elements,
    members,
    mended,
    value_of,
)
from satchel.exchange.masscode import sqlite_child
from satchel.exchange.masscode.front_matter import split
from satchel.exchange.masscode.vault import fragments_of
from satchel.exchange.names import MAX_NAME_BYTES, language_named, safe_name
from satchel.exchange.reading import RejectedError, moment_of_ms, moment_of_text
from satchel.exchange.satchel_zip.document import DOCUMENT_NAME
from satchel.exchange.ziptable import open_zip
from satchel.pieces.fields import MAX_CONTENT_BYTES, is_file_name
from satchel.pieces.media import decode_text as decode_content
from satchel.pieces.media import sniff
from satchel.store import Draft
from satchel.text_files import MAX_TEXT_BYTES, decode_text, encoding_of, read_text_from
from satchel.zip_records import ZIP64_END_RECORD, ZIP64_END_SIGNATURE, ZIP64_LOCATOR, ZIP64_LOCATOR_SIGNATURE

EXPORTS: Final = Path(__file__).parents[3] / "golden" / "exports"


@cache
def scratch() -> Path:
    """Return a folder of this process; in memory where the system has such a place."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="satchel-fuzz-", dir=memory if memory.is_dir() else None))


def written(name: str, data: bytes) -> Path:
    """Write a file into an otherwise empty folder."""
    folder = scratch() / "file"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / name
    path.write_bytes(data)
    return path


def drained(items: Iterator[Item]) -> int:
    """Read all items as an import does. Check that each is storable and each problem is one line."""
    count = 0
    for item in items:
        count += 1
        if isinstance(item, History):
            for edit in item.edits:
                require(edit.at.tzinfo is not None, "an edit without a time zone")
        elif isinstance(item, Draft):
            require(len(item.content) <= MAX_CONTENT_BYTES, "a Piece of an impossible size")
            require(
                all(map(is_file_name, (file.name for file in item.files))), "a file with an impossible name"
            )
            item.title.encode()
            item.description.encode()
        elif isinstance(item, Problem):
            require(item.reason and "\n" not in item.reason, "a problem that is not one line")
    return count


def imported(name: str, kind: str) -> Callable[[bytes], None]:
    def read_it(data: bytes) -> None:
        refusing(lambda: drained(read(written(name, data), kind, lambda: [OWNER.identity])))

    return read_it


def refusing(work: Callable[[], object]) -> None:
    """Run a read that may refuse its source, in one line with a hint."""
    try:
        work()
    except SatchelError as error:
        require(
            error.hint and "\n" not in error.message + error.hint,
            "a refusal that is not one line with a hint",
        )


def detected(data: bytes) -> None:
    """Whatever kind is detected can be read."""
    for name in ("file", "file.json", "a.code-snippets", "a.md", "a.toml", "a.cheat"):
        path = written(name, data)
        refusing(partial(_detect_and_read, path))


def _detect_and_read(path: Path) -> None:
    kind = kind_of(path)
    require(kind in KINDS, "an unknown kind")
    drained(read(path, kind, lambda: [OWNER.identity]))


def read_database(data: bytes) -> None:
    path = written("massCode.db", data)
    messages = list(sqlite_child.messages(path, is_copy=False))
    require(messages[-1] == sqlite_child.Message(), "a database without an end")


@cache
def database() -> bytes:
    return write_database(written("x.db", b"")).read_bytes()


def ignore_rules(data: bytes) -> None:
    """A `.gitignore`, and paths that it may ignore: long, deep, odd."""
    folder = written(".gitignore", data).parent
    rules = rules_for(folder)
    for name in (
        "a",
        "a.txt",
        "node_modules",
        "a" * 255,
        "a/" * 60 + "b",
        "-",
        "ab" * 100 + "/c",
        "\n",
        "[a]",
        "\udcff",
    ):
        rules.ignores(folder / name, is_folder=name.endswith("s"))
    require(all("\n" not in line.reason for line in rules.rejected), "a reason of several lines")


def read_vault(data: bytes) -> None:
    """A Markdown file of massCode's vault, and its list of tags."""
    state, _, note = data.partition(b"\n%%\n")
    root = scratch() / "vault"
    if not root.exists():
        (root / "code" / ".masscode" / "inbox").mkdir(parents=True)
    (root / "code" / ".masscode" / "state.json").write_bytes(state)
    (root / "code" / ".masscode" / "inbox" / "a.md").write_bytes(note)
    refusing(lambda: drained(read(root, "masscode", list)))


VAULT: Final = """{"tags": [{"id": 1, "name": "web"}]}
%%
---
id: 3
name: A snippet
description: |
  two
  lines
tags: [1]
createdAt: 1600000000000
isFavorites: 1
contents:
  - id: 1
    label: Fragment 1
    language: python
---

## Fragment: Fragment 1
```python
print("x")
```
"""


def read_front(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    fields, body = split(text)
    require(len(body) <= len(text) and all(fields), "front matter that grows")
    require(fragments_of(body, list(fields)) or not body.strip(), "a body without fragments")


def read_archive_of_pieces(data: bytes) -> None:
    """An asset in an archive of Pieces for Developers."""
    root = scratch() / "pieces"
    if not root.exists():
        (root / "data" / "assets").mkdir(parents=True)
        (root / "manifest.json").write_text("{}")
    (root / "data" / "assets" / "a.json").write_bytes(data)
    refusing(lambda: drained(read(root, "pieces", list)))


def read_vscode_folder(data: bytes) -> None:
    path = written("mine.code-snippets", data)
    path.with_name("python.json").write_bytes(data)
    refusing(lambda: drained(read(path.parent, "vscode", list)))
    refusing(lambda: drained(read(path.parent, kind_of(path.parent), list)))


def read_export_document(data: bytes) -> None:
    """`pieces.json` in a valid zip."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(DOCUMENT_NAME, data)
        for name in ("pieces/a.py", "pieces/b.py", "history/1"):
            archive.writestr(name, b"print(1)\n")
    imported("export.zip", "satchel")(sink.getvalue())


def export_documents() -> Iterator[bytes]:
    for path in sorted(EXPORTS.glob("*.zip")):
        with zipfile.ZipFile(path) as archive:
            yield archive.read(DOCUMENT_NAME)


def export_zips() -> Iterator[bytes]:
    for path in sorted(EXPORTS.glob("*.zip")):
        yield path.read_bytes()
        yield seal(path.read_bytes(), [OWNER.recipient])


def large_zip() -> bytes:
    """Return a zip with records of zip64, as for more than 65,535 entries."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(DOCUMENT_NAME, b"{}")
    data = sink.getvalue()
    end = data.rfind(b"PK\x05\x06")
    start, size = (
        int.from_bytes(data[end + 16 : end + 20], "little"),
        int.from_bytes(data[end + 12 : end + 16], "little"),
    )
    wide = ZIP64_END_RECORD.pack(ZIP64_END_SIGNATURE, 44, 45, 45, 0, 0, 1, 1, size, start)
    return data[:end] + wide + ZIP64_LOCATOR.pack(ZIP64_LOCATOR_SIGNATURE, 0, end, 1) + data[end:]


def read_table(data: bytes) -> None:
    table = open_zip(io.BytesIO(data))
    for name in list(table._entries)[:5]:
        require(len(table.read(name, 10_000)) <= 10_000, "an entry beyond its limit")


def split_json(data: bytes) -> None:
    """Text of another program, taken apart by its brackets: every part lies in the text."""
    text = as_utf8(data)
    require((isinstance(is_empty(text), bool) and resembled_kind(text) is None) or True, "")
    kind_of_json(text)
    size = sum(len(part.text) for part in documents(text))
    require(size <= len(text) + 10, "documents that are longer than their text")
    for part in flat_elements(text):
        children = (
            [*members(part).values()] if part.is_object else list(elements(part)) if part.is_list else []
        )
        require(
            sum(len(child.text) for child in children) <= len(part.text) + 10, "parts longer than the whole"
        )
        mended(part)
        value_of_any(part)


def value_of_any(part: Part) -> None:
    try:
        value = value_of(msgspec.Raw(bytes(part.text)))
    except RejectedError:
        return
    moment_of_ms(value)
    moment_of_text(value)


def read_text(data: bytes) -> None:
    text = read_text_from(io.BytesIO(data), "the file")
    require(
        text == decode_text(data, "the file") and encoding_of(data) and "\0" not in text, "text with a NUL"
    )
    require(len(data) <= MAX_TEXT_BYTES, "a text beyond its limit")


def sniff_content(data: bytes) -> None:
    decode_content(data, sniff(data))
    decode_content(data[20:], "text/plain; charset=" + data[:20].decode("latin-1"))


def make_name(data: bytes) -> None:
    title, _, extension = data.decode("utf-8", "surrogateescape").partition("\n")
    name = safe_name(title, extension[:10])
    require(is_file_name(name) and len(name.encode()) <= MAX_NAME_BYTES + 20, "a name that no file can have")
    language_named(title)


def gists() -> list[bytes]:
    return [
        json.dumps(GISTS).encode(),
        b"\n".join(json.dumps(each).encode() for each in GISTS),
        json.dumps(GISTS).encode("utf-16"),
    ]


JSON: Final = (
    *JSON_SYNTAX,
    b":",
    b"true",
    b"\\ud83d",
    b"\xef\xbb\xbf",
    b"//",
    b"/*",
    b"*/",
    b"1e999",
    b"[" * 300,
    b"\x1e",
)
MARKDOWN: Final = (
    b"---\n",
    b"\n---\n",
    b"## Fragment: ",
    b"```",
    b"|",
    b">-",
    b"- ",
    b": ",
    b"'",
    b'"',
    b"\\x",
    b"\\U00110000",
    b"\r\n",
    b"\n%%\n",
)
ZIP: Final = (
    b"PK\x01\x02",
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"PK\x06\x06",
    b"PK\x06\x07",
    b"\xff\xff\xff\xff",
    b"pieces.json",
)
IGNORE: Final = (
    b"*",
    b"**",
    b"/",
    b"**/",
    b"/**",
    b"!",
    b"[",
    b"]",
    b"[!a]",
    b"[[:alpha:]]",
    b"\\",
    b"?",
    b"#",
    b" ",
    b"\n",
    b"[a-",
    b"[z-a]",
)
SHEETS: Final = (
    b"%", b"# ", b"$ x: ", b"@", b";", b"```", b"<x>", b"<x=", b"|_", b"_||_", b"_|>", b"{{", b"}}", b"{{[-a|--a]}}",
    b"\\{\\{", b"- a:\n\n`", b"> ", b"---\nsyntax: bash\n---\n", b"[[Snippets]]\n", b"command = ", b"tags: [a]",
)  # fmt: skip
TARGETS: Final = (
    Target("import-gists", imported("gists.json", "gists"), gists, (), JSON),
    Target("import-vscode", imported("mine.code-snippets", "vscode"), lambda: [DOCUMENT.encode()], (), JSON),
    Target("import-vscode-folder", read_vscode_folder, lambda: [DOCUMENT.encode()], (), JSON),
    Target(
        "import-masscode-json",
        imported("db.json", "masscode"),
        lambda: [json.dumps(DATABASE).encode()],
        (),
        JSON,
    ),
    Target(
        "import-masscode-sqlite", read_database, lambda: [database()], (), (b"SQLite format 3\0",), 65_536
    ),
    Target("import-masscode-vault", read_vault, lambda: [VAULT.encode()], (), MARKDOWN),
    Target("import-front-matter", read_front, lambda: [VAULT.partition("%%\n")[2].encode()], (), MARKDOWN),
    Target("import-navi", imported("mine.cheat", "navi"), lambda: [NAVI.encode()], (), SHEETS),
    Target("import-pet", imported("snippet.toml", "pet"), lambda: [PET.encode()], (), SHEETS),
    Target("import-cheat", imported("tar", "cheat"), lambda: [CHEAT.encode()], (), SHEETS),
    Target("import-tldr", imported("tar.md", "tldr"), lambda: [TLDR.encode()], (), SHEETS),
    Target(
        "import-pieces-json",
        imported("assets.json", "pieces"),
        lambda: [json.dumps(ASSETS).encode()],
        (),
        JSON,
    ),
    Target(
        "import-pieces-archive",
        read_archive_of_pieces,
        lambda: [json.dumps(each).encode() for each in ASSETS["iterable"]],
        (),
        JSON,
    ),
    Target("import-satchel-zip", imported("export.zip", "satchel"), export_zips, (), ZIP, 16_384),
    Target("import-satchel-document", read_export_document, export_documents, (), JSON, 16_384),
    Target(
        "import-zip-table", read_table, lambda: [*export_zips(), large_zip()], (RejectedError,), ZIP, 16_384
    ),
    Target(
        "import-file",
        imported("note.txt", "file"),
        lambda: [b"text", "text\u200b".encode("utf-16"), b"\x89PNG\r\n\x1a\n"],
    ),
    Target(
        "import-detection",
        detected,
        lambda: [
            *gists(),
            DOCUMENT.encode(),
            json.dumps(DATABASE).encode(),
            *export_zips(),
            database(),
            PET.encode(),
            TLDR.encode(),
            CHEAT.encode(),
        ],
        (),
        JSON,
    ),
    Target(
        "import-gitignore", ignore_rules, lambda: [b"*.o\n!a\n/build/\n**/x/**/y\n[a-z]?\\ \n"], (), IGNORE
    ),
    Target(
        "import-json-parts",
        split_json,
        lambda: [*gists(), json.dumps(DATABASE).encode(), b'{"a": [1, "x'],
        (RejectedError,),
        JSON,
    ),
    Target(
        "text-file",
        read_text,
        lambda: [b"text\n", "text".encode("utf-16"), "text".encode("utf-32"), "a b".encode("utf-16-le")],
        (SatchelError,),
        (b"\0", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"),
    ),
    Target(
        "media-type",
        sniff_content,
        lambda: [b"text", b"\xff\xd8\xff", b"RIFF0000WEBP", b"utf-7" + bytes(30)],
        (),
        (b"\0", b"\x1b", b"%PDF-", b"idna", b"unicode_escape", b"hex", b"rot13", b"zlib", b"punycode"),
    ),
    Target(
        "file-name",
        make_name,
        lambda: [b"A title.txt\n.py", b"con.txt", "..\u202e/x".encode()],
        (),
        (b"..", b"/", b"\\", b"nul", b"\xed\xa0\x80"),
    ),
)
