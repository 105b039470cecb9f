"""Copying the objects of a cloud between two storages, and comparing them. Memory is bounded by a few parts.

Objects never change, so a copy continues where an earlier run stopped: an object is skipped if the new storage has one of
its size, and a large one resumes with the part that is missing. `verify` then compares the bytes of all of them.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Final

from satchel_service.moving.errors import MismatchError
from satchel_service.moving.progress import Progress, Report, Stage
from satchel_service.storage import (
    AlreadyExistsError,
    BlobKey,
    NotFoundError,
    Part,
    PartPlan,
    Storage,
    StoredPart,
    blobs,
)
from satchel_service.storage.buckets import Retrying

CHUNK_BYTES: Final = 128 * 1024
THREADS: Final = 4  # each holds at most one small object or one chunk
SMALL_BYTES: Final = 4 * 1024 * 1024  # an object up to this size is copied in one piece
PART_BYTES: Final = 16 * 1024 * 1024
MOST_PARTS: Final = 10_000  # the limit of S3


class Copier:
    """Copies every object from `old` to `new`, which nothing else uses."""

    def __init__(self, old: Storage, new: Storage, report: Report) -> None:
        self._old = old
        self._new = new
        self._report = report
        self._retrying = Retrying()
        self._digests: dict[BlobKey, bytes] = {}  # of the objects that this run has read and stored

    def copy(self, stage: Stage) -> None:
        """Copy the objects that the new storage lacks, and delete those that the old one lacks. Raise StorageError."""
        wanted, found = sizes(self._old), sizes(self._new)
        for key in found:
            if wanted.get(key) != found[key]:
                self._new.delete(key)
        missing = {key: size for key, size in wanted.items() if found.get(key) != size}
        begun = self._begun_uploads(missing)
        self._each(stage, missing, lambda key, size: self._copy_object(key, size, begun.get(key, "")))
        for info in list(self._new.uploads()):
            self._new.abort_upload(info.key, info.token)

    def verify(self) -> None:
        """Compare the listings and the bytes of every object. A copy that differs is deleted, so the next run copies it again.

        Raise MismatchError if anything differs, StorageError if a storage fails.
        """
        wanted = sizes(self._old)
        if wanted != sizes(self._new):
            raise MismatchError(
                "the two storages do not list the same objects",
                hint="stop the old service and run this again",
            )
        differing: list[BlobKey] = []

        def compare(key: BlobKey, size: int) -> None:
            if not self._is_equal(key, size):
                self._digests.pop(key, None)
                self._new.delete(key)
                differing.append(key)

        self._each(Stage.VERIFY, wanted, compare)
        if differing:
            raise MismatchError(
                f"{len(differing)} of {len(wanted)} copied objects differed from the original and were deleted",
                hint="run this again; if it happens again, check both storages: satchel-service check-storage",
            )

    def _each(
        self, stage: Stage, objects: Mapping[BlobKey, int], act: Callable[[BlobKey, int], None]
    ) -> None:
        """Call `act(key, size)` for each object in a few threads, and report after each."""
        total, done_bytes = sum(objects.values()), 0
        self._report(Progress(stage, 0, len(objects), 0, total))
        with ThreadPoolExecutor(THREADS, thread_name_prefix="move") as threads:
            work = threads.map(lambda item: act(*item), objects.items())
            for number, (size, _) in enumerate(zip(objects.values(), _all(work, threads), strict=True), 1):
                done_bytes += size
                self._report(Progress(stage, number, len(objects), done_bytes, total))

    # -- one object -------------------------------------------------------------------------------------

    def _copy_object(self, key: BlobKey, size: int, begun: str) -> None:
        """Copy one object. One that was deleted from the old storage since it was listed is skipped."""
        with suppress(NotFoundError):
            if size <= SMALL_BYTES:
                self._copy_whole(key)
            else:
                self._copy_in_parts(key, size, begun)

    def _copy_whole(self, key: BlobKey) -> None:
        data = self._old.read(key)

        def put() -> (
            None
        ):  # repeating it is harmless: every attempt has the same bytes, and `verify` reads them
            with suppress(AlreadyExistsError):
                self._new.create(key, data)

        self._retrying(put)
        self._digests[key] = hashlib.sha256(data).digest()

    def _copy_in_parts(self, key: BlobKey, size: int, begun: str) -> None:
        plan = PartPlan(size, max(PART_BYTES, -(-size // MOST_PARTS)))
        token, stored = self._continue_upload(key, begun, plan)
        for part in plan.parts():
            if part.number not in stored:
                self._retrying(lambda part=part: self._copy_part(key, token, part))  # type: ignore[misc]
        with suppress(AlreadyExistsError):
            self._new.complete_upload(key, token, plan)

    def _continue_upload(
        self, key: BlobKey, begun: str, plan: PartPlan
    ) -> tuple[str, Mapping[int, StoredPart]]:
        """Return an upload and its stored parts: the one that an earlier run began, unless its parts do not fit."""
        if begun:
            with suppress(NotFoundError):
                stored = self._new.parts(key, begun)
                if all(_fits(plan.part(number), part) for number, part in stored.items()):
                    return begun, stored
            self._new.abort_upload(key, begun)
        return self._new.begin_upload(key, plan), {}

    def _copy_part(self, key: BlobKey, token: str, part: Part) -> None:
        sink = self._new.part_sink(key, token, part)
        try:
            for chunk in self._old.stream(key, part.offset, part.size_bytes, CHUNK_BYTES):
                sink.write(chunk)
            sink.finish()
        finally:
            sink.discard()

    def _begun_uploads(self, missing: Mapping[BlobKey, int]) -> Mapping[BlobKey, str]:
        return {info.key: info.token for info in self._new.uploads() if info.key in missing}

    def _is_equal(self, key: BlobKey, size: int) -> bool:
        known = self._digests.get(key) or self._digest(self._old, key, size)
        return known == self._digest(self._new, key, size)

    def _digest(self, storage: Storage, key: BlobKey, size: int) -> bytes:
        def read() -> bytes:
            digest = hashlib.sha256()
            for chunk in storage.stream(key, 0, size, CHUNK_BYTES):
                digest.update(chunk)
            return digest.digest()

        return self._retrying(read)


def sizes(storage: Storage) -> dict[BlobKey, int]:
    """Return the size of every object of a cloud, in key order. Raise StorageError."""
    return {info.key: info.size_bytes for info in blobs(storage)}


def _fits(part: Part | None, stored: StoredPart) -> bool:
    return part is not None and part.size_bytes == stored.size_bytes


def _all(work: Iterable[None], threads: ThreadPoolExecutor) -> Iterator[None]:
    """Yield the results. After a failure, begin nothing more."""
    try:
        yield from work
    except BaseException:
        threads.shutdown(wait=False, cancel_futures=True)
        raise
