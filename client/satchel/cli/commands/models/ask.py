"""`satchel ask`: answer a question from Pieces, on this device or by the owner's endpoint."""

import platform
from typing import TYPE_CHECKING, Any, Final

import click

from satchel.asking import Extract, Material, Prepared, extract, prepare
from satchel.asking.preparing import BUDGET_TOKENS, LEAST_TOKENS
from satchel.asking.retrieval import LIMIT, Narrowed, Retrieval
from satchel.cli.app import App
from satchel.cli.arguments import NumberType, language_option, limit_option, tag_option
from satchel.cli.asking.answers import Asked, Made, report, save_answer, stream_answer
from satchel.cli.asking.showing import Sending, draw, fields
from satchel.cli.edits import keeping_typed
from satchel.cli.memory_opening import find_memory
from satchel.cli.options import command, pass_app
from satchel.errors import Note, SatchelError, UsageError
from satchel.models.embedding import is_available, open_encoder
from satchel.prompts import KINDS, Filter, Kind
from satchel.prompts.prompt import ANSWER_TOKENS
from satchel.store import Store, system_entropy, utc_now
from satchel.store.database import is_read_only

if TYPE_CHECKING:
    from satchel.endpoints import Endpoint

MAX_QUESTION_CHARS: Final = 20_000
MAX_TOKENS: Final = 1_000_000
OTHERS: Final[tuple[Kind, ...]] = tuple(kind for kind in KINDS if kind != "secret")
TOKENS: Final = NumberType(MAX_TOKENS, minimum=LEAST_TOKENS)


