"""Checks of the promises of a store, for operators (`satchel-service check-storage`) and the contract tests.

    for outcome in run_checks(storage):
        print(outcome.promise, outcome.problem)

The storage must be empty. Checks use different keys, so each can run alone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from satchel_service.storage.http import Connections, Origin
from satchel_service.storage.http_messages import Request
from satchel_service.storage.protocol import (
    AlreadyExistsError,
    BlobKey,
    NotFoundError,
    Part,
    PartPlan,
    PartSizeError,
    Storage,
    StorageError,
    blob_key,
)

PAGE_OBJECTS: Final = 3  # a page of a listing during the checks, so that a few objects fill several pages
LISTED_OBJECTS: Final = 10
RACING_CREATES: Final = 8
PART_BYTES: Final = 5 * 1024 * 1024  # the least that S3 accepts
LAST_PART_BYTES: Final = 1000

ABSENT: Final = blob_key("archives/check-absent")
DATA: Final = bytes(range(256)) * 40
PLAN: Final = PartPlan(2 * PART_BYTES + LAST_PART_BYTES, PART_BYTES)

START_UP_ERRORS: Final = "see the start-up errors in docs/guides/storage.md"
OTHER_STORE: Final = "use another store, or a directory"
OTHER_PARTS: Final = "set SATCHEL_S3_PUBLIC_ENDPOINT=none, so that parts go through the service"


class CheckError(Exception):
    """The store broke a promise; the message says how."""


class Outcome(NamedTuple):
    """The result of one check; `problem` and `hint` are empty if it passed."""

    promise: str
    problem: str
    hint: str


class Check(NamedTuple):
    """A promise, the function that tries it with keys of its own, and advice for a store that breaks it."""

    promise: str
    run: Callable[[Storage], None]
    hint: str

    def try_on(self, storage: Storage) -> Outcome:
        """Run the check and return its outcome."""
        try:
            self.run(storage)
        except CheckError as exc:
            return Outcome(self.promise, str(exc), self.hint)
        except StorageError as exc:
            return Outcome(self.promise, str(exc), START_UP_ERRORS)
        return Outcome(self.promise, "", "")


def run_checks(storage: Storage) -> Iterator[Outcome]:
    """Run every check on an empty store, unless the store cannot be reached, and delete what they stored."""
    reached = REACHES_STORE.try_on(storage)
    yield reached
    if reached.problem:
        return
    try:
        for check in CHECKS:
            yield check.try_on(storage)
    finally:
        cleaned = CLEANS_UP.try_on(storage)
    yield cleaned


def clean(storage: Storage) -> None:
    """Delete every object and upload."""
    for upload in list(storage.uploads()):
        storage.abort_upload(upload.key, upload.token)
    for info in list(storage.list("")):
        storage.delete(info.key)
    storage.sweep(2**62)
    require(not list(storage.list("")), "objects were found after their deletion")


# -- whole objects --------------------------------------------------------------------------------------


def responds(storage: Storage) -> None:
    """Reach the store with the given credentials."""
    storage.prepare()
    storage.check()


def refuses_second_create(storage: Storage) -> None:
    """Create a key twice: the second create changes nothing."""
    key = blob_key("archives/check-create")
    storage.create(key, b"first")
    with expecting(AlreadyExistsError, "a second create of the same key succeeded"):
        storage.create(key, b"second")
    require(storage.read(key) == b"first", "a refused create changed the object")


def lets_one_create_win(storage: Storage) -> None:
    """Create a key concurrently: the object is the winner's, and the winner is not refused."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    key = blob_key("archives/check-race")

    def create(number: int) -> bool | None:
        try:
            storage.create(key, bytes([number]))
        except AlreadyExistsError:
            return False
        except StorageError:
            return None  # uncertain, as with every failed create
        return True

    with ThreadPoolExecutor(RACING_CREATES) as threads:
        outcomes = list(threads.map(create, range(RACING_CREATES)))
    (winner,) = storage.read(key)
    succeeded = [number for number, outcome in enumerate(outcomes) if outcome]
    require(succeeded in ([], [winner]), f"{len(succeeded)} concurrent creates of one key succeeded")
    require(outcomes[winner] is not False, "the create that took the key was refused")


def reads_writes(storage: Storage) -> None:
    """Read objects just after they were created, one of them empty."""
    for name, data in (("data", DATA), ("empty", b"")):
        key = blob_key(f"archives/check-{name}")
        storage.create(key, data)
        require(storage.read(key) == data, "an object differs from what was created")
        require(storage.size(key) == len(data), "an object's size differs from what was created")


def replaces(storage: Storage) -> None:
    """Replace an absent and an existing object."""
    key = blob_key("archives/check-replace")
    for data in (b"first", b"the second"):
        storage.replace(key, data)
        require(storage.read(key) == data, "a read after a replace returned other bytes")


