"""Answers an agent's calls: each opens the store, runs one tool, and closes the store again.

So a long-lived server sees a restored store or a newer one at once, and holds no lock between calls. A desk is used in
one thread at a time.
"""

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from satchel.agents.arguments import Arguments, ReadArguments, arguments_of
from satchel.agents.budget import MOST_TOKENS, tokens_of
from satchel.agents.reading import Reader, Seen
from satchel.agents.recalling import Rememberer, has_memory, leave_note
from satchel.agents.receipts import Kind, record
from satchel.agents.tools import READ_RESOURCE, TOOLS, Tool
from satchel.agents.withholding import Stop, Withholding
from satchel.agents.writing import Writer
from satchel.errors import NotFoundError, RefusedError, SatchelError
from satchel.index import Index
from satchel.memory import MemoryStore
from satchel.pieces.model import Author, Piece
from satchel.pieces.ulid import canonical, is_id
from satchel.store import Store

UNNAMED: Final = "unnamed"
SCHEME: Final = "satchel://piece/"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the owner lets an agent do: write, and see Pieces that seem to hold secrets."""

    writes: bool = False
    secrets: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """The program that speaks for the agent, as it calls itself."""

    name: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a tool: plain JSON values, and the same as text."""

    document: dict[str, Any] = field(repr=False)
    text: str = field(repr=False)


def never_stop() -> None:
    """Go on: the caller waits."""


class Desk:
    """Answers the calls of one agent, named by the owner, or else by its first client."""

    def __init__(self, home: Path, policy: Policy, agent: str) -> None:
        self.agent = agent
        self._home = home
        self._policy = policy
        self._withholding = Withholding(home, allows_all=policy.secrets)

    def tools(self) -> list[Tool]:
        """Return the tools that the agent may call: those that write if the owner lets it, `recall` with a memory."""
        is_there = {"read": True, "recall": has_memory(self._home), "write": self._policy.writes}
        return [tool for tool in TOOLS if is_there[tool.kind]]

    def call(self, name: str, arguments: object, client: Client, stop: Stop = never_stop) -> Answer:
        """Run a tool. `stop` raises if nobody waits for the answer any more.

        Raise NotFoundError for a tool that the agent may not call, UsageError for wrong arguments, or what the tool
        raises. Nothing is told of a Piece then.
        """
        tool = next((one for one in self.tools() if one.name == name), None)
        if tool is None:
            raise NotFoundError("there is no such tool", hint="list the tools")
        return self._answer(tool, arguments_of(arguments or {}, tool.arguments), client, stop)

    def read_resource(self, uri: str, client: Client, stop: Stop = never_stop) -> Answer:
        """Return the text of the Piece at `satchel://piece/ID`, and how much there is of it.

        Raise NotFoundError for another address, RefusedError if the Piece is withheld.
        """
        scheme, piece_id = uri[: len(SCHEME)], uri[len(SCHEME) :]
        if scheme != SCHEME or not is_id(canonical(piece_id)):
            raise NotFoundError("there is no such resource", hint=f"resources are named {SCHEME}ID")
        wanted = ReadArguments(id=piece_id, max_tokens=MOST_TOKENS)
        result = self._answer(READ_RESOURCE, wanted, client, stop)
        if result.document["withheld"]:
            raise RefusedError(f"the Piece is withheld: {result.document['withheld']}")
        told = {name: result.document[name] for name in ("truncated", "total", "next_line")}
        return Answer({f"satchel/{name}": value for name, value in told.items()}, result.document["text"])

    def _answer(self, tool: Tool, arguments: Arguments, client: Client, stop: Stop) -> Answer:
        self.agent = self.agent or client.name or UNNAMED
        if tool.kind == "write":
            return _answer(self._write(tool, arguments, client, stop))
        result, seen = self._read(tool, arguments, stop)
        answer = _answer(result)
        if seen or (tool.kind == "recall" and answer.document["episodes"]):
            self._record("read", tool, answer.text.encode(), seen, client)
        return answer

    def _read(self, tool: Tool, arguments: Arguments, stop: Stop) -> tuple[msgspec.Struct, Seen]:
        if tool.kind == "recall":
            with MemoryStore.open(self._home) as memory:
                return tool.run(Rememberer(memory, stop), arguments), ()
        with Store.open(self._home, read_only=True) as store, Index.open(self._home, store) as index:
            result, seen = tool.run(Reader(store, index, self._withholding, stop), arguments)
            return result, seen

    def _write(self, tool: Tool, arguments: Arguments, client: Client, stop: Stop) -> msgspec.Struct:
        author = Author(self.agent, f"{client.name} {client.version}".strip())

        def record_revision(piece: Piece, content: bytes) -> None:
            self._record("wrote", tool, content, ((piece.id, piece.revision),), client)

        note = partial(leave_note, self._home, **self._names(client))
        with Store.open(self._home) as store:
            writer = Writer(store, self._withholding, stop, author, record_revision, note)
            result: msgspec.Struct = tool.run(writer, arguments)
            return result

    def _record(self, kind: Kind, tool: Tool, data: bytes, seen: Seen, client: Client) -> None:
        record(self._home, kind, tool.name, data, seen, **self._names(client))

    def _names(self, client: Client) -> dict[str, str]:
        return {"agent": self.agent, "client": client.name, "version": client.version}


def _answer(result: msgspec.Struct) -> Answer:
    data = msgspec.json.encode(result)
    if tokens_of(data) > MOST_TOKENS:
        raise SatchelError("the result is over the limit", hint="ask for less with max_tokens")
    return Answer(msgspec.to_builtins(result), data.decode())