class ReplacedType(click.ParamType[tuple[Kind, ...]]):
    """What is replaced beside secrets: all, none, or kinds with commas between them."""

    name = "kinds"

    def convert(
        self,
        value: Any,  # noqa: ANN401  click's signature
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[Kind, ...]:
        """Parse kinds."""
        words = [word.strip().lower() for word in str(value).split(",")]
        if words == ["all"]:
            return OTHERS
        if words == ["none"]:
            return ()
        if any(word not in OTHERS for word in words):
            self.fail(
                f"it must be all, none, or some of {', '.join(OTHERS)} with commas between them", param, ctx
            )
        return tuple(kind for kind in OTHERS if kind in words)


@command(
    "ask",
    examples=[
        ('satchel ask "how did we parse the header?"', "answer from what you keep"),
        ("satchel ask why is the build slow --local", "quote the best lines, and send nothing"),
        ("satchel ask why is the build slow --show", "print what would be sent, and send nothing"),
        ("satchel ask why is the build slow --tag ci --save", "only from some Pieces, and keep the answer"),
    ],
)
@click.argument("question", metavar="[QUESTION]...", nargs=-1)
@click.option("--show", is_flag=True, help="Print exactly what would be sent, and send nothing.")
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--local", is_flag=True, help="Answer on this device, even if an endpoint is set.")
@click.option("--save", is_flag=True, help="Keep the answer as a Piece.")
@click.option("--no-memory", is_flag=True, help="Only from Pieces, not from the memory of your work.")
@language_option("Only from Pieces in this language.")
@tag_option("Only from Pieces with this tag; can be repeated.")
@limit_option(LIMIT)
@click.option(
    "--budget",
    type=TOKENS,
    metavar="TOKENS",
    default=BUDGET_TOKENS,
    show_default=True,
    help="The longest prompt.",
)
@click.option(
    "--answer-tokens",
    type=TOKENS,
    metavar="TOKENS",
    default=ANSWER_TOKENS,
    show_default=True,
    help="The longest answer.",
)
@click.option(
    "--replace",
    type=ReplacedType(),
    metavar="KINDS",
    default="all",
    show_default=True,
    help=f"What gets a placeholder beside secrets: all, none, or {', '.join(OTHERS)} with commas between.",
)
@pass_app
def ask(
    app: App,
    /,
    *,
    question: tuple[str, ...],
    show: bool,
    yes: bool,
    local: bool,
    save: bool,
    no_memory: bool,
    language: str | None,
    tags: tuple[str, ...],
    limit: int,
    budget: int,
    answer_tokens: int,
    replace: tuple[Kind, ...],
) -> None:
    """Answer a question from your Pieces.

    satchel searches your Pieces and the memory of your work on this device. If you have set an endpoint
    (satchel endpoint set), its language model writes the answer from the best excerpts, and you first see
    what will be sent and to whom. Secrets are replaced by placeholders and put back in the answer, and so are
    e-mail addresses, host names and home directories unless you change --replace. Without an endpoint, or
    with --local, the answer quotes the best sentences and lines.

    Without QUESTION, the question is read from standard input. If you press Ctrl-C, --save keeps the part
    that has arrived.
    """
    if show and (yes or local or save):
        raise UsageError("--show sends nothing", hint="omit --yes, --local and --save")
    text, typed = _question(app, question)
    with keeping_typed(app.home, typed, now=utc_now(), entropy=system_entropy):
        endpoint = None if local else _endpoint(app)
        with app.open_store(read_only=not save) as store:
            materials = _materials(app, store, text, limit, Narrowed(language, tags))
            if not (no_memory or language or tags):
                materials += _episodes(app, text)
            if endpoint is None:
                _answer_here(app, store, text, extract(text, materials), shows=show, saves=save)
                return
            if not materials:
                report(app, store, Asked(text, ""), None)
                return
            prepared = prepare(
                text,
                materials,
                Filter(replace, home=app.environment.variables.get("HOME", ""), host=platform.node()),
                budget_tokens=budget,
                max_answer_tokens=answer_tokens,
            )
            _ask(app, store, text, prepared, shows=show, is_sure=yes, saves=save)


def _question(app: App, words: tuple[str, ...]) -> tuple[str, bytes | None]:
    """Return the question, and as bytes if it was typed here and is in no history of a shell."""
    text, typed = " ".join(words), None
    if not words and app.out.can_ask:
        text = app.out.ask("question: ")
        typed = text.encode("utf-8", "surrogateescape")
    elif not words and not app.streams.stdin_is_terminal:
        typed = app.streams.stdin.read(MAX_QUESTION_CHARS * 4 + 1)
        text = typed.decode("utf-8", "replace")
    if not text.strip():
        raise UsageError(
            "there is no question", hint='for example: satchel ask "how did we parse the header?"'
        )
    if len(text) > MAX_QUESTION_CHARS:
        raise UsageError(
            f"the question has more than {MAX_QUESTION_CHARS:,} characters",
            hint="shorten it, and save the rest",
        )
    return text.strip(), typed


def _endpoint(app: App) -> "Endpoint | None":
    from satchel.endpoints import find_endpoint  # noqa: PLC0415

    return find_endpoint(app.home)


def _materials(app: App, store: Store, question: str, limit: int, narrowed: Narrowed) -> list[Material]:
    with app.open_index(store) as index:
        with app.indexing() as advance:
            index.update(advance)
        with app.out.progress().phase("reading for the search by meaning", unit="pieces") as advance:
            return Retrieval(store, index, advance).find(question, limit, narrowed)


def _episodes(app: App, question: str) -> list[Material]:
    """Return the episodes that fit the question; none if no source of the memory was ever on."""
    memory = find_memory(app)
    if memory is None:
        return []
    from satchel.asking.memories import recalled  # noqa: PLC0415  most homes have no memory
    from satchel.memory.forming import form_new  # noqa: PLC0415
    from satchel.memory.time_expressions import LocalZone, local_now  # noqa: PLC0415

    with memory:
        if not is_read_only(memory.connection):
            form_new(memory, LocalZone())
        return recalled(memory, question, local_now(), encoder=open_encoder() if is_available() else None)


def _answer_here(app: App, store: Store, question: str, found: Extract, *, shows: bool, saves: bool) -> None:
    if shows:
        app.out.answer({"prompt": None}, "", brief="")
        app.out.note("nothing would be sent: no endpoint is set")
        return
    asked = Asked(question, found.text, found.references, cited=[one.number for one in found.references])
    report(app, store, asked, save_answer(store, asked) if saves and found.parts else None)


def _ask(
    app: App, store: Store, question: str, prepared: Prepared, *, shows: bool, is_sure: bool, saves: bool
) -> None:
    chat = app.chat()
    sending = Sending(chat.endpoint, chat.body(prepared.prompt), prepared, store)
    if shows:
        app.out.content(
            lambda: {"prompt": {**fields(sending), "body": sending.body.decode()}},
            sending.body,
            heading="",
            text=draw(sending),
            language="",
        )
        return
    if not is_sure:
        _confirm(app, sending)
    made = Made(chat.endpoint.model, chat.endpoint.origin)
    asked, failure = stream_answer(app, question, chat.stream(prepared.prompt), prepared, made, keeps=saves)
    # An answer cannot be asked for again: if it cannot be kept as a Piece, it is kept as a file.
    with keeping_typed(
        app.home, asked.text.encode("utf-8", "replace"), now=utc_now(), entropy=system_entropy
    ):
        piece = save_answer(store, asked) if saves and asked.text else None
    report(app, store, asked, piece, prompt=fields(sending))
    if isinstance(failure, KeyboardInterrupt) and piece is not None:
        failure.add_note(Note("the part that had arrived is saved as @last"))
    if failure is not None:
        raise failure


def _confirm(app: App, sending: Sending) -> None:
    if not app.out.can_ask:
        raise UsageError(
            "there is no terminal to ask on; nothing was sent",
            hint="add --yes to send without asking, --show to see what, or --local to send nothing",
        )
    app.out.notice(draw(sending))
    if not app.out.confirm(f"send this to {sending.endpoint.origin}?"):
        raise SatchelError("cancelled; nothing was sent", hint="satchel ask --local answers on this device")
