"""Values of this package as messages of the protocol."""

from collections.abc import Sequence
from typing import Final

from lsprotocol import types

from satchel.editor.descriptions import described, described_plainly
from satchel.editor.finding import Shown, Similar
from satchel.editor.proposals import Proposal
from satchel.editor.secret_marks import Mark
from satchel.editor.snippets import is_snippet, without_stops
from satchel.pieces.model import Piece

SOURCE: Final = "satchel"
SAVE: Final = "satchel.saveSelection"
FIND_SIMILAR: Final = "satchel.findSimilar"
ALLOW: Final = "satchel.allowSecret"
SEARCH: Final = "satchel.search"
READ: Final = "satchel.read"


class Abilities:
    """What an editor can do, by what it said at the start."""

    def __init__(self, capabilities: types.ClientCapabilities) -> None:
        document = capabilities.text_document
        completion = document.completion if document else None
        item = completion.completion_item if completion else None
        self.stops = bool(item and item.snippet_support)
        modes = item.insert_text_mode_support.value_set if item and item.insert_text_mode_support else []
        self.indents = types.InsertTextMode.AdjustIndentation in modes
        self.item_markdown = bool(item) and _has_markdown(item.documentation_format if item else None)
        hover = document.hover if document else None
        self.hover_markdown = _has_markdown(hover.content_format if hover else None)


def _has_markdown(formats: Sequence[types.MarkupKind] | None) -> bool:
    return types.MarkupKind.Markdown in (formats or [])


def item_of(
    proposal: Proposal, place: types.Range, order: int, indentation: str, can: Abilities
) -> types.CompletionItem:
    """Return a completion that replaces a range. Its documentation is added when the editor asks for it."""
    piece = proposal.piece
    has_stops = proposal.is_snippet and can.stops
    text = proposal.text if has_stops or not proposal.is_snippet else without_stops(proposal.text)
    if not has_stops and not can.indents:
        text = text.replace("\n", f"\n{indentation}")
    formats = types.InsertTextFormat
    return types.CompletionItem(
        label=proposal.label,
        label_details=types.CompletionItemLabelDetails(description=_beside(proposal)),
        kind=types.CompletionItemKind.Snippet,
        detail=piece.title or None,
        sort_text=f"{order:04d}",
        filter_text=proposal.matched,
        insert_text_format=formats.Snippet if has_stops else formats.PlainText,
        insert_text_mode=types.InsertTextMode.AdjustIndentation if can.indents else None,
        text_edit=types.TextEdit(place, text),
        data=piece.id,
    )


def _beside(proposal: Proposal) -> str:
    told = [SOURCE, proposal.piece.language or ""]
    return " · ".join(part for part in told if part)


def documentation(shown: Shown, can: Abilities) -> types.MarkupContent:
    """Return what a completion shows of its Piece."""
    return _markup(shown, is_markdown=can.item_markdown)


def hover_of(shown: Sequence[Shown], place: types.Range, can: Abilities) -> types.Hover:
    """Return what a hover shows: the first Piece, and how many others there are."""
    content = _markup(shown[0], is_markdown=can.hover_markdown)
    if len(shown) > 1:
        content.value += f"\n\n{len(shown) - 1} more"
    return types.Hover(content, place)


def _markup(shown: Shown, *, is_markdown: bool) -> types.MarkupContent:
    if is_markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, described(shown.piece, shown.text))
    return types.MarkupContent(types.MarkupKind.PlainText, described_plainly(shown.piece, shown.text))


def diagnostic_of(mark: Mark, place: types.Range) -> types.Diagnostic:
    """Return the diagnostic of what looks like a secret. It never holds the value."""
    return types.Diagnostic(
        place,
        f"looks like a secret: {mark.what}",
        severity=types.DiagnosticSeverity.Warning,
        code=mark.rule,
        source=SOURCE,
    )


def actions_on(uri: str, place: types.Range) -> list[types.CodeAction]:
    """Return what can be done with a selection."""
    argument = {"uri": uri, "range": _plain_range(place)}
    return [
        _action("Save selection as a Piece", SAVE, argument, types.CodeActionKind.Source),
        _action("Find similar Pieces", FIND_SIMILAR, argument, types.CodeActionKind.Source),
    ]


def allowing(uri: str, diagnostic: types.Diagnostic) -> types.CodeAction:
    """Return the action that says that a diagnostic is wrong."""
    argument = {"uri": uri, "range": _plain_range(diagnostic.range)}
    action = _action(
        "This is no secret: allow it on this device", ALLOW, argument, types.CodeActionKind.QuickFix
    )
    action.diagnostics = [diagnostic]
    return action


def _action(title: str, command: str, argument: object, kind: types.CodeActionKind) -> types.CodeAction:
    return types.CodeAction(title, kind=kind, command=types.Command(title, command, arguments=[argument]))


def _plain_range(place: types.Range) -> dict[str, dict[str, int]]:
    return {
        "start": {"line": place.start.line, "character": place.start.character},
        "end": {"line": place.end.line, "character": place.end.character},
    }


def document_of(piece: Piece) -> dict[str, object]:
    """Return a Piece for the result of a command: plain JSON, without its text."""
    return {
        "id": piece.id,
        "title": piece.title,
        "language": piece.language,
        "tags": list(piece.tags),
        "media_type": piece.media_type,
        "updated": piece.updated.isoformat(timespec="seconds"),
        "revision": piece.revision,
    }


def read_document(shown: Shown) -> dict[str, object]:
    """Return a Piece with its text. `text` is null if it is none; `is_snippet` tells whether it has tab stops."""
    return document_of(shown.piece) | {"text": shown.text, "is_snippet": is_snippet(shown.piece)}


def similar_document(found: Sequence[Similar]) -> dict[str, object]:
    """Return similar Pieces for the result of a command."""
    return {"pieces": [document_of(one.piece) | {"likeness": round(one.likeness, 3)} for one in found]}


def similar_message(found: Sequence[Similar]) -> str:
    """Return similar Pieces as lines for a person."""
    lines = [f"{one.likeness:4.0%}  {one.piece.short_id}  {one.piece.title}" for one in found]
    return "\n".join(["similar Pieces:", *lines]) if lines else "no Piece is similar"