def reads_ranges(storage: Storage) -> None:
    """Read ranges at the beginning, in the middle, across and at the end of an object."""
    key, end = blob_key("archives/check-ranges"), len(DATA)
    storage.create(key, DATA)
    for start, length in ((0, 10), (100, 50), (end - 5, 100), (end, 10), (7, 0)):
        require(
            storage.read(key, start, length) == DATA[start : start + length],
            f"a read of {length} bytes from {start} of {end} returned other bytes",
        )
    require(storage.read(key, 3) == DATA[3:], "a read from 3 to the end returned other bytes")
    chunks = list(storage.stream(key, 1, 5000, 999))
    require(b"".join(chunks) == DATA[1:5001], "a stream returned other bytes")


def reports_absent_objects(storage: Storage) -> None:
    """Read, measure and stream an object that does not exist."""
    calls: list[Callable[[], object]] = [
        lambda: storage.read(ABSENT),
        lambda: storage.size(ABSENT),
        lambda: storage.stream(ABSENT, 0, 1, 1),
    ]
    for call in calls:
        with expecting(NotFoundError, "an absent object was found"):
            call()


def deletes(storage: Storage) -> None:
    """Delete an object twice, then create it again."""
    key = blob_key("archives/check-delete")
    storage.create(key, b"first")
    storage.delete(key)
    storage.delete(key)
    with expecting(NotFoundError, "an object was found after its deletion"):
        storage.read(key)
    storage.create(key, b"again")
    require(storage.read(key) == b"again", "a key could not be reused after a deletion")


def lists_in_order(storage: Storage) -> None:
    """List objects of one prefix over several pages, just after they were created and deleted."""
    keys = [blob_key(f"log/{number:016d}") for number in range(LISTED_OBJECTS)]
    for key in (*reversed(keys), blob_key("shares/check-list")):
        storage.create(key, key.encode())
    storage.delete(keys.pop())
    found = list(storage.list("log/"))
    require(sorted(info.key for info in found) == keys, "a listing lacks objects or has others")
    require([info.key for info in found] == keys, "a listing is not in key order")
    require(all(info.size_bytes == len(info.key) for info in found), "a listing has wrong sizes")


# -- objects in parts -----------------------------------------------------------------------------------


def joins_parts(storage: Storage) -> None:
    """Store parts out of order and join them twice."""
    key = blob_key("archives/check-parts")
    token = storage.begin_upload(key, PLAN)
    for number in (3, 1, 2):
        put_part(storage, key, token, number)
    with expecting(NotFoundError, "an object existed before its upload was complete"):
        storage.size(key)
    storage.complete_upload(key, token, PLAN)
    storage.complete_upload(key, token, PLAN)
    require_joined(storage, key)


def resumes_uploads(storage: Storage) -> None:
    """Complete an upload too early, then put the missing part, and one again."""
    key = blob_key("archives/check-resume")
    token = storage.begin_upload(key, PLAN)
    require((key, token) in uploads_of(storage), "an unfinished upload is not listed")
    put_part(storage, key, token, 1)
    put_part(storage, key, token, 3, filling=b"\xff")
    sizes = {number: part.size_bytes for number, part in storage.parts(key, token).items()}
    require(sizes == {1: PART_BYTES, 3: LAST_PART_BYTES}, "the stored parts of an upload are not reported")
    with expecting(PartSizeError, "an upload without one of its parts was completed"):
        storage.complete_upload(key, token, PLAN)
    put_part(storage, key, token, 2)
    put_part(storage, key, token, 3)
    storage.complete_upload(key, token, PLAN)
    require_joined(storage, key)


def joins_only_new_objects(storage: Storage) -> None:
    """Complete an upload whose key was created in between."""
    key, plan = blob_key("archives/check-taken"), PartPlan(LAST_PART_BYTES, PART_BYTES)
    token = storage.begin_upload(key, plan)
    put_part(storage, key, token, 1, plan=plan)
    storage.create(key, b"first")
    with expecting(AlreadyExistsError, "an upload replaced an existing object"):
        storage.complete_upload(key, token, plan)
    require(storage.read(key) == b"first", "an upload changed an existing object")


def aborts_uploads(storage: Storage) -> None:
    """Abort an upload twice; its parts are deleted and it is no longer listed."""
    key = blob_key("archives/check-abort")
    token = storage.begin_upload(key, PLAN)
    put_part(storage, key, token, 3)
    storage.abort_upload(key, token)
    storage.abort_upload(key, token)
    with expecting(NotFoundError, "the parts of an aborted upload were found"):
        storage.parts(key, token)
    require((key, token) not in uploads_of(storage), "an aborted upload is still listed")
    with expecting(NotFoundError, "an aborted upload made an object"):
        storage.size(key)


