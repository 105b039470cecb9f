"""Moving a cloud from one storage to another (docs/spec/log.md, section 14), undoing it, and erasing what it leaves.

    move(old, new, url="https://ann.example.org", report=print_progress)
    undo(old, new, report=print_progress)
    finish(old, new, report=print_progress)

`old` and `new` are the `Settings` of the two clouds; storages of any kind, in any combination. Both functions block, can
be killed at any moment and run again, by anyone, with the same arguments: the logs say where to go on. The old service
may keep running: it is fenced when its log is closed, and from then on it sends everyone to `url`. The new service must
not be started before `move` returns; one that is started too early refuses to start.

`move` returns when the new log is open: start the new service then. Errors are those of `moving.errors`, besides
`SettingsError` for settings that name no storage; their `hint` says what to do.
"""

from satchel_service.moving.errors import (
    MismatchError,
    MoveError,
    MoveRefusedError,
    TooLateError,
    UnreachableError,
)
from satchel_service.moving.progress import Progress, Report, Stage
from satchel_service.moving.runs import finish, move, undo

__all__ = [
    "MismatchError",
    "MoveError",
    "MoveRefusedError",
    "Progress",
    "Report",
    "Stage",
    "TooLateError",
    "UnreachableError",
    "finish",
    "move",
    "undo",
]
