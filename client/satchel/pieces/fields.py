"""Normalization and limits of the fields of a Piece. `Store` normalizes drafts and changes before it saves them.

Titles, tags and names are single lines without control characters. Tags and languages are casefolded. Every
field has a limit, so that one huge item cannot break listings, the index or an archive.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from satchel.errors import UsageError
from satchel.pieces.languages import canonical_language
from satchel.pieces.media import is_image, is_text, sniff
from satchel.pieces.model import Author, Changes, Draft, Source, SuggestedValue, WholeFile

MAX_CONTENT_BYTES: Final = 64 * 2**20
MAX_TITLE_CHARS: Final = 1_000
MAX_DESCRIPTION_CHARS: Final = 100_000
MAX_LANGUAGE_CHARS: Final = 100
MAX_MEDIA_TYPE_CHARS: Final = 200
MAX_TAG_CHARS: Final = 100
MAX_TAGS: Final = 100
MAX_LINK_CHARS: Final = 4_000
MAX_LINKS: Final = 100
MAX_SOURCE_CHARS: Final = 4_000
MAX_FILES: Final = 299  # beside the main content; 300 in all, GitHub's limit for a gist
MAX_FILE_NAME_BYTES: Final = 255  # in UTF-8: the limit of common file systems
MAX_SUGGESTED: Final = 50  # values of one field that models suggested, with those that the owner refused
MAX_SUGGESTED_CHARS: Final = 1_000  # of one value
MAX_MODEL_CHARS: Final = 100  # of a model's label
MAX_AGENT_CHARS: Final = 100
MAX_CLIENT_CHARS: Final = 200

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
# Path separators, and characters that a terminal or browser interprets or hides.
_NOT_IN_NAME: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f/\\\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
# Characters without a glyph: default-ignorable code points (Unicode, DerivedCoreProperties.txt) that are not already
# in `_NOT_IN_NAME`, interlinear annotations, and fillers that fonts leave blank.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufffb\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Characters that look like a space.
_BLANK: Final = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u2800]")
_CONTROL_IN_BLOCK: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def normalize_draft(draft: Draft) -> Draft:
    """Normalize a draft and detect its media type. UsageError if a field exceeds its limit."""
    if draft.files or len(draft.content) > MAX_CONTENT_BYTES:
        require_fitting(len(draft.content), [len(file.content) for file in draft.files])
    return replace(
        draft,
        media_type=line("media type", draft.media_type or sniff(draft.content), MAX_MEDIA_TYPE_CHARS),
        title=line("title", draft.title, MAX_TITLE_CHARS),
        description=block("description", draft.description, MAX_DESCRIPTION_CHARS),
        language=language(draft.language),
        tags=tags(draft.tags),
        links=links(draft.links),
        source=source(draft.source),
        files=files(draft.files) if draft.files else (),
        suggested=suggested(draft.suggested) if draft.suggested else (),
        author=author(draft.author),
    )


def normalize_changes(changes: Changes) -> Changes:
    """Normalize changes. UsageError if a field exceeds its limit."""
    media_type = changes.media_type
    return replace(
        changes,
        media_type=media_type and line("media type", media_type, MAX_MEDIA_TYPE_CHARS),
        title=None if changes.title is None else line("title", changes.title, MAX_TITLE_CHARS),
        description=None
        if changes.description is None
        else block("description", changes.description, MAX_DESCRIPTION_CHARS),
        language=None if changes.language is None else language(changes.language) or "",
        tags=None if changes.tags is None else tags(changes.tags),
        add_tags=tags(changes.add_tags),
        remove_tags=tags(changes.remove_tags),
        links=None if changes.links is None else links(changes.links),
        files=None if changes.files is None else files(changes.files),
        add_files=files(changes.add_files),
        remove_files=tuple(unicodedata.normalize("NFC", name) for name in changes.remove_files),
        suggested=None if changes.suggested is None else suggested(changes.suggested),
        author=author(changes.author),
    )


def author(given: Author | None) -> Author | None:
    """Normalize the author of a revision. UsageError if the agent has no name."""
    if given is None:
        return None
    agent = line("name of the agent", given.agent, MAX_AGENT_CHARS)
    if not agent:
        raise UsageError("the name of the agent is empty", hint="name the agent")
    return Author(agent, line("name of the client", given.client, MAX_CLIENT_CHARS))


def is_author(agent: str | None, client: str | None) -> bool:
    """Whether two columns hold an author in its one form, or none."""
    if agent is None:
        return client is None
    is_whole = agent == " ".join(agent.split()) != "" and is_line(agent, MAX_AGENT_CHARS)
    return is_whole and (client is None or (client != "" and is_line(client, MAX_CLIENT_CHARS)))


def line(name: str, text: str, limit: int) -> str:
    """Normalize one line: control characters and runs of spaces become one space."""
    return _limited(name, " ".join(_CONTROL.sub(" ", text).split()), limit)


def block(name: str, text: str, limit: int) -> str:
    """Normalize text of several lines: unify line ends, remove other control characters, trim the ends."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    return _limited(name, _CONTROL_IN_BLOCK.sub("", unified).strip(), limit)


