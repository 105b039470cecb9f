"""Arguments and results of the tools: structures that are also their JSON schemas."""

from typing import Annotated, Any, Final, TypeVar

import msgspec
from msgspec import Meta

from satchel.agents.budget import DEFAULT_TOKENS, LEAST_TOKENS, MOST_TOKENS
from satchel.errors import UsageError
from satchel.pieces import fields

MAX_QUERY_CHARS: Final = 1_000
MAX_CURSOR_CHARS: Final = 100
MAX_TEXT_CHARS: Final = 1_000_000
MAX_NOTE_CHARS: Final = 2_000
MOST_EPISODES: Final = 20
MAX_LINE: Final = 2**31 - 1

PieceId = Annotated[str, Meta(min_length=4, max_length=40, description="The id of a Piece.")]
MaxTokens = Annotated[
    int,
    Meta(ge=LEAST_TOKENS, le=MOST_TOKENS, description="The most tokens that the result may take."),
]
Cursor = Annotated[
    str, Meta(max_length=MAX_CURSOR_CHARS, description="next_cursor of the previous result, to go on.")
]
T = TypeVar("T")


class Arguments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The arguments of a tool."""


class SearchArguments(Arguments, frozen=True, kw_only=True):
    """What to find."""

    query: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_QUERY_CHARS,
            description='Words, "words in order", begin*, lang:python, tag:http, -without.',
        ),
    ]
    max_tokens: MaxTokens = DEFAULT_TOKENS
    cursor: Cursor = ""


class ReadArguments(Arguments, frozen=True, kw_only=True):
    """Which lines of which Piece to read."""

    id: PieceId
    first_line: Annotated[int, Meta(ge=1, le=MAX_LINE, description="The first line, counted from 1.")] = 1
    last_line: (
        Annotated[int, Meta(ge=1, le=MAX_LINE, description="The last line; none means the end.")] | None
    ) = None
    file: Annotated[
        str,
        Meta(
            max_length=fields.MAX_FILE_NAME_BYTES,
            description="The name of a further file of the Piece; empty for its main content.",
        ),
    ] = ""
    max_tokens: MaxTokens = DEFAULT_TOKENS


class RecentArguments(Arguments, frozen=True, kw_only=True):
    """Which Pieces to list."""

    tag: Annotated[str, Meta(max_length=fields.MAX_TAG_CHARS, description="Only with this tag.")] = ""
    language: Annotated[
        str, Meta(max_length=fields.MAX_LANGUAGE_CHARS, description="Only in this language.")
    ] = ""
    max_tokens: MaxTokens = DEFAULT_TOKENS
    cursor: Cursor = ""


Text = Annotated[str, Meta(max_length=MAX_TEXT_CHARS)]
Title = Annotated[str, Meta(max_length=fields.MAX_TITLE_CHARS)]
Description = Annotated[str, Meta(max_length=fields.MAX_DESCRIPTION_CHARS)]
Language = Annotated[str, Meta(max_length=fields.MAX_LANGUAGE_CHARS)]
Tags = Annotated[
    list[Annotated[str, Meta(max_length=fields.MAX_TAG_CHARS)]], Meta(max_length=fields.MAX_TAGS)
]
Links = Annotated[
    list[Annotated[str, Meta(max_length=fields.MAX_LINK_CHARS)]], Meta(max_length=fields.MAX_LINKS)
]
Note = Annotated[
    str,
    Meta(
        max_length=MAX_NOTE_CHARS,
        description="What you did and why, in a sentence or two, for the user's memory; kept if they want that.",
    ),
]


class SaveArguments(Arguments, frozen=True, kw_only=True):
    """A Piece to save."""

    content: Text
    title: Title = ""
    description: Description = ""
    language: Language = ""
    tags: Tags = []
    links: Links = []
    note: Note = ""


class UpdateArguments(Arguments, frozen=True, kw_only=True):
    """What to change of a Piece; what is left out stays."""

    id: PieceId
    revision: Annotated[
        int,
        Meta(ge=1, le=MAX_LINE, description="The revision that read_piece returned; refused if it is older."),
    ]
    content: (
        Annotated[str, Meta(max_length=MAX_TEXT_CHARS, description="The whole new text, not a part of it.")]
        | None
    ) = None
    title: Title | None = None
    description: Description | None = None
    language: Language | None = None
    add_tags: Tags = []
    remove_tags: Tags = []
    links: Links | None = None
    note: Note = ""


class WriteResult(msgspec.Struct, kw_only=True):
    """What was written. `noted` tells whether the memory took the note."""

    id: str
    revision: int
    is_changed: bool
    noted: bool
    total: int = 1
    truncated: bool = False


class RecallArguments(Arguments, frozen=True, kw_only=True):
    """What to remember."""

    question: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=MAX_QUERY_CHARS,
            description="Such as: what did I try against the flaky test last week in repo parser",
        ),
    ]
    limit: Annotated[int, Meta(ge=1, le=MOST_EPISODES, description="The most episodes.")] = 5
    max_tokens: MaxTokens = DEFAULT_TOKENS


class RecalledEpisode(msgspec.Struct, kw_only=True):
    """Work that belongs together. `agents` wrote some of it: trust it no more than you trust them."""

    start: str
    end: str
    title: str
    done: str
    repository: str
    commands: list[str]
    files: list[str]
    outcome: str
    reason: str
    agents: list[str]


class RecallResult(msgspec.Struct, kw_only=True):
    """What the user did, as the device remembers it, the best first."""

    episodes: list[RecalledEpisode]
    total: int
    truncated: bool


class FoundPiece(msgspec.Struct, kw_only=True):
    """A Piece that a search found. `line` is the line that matches best."""

    id: str
    title: str
    line: str
    language: str | None
    updated: str


class SearchResult(msgspec.Struct, kw_only=True):
    """What a search found, the best first. `total` counts all, up to 100; withheld Pieces are never found."""

    pieces: list[FoundPiece]
    total: int
    truncated: bool
    next_cursor: str | None


class RecentPiece(msgspec.Struct, kw_only=True):
    """A Piece in a list. If `withheld` tells why it is withheld, there is nothing else of it."""

    id: str
    updated: str
    title: str = ""
    language: str | None = None
    tags: list[str] = []
    size_bytes: int = 0
    withheld: str | None = None


class RecentResult(msgspec.Struct, kw_only=True):
    """Pieces, the last changed first. `total` counts all Pieces of the store, or those with the tag or language."""

    pieces: list[RecentPiece]
    total: int
    truncated: bool
    next_cursor: str | None


class ReadResult(msgspec.Struct, kw_only=True):
    """Lines of a Piece. `total` counts all its lines; `next_line` is where to go on.

    If `withheld` tells why the Piece is withheld, there is nothing else of it.
    """

    id: str
    revision: int
    text: str = ""
    first_line: int = 0
    last_line: int = 0
    total: int = 0
    truncated: bool = False
    next_line: int | None = None
    title: str = ""
    description: str = ""
    language: str | None = None
    tags: list[str] = []
    links: list[str] = []
    files: list[str] = []
    updated: str = ""
    withheld: str | None = None


def arguments_of(given: object, kind: type[T]) -> T:
    """Return the arguments of a tool. Raise UsageError if they break its schema; nothing of them is quoted."""
    try:
        return msgspec.convert(given, kind)
    except (msgspec.ValidationError, RecursionError) as exc:
        raise UsageError(f"the arguments do not fit the tool: {exc}", hint="see its input schema") from exc


def schema_of(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the JSON schema (2020-12) of a structure: an object at its root, as the protocol demands."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    name = schema["$ref"].rpartition("/")[2]
    root = {key: value for key, value in components.pop(name).items() if key != "title"}
    return {**root, "$defs": components} if components else root
