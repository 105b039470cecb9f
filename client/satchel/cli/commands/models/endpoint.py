"""`satchel endpoint`: set, show, test or remove the language model that satchel may ask."""

from pathlib import Path
from typing import Final, cast

import click

from satchel.cli.app import App
from satchel.cli.options import group, pass_app
from satchel.cli.terminal.text import Column, one_line
from satchel.endpoints.address import PROTOCOLS, WELL_KNOWN, Address, Protocol, parse_address
from satchel.endpoints.endpoint import (
    Endpoint,
    check_model,
    find_endpoint,
    remove_endpoint,
    write_endpoint,
)
from satchel.endpoints.opening import check_key
from satchel.errors import SatchelError, UsageError
from satchel.text_files import KEY_FILE, read_first_line, read_text_from

STDIN: Final = "-"
SHOWN_CHARS: Final = 200
FULLY: Final = {
    "stop": "completely",
    "length": "up to the limit of length",
    "filtered": "but its filter cut it off",
}


@group(
    "endpoint",
    examples=[
        ("satchel endpoint set ollama --model qwen2.5-coder:7b", "a model on this computer"),
        ("satchel endpoint set openai --model gpt-4.1-mini", "asks for the key without showing it"),
        ("satchel endpoint test", "ask it one word"),
        ("satchel endpoint remove", "forget it, and its key"),
    ],
)
def endpoint() -> None:
    """Set the language model that satchel may ask, on this computer or elsewhere.

    There is none until you set one, and setting one sends nothing. satchel ledger shows every question. The
    endpoint's key is stored in this computer's keyring, or else in a file that only you can read.
    """


@endpoint.subcommand(
    "set",
    examples=[
        ("satchel endpoint set ollama --model qwen2.5-coder:7b", "a program on this computer"),
        ("satchel endpoint set anthropic --model NAME --key-from key.txt", "with the key in a file"),
        (
            "satchel endpoint set https://R.openai.azure.com --model DEPLOYMENT",
            "Azure, where the model is a deployment",
        ),
    ],
)
@click.argument("where", metavar="URL|NAME", shell_complete=lambda _ctx, _param, text: _names(text))
@click.option(
    "--protocol",
    type=click.Choice(PROTOCOLS),
    help="The API that it speaks (default: by its host, else openai).",
)
@click.option("--model", metavar="MODEL", help="The name of the model there.")
@click.option(
    "--key-from", metavar="FILE", help="Read the key from a file's first line, or from - (standard input)."
)
@click.option("--no-key", is_flag=True, help="The endpoint needs no key; forget an earlier one.")
@click.option("--api-version", metavar="VERSION", default="", help="The version of the API, for Azure.")
@click.option("--allow-http", is_flag=True, help="Allow a URL without TLS.")
@pass_app
def set_(
    app: App,
    /,
    *,
    where: str,
    protocol: str | None,
    model: str | None,
    key_from: str | None,
    no_key: bool,
    api_version: str,
    allow_http: bool,
) -> None:
    """Set the endpoint: its address, protocol and model.

    URL is the base of an API, such as https://host.example.com/v1. NAME is one of: ollama, llama.cpp,
    lm-studio, vllm, openai, anthropic. Nothing is sent. If the address changes, satchel forgets the earlier
    key.
    """
    if key_from is not None and no_key:
        raise UsageError("--key-from and --no-key exclude each other", hint="give one of them")
    address = parse_address(
        where, cast("Protocol | None", protocol), api_version=api_version, allow_http=allow_http
    )
    chosen = Endpoint(address, check_model(model or address.deployment), allow_http)
    keys = app.endpoint_keys()
    is_new = _differs(app, address)
    key = "" if no_key else _read_key(app, address, key_from, may_ask=is_new or not keys.exists())
    if is_new or no_key:
        keys.delete()
    write_endpoint(app.home, chosen)
    if key:
        keys.store(key)
    _tell_released(app, chosen)
    _answer(app, chosen, has_key=keys.exists())


@endpoint.subcommand("show", examples=[("satchel endpoint show", "the address and the model, never the key")])
@pass_app
def show(app: App, /) -> None:
    """Show the endpoint. Its key is never shown."""
    found = find_endpoint(app.home)
    if found is None:
        app.out.answer({"endpoint": None}, "no endpoint is set; every model runs on this device")
        return
    _answer(app, found, has_key=app.endpoint_keys().exists())


