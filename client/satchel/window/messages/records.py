"""Messages of the view See: memory, ledger, devices, audit log, statistics."""

from typing import Annotated, Literal

import msgspec

from satchel.window.messages.base import Answer, Limit, Line, Lines, Number, ObjectPrefix, PieceId, Request
from satchel.window.messages.pieces import Counted

# -- memory -----------------------------------------------------------------------------------


class TimelineRequest(Request, frozen=True, kw_only=True):
    """Work between two times (RFC 3339), newest first. With a question, what `satchel recall` finds, the best first."""

    since: Line | None = None
    until: Line | None = None
    question: Line = ""
    limit: Limit = 50


class Evidence(Answer, frozen=True, kw_only=True):
    """The parts of an episode that answer the question."""

    done: tuple[str, ...]
    commands: tuple[str, ...]
    files: tuple[str, ...]


class EpisodeView(Answer, frozen=True, kw_only=True):
    """A stretch of work. `reason` and `evidence` say why it was found by a question."""

    id: int
    start: str
    end: str
    title: str
    done: tuple[str, ...]
    outcome: str
    repository: str | None
    places: tuple[str, ...]
    hosts: tuple[str, ...]
    commands: tuple[str, ...]
    files: tuple[str, ...]
    links: tuple[str, ...]
    agents: tuple[str, ...]
    reason: str = ""
    evidence: Evidence | None = None


class SummaryView(Answer, frozen=True, kw_only=True):
    """The summary of a day or a week."""

    kind: str
    start: str
    end: str
    title: str
    lines: tuple[str, ...]


class Timeline(Answer, frozen=True, kw_only=True):
    """Episodes and summaries. `is_on` is False if no source of the memory was ever on.

    `waiting` counts the spans of older work that are not formed yet; asking again goes on with them.
    """

    is_on: bool
    episodes: tuple[EpisodeView, ...]
    summaries: tuple[SummaryView, ...]
    waiting: int
    has_more: bool


class ForgetMemoryRequest(Request, frozen=True, kw_only=True):
    """Work between two times (RFC 3339), work that mentions a text, or everything."""

    since: Line | None = None
    until: Line | None = None
    matching: Line = ""
    everything: bool = False


class MemoryForgotten(Answer, frozen=True, kw_only=True):
    """How many events, and episodes of them, were erased or would be."""

    events: int
    episodes: int


# -- ledger -----------------------------------------------------------------------------------


class LedgerRequest(Request, frozen=True, kw_only=True):
    """Entries of the ledger before a number, newest first."""

    before: Number | None = None
    kinds: Lines = ()
    piece: PieceId | None = None
    since: Line | None = None
    limit: Limit = 100


class LedgerEntry(Answer, frozen=True, kw_only=True):
    """What left this device, or what an agent read.

    `command` is why: for a click in the window, "satchel open" and the operation, and `same_command` is the command that
    does the same, if there is one. `outcome` is None while it is unknown.
    """

    number: int
    time: str
    kind: str
    to: str
    command: str
    bytes: int
    sha256: str | None
    pieces: tuple[str, ...]
    outcome: str | None
    status: int | None = None
    proxy: str | None = None
    has_text: bool = False
    agent: str = ""
    is_from_window: bool = False
    same_command: str = ""


class LedgerPage(Answer, frozen=True, kw_only=True):
    """Entries, newest first, and all kinds that there are."""

    entries: tuple[LedgerEntry, ...]
    has_more: bool
    kinds: tuple[str, ...]


class ByNumber(Request, frozen=True, kw_only=True):
    """An entry by its number."""

    number: Number


class LedgerText(Answer, frozen=True, kw_only=True):
    """The exact text that a prompt sent; None if it was erased or none was kept."""

    number: int
    text: str | None
    forgotten: str | None


class LedgerVerified(Answer, frozen=True, kw_only=True):
    """The ledger is whole: how many records it has, and the SHA-256 that covers them all."""

    records: int
    sha256: str


class ForgetRequest(Request, frozen=True, kw_only=True):
    """Erase the texts of entries. The entries stay."""

    numbers: Annotated[tuple[Number, ...], msgspec.Meta(min_length=1, max_length=500)]


class Forgotten(Answer, frozen=True, kw_only=True):
    """The numbers of the entries whose texts were erased."""

    forgotten: tuple[int, ...]


# -- devices and the audit log ----------------------------------------------------------------


class DeviceView(Answer, frozen=True, kw_only=True):
    """A device that is connected to the cloud."""

    id: str
    label: str
    created: str
    last_seen: str
    current: bool


class Devices(Answer, frozen=True, kw_only=True):
    """All connected devices."""

    devices: tuple[DeviceView, ...]


class ByDevice(Request, frozen=True, kw_only=True):
    """A device by its id, or the start of it."""

    id: ObjectPrefix


class PairingCode(Answer, frozen=True, kw_only=True):
    """A one-time code that connects another device."""

    code: str
    expires: str
    url: str


class AuditRequest(Request, frozen=True, kw_only=True):
    """The latest entries of the cloud's audit log."""

    since: Line | None = None
    events: Lines = ()
    device: ObjectPrefix | None = None
    limit: Limit = 100


class AuditEntryView(Answer, frozen=True, kw_only=True):
    """What happened in the cloud."""

    number: int
    time: str
    event: str
    actor: str
    actor_id: str
    device: str | None
    target: str
    outcome: str
    occurrences: int
    address: str


class AuditLog(Answer, frozen=True, kw_only=True):
    """Entries, newest first. `intact`: none was changed or removed since this device last looked."""

    entries: tuple[AuditEntryView, ...]
    verified: int
    first: int
    last: int
    comparable: bool
    intact: bool
    problem: str = ""
    events: tuple[str, ...] = ()


# -- statistics -------------------------------------------------------------------------------


class StatisticsRequest(Request, frozen=True, kw_only=True):
    """The unit of the growth."""

    by: Literal["day", "week", "month"] = "month"


class Growth(Answer, frozen=True, kw_only=True):
    """How many Pieces and revisions a period added, and how many Pieces there were at its end."""

    start: str
    pieces: int
    revisions: int
    total: int
    bytes: int


class LanguageShare(Answer, frozen=True, kw_only=True):
    """A language, its Pieces, and the size of their main contents."""

    language: str | None
    pieces: int
    bytes: int


class Statistics(Answer, frozen=True, kw_only=True):
    """How the store grew, and what is in it."""

    pieces: int
    revisions: int
    content_bytes: int
    store_bytes: int
    index_bytes: int
    oldest: str | None
    growth: tuple[Growth, ...]
    languages: tuple[LanguageShare, ...]
    kinds: tuple[Counted, ...]
    tags: tuple[Counted, ...]
