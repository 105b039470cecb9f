"""An editor at `satchel lsp`: pytest-lsp's client, with the abilities that real editors declare."""

import ast
import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from tests.support.device import PROGRAM, Device

EDITORS: Final = ("visual_studio_code", "neovim", "emacs")
WAIT_S: Final = 120.0

Result = TypeVar("Result")


class Editor:
    """An editor with its documents. Its loop runs in a thread of its own, so that several tests can use one server."""

    def __init__(self, client: LanguageClient, loop: asyncio.AbstractEventLoop) -> None:
        self.client = client
        self._loop = loop
        self._version = 1

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Return what some work in the loop returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(WAIT_S)

    def open(self, uri: str, text: str, language: str = "python") -> str:
        """Open a document and return its address."""
        document = types.TextDocumentItem(uri, language, 1, text)
        self._notify(self.client.text_document_did_open, types.DidOpenTextDocumentParams(document))
        return uri

    def change(self, uri: str, text: str) -> None:
        """Replace the text of a document."""
        self._version += 1
        named = types.VersionedTextDocumentIdentifier(self._version, uri)
        changes = [types.TextDocumentContentChangeWholeDocument(text)]
        self._notify(self.client.text_document_did_change, types.DidChangeTextDocumentParams(named, changes))

    def _notify(self, send: Callable[[Any], None], params: object) -> None:
        async def notify() -> None:
            send(params)

        self.wait(notify())

    def complete_once(self, uri: str, line: int, character: int) -> types.CompletionList:
        """Complete at a position."""
        place = types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        found = self.wait(self.client.text_document_completion_async(place))
        assert isinstance(found, types.CompletionList)
        return found

    def complete(
        self,
        uri: str,
        line: int,
        character: int,
        is_enough: Callable[[types.CompletionList], object] = lambda found: not found.is_incomplete,
    ) -> list[types.CompletionItem]:
        """Complete at a position, as often as needed: a slow machine has no time for an answer now and then."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            found = self.complete_once(uri, line, character)
            if is_enough(found):
                return list(found.items)
        raise AssertionError("no such completion")

    def hover(self, uri: str, line: int, character: int) -> types.Hover | None:
        """Hover over a position."""
        place = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(line, character))
        return self.wait(self.client.text_document_hover_async(place))

    def actions(self, uri: str, place: types.Range) -> dict[str, types.Command]:
        """Return the commands of the actions on a range, by their titles."""
        context = types.CodeActionContext(diagnostics=[])
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, context)
        found = self.wait(self.client.text_document_code_action_async(params))
        commands = {}
        for one in found or []:  # lsprotocol takes each action for a command that is named by a command
            named: dict[str, Any] = ast.literal_eval(str(one.command))
            commands[one.title] = types.Command(one.title, named["command"], arguments=named["arguments"])
        return commands

    def run(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401  any value of JSON
        """Run a command of the server."""
        params = types.ExecuteCommandParams(name, list(arguments))
        return self.wait(self.client.workspace_execute_command_async(params))


def lines(first: int, last: int, column: int = 0) -> types.Range:
    """Return the range from the start of a line to a column of another."""
    return types.Range(types.Position(first, 0), types.Position(last, column))


@contextmanager
def connected(
    device: Device,
    like: str = "visual_studio_code",
    options: object = None,
    command: Sequence[str | Path] = (PROGRAM,),
) -> Iterator[Editor]:
    """Start `satchel lsp` of a device, as an editor does, and end it as one does."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="editor", daemon=True)
    thread.start()
    words = [str(word) for word in (*command, "lsp")]
    config = ClientServerConfig(server_command=words, server_env=dict(device.environ))
    params = types.InitializeParams(
        capabilities=client_capabilities(like), root_uri="file:///work", initialization_options=options
    )

    async def start() -> LanguageClient:
        client = await config.start()
        assert isinstance(client, LanguageClient)
        await client.initialize_session(params)
        return client

    async def end() -> None:
        await editor.client.shutdown_session()
        await editor.client.stop()  # type: ignore[no-untyped-call]

    editor = Editor(asyncio.run_coroutine_threadsafe(start(), loop).result(WAIT_S), loop)
    try:
        yield editor
    finally:
        editor.wait(end())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(WAIT_S)
        loop.close()
