"""The model "related-tags": tags that are related to those of a Piece."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from satchel.models.interface import Model, Subject, Suggestion
from satchel.models.tags.ontology import load, relations, words_of_tags
from satchel.models.tags.vocabulary import in_owners_words
from satchel.models.titles.names import tiers

MOST: Final = 8
FORM: Final = 0.25  # another form of a tag: "color" of "colors", "json" of "json-schema"
GROUP: Final = 0.02
CONFIDENCE: Final = 0.35
MAX_CONFIDENCE: Final = 0.7
OWNERS: Final = 1.25  # times the score of a tag that the owner uses


class RelatedTags:
    """Suggests at most `MOST` tags that are related to the subject's own; nothing for a Piece without tags."""

    def suggest(self, subject: Subject) -> Sequence[Suggestion]:
        """Suggest tags, the most confident first."""
        scores = in_owners_words(related_scores(subject.tags), subject.vocabulary, OWNERS)
        scores = {tag: score for tag, score in scores.items() if tag not in subject.tags}
        ranked = sorted(scores, key=lambda tag: (-scores[tag], tag))[:MOST]
        most = max(1.0, len(subject.tags) ** 0.5)
        return [
            Suggestion(
                "tag",
                tag,
                round(min(MAX_CONFIDENCE, CONFIDENCE * scores[tag] / most), 3),
                _reason(tag, subject.tags),
            )
            for tag in ranked
        ]


def related_scores(tags: Sequence[str]) -> dict[str, float]:
    """Return how strongly each other tag goes with these."""
    known, related = load(), relations()
    scores: dict[str, float] = defaultdict(float)
    for tag in tags[:_EXAMINED]:
        for form in forms_of(tag):
            scores[form] += FORM if form in known else FORM * UNKNOWN
        for name in [tag] if tag in related else [form for form in forms_of(tag) if form in related][:2]:
            beside = _with_further(name)
            share = 1.0 if name == tag else OTHER_FORM
            for other, closeness in beside.items():
                scores[other] += share * closeness
            for other in groups().get(known[name].group, ()) if name in known else ():
                scores[other] += share * GROUP
    _add_compounds(tags, scores)
    return {
        tag: score * (POPULAR if tag in _POPULAR else 1.0)
        for tag, score in scores.items()
        if tag not in tags and tag
    }


OTHER_FORM: Final = 0.6
FURTHER: Final = 0.1  # of the closeness of what is related to a closely related tag
CLOSE: Final = 0.5
POPULAR: Final = 1.3
# Tags of many packages, in any registry: the likelier ones of two that are as closely related.
_POPULAR: Final = frozenset(
    [
        "javascript",
        "node",
        "browser",
        "utility",
        "util",
        "fast",
        "performance",
        "parser",
        "string",
        "array",
        "object",
        "function",
        "json",
        "http",
        "api",
        "cli",
        "async",
        "web",
        "test",
        "react",
        "css",
        "typescript",
        "python",
        "data",
        "type",
        "validation",
        "stream",
        "file",
    ]
)
UNKNOWN: Final = 0.25
COMPOUND: Final = 0.5


@cache
def _with_further(name: str) -> Mapping[str, float]:
    """Return how closely tags are related to one, those in between included."""
    known, related = load(), relations()
    found = dict(related.get(name, {}))
    for between, closeness in related.get(name, {}).items() if name in known else ():
        if closeness >= CLOSE and between in known:
            for other, share in related[between].items():
                if other != name and other in known:
                    found[other] = max(found.get(other, 0.0), FURTHER * closeness * share)
    return found


@cache
def groups() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the tags of each table of the ontology."""
    found: dict[str, list[str]] = defaultdict(list)
    for tag in load().values():
        found[tag.group].append(tag.name)
    return {group: tuple(names) for group, names in found.items()}


@cache
def compounds() -> Mapping[str, tuple[tuple[str, ...], ...]]:
    """Return for each word the compounds of the ontology that it is a part of, as their parts."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    names = {word for tag in load().values() for word in tag.words if word.count("-") in (1, 2)}
    for name in sorted(names):
        parts = tuple(name.split("-"))
        for part in parts:
            found[part].append(parts)
    return {part: tuple(each) for part, each in found.items()}


def _add_compounds(tags: Sequence[str], scores: dict[str, float]) -> None:
    """Add what completes a compound: "expression" for "regular" and "regex", "json-schema" for "json" and "schema"."""
    own = {part for tag in tags[:_EXAMINED] for part in tag.split("-")}
    for tag in tags[:_EXAMINED]:
        for parts in compounds().get(tag, ()):
            whole = "-".join(parts)
            missing = [part for part in parts if part not in own]
            if not missing:
                scores[whole] += COMPOUND / len(parts)
            elif len(missing) == 1 and (scores.get(whole, 0) > 0.5 or len(parts) > 2):
                scores[missing[0]] += COMPOUND


_EXAMINED: Final = 30


def forms_of(tag: str) -> list[str]:
    """Return other forms of a tag: the plural or singular, its parts, without "js" at the end."""
    if tag.endswith("s") and not tag.endswith("ss"):
        found = [tag[:-1]]
    else:
        found = [tag + "s"] if tag in tiers() or tag + "s" in words_of_tags() else []
    parts = tag.split("-")
    if len(parts) > 1:
        found += [*parts, "".join(parts)]
    found += [
        tag.removesuffix(end)
        for end in (".js", "js", "ing", "er")
        if tag.endswith(end) and len(tag) > len(end) + 2
    ]
    return [form for form in dict.fromkeys(found) if form and form != tag]


def _reason(tag: str, tags: Sequence[str]) -> str:
    related = relations().get(tag, {})
    beside = next((one for one in tags if one in related), "")
    return f"goes with {beside}" if beside.isprintable() and beside else "goes with its tags"


def open_model() -> Model:
    """Return the model."""
    return RelatedTags()
