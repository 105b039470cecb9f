"""What is asked, what arrives, and how an answer ends.

A protocol turns a prompt into a body, and the events of a stream into parts of an answer:

    for event in events:
        part = protocol.part(event)     # Part("text"), Part("", finish="stop"), or None
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol, Self

from satchel.endpoints.event_stream import Event
from satchel.errors import UnreachableError

Finish = Literal["stop", "length", "filtered", "other"]
"""Why an answer ended: the model was done, it reached a limit of length, the vendor withheld the rest, or else."""
MAX_ANSWER_CHARS: Final = 2_000_000


class Prompt(Protocol):
    """A question to a model: the role it is given, what it is asked, and the most tokens that it may answer with.

    `pieces` are the ids of the Pieces that are quoted, and `events` those of events of the memory, for the ledger.
    """

    @property
    def system(self) -> str:
        """The instructions; may be empty."""

    @property
    def user(self) -> str:
        """The question, with everything that it quotes."""

    @property
    def pieces(self) -> tuple[str, ...]:
        """The ids of the quoted Pieces."""

    @property
    def events(self) -> tuple[int, ...]:
        """The ids of the quoted events of the memory."""

    @property
    def max_answer_tokens(self) -> int:
        """The length at which the model stops."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an answer. `finish` is set in the part that says why the answer ends; `is_last` in the very last."""

    text: str = ""
    finish: Finish | None = None
    is_last: bool = False


class Dialect(Protocol):
    """How one protocol says things."""

    def body(self, model: str, prompt: Prompt) -> bytes:
        """Return the body of a request for a streamed answer."""
        ...

    def headers(self, key: str) -> Mapping[str, str]:
        """Return the headers of every request; `key` may be empty."""
        ...

    def part(self, event: Event) -> Part | None:
        """Return the part of the answer in an event; None without one.

        Raise BadStreamError for an event that is none of the protocol's, and ErrorEventError for one that reports an error.
        """
        ...

    def models(self, document: bytes) -> "ModelPage":
        """Return the models of a page of the list. Raise BadStreamError if it is none."""
        ...


@dataclass(frozen=True, slots=True)
class ModelPage:
    """A page of the list of models; `after` is the model to ask for the next page with; empty on the last."""

    names: tuple[str, ...]
    after: str = ""


class ErrorEventError(Exception):
    """An error of the endpoint inside a stream, with its document."""

    def __init__(self, document: str) -> None:
        super().__init__("an error inside the stream")
        self.document = document


class IncompleteAnswerError(UnreachableError):
    """The answer broke off. `text` is what arrived; the message says why."""

    def __init__(self, error: UnreachableError, text: str) -> None:
        super().__init__(f"the answer is incomplete: {error.message}", hint=error.hint)
        self.text = text


class Answer(Iterator[str]):
    """An answer while it arrives: an iterator over its text. Nothing is sent before the first `next`.

    Raise RefusedError for a wrong key, NotFoundError for an unknown model, UsageError for a prompt that is too long,
    and UnreachableError for the rest; its subclass IncompleteAnswerError if a part of the answer has arrived. `text` is
    what arrived, `finish` why it ended, None until then. Close it to stop early.
    """

    def __init__(self, begin: "Callable[[Answer], Generator[str, None, None]]") -> None:
        self.finish: Finish | None = None
        self._texts: list[str] = []
        self._parts = begin(self)

    @property
    def text(self) -> str:
        """Everything that arrived so far."""
        return "".join(self._texts)

    @property
    def is_complete(self) -> bool:
        """Whether the model said all that it wanted to."""
        return self.finish == "stop"

    def read(self) -> str:
        """Return the whole text; errors as above."""
        for _ in self:
            pass
        return self.text

    def close(self) -> None:
        """Stop reading; the connection is closed."""
        self._parts.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        text = next(self._parts)
        self._texts.append(text)
        return text
