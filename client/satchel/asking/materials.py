"""What may answer a question, and how an answer refers to it."""

from dataclasses import dataclass, field
from typing import Literal

Source = Literal["piece", "episode"]


@dataclass(frozen=True, slots=True)
class Material:
    """A Piece, or an episode of the memory, as text. A higher `score` fits the question better, from 0 to about 1.

    `events` are the ids of the events that an episode is made of.
    """

    id: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    score: float
    language: str = ""
    source: Source = "piece"
    events: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A material that is quoted: its number in brackets, counted from 1."""

    number: int
    id: str
    title: str = field(repr=False)
    source: Source = "piece"
