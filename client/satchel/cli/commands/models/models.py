"""`satchel models`: list the models of this device."""

from typing import Final

from satchel.cli.app import App
from satchel.cli.options import command, pass_app
from satchel.cli.terminal.text import Column, format_size
from satchel.models.evaluations import evaluation_of
from satchel.models.registry import ENTRIES, Entry, missing_packages, missing_weights, size_of

COLUMNS: Final = (
    Column("MODEL"),
    Column("SIZE", right=True),
    Column("RUNS"),
    Column("EVALUATION", dim=True),
    Column("PURPOSE", shrinks=True, dim=True),
)


@command(
    "models",
    examples=[("satchel models", "what runs on this device, and what an extra would add")],
)
@pass_app
def models(app: App, /) -> None:
    """List the models of this device: purpose, size, licence, origin and last evaluation.

    Every model runs on this device and sends nothing, unless you blend it: see satchel processing. If a model
    needs an extra that is not installed, the list says what works without it.
    """
    app.out.table(
        lambda: {"models": [_document(entry) for entry in ENTRIES]},
        COLUMNS,
        (
            [entry.label, _size(entry), _state(entry), evaluation_of(entry), entry.purpose]
            for entry in ENTRIES
        ),
    )
    extras = sorted({entry.extra for entry in ENTRIES if missing_packages(entry)})
    if extras:
        app.out.note(f"hint: to run all: pipx install --force 'satchel[{','.join(extras)}]'")
    for name in sorted({name for entry in ENTRIES for name in missing_weights(entry)}):
        app.out.note(f"this installation was built without '{name}'; in a checkout, make it: make models")


def _size(entry: Entry) -> str:
    size = size_of(entry)
    return format_size(size) if size else "-"


def _state(entry: Entry) -> str:
    if missing_packages(entry):
        return f"needs satchel[{entry.extra}]"
    return "no weights" if missing_weights(entry) else "here"


def _document(entry: Entry) -> dict[str, object]:
    missing = missing_packages(entry)
    return {
        "name": entry.name,
        "version": entry.version,
        "purpose": entry.purpose,
        "fields": list(entry.fields),
        "size_bytes": size_of(entry),
        "licence": entry.licence,
        "provenance": entry.provenance,
        "is_installed": not missing and not missing_weights(entry),
        "missing": list(missing),
        "missing_weights": list(missing_weights(entry)),
        "extra": entry.extra,
        "without": entry.light,
        "evaluation": evaluation_of(entry),
    }
