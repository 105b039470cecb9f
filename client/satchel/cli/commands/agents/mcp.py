"""`satchel mcp`: serve the store to agents, over the Model Context Protocol."""

from importlib.util import find_spec
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.errors import MissingExtraError, UsageError

MAX_AGENT_CHARS: Final = 60


@command(
    "mcp",
    examples=[
        ("satchel mcp", "what a client starts"),
        ("satchel mcp --write", "let the agent save and change Pieces"),
        ("claude mcp add satchel -- satchel mcp --agent claude", "add it to Claude Code"),
    ],
)
@click.option(
    "--agent", metavar="NAME", default="", help="What you call the agent (default: its client's name)."
)
@click.option("--write", is_flag=True, help="Let the agent save and change Pieces too.")
@click.option("--allow-secrets", is_flag=True, help="Also show Pieces that seem to hold secrets.")
@pass_app
def mcp(app: App, /, *, agent: str, write: bool, allow_secrets: bool) -> None:
    """Serve the store to an agent on standard input and output, over the Model Context Protocol.

    The agent can search, list and read Pieces, and recall your work if the memory is on. With --write it can also save
    and change Pieces; satchel rewind takes that back. It can neither share nor remove any. What it reads and writes is
    in the ledger. Pieces that seem to hold a secret are withheld.
    """
    if find_spec("mcp") is None:
        raise MissingExtraError("mcp", "mcp")
    if len(agent) > MAX_AGENT_CHARS or not agent.isprintable():
        raise UsageError("the name of the agent is too long or not printable", hint="choose a short name")
    from satchel.agents import Policy  # noqa: PLC0415  the index and the SDK cost over 20 ms
    from satchel.agents.server import serve_stdio  # noqa: PLC0415

    with app.open_store():
        pass  # a missing or damaged store is an error now, not at the first call
    if app.out.can_ask:
        app.out.note("waiting for a client on standard input; clients start this command: docs/guides/mcp.md")
    serve_stdio(app.home, Policy(writes=write, secrets=allow_secrets), agent)
