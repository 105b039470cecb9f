"""The desk at which an agent's calls are answered: each opens the store, runs one tool, and closes it again.

So a long-lived server sees a restored store or a newer one at once, and holds no lock between calls. A desk is used in
one thread at a time.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from satchel.agents.arguments import Arguments, ReadArguments, arguments_of
from satchel.agents.budget import MOST_TOKENS, tokens_of
from satchel.agents.reading import Reader, Seen
from satchel.agents.receipts import record
from satchel.agents.tools import READ_RESOURCE, TOOLS, Tool
from satchel.agents.withholding import Stop, Withholding
from satchel.errors import NotFoundError, RefusedError, SatchelError
from satchel.index import Index
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
    """Answers the calls of one agent. Its name is the one that the owner gave, else that of its first client."""

    def __init__(self, home: Path, policy: Policy, agent: str) -> None:
        self.agent = agent
        self._home = home
        self._policy = policy
        self._withholding = Withholding(home, allows_all=policy.secrets)

    def tools(self) -> list[Tool]:
        """Return the tools that the agent may call."""
        return [tool for tool in TOOLS if not tool.writes or self._policy.writes]

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
        result, seen = self._run(tool, arguments, stop)
        data = msgspec.json.encode(result)
        if tokens_of(data) > MOST_TOKENS:
            raise SatchelError("the result is over the limit", hint="ask for less with max_tokens")
        if seen:
            self._record(tool, data, seen, client)
        return Answer(msgspec.to_builtins(result), data.decode())

    def _record(self, tool: Tool, data: bytes, seen: Seen, client: Client) -> None:
        self.agent = self.agent or client.name or UNNAMED
        record(
            self._home,
            "read",
            tool.name,
            data,
            seen,
            agent=self.agent,
            client=client.name,
            version=client.version,
        )

    def _run(self, tool: Tool, arguments: Arguments, stop: Stop) -> tuple[msgspec.Struct, Seen]:
        with Store.open(self._home) as store, Index.open(self._home, store) as index:
            return tool.run(Reader(store, index, self._withholding, stop), arguments)
