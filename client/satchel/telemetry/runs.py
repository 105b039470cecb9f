"""The commands that were run, as recorded in HOME/telemetry/counts."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

_LINE: Final = re.compile(rb"(20\d\d-\d\d-\d\d) ([a-z][a-z0-9-]{0,19}) (\d{1,3})")


class Run(NamedTuple):
    """A command that was run: the day in UTC, its name and its exit code."""

    day: str
    command: str
    code: int


def runs_in(data: bytes) -> Iterator[Run]:
    """Yield the runs that lines describe. Skip anything else, such as a line that a full disk cut off."""
    for line in data.split(b"\n"):
        match = _LINE.fullmatch(line)
        if match is not None:
            yield Run(match[1].decode(), match[2].decode(), int(match[3]))
