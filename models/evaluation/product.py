"""The models as the product runs them: through the registry, on what a Piece without a file name shows."""

from collections.abc import Sequence
from typing import Final

from satchel.models.interface import Field, Subject
from satchel.models.registry import ENTRIES, Entry, describing, missing_packages
from satchel.suggest.filling import describe

RULES: Final = frozenset({"file-names", "first-lines"})
"""The models that read a name or a first line. They are no models of a row, and stand beside those that are."""


class NoModelError(Exception):
    """The row's model is not registered, or its packages are not installed."""


def models_of(*fields: Field) -> list[Entry]:
    """Return the models that suggest one of these fields, without the plain rules. Raise NoModelError if none does."""
    found = [entry for entry in describing(fields) if entry.name not in RULES]
    if not found:
        raise NoModelError(", ".join(fields))
    return found


def model_named(*names: str) -> Entry:
    """Return the first of these models that is registered and installed. Raise NoModelError if none is."""
    for entry in ENTRIES:
        if entry.name in names and not missing_packages(entry):
            return entry
    raise NoModelError(", ".join(names))


def suggested(subject: Subject, field: Field, models: Sequence[Entry]) -> list[str]:
    """Return the values that these models suggest for a field, the most confident first, each once."""
    found = (one.suggestion for one in describe(subject, models))
    return list(dict.fromkeys(one.value for one in found if one.field == field))
