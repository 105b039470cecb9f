"""Agents: lines that clients write, calls of tools, and addresses of resources."""

import io
import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final

from tests.security.fuzzing.table import Target, require
from tests.security.fuzzing.targets.home_files import at, home, made
from tests.security.fuzzing.targets.messages import JSON

from satchel.agents import Client, Desk, Policy
from satchel.agents.http_guard import FILE_NAME, token_of
from satchel.agents.lines import bounded_lines
from satchel.agents.server import _message_of
from satchel.errors import SatchelError
from satchel.store import Draft, Store

TEXT: Final = b"def parse_header(line):\n    pass\n"
CLIENT: Final = Client("fuzzer", "1")
MOST_LINE_BYTES: Final = 512
CALLS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("search_pieces", {"query": "parse header", "max_tokens": 500, "cursor": ""}),
    ("search_pieces", {"query": 'lang:python "x y" -tag:a b* OR c'}),
    ("read_piece", {"id": "ID", "first_line": 1, "last_line": 2, "file": ""}),
    ("list_recent", {"tag": "a", "language": "go", "cursor": "ID"}),
)
LINES: Final = (
    b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_recent","arguments":{}}}\n',
    b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}\r\n{}\n' + b"x" * 600,
)


@cache
def desk() -> tuple[Desk, str]:
    """Return a desk of a home with one Piece, and the id of the Piece."""
    folder = Path(mkdtemp(prefix="agents-", dir=home()))  # a new one if an earlier attempt was cut off
    Store.create(folder).close()
    with Store.open(folder) as store:
        piece = store.add(Draft(TEXT, tags=("a",))).id
    opened = Desk(folder, Policy(), "fuzzer")
    opened.call("search_pieces", {"query": "parse header"}, CLIENT)  # loads the models, which takes seconds
    return opened, piece


def message(data: bytes) -> None:
    """Read the lines of a client. The answer to a wrong one quotes nothing of it."""
    for line in bounded_lines(io.BytesIO(data), MOST_LINE_BYTES):
        require(line is None or len(line) <= MOST_LINE_BYTES, "a line is over the bound")
        _message_of(line)


def lines() -> tuple[bytes, ...]:
    """Return lines of a client, once the library can read them."""
    for one in LINES:
        message(one)
    return LINES


def call(data: bytes) -> None:
    """Call a tool."""
    try:
        name, arguments = json.loads(data)
    except (ValueError, TypeError, RecursionError):
        return
    desk()[0].call(name, arguments, CLIENT)


def calls() -> list[bytes]:
    """Return calls of every tool."""
    return [json.dumps(one).replace("ID", desk()[1]).encode() for one in CALLS]


def addresses() -> list[bytes]:
    """Return the address of the Piece, once it was read."""
    resource(address := f"satchel://piece/{desk()[1]}".encode())
    return [address]


def resource(data: bytes) -> None:
    """Read a resource. It is the Piece, or nothing."""
    answer = desk()[0].read_resource(data.decode("utf-8", "replace"), CLIENT)
    require(answer.text.encode() == TEXT, "another text than that of the Piece")


def token(data: bytes) -> None:
    """Read the token of a home."""
    found, is_new = token_of(at(home() / FILE_NAME, data).parent)
    require(not is_new and len(found) == 43, "a token of another length")


def tokens() -> list[bytes]:
    """Return a file that satchel wrote."""
    return made(token_of, home() / FILE_NAME)()


TARGETS: Final = (
    Target("agent-token", token, tokens, (SatchelError,)),
    Target("agent-message", message, lines, (), JSON),
    Target("agent-call", call, calls, (SatchelError,), JSON),
    Target("agent-resource", resource, addresses, (SatchelError,)),
)
