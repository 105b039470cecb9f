"""No parser of outside bytes is forgotten: each function that decodes is entered when the targets' inputs are run.

The rule finds the functions in the source, by what they call: the decoders of the standard library and of the libraries
that satchel uses, and satchel's own parsers by their names. A function that no target enters needs a reason below.
"""

import ast
import functools
import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

from tests.security.fuzzing.targets import TARGETS

ROOT: Final = Path(__file__).parents[3]
PACKAGES: Final = ("client/satchel", "service/satchel_wire", "service/satchel_service")

DECODERS: Final = frozenset({
    "b64decode", "urlsafe_b64decode", "decompress", "decompressobj", "fromhex", "fromisoformat", "frombytes",
    "iter_unpack", "loads", "parse_qsl", "parsedate_to_datetime", "ParserCreate", "strptime", "unescape", "unpack",
    "unpack_from", "unquote", "ZipFile",
})  # fmt: skip
"""Names of functions and methods that turn bytes or text from outside into values."""

QUALIFIED: Final = ("json.decode", "msgspec.convert", "Changeset.apply")
PARSER_NAMES: Final = ("parse", "decode", "dearmor", "unseal", "split", "from_", "read_", "open_", "unpack")
"""Beginnings of the names of public functions that read `bytes` or `str`."""

EXEMPT: Final = {
    # text that the owner types as an option, read by click
    "satchel/cli/arguments.py:parse_number": "an option of the owner",
    "satchel/cli/arguments.py:MomentType.convert": "an option of the owner",
    # the body of a request that satchel itself has made
    "satchel/cli/asking/showing.py:draw": "satchel's own request",
    # the child process that highlights, and its answers: text of satchel's own processes
    "satchel/cli/terminal/highlighting.py:Highlighter._ask": "an answer of satchel's own process",
    "satchel/cli/terminal/highlighting_child.py:main": "a question of satchel's own process",
    # hexadecimal digits, by the pattern of the message, which is a target
    "satchel/window/endpoints/starting.py:prove_window": "digits that the message's pattern has checked",
    # callers that decode nothing themselves
    "satchel/memory/git_source.py:read_commits": "runs git, whose answer is a target",
    "satchel/cli/commands/memory/group.py:_lines": "times that satchel has just written",
    "satchel/models/ocr/__init__.py:read_image": "chooses an engine; the decoders are targets",
    "satchel/models/ocr/reading.py:read_data": "runs networks on pixels, whose decoder is a target",
    "satchel/models/ocr/tesseract.py:read_data": "hands the image to another program; its parts are targets",
    "satchel/backup/reading/local_pages.py:open_local_pages": "takes an id",
    "satchel/cli/commands/backups/choosing.py:open_backup": "takes an option of the owner",
    "satchel/cli/piece_files.py:read_content": "reads a content without looking at it",
    "satchel_service/log/startup.py:open_journal": "takes an id",
    "satchel_service/web/responses.py:read_in_threads": "sends an object without looking at it",
    "satchel/signin/browser.py:open_browser": "starts the browser",
    # the micro-database's own rows
    "satchel_service/audit/settings_changes.py:read_seen": "a row of the micro-database",
    "satchel_service/moving/image.py:_moves_in": "a row of the micro-database",
    # written, not read
    "satchel/exchange/satchel_zip/writer.py:export": "writes an export",
    # the package's own files, read once in a process
    "satchel/models/evaluations.py:_figures": "a file of the package",
    "satchel/models/language/magika_labels.py:_opened": "a file of the package magika",
    "satchel/models/ngrams/weights.py:LinearModel.__init__": "a file of the package",
    "satchel/models/registry.py:open_model": "takes the name of a model",
    "satchel/models/saving/worth.py:released_weights": "a file of the package",
    "satchel/models/secrets/randomness.py:_table": "a file of the package",
    "satchel/models/secrets/shapes.py:parse": "a file of the package",
    "satchel/models/tags/ontology.py:load": "a file of the package",
    "satchel/editor/server.py:EditorServer.document": "looks up an open document, whose text is a target",
    # what satchel's own commands and store have just written
    "satchel/cli/window_core.py:WindowCore.run": "a document of satchel's own command",
    "satchel/window/documents.py:shown": "a document of satchel's own command",
    "satchel/window/endpoints/sharing.py:_share": "a document of satchel's own command",
    "satchel/window/endpoints/statistics.py:_growth": "a time that SQLite has just written",
    "satchel/window/catalogue.py:_tags": "a column of the store, which SQLite reads as JSON too",
    "satchel/window/assets.py:manifest": "a file of the package",
    # values of satchel's own process or of a checked document
    "satchel_service/moving/places.py:Place.source": "the id that the service makes of its settings",
    "satchel_service/moving/places.py:open_places": "takes settings",
    "satchel/keys/passphrase.py:_cipher": "hexadecimal digits that the document's schema has checked",
    "satchel/keys/vault.py:Vault._find": "hexadecimal digits that the document's schema has checked",
    "satchel/keys/vault.py:Vault._reveal": "hexadecimal digits that the document's schema has checked",
    "satchel_service/page/assets.py:manifest": "a file of the package",
    "satchel_service/shares/blocking.py:Blocking.__init__": "hexadecimal digits that the settings have checked",
    "satchel_service/shares/cards.py:Cards.read": "the same decoding as `ShareRow.old_card`, of an object of the cloud",
}


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield every function of the product with its name: `satchel/age/armor.py:dearmor`."""
    for package in PACKAGES:
        base = (ROOT / package).parent
        for path in sorted((ROOT / package).rglob("*.py")):
            yield from _functions(ast.parse(path.read_text()), path.relative_to(base).as_posix() + ":")


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield f"{prefix}{child.name}", child
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            name = f"{child.name}." if isinstance(child, ast.ClassDef) else ""
            yield from _functions(child, f"{prefix}{name}")


def is_parser(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function decodes, by what it calls, or by its name and the types it takes."""
    calls = (ast.unparse(each.func) for each in _own_calls(function))
    if any(call.rpartition(".")[2] in DECODERS or call.endswith(QUALIFIED) for call in calls):
        return True
    taken = {ast.unparse(each.annotation) for each in function.args.args if each.annotation is not None}
    return function.name.startswith(PARSER_NAMES) and any("bytes" in each or each == "str" for each in taken)


