"""An answer: streaming it, checking what it cites, keeping it as a Piece, and printing its references."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from satchel.asking import Citations, Prepared, Reference
from satchel.asking.retrieval import ANSWER
from satchel.cli.app import App
from satchel.cli.asking.showing import name_of
from satchel.cli.recent_list import write_recent
from satchel.cli.terminal.text import printable
from satchel.cli.views import label_of
from satchel.errors import SatchelError
from satchel.store import Draft, Piece, Source, Store

if TYPE_CHECKING:
    from satchel.endpoints import Answer

HERE: Final = "this device"
MAX_TITLE_CHARS: Final = 200
MAX_LINKS: Final = 50
_ENDS: Final = {
    "length": "the answer reached its longest length; --answer-tokens allows more",
    "filtered": "the endpoint's filter cut the answer off",
    "other": "the endpoint ended the answer early",
}


@dataclass(frozen=True, slots=True)
class Made:
    """Which model wrote an answer, and where."""

    model: str
    origin: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its answer. `made` is None for an answer that was made on this device."""

    question: str
    text: str = field(repr=False)
    references: tuple[Reference, ...] = ()
    cited: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    made: Made | None = None
    is_complete: bool = True
    finish: str | None = None

    @property
    def used(self) -> list[Reference]:
        """The references that the answer cites; all if it cites none."""
        return [one for one in self.references if one.number in self.cited] or list(self.references)


def stream_answer(
    app: App, question: str, answer: "Answer", prepared: Prepared, made: Made, *, keeps: bool
) -> tuple[Asked, SatchelError | KeyboardInterrupt | None]:
    """Print an answer while it arrives, and return it, with the error that cut it off.

    Ctrl-C is such an error if the owner `keeps` the answer. Raise the errors of the endpoint, and Ctrl-C, if nothing has
    arrived.
    """
    citations, restorer = Citations(len(prepared.references)), prepared.filtered.restorer()
    shown: list[str] = []
    failure: SatchelError | KeyboardInterrupt | None = None
    try:
        for piece in answer:
            shown.append(
                restorer.feed(citations.feed(piece))
            )  # before it is printed: Ctrl-C loses nothing shown
            _print(app, shown[-1])
    except SatchelError as exc:
        if not answer.text:
            raise
        failure = exc
    except KeyboardInterrupt as exc:
        if not (answer.text and keeps):
            raise
        failure = exc
    shown.append(restorer.feed(citations.end()) + restorer.end())
    _print(app, shown[-1])
    asked = Asked(
        question,
        "".join(shown).strip(),
        prepared.references,
        citations.cited,
        sorted(citations.unknown),
        sorted(restorer.withheld),
        made,
        is_complete=failure is None and answer.is_complete,
        finish=None if failure else answer.finish,
    )
    return asked, failure


def _print(app: App, text: str) -> None:
    """Print a part of an answer. Whatever a terminal would obey is shown as text."""
    if text and not app.out.as_json:
        app.out.write(printable(text) if app.out.is_terminal else text)


def report(
    app: App, store: Store, asked: Asked, piece: Piece | None, *, prompt: dict[str, Any] | None = None
) -> None:
    """Print what follows a streamed answer, or an answer that was made on this device as a whole."""
    if app.out.as_json:
        app.out.answer(_fields(asked, piece, prompt), "")
    elif not asked.text:
        app.out.note(
            "nothing found: no Piece has words of the question, or a similar meaning; nothing was sent"
        )
        return
    else:
        listed = "\n".join(name_of(store, one) for one in asked.used)
        _print(app, f"{'' if asked.made else asked.text}\n\n{listed}\n")
        if all(one.source == "piece" for one in asked.references):
            write_recent(app.home, [one.id for one in asked.references])
    for note in _notes(asked):
        app.out.note(note)
    if piece is not None:
        app.out.note(f"saved {label_of(store, piece)}")


def _notes(asked: Asked) -> Iterable[str]:
    if asked.finish in _ENDS:
        yield _ENDS[asked.finish]
    if asked.unknown:
        yield f"[?] stands for excerpts that do not exist: {', '.join(map(str, asked.unknown))}"
    if asked.made and asked.text and not asked.cited:
        yield "the answer cites nothing; the Pieces above are those that were sent"
    if asked.withheld:
        yield f"{', '.join(asked.withheld)} stays in a link that the answer made up"


def save_answer(store: Store, asked: Asked) -> Piece:
    """Keep an answer as a Piece, with who made it from which Pieces."""
    by = (
        f"the model {asked.made.model} at {asked.made.origin}"
        if asked.made
        else f"satchel on {HERE}, by quoting"
    )
    cut = "" if asked.is_complete else " It is incomplete."
    lines = [f"[{one.number}] {one.title or '(untitled)'} ({one.id})" for one in asked.used]
    listed = "\n".join(f"- {line}" for line in lines)
    return store.add(
        Draft(
            f"# {asked.question}\n\n{asked.text}\n\n{listed}\n".encode("utf-8", "replace"),
            media_type="text/markdown;charset=utf-8",
            title=" ".join(asked.question.split())[:MAX_TITLE_CHARS],
            description=f"Answered by {by}.{cut}",
            language="markdown",
            links=tuple(f"satchel://piece/{one.id}" for one in asked.used if one.source == "piece")[
                :MAX_LINKS
            ],
            source=Source(ANSWER, f"{asked.made.origin} {asked.made.model}" if asked.made else HERE),
        )
    )


def _fields(asked: Asked, piece: Piece | None, prompt: dict[str, Any] | None) -> dict[str, object]:
    return {
        "question": asked.question,
        "answer": asked.text or None,
        "is_complete": asked.is_complete,
        "finish": asked.finish,
        "model": asked.made.model if asked.made else None,
        "origin": asked.made.origin if asked.made else None,
        "references": [
            {
                "number": one.number,
                "id": one.id,
                "title": one.title,
                "source": one.source,
                "is_cited": one.number in asked.cited,
            }
            for one in asked.references
        ],
        "unknown_citations": asked.unknown,
        "prompt": prompt,
        "saved": piece.id if piece else None,
    }
