"""`satchel mcp`: serve the store to agents, over the Model Context Protocol."""

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

import click

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.errors import MissingExtraError, UsageError

if TYPE_CHECKING:
    from satchel.agents import Policy

MAX_AGENT_CHARS: Final = 60


@command(
    "mcp",
    examples=[
        ("satchel mcp", "what a client starts"),
        ("satchel mcp --http --port 8765 --agent browser", "for clients that cannot start programs"),
        ("satchel mcp --write", "let the agent save and change Pieces"),
        ("claude mcp add satchel -- satchel mcp --agent claude", "add it to Claude Code"),
    ],
)
@click.option(
    "--agent", metavar="NAME", default="", help="A name for the agent (default: its client's name)."
)
@click.option(
    "--http", is_flag=True, help="Serve HTTP on 127.0.0.1, with a token, instead of standard input."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), metavar="N", help="The port of --http (default: a free one)."
)
@click.option("--write", is_flag=True, help="Let the agent save and change Pieces too.")
@click.option("--allow-secrets", is_flag=True, help="Also show Pieces that seem to hold secrets.")
@pass_app
def mcp(app: App, /, *, agent: str, http: bool, port: int | None, write: bool, allow_secrets: bool) -> None:
    """Serve the store to an agent on standard input and output, or with --http on loopback (Model Context Protocol).

    The agent can search, list and read Pieces, and recall your work if the memory is on. With --write, it can
    also save and change Pieces; satchel rewind undoes that. It can never share or remove a Piece. The ledger
    records what it reads and writes. Pieces that seem to hold a secret are withheld.
    """
    if port is not None and not http:
        raise UsageError("--port needs --http", hint="satchel mcp --http --port 8765")
    if find_spec("mcp") is None:
        raise MissingExtraError("mcp", "mcp")
    if len(agent) > MAX_AGENT_CHARS or not agent.isprintable():
        raise UsageError("the name of the agent is too long or not printable", hint="choose a short name")
    from satchel.agents import Policy  # noqa: PLC0415  the index and the SDK cost over 20 ms

    with app.open_store():
        pass  # a missing or damaged store is an error now, not at the first call
    policy = Policy(writes=write, secrets=allow_secrets)
    if http:
        _serve_http(app, policy, agent, port or 0)
    else:
        _serve_stdio(app, policy, agent)


def _serve_stdio(app: App, policy: "Policy", agent: str) -> None:
    from satchel.agents.server import serve_stdio  # noqa: PLC0415

    if app.out.can_ask:
        app.out.note("waiting for a client on standard input; clients start this command: docs/guides/mcp.md")
    serve_stdio(app.home, policy, agent)


def _serve_http(app: App, policy: "Policy", agent: str, port: int) -> None:
    """Tell the address, and the token when it is made; it can be read in its file later."""
    from satchel.agents.http_guard import FILE_NAME, token_of  # noqa: PLC0415
    from satchel.agents.server import HttpListener  # noqa: PLC0415

    listener = HttpListener(port)
    token, is_new = token_of(app.home)
    path = str(app.home / FILE_NAME)
    document = {"url": listener.url, "token_file": path, "token": token if is_new else None}
    app.out.answer(document, listener.url)
    if not app.out.as_json:
        app.out.note(f"the token, shown once: {token}" if is_new else f"the token is in {path!r}")
    listener.serve(app.home, policy, agent, token)
