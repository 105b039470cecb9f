"""Each check of `satchel-service check-storage` fails on a store that breaks its promise."""

# ruff: noqa: ARG002  broken stores ignore their arguments

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from satchel_service.storage import (
    AlreadyExistsError,
    BlobInfo,
    BlobKey,
    NotFoundError,
    Part,
    PartPlan,
    PartSizeError,
    StorageError,
    StoredPart,
    UploadInfo,
    checks,
)
from satchel_service.storage.checks import CHECKS, CLEANS_UP, REACHES_STORE, START_UP_ERRORS, run_checks
from satchel_service.storage.directory import DirectoryStorage
from satchel_service.storage.directory_files import FilePartSink


class OverwritesOnCreate(DirectoryStorage):
    def create(self, key: BlobKey, data: bytes) -> None:
        self.replace(key, data)


class RefusesButOverwrites(DirectoryStorage):
    def create(self, key: BlobKey, data: bytes) -> None:
        exists = (self.root / "blobs" / key).exists()
        self.replace(key, data)
        if exists:
            raise AlreadyExistsError("taken")


class RefusesTheWinner(DirectoryStorage):
    def create(self, key: BlobKey, data: bytes) -> None:
        super().create(key, data)
        raise AlreadyExistsError("taken")


class LosesBytes(DirectoryStorage):
    def create(self, key: BlobKey, data: bytes) -> None:
        super().create(key, data[:-1])


class LosesEmptyObjects(DirectoryStorage):
    def create(self, key: BlobKey, data: bytes) -> None:
        if data:
            super().create(key, data)


class MeasuresWrongly(DirectoryStorage):
    def size(self, key: BlobKey) -> int:
        return super().size(key) + 1


class NeverReplaces(DirectoryStorage):
    def replace(self, key: BlobKey, data: bytes) -> None:
        try:
            self.create(key, data)
        except AlreadyExistsError:
            return


class IgnoresRanges(DirectoryStorage):
    def read(self, key: BlobKey, start: int = 0, length: int | None = None) -> bytes:
        return super().read(key)


class IgnoresStarts(DirectoryStorage):
    def stream(self, key: BlobKey, start: int, length: int, chunk_bytes: int) -> Iterator[bytes]:
        return super().stream(key, 0, length, chunk_bytes)


class FindsEverything(DirectoryStorage):
    def size(self, key: BlobKey) -> int:
        try:
            return super().size(key)
        except NotFoundError:
            return 0


class RefusesRepeatedDeletes(DirectoryStorage):
    def delete(self, key: BlobKey) -> None:
        self.size(key)
        super().delete(key)


class NeverDeletes(DirectoryStorage):
    def delete(self, key: BlobKey) -> None:
        pass


class ListsBackwards(DirectoryStorage):
    def list(self, prefix: str) -> Iterator[BlobInfo]:
        return iter(sorted(super().list(prefix), reverse=True))


class ListsOnePage(DirectoryStorage):
    def list(self, prefix: str) -> Iterator[BlobInfo]:
        return iter([*super().list(prefix)][:3])


class ListsEverything(DirectoryStorage):
    def list(self, prefix: str) -> Iterator[BlobInfo]:
        return super().list("")


class ListsWrongSizes(DirectoryStorage):
    def list(self, prefix: str) -> Iterator[BlobInfo]:
        return (info._replace(size_bytes=0) for info in super().list(prefix))


class SwapsParts(DirectoryStorage):
    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        body = self.root / "uploads" / token / "body"
        if body.exists():
            data = body.read_bytes()
            half = plan.part_bytes
            body.write_bytes(data[half : 2 * half] + data[:half] + data[2 * half :])
        super().complete_upload(key, token, plan)


class CompletesOnce(DirectoryStorage):
    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        self.parts(key, token)
        super().complete_upload(key, token, plan)


class ShowsUploads(DirectoryStorage):
    def part_sink(self, key: BlobKey, token: str, part: Part) -> FilePartSink:
        self.replace(key, b"")
        return super().part_sink(key, token, part)


class CompletesTooEarly(DirectoryStorage):
    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        try:
            super().complete_upload(key, token, plan)
        except PartSizeError:
            return


class ForgetsParts(DirectoryStorage):
    def parts(self, key: BlobKey, token: str) -> Mapping[int, StoredPart]:
        return {number: part for number, part in super().parts(key, token).items() if number == 1}


class HidesUploads(DirectoryStorage):
    def uploads(self) -> Iterator[UploadInfo]:
        return iter(())


