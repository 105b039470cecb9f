"""The one interface for suggestions, and how several suggesters make one."""

from dataclasses import dataclass, replace
from typing import Protocol

from satchel.store.model import Draft


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a suggester has to say about a draft; None or empty where it has nothing to say."""

    title: str | None = None
    description: str | None = None
    language: str | None = None
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class Suggester(Protocol):
    """Looks at a draft and suggests.

    Promises: never fails whatever the content, answers from the draft alone (no network, no store, no
    clock), and the same for the same draft.
    """

    def suggest(self, draft: Draft) -> Suggestion:
        """What this draft could be called, written in, and tagged with."""
        ...


@dataclass(frozen=True, slots=True)
class _Chain:
    suggesters: tuple[Suggester, ...]

    def suggest(self, draft: Draft) -> Suggestion:
        found = [suggester.suggest(draft) for suggester in self.suggesters]
        return Suggestion(
            title=next((one.title for one in found if one.title), None),
            description=next((one.description for one in found if one.description), None),
            language=next((one.language for one in found if one.language), None),
            tags=tuple(dict.fromkeys(tag for one in found for tag in one.tags)),
            links=tuple(dict.fromkeys(link for one in found for link in one.links)),
        )


def chain(*suggesters: Suggester) -> Suggester:
    """One suggester of several: the first answer to each question counts, tags and links are united."""
    return _Chain(suggesters)


def fill(draft: Draft, suggester: Suggester) -> Draft:
    """The draft with suggestions where its owner said nothing; what was said stays."""
    found = suggester.suggest(draft)
    return replace(
        draft,
        title=draft.title or found.title or "",
        description=draft.description or found.description or "",
        language=draft.language or found.language,
        tags=draft.tags or found.tags,
        links=draft.links or found.links,
    )