def is_line(text: str, limit: int) -> bool:
    """Whether a text is one line without control characters, within a limit."""
    return len(text) <= limit and not _CONTROL.search(text)


def is_block(text: str, limit: int) -> bool:
    """Whether a text of several lines has no control characters except newline and tab, within a limit."""
    return len(text) <= limit and not _CONTROL_IN_BLOCK.search(text)


def language(name: str | None) -> str | None:
    """Return the canonical name of a language ("py" is "python"); None if it is empty."""
    canonical = canonical_language(line("language", name or "", MAX_LANGUAGE_CHARS))
    return _limited("language", canonical, MAX_LANGUAGE_CHARS) or None  # casefolding can lengthen it


def tag(text: str) -> str:
    """Normalize a tag: casefolded, no leading #, hyphens for spaces. The result may be empty."""
    folded = unicodedata.normalize("NFC", line("tag", text, MAX_TAG_CHARS).casefold())
    return _limited("tag", folded.lstrip("#").strip().replace(" ", "-"), MAX_TAG_CHARS)


def tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Normalize, deduplicate and sort tags."""
    found = tuple(sorted({tag(text) for text in texts} - {""}))
    if len(found) > MAX_TAGS:
        raise UsageError(f"{len(found)} tags are too many", hint=f"a Piece can have at most {MAX_TAGS}")
    return found


def links(texts: Iterable[str]) -> tuple[str, ...]:
    """Normalize and deduplicate links, keeping their order."""
    lines = (line("link", text, MAX_LINK_CHARS) for text in texts)
    found = tuple(dict.fromkeys(link for link in lines if link))
    if len(found) > MAX_LINKS:
        raise UsageError(f"{len(found)} links are too many", hint=f"a Piece can have at most {MAX_LINKS}")
    return found


def source(given: Source | None) -> Source | None:
    """Normalize a source."""
    if given is None:
        return None
    return Source(
        kind=line("source", given.kind, MAX_SOURCE_CHARS),
        location=line("source", given.location, MAX_SOURCE_CHARS),
        file_name=line("file name", visible_name(given.file_name), MAX_SOURCE_CHARS),
    )


def suggested(given: Iterable[SuggestedValue]) -> tuple[SuggestedValue, ...]:
    """Normalize values that models suggested, and sort them by field and value. UsageError over a limit."""
    found: dict[tuple[str, str], SuggestedValue] = {}
    for one in given:
        value = suggested_value(one.field, one.value)
        model = line("name of the model", one.model, MAX_MODEL_CHARS)
        if value and model:
            found.setdefault((one.field, value), SuggestedValue(one.field, value, model))
    if len(found) > MAX_SUGGESTED:
        count = max(Counter(one.field for one in found.values()).values())
        if count > MAX_SUGGESTED:
            raise UsageError(
                f"{count} suggestions for one field are too many", hint=f"the limit is {MAX_SUGGESTED}"
            )
    return tuple(sorted(found.values()))


def suggested_value(field: str, text: str) -> str:
    """Normalize a value that a model suggested for a field; empty if nothing is left. UsageError over a limit."""
    if field not in SUGGESTED_FIELDS:
        raise UsageError(f"models suggest nothing for {field[:40]!r}", hint="update satchel")
    return _limited("suggestion", SUGGESTED_FIELDS[field](text), MAX_SUGGESTED_CHARS)


def is_suggested(values: Sequence[SuggestedValue]) -> bool:
    """Whether values that models suggested are within the limits, and in order."""
    keys = [(one.field, one.value) for one in values]
    counts = Counter(one.field for one in values)
    return (
        keys == sorted(set(keys))
        and counts.keys() <= SUGGESTED_FIELDS.keys()
        and max(counts.values(), default=0) <= MAX_SUGGESTED
        and all(one.value and one.model and is_line(one.model, MAX_MODEL_CHARS) for one in values)
        and all(_has_form(one) for one in values)
    )


def _has_form(one: SuggestedValue) -> bool:
    has_form = is_block if one.field == "description" else is_line
    return has_form(one.value, MAX_SUGGESTED_CHARS)


def files(given: tuple[WholeFile, ...]) -> tuple[WholeFile, ...]:
    """Normalize files. UsageError for an invalid or repeated name."""
    if not given:
        return ()
    found = tuple(
        replace(
            file,
            name=file_name(file.name),
            language=None if file.language is None else language(file.language) or "",
            media_type=file.media_type and line("media type", file.media_type, MAX_MEDIA_TYPE_CHARS),
        )
        for file in given
    )
    names = [file.name for file in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"two files are named {twice!r}", hint="give each file of a Piece a unique name")
    return found


def visible_name(text: str) -> str:
    """Return a name in Unicode NFC without invisible characters, and with plain spaces.

    So names that look the same are the same, except for letters that look alike.
    """
    return unicodedata.normalize("NFC", _BLANK.sub(" ", _INVISIBLE.sub("", text)))


def file_name(text: str) -> str:
    """Normalize a file name. UsageError if the result is invalid (`is_file_name`)."""
    name = visible_name(text)
    if not is_file_name(name):
        raise UsageError(
            f"{name[:60]!r} is not a valid file name",
            hint=f"use at most {MAX_FILE_NAME_BYTES} bytes, without slashes or control characters",
        )
    return name


def is_file_name(name: str) -> bool:
    """Whether a file name is valid: no folder, no hidden characters, Unicode NFC."""
    return was_file_name(name) and name == visible_name(name)


def was_file_name(name: str) -> bool:
    """Whether a file name is valid, or was before invisible characters were removed from names.

    Stores and shares that hold such names stay readable.
    """
    return (
        name not in {"", ".", ".."}
        and name == name.strip()
        and not _NOT_IN_NAME.search(name)
        and len(name.encode()) <= MAX_FILE_NAME_BYTES
        and unicodedata.is_normalized("NFC", name)
    )


def require_storable(content: bytes, name: str) -> None:
    """Raise UsageError unless a Piece can hold a content. One rule for files, standard input, editors and the window."""
    if len(content) > MAX_CONTENT_BYTES:
        raise UsageError(f"{name} is larger than {MAX_CONTENT_BYTES >> 20} MiB", hint="Pieces are small")
    if not (is_text(kind := sniff(content)) or is_image(kind)):
        raise UsageError(f"{name} is neither text nor an image", hint="a Piece holds text or images")


def require_fitting(content_bytes: int, file_bytes: Sequence[int]) -> None:
    """Raise UsageError if contents of these sizes exceed the limits of one Piece."""
    size = content_bytes + sum(file_bytes)
    if size > MAX_CONTENT_BYTES:
        raise UsageError(
            f"the content has {size} bytes",
            hint=f"a Piece can hold at most {MAX_CONTENT_BYTES} bytes (64 MiB)",
        )
    if len(file_bytes) > MAX_FILES:
        raise UsageError(
            f"{len(file_bytes) + 1} files are too many", hint=f"a Piece can have at most {MAX_FILES + 1}"
        )


def _limited(name: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise UsageError(f"the {name} has {len(text)} characters", hint=f"the limit is {limit}")
    return text


SUGGESTED_FIELDS: Final[Mapping[str, Callable[[str], str]]] = {
    "title": lambda text: line("title", text, MAX_TITLE_CHARS),
    "description": lambda text: block("description", text, MAX_DESCRIPTION_CHARS),
    "language": lambda text: language(text) or "",
    "tags": tag,
    "links": lambda text: line("link", text, MAX_LINK_CHARS),
}
"""The fields for which models suggest values, each with the normal form of a value."""
