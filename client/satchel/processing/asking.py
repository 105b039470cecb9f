"""Asking the endpoint for suggestions about one Piece.

    asking = Asking(open_chat, Filter(home=..., host=...))
    asked = asking.ask(subject, piece_id, [BLENDABLE["titles"]], budget_s=10)
    asked.described      # with the label "titles:MODEL@HOST/1"
    asked.failures       # why a model ran on this device instead

Only the start of the content is sent, and only after what must not leave was replaced. A failure is never an error of
the command: the suggestions of this device stand. After one, the endpoint is not asked again in the same
run, unless only the prompt was too long.
"""

import queue
import re
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from satchel.endpoints.chat import Patience
from satchel.errors import SatchelError, UsageError
from satchel.models.interface import Subject, Suggestion
from satchel.pieces.fields import MAX_MODEL_CHARS
from satchel.processing.blendable import ANSWER_TOKENS, BUDGET_TOKENS, Blendable
from satchel.prompts import Filter, Prompt, count_tokens
from satchel.suggest.filling import Described

if TYPE_CHECKING:
    from satchel.endpoints import Chat
    from satchel.prompts import Filtered

VERSION: Final = 1
"""Of the prompts; it stands in the labels of suggestions."""
WHILE_SAVING_S: Final = 10.0
"""Of all questions about one Piece while it is saved."""
SUGGESTING_S: Final = 180.0
LONGEST_WAIT_S: Final = 60.0
SHORTEST_WAIT_S: Final = 1.0
MARGIN_CHARS: Final = 8_192
"""More than is sent is filtered, so that nothing is overlooked because it is cut in two."""
_CHARS_PER_TOKEN: Final = 5
_REASONING: Final = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)
"""What some programs send of a model's thoughts before its answer."""
_SURE: Final = 1.0  # what the owner asked for comes before what this device suggests


@dataclass(slots=True)
class Asked:
    """The suggestions of the endpoint, and for each model that got none, why."""

    described: list[Described] = field(default_factory=list)
    failures: dict[str, str] = field(default_factory=dict)


OpenChat = Callable[[Patience], "Chat"]


class Asking:
    """Asks the endpoint in one run of one command."""

    def __init__(
        self, open_chat: OpenChat, filters: Filter, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._open_chat = open_chat
        self._filters = filters
        self._clock = clock
        self._gave_up = ""

    def ask(self, subject: Subject, piece_id: str, models: Sequence[Blendable], *, budget_s: float) -> Asked:
        """Ask about one Piece, for so long at most; return what came.

        The questions run in a thread that ends with the process: even a look-up of a name that hangs holds no command.
        """
        if not subject.text.strip() or not models:
            return Asked()
        excerpt = excerpt_of(subject.text, self._filters)
        answers: queue.Queue[list[Described] | SatchelError] = queue.Queue()
        deadline = self._clock() + budget_s
        work = _Work(self._open_chat, excerpt, piece_id, tuple(models), deadline, self._clock, answers)
        if not self._gave_up:
            threading.Thread(target=work.run, daemon=True).start()
        return self._collect(work)

    def _collect(self, work: "_Work") -> Asked:
        asked = Asked()
        for model in work.models:
            if self._gave_up:
                asked.failures[model.name] = self._gave_up
                continue
            try:
                found = work.answers.get(timeout=max(0.0, work.deadline - self._clock()))
            except queue.Empty:
                self._gave_up = asked.failures[model.name] = "the endpoint takes too long"
                continue
            if isinstance(found, SatchelError):
                asked.failures[model.name] = found.message
                if _ends_the_run(found):
                    self._gave_up = found.message
            elif found:
                asked.described += found
            else:
                asked.failures[model.name] = "the endpoint's answer is of no use"
        return asked


@dataclass(frozen=True, slots=True)
class _Work:
    open_chat: OpenChat
    excerpt: "Filtered"
    piece_id: str
    models: tuple[Blendable, ...]
    deadline: float
    clock: Callable[[], float]
    answers: "queue.Queue[list[Described] | SatchelError]"

    def run(self) -> None:
        """Ask one model after the other, until one fails or the time is over."""
        for model in self.models:
            left_s = self.deadline - self.clock()
            if left_s < SHORTEST_WAIT_S:
                return
            try:
                found: list[Described] | SatchelError = self._ask(model, left_s)
            except SatchelError as exc:
                found = exc
            except Exception as exc:  # noqa: BLE001  a thread has no other way to report it
                found = SatchelError(f"unexpected {type(exc).__name__}")
            self.answers.put(found)
            if isinstance(found, SatchelError) and _ends_the_run(found):
                return

    def _ask(self, model: Blendable, left_s: float) -> list[Described]:
        chat = self.open_chat(Patience(wait_s=min(left_s, LONGEST_WAIT_S), longest_s=left_s))
        prompt = Prompt(
            system=model.instructions,
            user=self.excerpt.text,
            pieces=(self.piece_id,),
            max_answer_tokens=ANSWER_TOKENS,
        )
        answer = chat.stream(prompt)
        text = _REASONING.sub("", answer.read())
        if not answer.is_complete:  # half a sentence
            return []
        label = label_of(model.name, chat.endpoint.model, chat.endpoint.origin)
        reason = f"asked {chat.endpoint.model} at {chat.endpoint.origin}"
        return [
            Described(Suggestion(model.field, self.excerpt.restore(value), _SURE, reason), label)
            for value in model.read(text)
        ]


def _ends_the_run(error: SatchelError) -> bool:
    """Return whether further questions would fail too: only a prompt that is too long is the fault of one Piece."""
    return not isinstance(error, UsageError)


def label_of(name: str, model: str, origin: str) -> str:
    """Return the label of suggestions: which model asked which model, and where."""
    host = origin.partition("://")[2]
    start, end = f"{name}:", f"@{host}/{VERSION}"
    room = MAX_MODEL_CHARS - len(start) - len(end)
    if room < 1:  # a very long host name
        return f"{start}{model}@{host}"[: MAX_MODEL_CHARS - 2] + f"/{VERSION}"
    return f"{start}{model[:room]}{end}"


def excerpt_of(text: str, filters: Filter) -> "Filtered":
    """Return the start of a text within the budget, with placeholders for what must not leave."""
    filtered = filters.apply(text[: BUDGET_TOKENS * _CHARS_PER_TOKEN + MARGIN_CHARS])
    return filters.again(filtered, cut(filtered.text, BUDGET_TOKENS))


def cut(text: str, most_tokens: int) -> str:
    """Return the start of a text with at most so many tokens; whole lines, if there is more than one."""
    if len(text) <= most_tokens or count_tokens(text) <= most_tokens:
        return text
    sizes = range(len(text))
    start = text[: bisect_right(sizes, most_tokens, key=lambda size: count_tokens(text[:size])) - 1]
    whole, newline, _ = start.rpartition("\n")
    if newline and whole.strip():
        return whole
    opened = start.rfind("<")
    return start[:opened] if opened > start.rfind(">") else start  # never a part of a placeholder
