"""Which frameworks a text uses: by its imports or, if they are cut off, by distinctive names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from satchel.models.frameworks.comments import modules_of_examples, modules_of_types
from satchel.models.frameworks.table import Framework, Table, table_of
from satchel.models.interface import EXAMINED_CHARS, Model, Subject, Suggestion
from satchel.models.parsing import language_of, outline_of

IMPORTED: Final = 0.95
TOLD: Final = 0.6
TAG: Final = 0.75
MAX_USES: Final = 20


@dataclass(frozen=True, slots=True)
class Use:
    """A framework that a text uses. `evidence` is one line; `is_sure` if it is imported."""

    name: str
    evidence: str
    is_sure: bool
    is_tag: bool = False


def frameworks_of(text: str, language: str) -> list[Use]:
    """Return the frameworks of a text in a canonical language: the imported ones, then those that names tell."""
    table = table_of(language)
    found: dict[str, Use] = {}
    outline = outline_of(text, language)
    for one in outline.imports:
        modules = [f"{one.module}.{bound.name}" for bound in one.bindings] if _is_dotted(language) else []
        modules += [f"{one.module}::{bound.name}" for bound in one.bindings] if language == "rust" else []
        for module in (*modules, one.module):
            framework = table.of_module(module)
            if framework is not None:
                found.setdefault(
                    framework.name,
                    Use(framework.name, f"imports {one.module}", is_sure=True, is_tag=framework.is_tag),
                )
    if language in ("javascript", "typescript"):
        _add_scripts(found, table, text[:EXAMINED_CHARS])
    if not outline.imports or language in ("rust", "csharp"):
        for framework in table.frameworks:
            told = _told(framework, text[:EXAMINED_CHARS])
            if told and framework.name not in found:
                found[framework.name] = Use(
                    framework.name, f"has {told}", is_sure=False, is_tag=framework.is_tag
                )
    return list(found.values())[:MAX_USES]


def _add_scripts(found: dict[str, Use], table: Table, text: str) -> None:
    """Add what a script imports in comments: types, and where it imports no framework, the examples of its docs."""
    places = [(True, "takes types of", modules_of_types(text))]
    if not found:
        places.append((False, "has an example with", modules_of_examples(text)))
    for is_sure, how, modules in places:
        for module in modules:
            framework = table.of_module(module)
            if framework is not None:
                use = Use(framework.name, f"{how} {module}", is_sure=is_sure, is_tag=framework.is_tag)
                found.setdefault(framework.name, use)


class Frameworks:
    """Suggests the frameworks of a text, and tags for the well-known ones."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest frameworks; nothing for a text without code of a known language."""
        uses = frameworks_of(subject.text, language_of(subject))
        found = [
            Suggestion("framework", one.name, IMPORTED if one.is_sure else TOLD, one.evidence) for one in uses
        ]
        found += [
            Suggestion("tag", one.name.replace(" ", "-"), TAG if one.is_sure else TOLD - 0.2, one.evidence)
            for one in uses
            if one.is_tag
        ]
        return sorted(found, key=lambda one: -one.confidence)


def open_model() -> Model:
    """Return the model."""
    return Frameworks()


def _is_dotted(language: str) -> bool:
    return language in ("python", "scala")


def _told(framework: Framework, text: str) -> str:
    return next((one for one in framework.telling if one in text), "")