@endpoint.subcommand("models", examples=[("satchel endpoint models", "names for --model")])
@pass_app
def models(app: App, /) -> None:
    """List the endpoint's models."""
    chat = app.chat()
    chosen, names = chat.endpoint.model, chat.models()
    app.out.table(
        lambda: {"models": [{"name": name, "is_chosen": name == chosen} for name in names]},
        (Column("MODEL", shrinks=True), Column("")),
        ((name, "chosen" if name == chosen else "") for name in names),
    )


@endpoint.subcommand("test", examples=[("satchel endpoint test", "ask for one word, and show the answer")])
@pass_app
def test(app: App, /) -> None:
    """Ask the endpoint for one word, and show its answer. The question quotes nothing of yours."""
    chat = app.chat()
    answer = chat.stream(_Question())
    try:
        text = one_line(answer.read())[:SHOWN_CHARS]
    except SatchelError as exc:
        if chat.said:
            exc.hint = f"it says: {chat.said}"
        raise
    finish = answer.finish or "other"
    app.out.answer(
        {"origin": chat.endpoint.origin, "model": chat.endpoint.model, "answer": text, "finish": finish},
        f"{chat.endpoint.model} at {chat.endpoint.origin} answers {FULLY.get(finish, 'for a part')}: {text}",
    )


@endpoint.subcommand("remove", examples=[("satchel endpoint remove", "everything runs on this device again")])
@pass_app
def remove(app: App, /) -> None:
    """Forget the endpoint and its key. Nothing is sent to a language model any more."""
    app.endpoint_keys().delete()
    was_there = remove_endpoint(app.home)
    _tell_released(app, None)
    app.out.answer(
        {"removed": was_there}, "the endpoint and its key are removed" if was_there else "no endpoint was set"
    )


class _Question:
    """The question of `test`."""

    system = ""
    user = "Answer with the one word: ready"
    pieces = ()
    events = ()
    max_answer_tokens = 200  # models that reason use some before they answer


def _names(incomplete: str) -> list[str]:
    return [name for name in WELL_KNOWN if name.startswith(incomplete)]


def _tell_released(app: App, chosen: Endpoint | None) -> None:
    """Switch models that asked another endpoint back to this device, and say so."""
    from satchel.cli.commands.models.processing import release  # noqa: PLC0415  its module imports the models

    try:
        gone = release(app, chosen)
    except SatchelError as exc:  # a choice holds for the endpoint that it names, and for no other
        app.out.warn(f"{exc.message}; {exc.hint}")
        return
    if gone:
        verb = "run" if len(gone) > 1 else "runs"
        app.out.note(f"{', '.join(gone)} {verb} on this device again; satchel processing set blends a model")


def _differs(app: App, address: Address) -> bool:
    """Return whether another endpoint, or none, is set. A damaged one counts as another."""
    try:
        found = find_endpoint(app.home)
    except SatchelError:
        return True
    return found is None or (found.url, found.protocol) != (address.url, address.protocol)


def _read_key(app: App, address: Address, source: str | None, *, may_ask: bool) -> str:
    """Return the key from a file, standard input or a prompt; empty to leave it as it is."""
    if source == STDIN:
        return check_key(read_text_from(app.streams.stdin, "standard input"))
    if source is not None:
        return check_key(read_first_line(Path(source), KEY_FILE))
    if not may_ask or address.origin.is_loopback or not app.out.can_ask:
        return ""
    typed = app.out.ask_secret("key of the endpoint (empty: none)")
    return check_key(typed) if typed.strip() else ""


def _answer(app: App, chosen: Endpoint, *, has_key: bool) -> None:
    app.out.answer(_document(chosen, has_key=has_key), "\n".join(_lines(chosen, has_key=has_key)))


def _lines(chosen: Endpoint, *, has_key: bool) -> list[str]:
    where = "this computer" if chosen.is_on_this_device else "not on this computer"
    version = f", version {chosen.address.api_version}" if chosen.address.api_version else ""
    return [
        f"endpoint  {chosen.url} ({where})",
        f"protocol  {chosen.protocol}{version}",
        f"model     {chosen.model}",
        f"key       {'set' if has_key else 'none'}",
    ]


def _document(chosen: Endpoint, *, has_key: bool) -> dict[str, object]:
    return {
        "endpoint": {
            "name": chosen.name,
            "url": chosen.url,
            "origin": chosen.origin,
            "protocol": chosen.protocol,
            "api_version": chosen.address.api_version or None,
            "model": chosen.model,
            "has_key": has_key,
            "is_on_this_device": chosen.is_on_this_device,
        }
    }
