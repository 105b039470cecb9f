"""What an editor sends: lines and documents; and the snippets of Pieces, which may come from elsewhere."""

from typing import Final

from tests.security.fuzzing.table import Target, require

from satchel.editor.documents import Document, Encoding
from satchel.editor.saving import language_of, source_of
from satchel.editor.snippets import escaped, without_stops
from satchel.editor.typed import MAX_QUESTION_CHARS, read_typed, word_around

ENCODINGS: Final[tuple[Encoding, ...]] = ("utf-8", "utf-16", "utf-32")
SNIPPET: Final = (
    b"for ${1:index}, ${2:item} in ${3|items,lines|}:\n\t${TM_FILENAME/(.*)/${1:/upcase}/g}$1 \\$5 $0"
)


def snippet(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    require(len(without_stops(text)) <= max(1, len(text)) ** 2, "more text than mirrors can give")
    require(without_stops(escaped(text)) == text, "an escaped text changes")


def line(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    typed = read_typed(text, "python")
    require(all(text.endswith(prefix) for prefix in typed.prefixes), "a prefix that is not typed")
    require(typed.question is None or len(typed.question.text) <= MAX_QUESTION_CHARS, "a long question")
    found = word_around(text, len(text) // 2)
    require(found is None or text[found[0] :].startswith(found[1]), "a word that is not there")


def document(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for encoding in ENCODINGS:
        opened = Document("file:///a%20b", text, language_of("typescriptreact", text), encoding)
        for number, shown in enumerate(opened.lines[:20]):
            for column in range(min(len(shown), 20) + 1):
                require(opened.column(number, opened.units(number, column)) == column, "another place")
        end = (len(opened.lines) - 1, opened.units(len(opened.lines) - 1, len(opened.lines[-1])))
        require(opened.between((0, 0), end) == "\n".join(opened.lines), "another text")


def address(data: bytes) -> None:
    found = source_of(data.decode("utf-8", "replace"))
    require("/" not in found.file_name, "a name with folders")


TARGETS: Final = (
    Target("editor-address", address, lambda: [b"file:///work/a%20b.py", b"untitled:Untitled-1", b"http://[", b"file:///%2e%2e/%2f"]),
    Target("editor-snippet", snippet, lambda: [SNIPPET, b"${1:a${2:b}", b"$", b"\\", b"${1|"], words=(b"${1:", b"|}", b"$1")),
    Target("editor-line", line, lambda: [b"    # read a csv", b"x = for-e", b"? open a file", b"satchel://piece/0"]),
    Target("editor-document", document, lambda: ["a\r\n😀b\rc\u2028".encode()]),
)  # fmt: skip
