"""A question to a model."""

from dataclasses import dataclass, field
from typing import Final

from satchel.prompts.tokens import count_tokens

ANSWER_TOKENS: Final = 1_024
MESSAGE_TOKENS: Final = 16
"""What the format of a chat adds to two messages, by any model."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told: how to answer, and the question with its material.

    Both texts are as they leave the device. `pieces` are the ids of the Pieces that they quote, and `events` those of
    the events of the memory, in order. `max_answer_tokens` limits the answer.
    """

    system: str = field(repr=False)
    user: str = field(repr=False)
    pieces: tuple[str, ...] = ()
    max_answer_tokens: int = ANSWER_TOKENS
    events: tuple[int, ...] = ()

    @property
    def tokens(self) -> int:
        """An upper estimate of its tokens, without the answer's."""
        return count_tokens(self.system) + count_tokens(self.user) + MESSAGE_TOKENS
