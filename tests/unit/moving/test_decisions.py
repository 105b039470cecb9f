"""The next step, from the heads of two logs."""

import pytest

from satchel_service.log.handover import Closed, MoveId, SourceId
from satchel_service.moving.decisions import LogState, Step, next_step, next_step_back
from satchel_service.moving.errors import MoveRefusedError, TooLateError

MOVE, OTHER = MoveId(b"m" * 16), MoveId(b"o" * 16)
HERE, ELSEWHERE = SourceId(b"h" * 16), SourceId(b"e" * 16)


def log(
    closed: Closed | None = None,
    *,
    is_empty: bool = False,
    undone: MoveId | None = None,
    opened: MoveId | None = None,
) -> LogState:
    return LogState(
        is_empty, closed, frozenset({undone} if undone else ()), frozenset({opened} if opened else ())
    )


EMPTY, OPEN = log(is_empty=True), log()
LEFT, LEFT_OTHERWISE = log(Closed(MOVE, "https://new.example.org")), log(Closed(OTHER))
RESERVED, RESERVED_OTHERWISE = log(Closed(MOVE, source=HERE)), log(Closed(OTHER, source=HERE))
OF_ANOTHER_CLOUD = log(Closed(MOVE, source=ELSEWHERE))
UNDONE = log(Closed(MOVE), undone=MOVE)
OPENED = log(opened=MOVE)


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        (OPEN, EMPTY, Step.RESERVE),
        (OPEN, LEFT, Step.RESERVE),
        (OPEN, RESERVED, Step.CLOSE),
        (LEFT, RESERVED, Step.OPEN),
        (LEFT, OPENED, Step.DONE),
    ],
)
def test_the_steps_of_a_move(old: LogState, new: LogState, step: Step) -> None:
    assert next_step(old, new, HERE) is step


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (EMPTY, EMPTY, "the old storage holds no cloud"),
        (OPEN, OPEN, "the new storage holds a cloud that is in use"),
        (OPEN, OF_ANOTHER_CLOUD, "reserved for the cloud of another storage"),
        (RESERVED, EMPTY, "the old storage is itself reserved"),
        (LEFT, EMPTY, "moved to https://new.example.org, not to this storage"),
        (LEFT, OPEN, "not to this storage"),
        (LEFT, RESERVED_OTHERWISE, "not to this storage"),
        (LEFT_OTHERWISE, RESERVED, "not to this storage"),
        (LEFT, UNDONE, "this move was undone"),
    ],
)
def test_a_move_is_refused(old: LogState, new: LogState, reason: str) -> None:
    with pytest.raises(MoveRefusedError, match=reason):
        next_step(old, new, HERE)


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        (OPEN, RESERVED, Step.CANCEL),
        (LEFT, RESERVED, Step.CANCEL),
        (LEFT, RESERVED_OTHERWISE, Step.CANCEL),
        (LEFT, UNDONE, Step.REOPEN),
        (OPEN, UNDONE, Step.KEEP),
        (OPEN, EMPTY, Step.DONE),
    ],
)
def test_the_steps_of_undoing(old: LogState, new: LogState, step: Step) -> None:
    assert next_step_back(old, new, HERE, is_kept=False) is step


def test_an_undo_ends_once_it_has_written_to_the_old_log() -> None:
    assert next_step_back(OPEN, UNDONE, HERE, is_kept=True) is Step.DONE


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (LEFT, OPENED, TooLateError),
        (LEFT, OPEN, TooLateError),
        (OPEN, OPEN, TooLateError),
        (LEFT, EMPTY, MoveRefusedError),
        (LEFT_OTHERWISE, UNDONE, MoveRefusedError),
        (OPEN, OF_ANOTHER_CLOUD, MoveRefusedError),
        (RESERVED, UNDONE, MoveRefusedError),
    ],
)
def test_undoing_is_refused(old: LogState, new: LogState, kind: type[MoveRefusedError]) -> None:
    with pytest.raises(kind):
        next_step_back(old, new, HERE, is_kept=False)
