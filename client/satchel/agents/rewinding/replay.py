"""A Piece as it would be without some of its edits: pure functions over the states of its revisions.

    replayed = replay(steps)            # steps that are taken back are left out
    replayed.state, replayed.conflicts

Each edit that stays is applied to the state without the others, field by field. An edit that was made upon a value
that is taken back stays as it is, and the field is a conflict: something of that value may be left in it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from satchel.agents.rewinding.three_way import merge_lists, merge_texts
from satchel.pieces.model import SuggestedValue, WholeFile


@dataclass(frozen=True, slots=True)
class State:
    """What one revision of a Piece holds."""

    content: bytes = field(repr=False)
    media_type: str
    title: str = ""
    description: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    files: tuple[WholeFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A revision: its state, whether it is taken back, and whether the Piece is out of view since."""

    state: State
    is_taken_back: bool
    is_withdrawn: bool = False
    suggested: tuple[SuggestedValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """The state without what is taken back.

    `conflicts` names the fields in which something of it may be left. `is_made_back` tells that revision 1 is taken
    back, so the whole Piece; `is_adopted` that somebody else has edited it since, or brought it back into view.
    """

    state: State
    conflicts: tuple[str, ...]
    is_made_back: bool
    is_adopted: bool


def replay(steps: Iterable[Step]) -> Replayed:
    """Return the state of a Piece without the steps that are taken back. There is at least one step.

    A first step that is taken back is the base all the same: the caller decides whether the Piece stays.
    """
    following = iter(steps)
    first = before = next(following)
    kept, conflicts, is_adopted = first.state, dict[str, None](), False
    for step in following:
        if not step.is_taken_back:
            kept, overlaps = apply_edit(before.state, step.state, kept)
            conflicts |= dict.fromkeys(overlaps)
            is_adopted |= before.is_withdrawn and not step.is_withdrawn
        before = step
    is_edited = _without(kept, before.suggested) != _without(first.state, first.suggested)
    return Replayed(kept, tuple(conflicts), first.is_taken_back, is_adopted or is_edited)


def apply_edit(before: State, after: State, kept: State) -> tuple[State, list[str]]:
    """Return a state with the change between two others, and the fields in which the change overlaps."""
    overlaps = list[str]()
    description, is_clean = _merge(before.description, after.description, kept.description)
    overlaps += [] if is_clean else ["description"]
    content, is_clean = _merge_content(before.content, after.content, kept.content)
    overlaps += [] if is_clean else ["content"]
    files = list[WholeFile]()
    for file, is_clean in _merge_files(before.files, after.files, kept.files):
        files.append(file)
        overlaps += [] if is_clean else ["files"]
    state = State(
        content=content,
        media_type=_edited(before.media_type, after.media_type, kept.media_type),
        title=_edited(before.title, after.title, kept.title),
        description=description,
        language=_edited(before.language, after.language, kept.language),
        tags=tuple(sorted(merge_lists(before.tags, after.tags, kept.tags))),
        links=merge_lists(before.links, after.links, kept.links),
        files=tuple(files),
    )
    overlaps += [
        name
        for name in ("title", "language")
        if getattr(state, name) != getattr(kept, name) and getattr(kept, name) != getattr(before, name)
    ]
    return state, overlaps


def _edited(before: str, after: str, kept: str) -> str:
    return kept if after == before else after


def _merge(before: str, after: str, kept: str) -> tuple[str, bool]:
    merged = merge_texts(before, after, kept)
    return (after, False) if merged is None else (merged, True)


def _merge_content(before: bytes, after: bytes, kept: bytes) -> tuple[bytes, bool]:
    if after == before:
        return kept, True
    if kept in (before, after):
        return after, True
    try:
        text, is_clean = _merge(*(each.decode() for each in (before, after, kept)))
    except UnicodeDecodeError:
        return after, False
    return text.encode(), is_clean


def _merge_files(
    before: tuple[WholeFile, ...], after: tuple[WholeFile, ...], kept: tuple[WholeFile, ...]
) -> Iterator[tuple[WholeFile, bool]]:
    """Yield the further files of the merged state, in order, each with whether its change does not overlap."""
    old, new, held = ({file.name: file for file in files} for files in (before, after, kept))
    for name, file in held.items():
        if name in new:
            yield _merge_file(old.get(name), new[name], file)
        elif name not in old:
            yield file, True
    for name, file in new.items():
        if name not in held and old.get(name) != file:
            yield file, name not in old


def _merge_file(before: WholeFile | None, after: WholeFile, kept: WholeFile) -> tuple[WholeFile, bool]:
    if before is None or after == before:
        return (kept, True) if after == before else (after, after == kept)
    content, is_clean = _merge_content(before.content, after.content, kept.content)
    language = _edited(before.language or "", after.language or "", kept.language or "")
    media_type = _edited(before.media_type or "", after.media_type or "", kept.media_type or "")
    return WholeFile(kept.name, content, language, media_type), is_clean


def _without(state: State, suggested: tuple[SuggestedValue, ...]) -> State:
    """Return a state without the values that a model of this device filled in."""
    values = {field: {one.value for one in suggested if one.field == field} for field, *_ in suggested}
    return replace(
        state,
        title="" if state.title in values.get("title", ()) else state.title,
        description="" if state.description in values.get("description", ()) else state.description,
        language="" if state.language in values.get("language", ()) else state.language,
        tags=tuple(tag for tag in state.tags if tag not in values.get("tags", ())),
        links=tuple(link for link in state.links if link not in values.get("links", ())),
    )
