"""Running a move or its undoing, from wherever an earlier run stopped."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Final

from satchel_service.lifecycle.erasure import delete_objects
from satchel_service.log.errors import FencedError, FullStoreError, LogError, UncertainError
from satchel_service.log.format import new_writer_id, writer_text
from satchel_service.log.handover import MoveId, is_public_url
from satchel_service.log.reader import LogContents
from satchel_service.log.store import probe_store
from satchel_service.moving.copying import Copier, sizes
from satchel_service.moving.decisions import Step, last_source
from satchel_service.moving.errors import MismatchError, MoveError, MoveRefusedError, UnreachableError
from satchel_service.moving.handover import Addresses, Handover
from satchel_service.moving.image import image_for_new_log, moves_of
from satchel_service.moving.places import Place, open_places
from satchel_service.moving.progress import Progress, Report, Stage, ignore
from satchel_service.settings import Settings
from satchel_service.storage import FullError, StorageError

AGAIN: Final = "run the same command again: it continues where it stopped; or undo it with --undo"
RETRY_S: Final = 30.0  # how long a log may stay out of reach
PAUSE_S: Final = 0.5
MOST_RACES: Final = 200  # how often the running cloud may write first before its log is closed
MOST_PASSES: Final = 3  # the old service may still delete objects while it stops


def move(old: Settings, new: Settings, *, url: str, report: Report = ignore) -> None:
    """Move the cloud of `old` to the storage of `new`. `url` is its new address: an origin with https.

    Returns at once if it was done before. Raise MoveRefusedError, MismatchError, UnreachableError, or another MoveError
    if a log is damaged.
    """
    if not is_public_url(url):
        raise MoveRefusedError(
            f"the new address is {url!r}", hint="use https:// and a host, such as https://ann.example.org"
        )
    _run(old, new, url, lambda places: _Run(*places, report).move())


def undo(old: Settings, new: Settings, *, report: Report = ignore) -> None:
    """Undo a move that has not opened the new log yet: the old log goes on.

    The copied objects stay in the new storage. Raise TooLateError if the new log is open, else as `move`.
    """
    _run(old, new, "", lambda places: _Run(*places, report).undo())


def finish(old: Settings, new: Settings, *, report: Report = ignore) -> None:
    """Erase the objects in the old storage of a cloud that has moved. The old log stays: it says where the cloud is.

    Raise MoveRefusedError, changing nothing, unless the cloud of `old` goes on in the storage of `new`, which opens only
    after every object in it was compared with the original.
    """
    _run(old, new, "", lambda places: _Run(*places, report).finish())


def _run(
    old: Settings, new: Settings, url: str, act: Callable[[tuple[Place, Place]], Awaitable[None]]
) -> None:
    try:
        with open_places(old, new, url) as places:
            asyncio.run(_finish(act(places)))
    except (FullError, FullStoreError) as exc:
        raise UnreachableError("a storage has no room", hint=f"make room, then {AGAIN}") from exc
    except (StorageError, UncertainError) as exc:
        raise UnreachableError(f"a storage does not respond: {exc}", hint=AGAIN) from exc
    except LogError as exc:
        raise MoveError(exc.message, hint=exc.hint) from exc
    except OSError as exc:  # of a log in a directory: a name could not be made durable
        raise UnreachableError(f"a storage failed: {exc.strerror}", hint=AGAIN) from exc


async def _finish(work: Awaitable[None]) -> None:
    await work


class _Run:
    """One run over two open places."""

    def __init__(self, old: Place, new: Place, report: Report) -> None:
        self._old, self._new = old, new
        self._report = report
        self._copier = Copier(old.storage, new.storage, report)
        self._is_copied = False
        self._verified: bytes | None = None  # the digest of the closed log's head
        self._folder = old.settings.database_dir
        self._handover = Handover(
            old.log,
            new.log,
            Addresses(old_url=old.url, new_url=new.url, source=old.source),
            self._make_image,
            clock=_now_ms,
            entropy=os.urandom,
        )

    async def move(self) -> None:
        await probe_store(
            self._new.log, self._new.store_id, writer_text(new_writer_id(_now_ms(), os.urandom))
        )
        await self._repeat(self._survey, self._prepare)

    async def undo(self) -> None:
        await self._repeat(self._handover.survey_back, self._announce)

    async def finish(self) -> None:
        await self._handover.read()
        old, new = self._handover.contents
        closed = old.history.closed
        if closed is None or closed.is_awaiting:
            raise MoveRefusedError("the cloud in the old storage has not moved", hint="check SATCHEL_STORAGE")
        is_open = new.history.sequence > 0 and new.history.closed is None
        if not is_open or closed.move.hex() not in await asyncio.to_thread(moves_of, new, self._folder):
            raise MoveRefusedError(
                "the new storage does not hold the cloud that has left the old one, open and verified",
                hint="complete the move first: satchel-service move; or name the storage where the cloud is now",
            )
        self._report(Progress(Stage.ERASE))
        await asyncio.to_thread(delete_objects, self._old.storage)

    async def _repeat(
        self, survey: Callable[[], Awaitable[Step]], prepare: Callable[[Step], Awaitable[bool]]
    ) -> None:
        """Take one step after another. `prepare` returns False if the logs must be surveyed once more before the step."""
        races, last_success_s, prepared = 0, time.monotonic(), Step.DONE
        while True:
            try:
                step = await survey()
                if step is Step.DONE:
                    return
                if await prepare(step):
                    if (
                        step is not prepared
                    ):  # copying may have taken long; a retry of the step has no such start
                        prepared, last_success_s = step, time.monotonic()
                    await self._handover.take(step)
                last_success_s = time.monotonic()
            except FencedError:  # the running cloud, or another run of this command, was faster
                races += 1
                if races > MOST_RACES:
                    raise MoveRefusedError(
                        "the old cloud is too busy to be closed", hint="stop its service and run this again"
                    ) from None
            except FullStoreError:  # waiting makes no room
                raise
            except UncertainError:
                if time.monotonic() - last_success_s > RETRY_S:
                    raise
                await asyncio.sleep(PAUSE_S)

    async def _survey(self) -> Step:
        """Return the next step of the move. It is done if the new database names it, even if its entry is truncated."""
        try:
            return await self._handover.survey()
        except MoveRefusedError:
            old, new = self._handover.contents
            closed = old.history.closed
            if closed is None or new.history.closed is not None or not new.history.sequence:
                raise
            moves = await asyncio.to_thread(moves_of, new, self._folder)
            if moves[-1:] != [closed.move.hex()]:
                raise
            return Step.DONE

    async def _announce(self, step: Step) -> bool:
        self._report(Progress(Stage[step.name]))
        return True

    async def _prepare(self, step: Step) -> bool:
        if step is Step.RESERVE:
            await asyncio.to_thread(self._check_new_storage)
        if step is Step.CLOSE and not self._is_copied:
            await asyncio.to_thread(self._copier.copy, Stage.COPY)
            self._is_copied = True
            return False
        if step is Step.OPEN:
            closed = self._handover.contents[0].history.digest
            if self._verified != closed:
                await asyncio.to_thread(self._copy_and_verify)
                self._verified = closed
        return await self._announce(step)

    def _check_new_storage(self) -> None:
        """Refuse a new storage that something else may use: objects without a log, or the remains of another cloud."""
        old, new = self._handover.contents
        closed = new.history.closed
        if closed is None and sizes(self._new.storage):
            raise MoveRefusedError(
                "the new storage holds objects but no cloud",
                hint="choose an empty directory, bucket or prefix",
            )
        if closed is None or last_source(new) == self._old.source:  # empty, or reserved before for this cloud
            return
        if closed.move.hex() not in moves_of(old, self._folder):
            raise MoveRefusedError(
                "another cloud has used the new storage",
                hint="choose an empty directory, bucket or prefix",
            )

    def _copy_and_verify(self) -> None:
        for number in range(1, MOST_PASSES + 1):
            self._copier.copy(Stage.COPY_REST)
            try:
                return self._copier.verify()
            except (MismatchError, StorageError):
                if number == MOST_PASSES:
                    raise
        return None

    async def _make_image(self, contents: LogContents, move: MoveId) -> bytes:
        return await asyncio.to_thread(image_for_new_log, contents, move, self._folder)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
