"""What a scan returns."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """A text that looks like a secret.

    `rule` is a short name of the rule, `what` tells the kind in words, `line` counts from 1. `shown` is the published
    prefix of a token, which is all that may be printed, or empty. `value` must never be printed or logged.
    """

    rule: str
    what: str
    line: int
    confidence: float
    shown: str = ""
    value: str = field(default="", repr=False)

    @property
    def redacted(self) -> str:
        """The value as findings show it: its published prefix, if it has one, and an ellipsis."""
        return f"{self.shown}…"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A secret at a place of a text, before its line is known."""

    rule: str
    what: str
    start: int
    end: int
    confidence: float
    shown: str = ""
    value: str = field(default="", repr=False)
