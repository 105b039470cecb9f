"""`satchel processing`: where every model runs, and which ones may ask the endpoint."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Final

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.text import Column, one_line
from satchel.endpoints.endpoint import Endpoint, find_endpoint
from satchel.errors import NotFoundError, RefusedError
from satchel.processing.blendable import BLENDABLE, LOCAL_ONLY, SENDS
from satchel.processing.choices import Choices
from satchel.processing.listing import ASK, Row, rows
from satchel.spelling import closest
from satchel.version import VERSION

COLUMNS: Final = (
    Column("MODEL"),
    Column("RUNS"),
    Column("WHERE", shrinks=True),
    Column("SENDS", shrinks=True),
    Column("PURPOSE", shrinks=True, dim=True, spare=True),
)


@group(
    "processing",
    examples=[
        ("satchel processing", "where every model runs, and what it sends"),
        ("satchel processing --report > report.md", "the same as a page to hand on"),
        ("satchel processing set titles blended", "let a model ask your endpoint"),
        ("satchel processing set titles local", "and no longer"),
    ],
    alone=True,
)
@click.option("--report", is_flag=True, help="Print a page in Markdown, for example for a security officer.")
@pass_app
def processing(app: App, /, *, report: bool) -> None:
    """Show where every model runs: on this device, or blended with your endpoint.

    Every model runs on this device until you set an endpoint and switch the model to blended. It may then
    send the endpoint what the table says, and nothing else. satchel ledger shows each question.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    endpoint = find_endpoint(app.home)
    found = list(rows(Choices.read(app.home), endpoint))
    if report:
        app.out.text(
            lambda: _document(app, endpoint, found),
            lambda _color: "".join(f"{line}\n" for line in _report(app, endpoint, found)),
        )
        return
    app.out.table(
        lambda: _document(app, endpoint, found),
        COLUMNS,
        ((_label(row), row.runs, row.where, row.sends, row.purpose) for row in found),
    )


@processing.subcommand(
    "set", examples=[("satchel processing set tags blended", "tags are suggested by your endpoint too")]
)
@click.argument("model", metavar="MODEL", shell_complete=lambda _ctx, _param, text: _names(text))
@click.argument("how", metavar="local|blended", type=click.Choice(("local", "blended")))
@pass_app
def set_(app: App, /, *, model: str, how: str) -> None:
    """Let a model run only on this device, or also ask your endpoint.

    A blended model asks the endpoint when you save a Piece or run satchel suggest. If the endpoint does not
    answer, the model on this device is used instead. If you set another endpoint, every model runs only on
    this device again.
    """
    _require_known(model)
    choices = Choices.read(app.home)
    endpoint = find_endpoint(app.home)
    if how == "local":
        if model in choices.blended:
            choices.without(model).write(app.home)
        app.out.answer({"model": model, "runs": "local", "where": None}, f"{model} runs on this device")
        return
    if model not in BLENDABLE:
        raise RefusedError(
            f"the model {model!r} only runs on this device: {LOCAL_ONLY[model]}",
            hint=f"these may be blended: {', '.join(BLENDABLE)}",
        )
    if endpoint is None:
        raise RefusedError(
            f"no endpoint is set for the model {model!r} to ask", hint="set one first: satchel endpoint set"
        )
    choices.blending(model, endpoint).write(app.home)
    app.out.answer(
        {"model": model, "runs": "blended", "where": endpoint.origin},
        f"{model} asks {endpoint.model} at {endpoint.origin}; it sends {SENDS}",
    )


@processing.subcommand("reset", examples=[("satchel processing reset", "every model runs on this device")])
@pass_app
def reset(app: App, /) -> None:
    """Let every model run only on this device."""
    Choices().write(app.home)
    app.out.answer({"reset": True}, "every model runs on this device")


def release(app: App, endpoint: Endpoint | None) -> list[str]:
    """Let the models that were blended with another endpoint run on this device again; return their names."""
    choices, gone = Choices.read(app.home).for_endpoint(endpoint)
    if gone:
        choices.write(app.home)
    return gone


def _require_known(model: str) -> None:
    if model == ASK:
        raise RefusedError(
            "satchel ask has no switch: it shows what it will send, and asks you each time",
            hint="without an endpoint it answers on this device: satchel endpoint remove",
        )
    if model not in BLENDABLE and model not in LOCAL_ONLY:
        meant = closest(model, (*BLENDABLE, *LOCAL_ONLY))
        hint = f"did you mean {meant}? " if meant else ""
        raise NotFoundError(f"there is no model {model[:40]!r}", hint=f"{hint}satchel processing lists all")


def _names(incomplete: str) -> list[str]:
    return [name for name in BLENDABLE if name.startswith(incomplete)]


# -- output -----------------------------------------------------------------------------------


def _label(row: Row) -> str:
    return f"{row.name}/{row.version}"


def _document(app: App, endpoint: Endpoint | None, found: Sequence[Row]) -> dict[str, object]:
    return {
        "endpoint": None
        if endpoint is None
        else {
            "origin": endpoint.origin,
            "model": endpoint.model,
            "is_on_this_device": endpoint.is_on_this_device,
        },
        "offline": not app.may_ask_in_passing(),
        "models": [
            {
                "name": row.name,
                "version": row.version,
                "purpose": row.purpose,
                "runs": row.runs,
                "where": row.where,
                "sends": row.sends,
                "may_be_blended": row.name in BLENDABLE,
                "only_here": row.only_here or None,
            }
            for row in found
        ],
    }


def _report(app: App, endpoint: Endpoint | None, found: Sequence[Row]) -> Iterator[str]:
    yield "# Where satchel's models run"
    yield ""
    yield f"satchel {VERSION}, {dt.datetime.now(dt.UTC):%Y-%m-%d}."
    yield ""
    yield f"Endpoint: {_described(endpoint)}"
    if not app.may_ask_in_passing():
        yield ""
        yield "satchel is offline: it refuses every request before it leaves this device."
    yield ""
    yield "| model | runs | where | sends | purpose |"
    yield "|---|---|---|---|---|"
    for row in found:
        cells = (_label(row), row.runs, row.where, row.sends, row.purpose)
        yield f"| {' | '.join(map(_cell, cells))} |"
    yield ""
    yield (
        "A blended model asks the endpoint when a Piece is saved, or when suggestions are asked for. Secrets, e-mail "
        "addresses, host names and home paths are replaced by placeholders before. If the endpoint does not answer, the "
        "model of this device stands in."
    )
    yield ""
    yield (
        "Apart from models, only commands of the owner send something: backups and shares, encrypted on this device; "
        "messages to the owner's cloud; and, with consent, counts and crash reports (`satchel telemetry show`). Every "
        "request is recorded before it leaves: `satchel ledger` lists them, and `satchel ledger show` prints the exact "
        "text of a prompt. Programs on this computer that read Pieces as agents are in the ledger too."
    )


def _described(endpoint: Endpoint | None) -> str:
    if endpoint is None:
        return "none. Nothing is asked outside this device."
    place = "on this computer" if endpoint.is_on_this_device else "not on this computer"
    return f"{_cell(endpoint.url)} ({place}), model {_cell(endpoint.model)}."


def _cell(text: str) -> str:
    return one_line(text).replace("|", "\\|")