def _own_calls(function: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls in a function, without those in functions inside it."""
    for child in ast.iter_child_nodes(function):
        if not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if isinstance(child, ast.Call):
                yield child
            yield from _own_calls(child)


def entered() -> set[str]:
    """Return the functions of the product that the targets' seeds and stored inputs enter."""
    found: set[CodeType] = set()
    _forget_answers()
    for name in ("models", "replaced", "quoted"):  # models read their own files once in a process
        for data in TARGETS[name].inputs():
            TARGETS[name].run(data)

    def profile(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            found.add(frame.f_code)

    try:
        for target in TARGETS.values():
            for data in target.inputs():
                sys.setprofile(profile)  # anew: Python drops it where a deep input leaves it no stack
                target.run(data)
    finally:
        sys.setprofile(None)
    return {name for code in found if (name := _name_of(code))}


def _forget_answers() -> None:
    """Empty the caches of functions, which earlier tests of this process may have filled."""
    for found in gc.get_objects():
        # not isinstance, which asks each object for its class: a proxy of an object that is gone raises
        if type(found) is functools._lru_cache_wrapper and str(found.__module__).startswith("satchel"):
            found.cache_clear()


def _name_of(code: CodeType) -> str:
    for package in PACKAGES:
        base = (ROOT / package).parent
        if Path(code.co_filename).is_relative_to(ROOT / package):
            path = Path(code.co_filename).relative_to(base).as_posix()
            return (
                f"{path}:{code.co_qualname.replace('.<locals>', '')}" if sys.version_info >= (3, 11) else ""
            )
    return ""


def test_every_parser_is_entered_by_a_target() -> None:
    parsers = {name for name, function in functions() if is_parser(function)}
    missing = parsers - entered() - EXEMPT.keys()
    assert not missing, f"add a target, or a reason to EXEMPT: {sorted(missing)}"
    assert len(parsers) > 100


def test_every_exemption_is_needed() -> None:
    parsers = {name for name, function in functions() if is_parser(function)}
    assert parsers >= EXEMPT.keys()
    assert not EXEMPT.keys() & entered()


def test_the_rule_finds_a_parser_by_what_it_calls_and_by_its_name() -> None:
    source = """
def read_it(data): return msgspec.json.decode(data, type=Card)
def parse_label(text: str): return text
def write(data: bytes): return len(data)
"""
    found = [child for child in ast.parse(source).body if isinstance(child, ast.FunctionDef)]
    assert [is_parser(each) for each in found] == [True, True, False]
