"""The question whether satchel may count commands and keep crash reports. Each home is asked at most once.

It follows the output of `list`, `search` or `show` on a terminal, once the store has 20 Pieces. Scripts, pipes,
`--json`, `--quiet`, CI and DO_NOT_TRACK never see it. Any answer but yes is no.
"""

from pathlib import Path
from typing import Final

from satchel.cli.environment import Globals, Running
from satchel.cli.settings_file import read_settings, write_settings
from satchel.cli.terminal.output import Output
from satchel.errors import SatchelError

ASKED: Final = "telemetry.asked"
YES: Final = "yes"
ASKED_AFTER: Final = frozenset({"list", "search", "show"})
"""Commands that only show Pieces, so a question after them interrupts nothing."""
REAL_USE_PIECES: Final = 20

QUESTION: Final = (
    "May satchel count on this device which commands you use, and keep reports of its crashes without your texts? "
    "Nothing is sent unless you run satchel telemetry send, and satchel telemetry show prints all of it."
)


def may_ask(options: Globals, code: int) -> bool:
    """Return whether a person on a terminal can be asked after this command. Read no file."""
    streams, running = options.streams, options.running
    return (
        code == 0
        and running is not None
        and running.command in ASKED_AFTER
        and streams.can_ask
        and streams.stdout_is_terminal
        and streams.is_own_job
        and not (options.json or options.quiet or options.environment.no_tracking)
    )


def ask_once(options: Globals, running: Running) -> None:
    """Ask unless this home was asked before or has few Pieces. Raise nothing, because the command has succeeded."""
    try:
        if read_settings(running.home).get(ASKED) == YES or not _is_really_used(running.home):
            return
        note_asked(running.home)  # before the question, so that Ctrl-C is an answer too
        output = Output(options.streams, as_json=False, quiet=False, color=options.environment.color)
        if output.confirm(f"\n{QUESTION}"):
            _agree(running.home)
            output.note("thank you; satchel telemetry off ends it at any time")
    except KeyboardInterrupt:
        options.streams.tell("\n")
    except (SatchelError, OSError, ValueError):
        return


def note_asked(home: Path) -> None:
    """Record that the owner was asked or has decided, so that satchel never asks again."""
    settings = read_settings(home)
    if settings.get(ASKED) != YES:
        write_settings(home, {**settings, ASKED: YES})


def _agree(home: Path) -> None:
    from satchel.telemetry.consent import turn_on  # noqa: PLC0415  after a yes only

    turn_on(home)


def _is_really_used(home: Path) -> bool:
    from satchel.store import Store  # noqa: PLC0415  the commands of ASKED_AFTER have imported it

    with Store.open(home, read_only=True) as store:
        return store.count() >= REAL_USE_PIECES
