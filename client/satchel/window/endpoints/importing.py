"""The view Put in: importing files, folders and other tools' data, with a preview of what will come."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from satchel.errors import UsageError
from satchel.exchange.detection import KINDS, kind_of, read
from satchel.exchange.folder.tree import FolderOptions
from satchel.exchange.importing import ALREADY_HERE, Import, ImportResult, ReplayClock, preparation
from satchel.exchange.items import History, Item, Problem
from satchel.exchange.items import Skipped as SkippedItem
from satchel.index import Index
from satchel.store import Draft, Store, digest_of
from satchel.window.calls import Call
from satchel.window.core import Core
from satchel.window.messages.base import Nothing
from satchel.window.messages.drafts import (
    Imported,
    ImportItem,
    ImportKind,
    ImportKinds,
    ImportPreview,
    ImportProblem,
    ImportRequest,
    Skipped,
)
from satchel.window.messages.jobs import Job, JobResult

MAX_PREVIEWED: Final = 20_000
MAX_SHOWN: Final = 200
MAX_PROBLEMS: Final = 200


def import_kinds(_call: Call, _request: Nothing) -> ImportKinds:
    """Return the formats that can be imported."""
    return ImportKinds(kinds=tuple(ImportKind(kind=kind, description=text) for kind, text in KINDS.items()))


def preview_import(call: Call, request: ImportRequest) -> ImportPreview:
    """Return what an import would add. Nothing is added."""
    core = call.core
    with _source(call, request) as path, core.open_store(read_only=True) as store:
        kind = request.kind or kind_of(path)
        with core.open_index(store) as index:
            return _preview(kind, _items(core, path, kind, request), index)


def start_import(call: Call, request: ImportRequest) -> Job:
    """Begin an import."""

    def work(core: Core, _run: object) -> JobResult:
        with _source(call, request) as path:
            return JobResult(imported=_import(core, path, request.kind or kind_of(path), request))

    return call.start(work)


def _import(core: Core, path: Path, kind: str, request: ImportRequest) -> Imported:
    clock = ReplayClock()
    with Store.open(core.home, clock=clock) as store, core.open_index(store) as index:
        index.update()
        run = Import(
            store,
            clock,
            known=lambda digest: index.find_content(digest) is not None,
            prepare=preparation(kind, request.tags),
            add_tags=request.tags,
        )
        with core.progress().phase("importing", unit="pieces") as advance:
            for _ in run.run(_items(core, path, kind, request)):
                advance(1)
        with core.progress().phase("indexing", unit="pieces") as advance:
            index.update(advance)
    return _imported(kind, run.result)


@contextmanager
def _source(call: Call, request: ImportRequest) -> Iterator[Path]:
    """Lay the uploads out, or return the path of this device that the owner typed."""
    if (request.path is None) == (not request.files):
        raise UsageError("name a path, or send files", hint="one of both")
    if request.path is not None:
        yield Path(request.path).expanduser()
        return
    with call.window.uploads.folder(request.files) as folder:
        yield folder


def _items(core: Core, path: Path, kind: str, request: ImportRequest) -> Iterator[Item]:
    options = FolderOptions(include_generated=request.include_generated)
    return read(path, kind, lambda: [core.owner().identity], options)


def _preview(kind: str, items: Iterator[Item], index: Index) -> ImportPreview:
    """Sort items into new ones, those that are here, and those that cannot be read."""
    shown: list[ImportItem] = []
    skipped, problems, seen = Counter[str](), list[Problem](), set[bytes]()
    new = unread = count = 0
    for item in islice(items, MAX_PREVIEWED):
        count += 1
        if isinstance(item, Problem):
            unread += 1
            problems.append(item)
        elif isinstance(item, SkippedItem):
            skipped[item.reason] += 1
        else:
            digest = item.digest if isinstance(item, History) else digest_of(item.content, item.files)
            if digest in seen or index.find_content(digest) is not None:
                skipped[ALREADY_HERE] += 1
                continue
            seen.add(digest)
            new += 1
            if len(shown) < MAX_SHOWN:
                shown.append(_shown(item.first if isinstance(item, History) else item))
    return ImportPreview(
        kind=kind,
        new=new,
        items=tuple(shown),
        skipped=_skipped(skipped),
        unread=unread,
        problems=_problems(problems),
        is_whole=count < MAX_PREVIEWED,
    )


def _shown(draft: Draft) -> ImportItem:
    source = draft.source
    name = (source.file_name or source.location) if source else ""
    return ImportItem(
        title=draft.title or name,
        language=draft.language,
        tags=draft.tags,
        size_bytes=len(draft.content) + sum(len(file.content) for file in draft.files),
        source=name,
    )


def _imported(kind: str, result: ImportResult) -> Imported:
    return Imported(
        kind=kind,
        imported=result.added,
        skipped=_skipped(result.skipped),
        unread=result.unread,
        problems=_problems(result.problems),
    )


def _skipped(counts: Counter[str]) -> tuple[Skipped, ...]:
    return tuple(Skipped(reason=reason, count=count) for reason, count in counts.most_common())


def _problems(found: list[Problem]) -> tuple[ImportProblem, ...]:
    return tuple(ImportProblem(where=one.where, reason=one.reason) for one in found[:MAX_PROBLEMS])
