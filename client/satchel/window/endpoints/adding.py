"""The view Put in: new Pieces from texts, files and images, and what models suggest for them."""

from dataclasses import dataclass, replace

from satchel.errors import MissingExtraError, UsageError
from satchel.models.ocr import ImageText as ReadText
from satchel.models.ocr import NoReaderError, UnreadableImageError
from satchel.models.ocr import read_image as read_text_in
from satchel.pieces.fields import require_storable
from satchel.pieces.media import is_image, sniff
from satchel.pieces.model import Draft, Piece, Source, WholeFile
from satchel.store import Store, digest_of
from satchel.suggest.allowed_values import AllowedValues
from satchel.suggest.filling import accepted, describe_safely, fill, installed_models, subject_of
from satchel.suggest.image_drafts import draft_of_text, image_name
from satchel.suggest.share_checks import findings
from satchel.window.calls import Call
from satchel.window.messages.drafts import (
    Added,
    AddRequest,
    ImageText,
    NamedUpload,
    Proposal,
    ProposeRequest,
    ReadImageRequest,
)
from satchel.window.messages.pieces import TagSuggestion
from satchel.window.views import view_of

SOURCE: str = "window"


def add_piece(call: Call, request: AddRequest) -> Added:
    """Add a Piece, unless its content is there already."""
    draft, read = _draft(call, request)
    with call.core.open_store() as store:
        if not request.again:
            with call.core.open_index(store) as index:
                existing = index.find_content(digest_of(draft.content, draft.files))
            if existing is not None:
                return Added(piece=view_of(store, existing), is_new=False)
        piece = store.add(_filled(store, draft) if request.suggest else draft)
        return Added(
            piece=view_of(store, piece.id),
            is_new=True,
            image_lines=0 if read is None else len(read.lines),
            secrets=_secrets(call, piece, draft),
        )


def propose(call: Call, request: ProposeRequest) -> Proposal:
    """Return what models suggest for a text. Nothing is saved."""
    content = request.text.encode("utf-8", "replace")
    draft = Draft(content, tags=request.tags, source=Source(SOURCE, "", request.file_name))
    with call.core.open_store(read_only=True) as store:
        vocabulary = tuple(store.tags())
        with call.core.open_index(store) as index:
            existing = index.find_content(digest_of(content, ())) if content.strip() else None
    described = describe_safely(subject_of(draft, vocabulary), installed_models())[0]
    filled = fill(draft, described)
    return Proposal(
        title=filled.title,
        description=filled.description,
        language=filled.language,
        tags=tuple(
            TagSuggestion(tag=one.suggestion.value, count=0, model=one.model)
            for one in accepted(described, "tag")
        ),
        links=filled.links,
        source_secrets=_secrets_in(request.source_location),
        existing=existing,
    )


def read_image(call: Call, request: ReadImageRequest) -> ImageText:
    """Return the text in an uploaded image."""
    content = call.window.uploads.read(request.upload)
    if not is_image(sniff(content)):
        raise UsageError("the file is not an image", hint="PNG, JPEG, GIF or WebP")
    read = read_text_in(content)
    return ImageText(
        text=read.text,
        lines=len(read.lines),
        is_code=read.is_code,
        engine=read.engine,
        confidence=round(read.confidence, 3),
        numbers_removed=bool(read.numbers_removed),
    )


# -- drafts -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Content:
    data: bytes
    name: str
    files: tuple[WholeFile, ...]


def _draft(call: Call, request: AddRequest) -> tuple[Draft, ReadText | None]:
    """Return the draft of a request, and the text that was read in its image."""
    found = _content(call, request)
    require_storable(found.data, repr(found.name[:60]) if found.name else "the text")
    if not found.data.strip():
        raise UsageError("there is nothing to save", hint="a Piece needs some content")
    location = request.source_location or request.source_title
    draft = Draft(
        content=found.data,
        title=request.title,
        description=request.description,
        language=request.language,
        tags=request.tags,
        links=request.links,
        source=Source(SOURCE, location, found.name),
        files=found.files,
    )
    return _with_text(draft) if request.read_images else (draft, None)


def _content(call: Call, request: AddRequest) -> _Content:
    """Return the main content and the further files: a text comes before files."""
    files = [(_base_name(each), call.window.uploads.read(each.upload)) for each in request.files]
    if request.text is not None:
        main, name = request.text.encode("utf-8", "replace"), request.file_name
    elif files:
        name, main = files.pop(0)
    else:
        raise UsageError("there is nothing to save", hint="give a text or a file")
    for file_name, content in files:
        require_storable(content, repr(file_name[:60]))
    return _Content(main, name, tuple(WholeFile(file_name, content) for file_name, content in files))


def _base_name(given: NamedUpload) -> str:
    return given.name.replace("\\", "/").rpartition("/")[2]


def _with_text(draft: Draft) -> tuple[Draft, ReadText | None]:
    """Return the draft of the code in an image; the same draft if it is none, or cannot be read here."""
    if not is_image(sniff(draft.content)):
        return draft, None
    try:
        read = read_text_in(draft.content)
    except (UnreadableImageError, NoReaderError, MissingExtraError):
        return draft, None
    return (draft_of_text(draft, read, image_name(draft)), read) if read.is_code else (draft, None)


def _filled(store: Store, draft: Draft) -> Draft:
    described = describe_safely(subject_of(draft, tuple(store.tags())), installed_models())[0]
    return fill(replace(draft), described)


def _secrets_in(address: str) -> int:
    """Count what looks like a secret in an address, such as a token in its query."""
    if not address:
        return 0
    from satchel.models.secrets import scan  # noqa: PLC0415  the table of formats costs some milliseconds

    return len(scan(address.encode("utf-8", "replace")))


def _secrets(call: Call, piece: Piece, draft: Draft) -> int:
    """Count what looks like a secret, so that the page can say that sharing will stop at it."""
    found = findings(piece, draft.content, draft.files)
    return len(AllowedValues.read(call.core.home).without(found)) if found else 0
