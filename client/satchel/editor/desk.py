"""Answers an editor's requests: each opens the store, does its work, and closes the store again.

So a server that runs for days sees a restored store or a newer one at once, and holds no lock between requests.
What an editor waits for while somebody types has a thread of its own; slow work has others. Of several completions
that wait, only the last is done.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from satchel.editor import finding, saving, secret_marks
from satchel.editor.documents import Document
from satchel.editor.proposals import MAX_OFFERED, Proposal
from satchel.editor.typed import Typed
from satchel.errors import SatchelError
from satchel.index import Index
from satchel.pieces.model import Piece
from satchel.store import Store
from satchel.suggest.share_checks import Finding

PATIENCE_S: Final = 0.5  # an editor that waits longer for a completion seems to hang
WARMING_S: Final = 20.0
SLOW_THREADS: Final = 2

Result = TypeVar("Result")


class UnexpectedError(SatchelError):
    """Something failed that must not be quoted: the messages of libraries may hold text of a Piece."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What to offer. Without `is_whole` there may be more: the time was up, or they are the first of many.

    The editor asks again at the next key then; of a whole answer it keeps what still fits.
    """

    proposals: list[Proposal]
    is_whole: bool


class Desk:
    """Answers the requests of one editor about one home. Its methods run in the event loop and never block it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._quick = ThreadPoolExecutor(1, "satchel-lsp-quick")
        self._slow = ThreadPoolExecutor(SLOW_THREADS, "satchel-lsp-slow")
        self._completion: Future[list[Proposal]] | None = None

    def close(self) -> None:
        """Drop what waits. What runs ends with its thread."""
        for pool in (self._quick, self._slow):
            pool.shutdown(wait=False, cancel_futures=True)

    async def complete(self, typed: Typed, language: str | None, *, uses_meaning: bool) -> Completed:
        """Return what to offer at the cursor, within `PATIENCE_S`; nothing if a later request has replaced this one."""
        if self._completion is not None:
            self._completion.cancel()
        work = partial(finding.complete, typed=typed, language=language, uses_meaning=uses_meaning)
        self._completion = future = self._quick.submit(_guarded, self._reading, work)
        try:
            found = await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), PATIENCE_S)
        except (TimeoutError, asyncio.CancelledError):
            if not future.cancelled():
                future.cancel()
            return Completed([], is_whole=False)
        return Completed(found, is_whole=typed.question is None and len(found) < MAX_OFFERED)

    async def show(self, word: str, language: str | None) -> list[finding.Shown]:
        """Return the Pieces that a word names, the first with its text."""

        def work(store: Store, index: Index) -> list[finding.Shown]:
            found = finding.show(store, index, word, language)
            return [finding.read(store, piece.id) for piece in found[:1]] + [
                finding.Shown(piece, None) for piece in found[1:]
            ]

        return await self._run(self._quick, self._reading, work)

    async def read(self, piece_id: str) -> finding.Shown:
        """Return a Piece with its text. Raise NotFoundError if there is none."""
        return await self._run(
            self._quick, self._reading, lambda store, _index: finding.read(store, piece_id)
        )

    async def search(self, query: str, limit: int) -> list[Piece]:
        """Return the Pieces that a query finds, or without one the last changed."""
        return await self._run(self._slow, self._reading, partial(finding.search, query=query, limit=limit))

    async def similar(self, text: str) -> list[finding.Similar]:
        """Return the Pieces that resemble a text. May take long the first time: fingerprints are made."""
        work = partial(finding.similar, text=text, advance=lambda _pieces: None)
        return await self._run(self._slow, self._reading, work)

    async def save(self, text: str, uri: str, language: str | None) -> saving.Saved:
        """Save a selection."""
        return await self._run(self._slow, saving.save_selection, self.home, text, uri, language)

    async def marks(self, document: Document) -> list[secret_marks.Mark]:
        """Return what looks like a secret in a document."""
        return await self._run(self._slow, secret_marks.marks_of, document, self.home)

    async def allow(self, findings: list[Finding]) -> None:
        """Remember that some values are no secrets."""
        await self._run(self._slow, secret_marks.allow, self.home, findings)

    async def warm_up(self) -> int:
        """Load what completions by meaning need, and embed Pieces that wait, for a limited time."""
        return await self._run(
            self._slow, self._reading, lambda _store, index: finding.warm_up(index, WARMING_S)
        )

    def _reading(self, work: Callable[[Store, Index], Result]) -> Result:
        with Store.open(self.home, read_only=True) as store, Index.open(self.home, store) as index:
            return work(store, index)

    @staticmethod
    async def _run(pool: ThreadPoolExecutor, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.wrap_future(pool.submit(_guarded, work, *arguments))


def _guarded(work: Callable[..., Result], *arguments: object) -> Result:
    """Let only satchel's own errors out: the messages of others may quote a Piece."""
    try:
        return work(*arguments)
    except SatchelError:
        raise
    except Exception as exc:  # noqa: BLE001  the last place before the editor
        raise UnexpectedError(f"unexpected {type(exc).__name__}", hint="satchel doctor") from None