def accepts_presigned_parts(storage: Storage) -> None:
    """Put a part at its URL as a client does. Stores without such URLs pass."""
    key, plan = blob_key("archives/check-presigned"), PartPlan(LAST_PART_BYTES, PART_BYTES)
    token = storage.begin_upload(key, plan)
    url = storage.part_url(key, token, first_part(plan))
    if url is None:
        return
    status = put_at(url, part_bytes(first_part(plan)))
    require(status == 200, f"the response to a put at a part's URL was {status}")
    storage.complete_upload(key, token, plan)
    require(storage.read(key) == part_bytes(first_part(plan)), "a part differs from what was put at its URL")


def verifies_presigned_parts(storage: Storage) -> None:
    """Put other sizes and numbers at a part's URL. Stores without such URLs pass."""
    key, plan = blob_key("archives/check-signature"), PartPlan(LAST_PART_BYTES, PART_BYTES)
    token = storage.begin_upload(key, plan)
    url = storage.part_url(key, token, first_part(plan))
    if url is None:
        return
    status = put_at(url, b"another size")
    require(status == 403, f"the response to another size at a part's URL was {status} instead of 403")
    status = put_at(url.replace("partNumber=1", "partNumber=2"), part_bytes(first_part(plan)))
    require(status == 403, f"the response to another part at a part's URL was {status} instead of 403")
    require(storage.parts(key, token) == {}, "a part was stored without a valid URL")


REACHES_STORE: Final = Check(
    "the store responds and the credentials are accepted",
    responds,
    START_UP_ERRORS,
)
CLEANS_UP: Final = Check(
    "everything these checks stored is deleted", clean, "delete the objects under check-storage- yourself"
)
CHECKS: Final = (
    Check("a create of an existing key is refused", refuses_second_create, OTHER_STORE),
    Check("one of several concurrent creates succeeds", lets_one_create_win, OTHER_STORE),
    Check("a read after a create returns its bytes", reads_writes, OTHER_STORE),
    Check("a replace succeeds whether or not the key exists", replaces, OTHER_STORE),
    Check("ranges return exactly their bytes", reads_ranges, OTHER_STORE),
    Check("an absent object is reported as absent", reports_absent_objects, OTHER_STORE),
    Check("a delete can be repeated", deletes, "switch object lock and retention off, or use another store"),
    Check("listings are complete, in order and up to date over several pages", lists_in_order, OTHER_STORE),
    Check("parts in any order make the object, and completing twice is harmless", joins_parts, OTHER_STORE),
    Check("an upload can be resumed, and completes only with every part", resumes_uploads, OTHER_STORE),
    Check("completing an upload never replaces an object", joins_only_new_objects, OTHER_STORE),
    Check("an aborted upload leaves nothing, and aborting twice is harmless", aborts_uploads, OTHER_STORE),
    Check(
        "clients can put parts at presigned URLs, if the store offers them",
        accepts_presigned_parts,
        OTHER_PARTS,
    ),
    Check("a presigned URL accepts only its own part, in its size", verifies_presigned_parts, OTHER_PARTS),
)


# -- helpers --------------------------------------------------------------------------------------------


def require(holds: bool, problem: str) -> None:  # noqa: FBT001  reads as an assertion
    """Raise CheckError with the problem unless the condition holds."""
    if not holds:
        raise CheckError(problem)


@contextmanager
def expecting(error: type[StorageError], problem: str) -> Iterator[None]:
    """Raise CheckError with the problem unless the block raises the error."""
    try:
        yield
    except error:
        return
    raise CheckError(problem)


def first_part(plan: PartPlan) -> Part:
    """Return the first part of a plan."""
    return next(plan.parts())


def part_bytes(part: Part, filling: bytes = b"") -> bytes:
    """Return content that differs for each part."""
    return (filling or bytes([part.number])) * part.size_bytes


def put_part(
    storage: Storage, key: BlobKey, token: str, number: int, *, plan: PartPlan = PLAN, filling: bytes = b""
) -> None:
    """Store a part through the service."""
    part = next(part for part in plan.parts() if part.number == number)
    sink = storage.part_sink(key, token, part)
    try:
        sink.write(part_bytes(part, filling))
        sink.finish()
    finally:
        sink.discard()


def require_joined(storage: Storage, key: BlobKey) -> None:
    """Require the object that the parts of PLAN make; its edges tell their order."""
    require(storage.size(key) == PLAN.size_bytes, "an object joined from parts has another size")
    for part in PLAN.parts():
        for start in (part.offset, part.offset + part.size_bytes - 10):
            require(
                storage.read(key, start, 10) == part_bytes(part)[:10],
                "an object joined from parts has other bytes",
            )


def uploads_of(storage: Storage) -> set[tuple[BlobKey, str]]:
    """Return key and token of every unfinished upload."""
    return {(info.key, info.token) for info in storage.uploads()}


def put_at(url: str, data: bytes) -> int:
    """Put data at a URL as a client does; return the status of the response."""
    scheme, _, rest = url.partition("://")
    authority, _, target = rest.partition("/")
    connections = Connections(Origin.parse(f"{scheme}://{authority}"))
    response = connections.send(Request("PUT", f"/{target}", {"host": authority}, data))
    response.close()
    return response.status
