"""The server of the Language Server Protocol: an editor's requests and their answers.

    serve(home)     # until the editor closes standard input

The event loop reads messages and never does the work itself. Documents are kept in full, since the library counts
lines otherwise than the protocol. Nothing is logged but the kind of an unexpected error.
"""

import asyncio
import functools
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO, Final, ParamSpec, TypeVar, cast
from urllib.parse import unquote

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError
from pygls.lsp.server import LanguageServer

from satchel.editor import messages
from satchel.editor.bounded_input import BoundedInput
from satchel.editor.desk import Desk, UnexpectedError
from satchel.editor.documents import Document, Encoding
from satchel.editor.messages import Abilities
from satchel.editor.saving import language_of
from satchel.editor.secret_marks import Mark
from satchel.editor.typed import read_typed, word_around
from satchel.errors import SatchelError
from satchel.standard_streams import claim_streams

NAME: Final = "satchel"
TRIGGERS: Final = ("!", ".", "#", "-", "?")  # characters that prefixes of snippets begin with
SETTLED_S: Final = 0.4  # without a change, before a document is searched for secrets
REQUEST_FAILED: Final = -32803  # LSP 3.17, LSPErrorCodes.RequestFailed

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")


class EditorServer(LanguageServer):
    """A server for one editor, about one home."""

    def __init__(self, home: Path) -> None:
        super().__init__(NAME, version("satchel"), text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.desk = Desk(home)
        self.can = Abilities(types.ClientCapabilities())
        self.uses_meaning = True
        self.marks_secrets = True
        self.marks: dict[str, list[tuple[types.Diagnostic, Mark]]] = {}
        self._scans: dict[str, asyncio.Task[None]] = {}
        self._warming: asyncio.Task[None] | None = None

    def report_server_error(self, error: Exception, source: object) -> None:  # noqa: ARG002  the library's
        """Log the kind of an error alone: its message may quote a document."""
        if not isinstance(error, JsonRpcException) or isinstance(error, JsonRpcInternalError):
            _log(f"unexpected {type(error).__name__}")

    def configure(self, params: types.InitializeParams) -> None:
        """Take what the editor can do, and the owner's options: `meaning` and `secrets`, both on unless false."""
        self.can = Abilities(params.capabilities)
        options = params.initialization_options
        chosen = (
            options if isinstance(options, dict) else vars(options) if hasattr(options, "__dict__") else {}
        )
        self.uses_meaning = chosen.get("meaning") is not False
        self.marks_secrets = chosen.get("secrets") is not False

    def document(self, uri: str) -> Document:
        """Return an open document. Raise SatchelError if the editor has not opened it."""
        found = self.workspace.text_documents.get(unquote(uri))
        if found is None:
            raise SatchelError("the document is not open in the editor", hint="open it and try again")
        encoding = cast("Encoding", _name(self.workspace.position_encoding or "utf-16"))
        return Document(uri, found.source, language_of(found.language_id, found.path), encoding)

    def warm_up(self) -> None:
        """Begin to load what completions by meaning need."""
        if self.uses_meaning:
            self._warming = asyncio.ensure_future(self._warm_up())

    async def _warm_up(self) -> None:
        with suppress(SatchelError):  # a completion tells
            await self.desk.warm_up()

    def scan(self, uri: str) -> None:
        """Search a document for secrets once it has not changed for a moment."""
        self.forget(uri)
        if self.marks_secrets:
            self._scans[uri] = asyncio.ensure_future(self._scan(uri))

    def forget(self, uri: str) -> None:
        """Stop searching a document."""
        task = self._scans.pop(uri, None)
        if task is not None:
            task.cancel()

    async def _scan(self, uri: str) -> None:
        await asyncio.sleep(SETTLED_S)
        with suppress(SatchelError):
            document = self.document(uri)
            found = await self.desk.marks(document)
            self.marks[uri] = [(messages.diagnostic_of(one, _place(document, one)), one) for one in found]
            diagnostics = [diagnostic for diagnostic, _ in self.marks[uri]]
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))

    def tell(self, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        """Show a message to the person."""
        self.window_show_message(types.ShowMessageParams(kind, text))


def answered(
    server: EditorServer, handle: Callable[Parameters, Awaitable[Result]], *, shows_errors: bool = False
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Return a handler that answers with an error in one line, without a traceback, and perhaps shows it as well."""

    @functools.wraps(handle)
    async def guarded(*arguments: Parameters.args, **named: Parameters.kwargs) -> Result:
        try:
            return await handle(*arguments, **named)
        except Exception as exc:  # noqa: BLE001  the last place before the editor
            text = _told(exc)
            if shows_errors:
                server.tell(text, types.MessageType.Error)
            raise JsonRpcException(text, REQUEST_FAILED) from None

    return guarded


def serve(home: Path) -> None:
    """Serve one editor on standard input and output, until it says goodbye or closes either."""
    _silence()
    incoming, outgoing = claim_streams()
    server = make_server(home)
    try:
        with suppress(BrokenPipeError):
            server.start_io(cast("BinaryIO", BoundedInput(incoming)), outgoing)
    finally:
        server.desk.close()


def make_server(home: Path) -> EditorServer:
    """Return a server that answers every request of this module."""
    server = EditorServer(home)
    _add_documents(server)
    _add_completion(server)
    _add_hover(server)
    _add_actions(server)
    _add_commands(server)
    return server


def _add_documents(server: EditorServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.configure(params)

    @server.feature(types.INITIALIZED)
    def initialized(_params: types.InitializedParams) -> None:
        server.warm_up()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        server.scan(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def did_change(params: types.DidChangeTextDocumentParams) -> None:
        server.scan(params.text_document.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        server.forget(uri)
        if server.marks.pop(uri, None) is not None:
            server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


def _add_completion(server: EditorServer) -> None:
    options = types.CompletionOptions(trigger_characters=list(TRIGGERS), resolve_provider=True)

    async def complete(params: types.CompletionParams) -> types.CompletionList:
        document, at = server.document(params.text_document.uri), params.position
        typed = read_typed(document.before(at.line, at.character), document.language)
        if not typed.prefixes and typed.question is None:
            return types.CompletionList(is_incomplete=False, items=[])
        found = await server.desk.complete(typed, document.language, uses_meaning=server.uses_meaning)
        indentation = typed.line[: len(typed.line) - len(typed.line.lstrip())]
        items = []
        for order, one in enumerate(found.proposals):
            start = types.Position(at.line, document.units(at.line, one.start))
            items.append(messages.item_of(one, types.Range(start, at), order, indentation, server.can))
        return types.CompletionList(is_incomplete=not found.is_whole, items=items)

    async def resolve(item: types.CompletionItem) -> types.CompletionItem:
        with suppress(SatchelError):  # removed meanwhile
            item.documentation = messages.documentation(await server.desk.read(str(item.data)), server.can)
        return item

    server.feature(types.TEXT_DOCUMENT_COMPLETION, options)(answered(server, complete))
    server.feature(types.COMPLETION_ITEM_RESOLVE)(answered(server, resolve))


def _add_hover(server: EditorServer) -> None:
    async def hover(params: types.HoverParams) -> types.Hover | None:
        document, at = server.document(params.text_document.uri), params.position
        line = document.line(at.line)
        found = word_around(line, document.column(at.line, at.character))
        if found is None:
            return None
        start, word = found
        shown = await server.desk.show(word, document.language)
        place = _range(document, at.line, start, start + len(word))
        return messages.hover_of(shown, place, server.can) if shown else None

    server.feature(types.TEXT_DOCUMENT_HOVER)(answered(server, hover))


def _add_actions(server: EditorServer) -> None:
    kinds = [types.CodeActionKind.Source, types.CodeActionKind.QuickFix]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=kinds))
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        uri, selected = params.text_document.uri, params.range
        marked = [one for one, _ in server.marks.get(uri, []) if _overlap(one.range, selected)]
        found = [messages.allowing(uri, one) for one in marked]
        if selected.start != selected.end:
            found += messages.actions_on(uri, selected)
        wanted = params.context.only
        return [one for one in found if not wanted or _is_of(one, wanted)]


def _add_commands(server: EditorServer) -> None:
    async def save(place: types.Location) -> dict[str, object]:
        document = server.document(place.uri)
        text = _selected(document, place.range)
        saved = await server.desk.save(text, place.uri, document.language)
        piece = saved.piece
        state = "saved" if saved.is_new else "already saved"
        server.tell(f"{state}: {piece.title or piece.short_id} ({piece.short_id})")
        if saved.is_new:
            server.warm_up()
        return messages.document_of(piece) | {"is_new": saved.is_new}

    async def find_similar(place: types.Location, *is_quiet: bool) -> dict[str, object]:
        text = _selected(server.document(place.uri), place.range)
        found = await server.desk.similar(text)
        if not any(is_quiet):
            server.tell(messages.similar_message(found))
        return messages.similar_document(found)

    async def allow(place: types.Location) -> None:
        marked = server.marks.get(place.uri, [])
        chosen = [mark.finding for one, mark in marked if _overlap(one.range, place.range)]
        await server.desk.allow(chosen)
        server.scan(place.uri)

    async def search(query: str, limit: int) -> dict[str, object]:
        found = await server.desk.search(query, limit)
        return {"pieces": [messages.document_of(piece) for piece in found]}

    async def read(piece_id: str) -> dict[str, object]:
        return messages.read_document(await server.desk.read(piece_id))

    handlers: dict[str, Callable[..., Awaitable[object]]] = {
        messages.SAVE: save,
        messages.FIND_SIMILAR: find_similar,
        messages.ALLOW: allow,
        messages.SEARCH: search,
        messages.READ: read,
    }
    for name, handler in handlers.items():
        server.command(name)(answered(server, handler, shows_errors=True))


def _selected(document: Document, place: types.Range) -> str:
    start, end = place.start, place.end
    return document.between((start.line, start.character), (end.line, end.character))


def _place(document: Document, mark: Mark) -> types.Range:
    return _range(document, mark.line, mark.start, mark.end)


def _range(document: Document, line: int, start: int, end: int) -> types.Range:
    first, last = (types.Position(line, document.units(line, column)) for column in (start, end))
    return types.Range(first, last)


def _overlap(one: types.Range, other: types.Range) -> bool:
    return one.start <= other.end and other.start <= one.end


def _is_of(action: types.CodeAction, wanted: Sequence[types.CodeActionKind | str]) -> bool:
    """Whether an action is of a kind that is wanted, or of one below it: `source.x` is below `source`."""
    kind = _name(action.kind or "")
    return any(not one or kind == one or kind.startswith(f"{one}.") for one in map(_name, wanted))


def _name(value: Enum | str) -> str:
    """Return a name of the protocol, which is a member of an enumeration if the library knows it."""
    return str(value.value) if isinstance(value, Enum) else value


def _told(error: Exception) -> str:
    """Return what an editor is told of an error: nothing of what only libraries say, which may quote a document."""
    if not isinstance(error, SatchelError) or isinstance(error, UnexpectedError):
        text = error.message if isinstance(error, UnexpectedError) else f"unexpected {type(error).__name__}"
        _log(text)
        return f"{text}; run satchel doctor"
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _silence() -> None:
    """Log nothing of the libraries: their messages quote what an editor sends."""
    for name in ("asyncio", "pygls"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False


def _log(text: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(f"satchel lsp: {text}\n")
        sys.stderr.flush()
