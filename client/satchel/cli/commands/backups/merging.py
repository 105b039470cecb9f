"""What `restore --merge`, `restore --piece` and `sync` say about a merge."""

from satchel.backup.syncing import MergedBackup
from satchel.cli.app import App
from satchel.cli.terminal.text import format_count, format_moment, one_line
from satchel.merging import Conflict, MergeResult


def merge_fields(merged: MergedBackup) -> dict[str, object]:
    """Return a merge for JSON."""
    manifest, result = merged.manifest, merged.result
    return {
        "id": manifest.archive,
        "created": manifest.created,
        "device": manifest.device,
        "added": result.added,
        "updated": result.updated,
        "removed": result.removed,
        "restored": result.restored,
        "conflict_count": result.conflict_count,
        "conflicts": [_conflict_fields(conflict) for conflict in result.conflicts],
        "fetched_bytes": merged.fetched_bytes,
        "seconds": round(merged.seconds, 3),
    }


def merge_sentence(merged: MergedBackup, *, is_plan: bool = False) -> str:
    """Return a sentence about a merge."""
    manifest = merged.manifest
    verb = "would merge" if is_plan else "merged"
    return (
        f"{verb} backup {manifest.archive[:8]} of {format_moment(manifest.created)} "
        f"by {manifest.device or 'another device'}: {_counts(merged.result)}"
    )


def answer_merge(app: App, merged: MergedBackup, *, is_plan: bool) -> None:
    """Print the answer of a merge."""
    fields = merge_fields(merged) | {"dry_run": is_plan, "pieces": merged.pieces}
    app.out.answer(fields, merge_sentence(merged, is_plan=is_plan))
    note_conflicts(app, merged)
    note_memory(app, merged)


def note_memory(app: App, merged: MergedBackup) -> None:
    """Tell that the memory in a backup was left alone, if it has one."""
    if merged.manifest.memory_facts is not None:
        app.out.note(
            f"the memory in backup {merged.manifest.archive[:8]} was left alone: memories are not merged"
        )


def note_conflicts(app: App, merged: MergedBackup) -> None:
    """Name the Pieces that were edited in both stores."""
    result = merged.result
    for conflict in result.conflicts:
        app.out.note(
            f"edited in both: {conflict.piece_id} ({one_line(conflict.title) or 'untitled'}), {_kept(conflict)}"
        )
    if result.conflict_count > len(result.conflicts):
        app.out.note(f"and {format_count(result.conflict_count - len(result.conflicts), 'more Piece')}")


def _counts(result: MergeResult) -> str:
    counts = (
        (result.added, "added"),
        (result.updated, "updated"),
        (result.restored, "brought back"),
        (result.removed, "removed"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing is new"


def _kept(conflict: Conflict) -> str:
    older, newer = sorted((conflict.ours.revision, conflict.theirs.revision))
    return f"revision {newer} is current, revision {older} is in its history"


def _conflict_fields(conflict: Conflict) -> dict[str, object]:
    return {
        "piece": conflict.piece_id,
        "title": conflict.title,
        "current": conflict.current,
        "ours": conflict.ours.revision,
        "theirs": conflict.theirs.revision,
    }
