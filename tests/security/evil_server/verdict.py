"""What must hold after every command, whatever the server answered."""

import fnmatch
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from tests.security.evil_server.server import Seen

# Everything that a terminal obeys or hides, except line feeds and tabs.
UNSAFE: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)
CLEARED: Final = "\r\x1b[K"  # before each picture of a progress bar, and before what follows one


@dataclass(frozen=True)
class Outcome:
    """A command that ended: what it printed, what it sent where, and its home before and after."""

    arguments: Sequence[str]
    code: int
    out: str
    err: str
    before: dict[str, bytes]
    after: dict[str, bytes]
    seen: Sequence[Seen]
    elsewhere: Sequence[Seen]
    token: str
    altered: int
    """How many answers the server altered."""
    sent_bytes: int
    """The most that it sent in one raw answer."""

    @property
    def lines(self) -> list[str]:
        """The lines of standard error as they stay on a terminal: a slow computer has drawn progress bars."""
        return [line.rpartition(CLEARED)[2] for line in self.err.split("\n")]

    @property
    def errors(self) -> list[str]:
        """The lines of standard error that report an error."""
        return [
            each
            for each in self.lines
            if each.startswith("satchel: ") and not each.startswith("satchel: warning")
        ]


def faults(
    outcome: Outcome, codes: Collection[int], *, leaves: Sequence[str] = (), may_store: bool = False
) -> list[str]:
    """Return what is wrong with an outcome; empty if everything is as promised."""
    found: list[str] = []
    if outcome.code not in codes:
        found.append(f"exit code {outcome.code}, not {sorted(codes)}")
    text = (outcome.out + outcome.err).replace(CLEARED, "")
    if "unexpected" in text or "Traceback" in text:
        found.append("an unexpected error")
    if UNSAFE.search(text):
        found.append(f"control characters reach the terminal: {UNSAFE.findall(text)[:5]!r}")
    if outcome.code > 1 or (outcome.code == 1 and not outcome.out):
        found += _message_faults(outcome)
    found += _token_faults(outcome)
    if outcome.code:
        found += _home_faults(outcome, leaves, may_store=may_store)
    return found


def _message_faults(outcome: Outcome) -> list[str]:
    """A failure is reported by one line and at most one hint, which come last."""
    lines = [line for line in outcome.lines if line]
    if lines and lines[-1].startswith('{"error": '):
        return []  # --json: one document
    if len(outcome.errors) != 1:
        return [f"{len(outcome.errors)} error lines"]
    rest = lines[lines.index(outcome.errors[0]) + 1 :]
    if len(rest) > 1 or any(not line.startswith("hint: ") for line in rest):
        return [f"after the error come {rest}"]
    return []


def _token_faults(outcome: Outcome) -> list[str]:
    if not outcome.token:
        return []
    found = [
        f"a token went to another origin with {each.method} {each.path}"
        for each in outcome.elsewhere
        if each.token or outcome.token in f"{each.path}{each.headers}" or outcome.token.encode() in each.body
    ]
    if any(outcome.token in each.path for each in outcome.seen):
        found.append("a token is in a path")
    if outcome.token in outcome.out + outcome.err:
        found.append("the token was printed")
    return found


def _home_faults(outcome: Outcome, leaves: Sequence[str], *, may_store: bool) -> list[str]:
    names = outcome.before.keys() | outcome.after.keys()
    changed = {name for name in names if outcome.before.get(name) != outcome.after.get(name)}
    if may_store:
        leaves = (*leaves, "store.db*", "index.db*", "backups/merged.json")
    left = {name for name in changed if not any(fnmatch.fnmatch(name, each) for each in leaves)}
    return [f"files of the home changed: {sorted(left)}"] if left else []