class CompletesOverObjects(DirectoryStorage):
    def complete_upload(self, key: BlobKey, token: str, plan: PartPlan) -> None:
        self.delete(key)
        super().complete_upload(key, token, plan)


class NeverAborts(DirectoryStorage):
    def abort_upload(self, key: BlobKey, token: str) -> None:
        pass


class AbortsOnce(DirectoryStorage):
    def abort_upload(self, key: BlobKey, token: str) -> None:
        self.parts(key, token)
        super().abort_upload(key, token)


class OffersDeadUrls(DirectoryStorage):
    def part_url(self, key: BlobKey, token: str, part: Part) -> str | None:
        return "http://127.0.0.1:1/part?partNumber=1"


class Unreachable(DirectoryStorage):
    def check(self) -> None:
        raise StorageError("the object storage responded 403 AccessDenied")


BROKEN: list[tuple[Callable[[Any], None], type[DirectoryStorage]]] = [
    (checks.responds, Unreachable),
    (checks.refuses_second_create, OverwritesOnCreate),
    (checks.refuses_second_create, RefusesButOverwrites),
    (checks.lets_one_create_win, OverwritesOnCreate),
    (checks.lets_one_create_win, RefusesTheWinner),
    (checks.reads_writes, LosesBytes),
    (checks.reads_writes, LosesEmptyObjects),
    (checks.reads_writes, MeasuresWrongly),
    (checks.replaces, NeverReplaces),
    (checks.reads_ranges, IgnoresRanges),
    (checks.reads_ranges, IgnoresStarts),
    (checks.reports_absent_objects, FindsEverything),
    (checks.deletes, RefusesRepeatedDeletes),
    (checks.deletes, NeverDeletes),
    (checks.lists_in_order, ListsBackwards),
    (checks.lists_in_order, ListsOnePage),
    (checks.lists_in_order, ListsEverything),
    (checks.lists_in_order, ListsWrongSizes),
    (checks.lists_in_order, NeverDeletes),
    (checks.joins_parts, SwapsParts),
    (checks.joins_parts, CompletesOnce),
    (checks.joins_parts, ShowsUploads),
    (checks.resumes_uploads, CompletesTooEarly),
    (checks.resumes_uploads, ForgetsParts),
    (checks.resumes_uploads, HidesUploads),
    (checks.joins_only_new_objects, CompletesOverObjects),
    (checks.aborts_uploads, NeverAborts),
    (checks.aborts_uploads, AbortsOnce),
    (checks.accepts_presigned_parts, OffersDeadUrls),
    (checks.verifies_presigned_parts, OffersDeadUrls),
    (checks.clean, NeverDeletes),
]
ALL = {check.run: check for check in (REACHES_STORE, *CHECKS, CLEANS_UP)}


@pytest.mark.parametrize(
    ("run", "kind"), [pytest.param(run, kind, id=f"{run.__name__}-{kind.__name__}") for run, kind in BROKEN]
)
def test_a_broken_promise_is_a_problem(
    run: Callable[[Any], None], kind: type[DirectoryStorage], tmp_path: Path
) -> None:
    sound = DirectoryStorage(tmp_path / "sound", os.urandom)
    sound.prepare()
    assert ALL[run].try_on(sound).problem == ""
    broken = kind(tmp_path / "broken", os.urandom)
    broken.prepare()
    DirectoryStorage.create(broken, BlobKey("shares/other"), b"x")
    outcome = ALL[run].try_on(broken)
    assert outcome.problem
    assert outcome.hint


def test_every_check_can_fail() -> None:
    assert {run for run, _ in BROKEN} == set(ALL)


def test_without_an_answer_nothing_else_is_tried(tmp_path: Path) -> None:
    (outcome,) = run_checks(Unreachable(tmp_path, os.urandom))
    assert outcome.problem == "the object storage responded 403 AccessDenied"
    assert outcome.hint == START_UP_ERRORS


def test_an_interrupted_run_cleans_up(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path, os.urandom)
    running = run_checks(storage)
    for _ in range(4):
        next(running)
    assert list(storage.list("")) != []
    running.close()  # type: ignore[attr-defined]  # a generator
    assert list(storage.list("")) == []


def test_a_failed_cleaning_is_a_problem(tmp_path: Path) -> None:
    *_, last = run_checks(NeverDeletes(tmp_path, os.urandom))
    assert last.problem == "objects were found after their deletion"
    assert "check-storage-" in last.hint
    shutil.rmtree(tmp_path)
