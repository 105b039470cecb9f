"""The rules of docs/spec/log.md, section 14, with one of them removed, each as a mistake that an implementer could make."""

from collections.abc import Mapping
from typing import Final

from tests.property.log.instance import Rules
from tests.property.log.mutants import OverwritingWriter

from satchel_service.log.format import Entry, Snapshot
from satchel_service.log.handover import Closed, closed_by
from satchel_service.log.history import History
from satchel_service.log.reader import LogContents, Opening
from satchel_service.moving.decisions import Step
from satchel_service.moving.handover import Handover


class OverwritingHandover(Handover):
    """Stores the entries of a move even if the key is taken."""

    writer = OverwritingWriter


class UnclosedHandover(Handover):
    """Opens the new log without closing the old one."""

    async def survey(self) -> Step:
        step = await super().survey()
        return Step.OPEN if step is Step.CLOSE else step


class EarlyImageHandover(Handover):
    """Opens the new log with the database as it was before the old one was closed."""

    early: LogContents

    async def reserve(self) -> None:
        self.early = self._old
        await super().reserve()

    async def open(self) -> None:
        closed = self._old
        if hasattr(self, "early") and self.early.history.sequence:
            self._make_image_of(self.early)
        await super().open()
        self._old = closed

    def _make_image_of(self, contents: LogContents) -> None:
        make = self._make_image
        self._make_image = lambda _, move: make(contents, move)


class UncancelledHandover(Handover):
    """Undoes a move without cancelling the reservation first."""

    async def survey_back(self) -> Step:
        step = await super().survey_back()
        closed = self._old.history.closed
        return Step.REOPEN if step is Step.CANCEL and closed and not closed.is_awaiting else step


class NewFirstHandover(Handover):
    """Reads the new log before the old one."""

    async def read(self) -> None:
        self._new = await self.opening(self._new_store, self._policy).run()
        self._old = await self.opening(self._old_store, self._policy).run()


class UnkeptHandover(Handover):
    """Ends an undo without an entry in the old log if that was not closed."""

    async def survey_back(self) -> Step:
        step = await super().survey_back()
        return Step.DONE if step is Step.KEEP else step


class ForgetfulHistory(History):
    """Forgets what a log said before a reservation that was cancelled."""

    def closed_after(self, entry: Entry) -> Closed | None:
        return closed_by(entry)


class ForgetfulOpening(Opening):
    def new_history(self, start: Snapshot | None, size_bytes: int) -> History:
        return ForgetfulHistory(start, size_bytes)


class ForgetfulHandover(Handover):
    opening = ForgetfulOpening


class AnyMoveHandover(Handover):
    """Opens a reserved log from any closed one, whichever moves they belong to."""

    async def survey(self) -> Step:
        await self.read()
        old, new = self._old.history.closed, self._new.history.closed
        if old is not None and not old.is_awaiting and new is not None and new.is_awaiting:
            return Step.OPEN
        return await super().survey()


MOVING_MUTANTS: Final[Mapping[str, Rules]] = {
    "a closed log is not served": Rules(are_left_logs_served=True),
    "a reserved log is not served": Rules(are_reserved_logs_served=True),
    "entries of a move are created, never replaced": Rules(handover=OverwritingHandover),
    "the old log is closed before the new one opens": Rules(handover=UnclosedHandover),
    "the database is read after the closing entry": Rules(handover=EarlyImageHandover),
    "both entries name the same move": Rules(handover=AnyMoveHandover),
    "the reservation is cancelled before the old log continues": Rules(handover=UncancelledHandover),
    "an undo ends with an entry in the old log": Rules(handover=UnkeptHandover),
    "a cancelled reservation restores what the log said before": Rules(
        opening=ForgetfulOpening, handover=ForgetfulHandover
    ),
    "the old log is read before the new one": Rules(handover=NewFirstHandover),
    "the logs decide the next step": Rules(are_steps_surveyed=False),
}
