"""Requests to Google Cloud Storage's JSON API about one bucket, and what its answers mean.

Source: the "Cloud Storage JSON API" reference (objects: insert, get, list, compose, delete; status codes; request
preconditions). Not run against the live service; the tests' fake holds to those pages.
"""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import IO, Any, Final, NamedTuple
from urllib.parse import quote, urlencode

from satchel_service.storage.connections import (
    BLOCK_BYTES,
    REFUSAL_BYTES,
    Answer,
    Connections,
    Origin,
    Request,
    UnansweredError,
)
from satchel_service.storage.gcs_token import TokenSource
from satchel_service.storage.protocol import AlreadyExistsError, FullError, NotFoundError, StorageError

PASSING: Final = frozenset({401, 408, 429, 500, 502, 503, 504})
"""Worth asking again: the documented ones, and a token that ended between two clocks."""

TOO_OFTEN: Final = 429  # one object may be written once a second

FIELDS: Final = "name,size,timeCreated,generation,md5Hash,metadata"
LISTING: Final = "storage#objects"
BINARY: Final = "application/octet-stream"


class ObjectInfo(NamedTuple):
    """An object as its bucket names it; `created` is in milliseconds since 1970, `md5` empty for a composed one."""

    name: str
    size_bytes: int
    created: int
    generation: str
    md5: str
    metadata: Mapping[str, str]


class Page(NamedTuple):
    """A page of a listing; `more` is what the next is asked for with, empty on the last."""

    objects: list[ObjectInfo]
    more: str


class GcsBucket:
    """Asks a bucket. Every request is sent once."""

    def __init__(
        self, name: str, endpoint: Origin, tokens: TokenSource, entropy: Callable[[int], bytes]
    ) -> None:
        self._objects = f"/storage/v1/b/{quote(name, safe='')}/o"
        self._connections = Connections(endpoint)
        self._tokens = tokens
        self._entropy = entropy
        self._is_proven = False

    def insert(
        self,
        name: str,
        data: "bytes | SizedFile",
        *,
        is_new: bool,
        metadata: Mapping[str, str] | None = None,
        md5: bytes | None = None,
    ) -> ObjectInfo:
        """Store an object. `is_new`: only if there is none of that name, else AlreadyExistsError.

        With `md5` the service refuses what arrives otherwise.
        """
        resource: dict[str, Any] = {"name": name, "contentType": BINARY, "metadata": metadata or {}}
        if md5 is not None:
            resource["md5Hash"] = base64.b64encode(md5).decode()
        body = Multipart(self._entropy(16).hex(), json.dumps(resource).encode(), data)
        headers = {"Content-Type": body.content_type, "Content-Length": str(body.size_bytes)}
        query = {"uploadType": "multipart", "fields": FIELDS, **_only_if_new(is_new)}
        answer = self._ask("POST", f"/upload{self._objects}", query, headers, body)
        if answer.status == 404:
            answer.read(REFUSAL_BYTES)
            raise StorageError("there is no such bucket")
        return self._stored(answer)

    def compose(
        self, name: str, sources: Iterable[ObjectInfo], *, is_new: bool, metadata: Mapping[str, str]
    ) -> ObjectInfo:
        """Join at most 32 objects, exactly as they were listed, into one. A source that changed: NotFoundError."""
        document = {
            "sourceObjects": [{"name": source.name, "generation": source.generation} for source in sources],
            "destination": {"contentType": BINARY, "metadata": dict(metadata)},
        }
        headers = {"Content-Type": "application/json"}
        query = {"fields": FIELDS, **_only_if_new(is_new)}
        answer = self._ask(
            "POST", f"{self._path(name)}/compose", query, headers, json.dumps(document).encode()
        )
        return self._stored(answer)

    def open(self, name: str, byte_range: str | None = None) -> Answer | None:
        """Ask for an object's bytes, all or a range; None when the range lies behind its end."""
        headers = {"Range": byte_range} if byte_range else {}
        answer = self._ask("GET", self._path(name), {"alt": "media"}, headers)
        if answer.status == 416 and byte_range:
            answer.read(REFUSAL_BYTES)
            return None
        if (
            answer.status == 404
        ):  # only an answer about the object itself, not of its bytes, says what is absent
            answer.read(REFUSAL_BYTES)
            self.info(name)
            raise UnansweredError("the object appeared meanwhile")
        if answer.status != (206 if byte_range else 200):
            raise self._refusal(answer)
        if answer.header("Content-Type") != BINARY:  # the object's own type comes with its bytes
            answer.close()
            raise UnansweredError("what answered is not the object storage")
        return answer

    def info(self, name: str) -> ObjectInfo:
        """Return what the bucket knows of an object. Absent: NotFoundError."""
        return _object(self._document(self._ask("GET", self._path(name), {"fields": FIELDS})))

    def delete(self, name: str) -> None:
        """Delete an object; absent is fine."""
        answer = self._ask("DELETE", self._path(name))
        if answer.status != 204:
            with suppress(NotFoundError):
                raise self._refusal(answer)
        answer.close()

    def page(self, prefix: str, more: str = "", start: str = "", most: int = 1000) -> Page:
        """List objects in the order of names, those from `start` on."""
        query = {
            "prefix": prefix,
            "maxResults": str(most),
            "fields": f"kind,items({FIELDS}),nextPageToken",
            **({"pageToken": more} if more else {}),
            **({"startOffset": start} if start else {}),
        }
        answer = self._ask("GET", self._objects, query)
        if answer.status == 404:
            answer.read(REFUSAL_BYTES)
            raise StorageError("there is no such bucket")
        document = self._document(answer)
        if document.get("kind") != LISTING:
            raise UnansweredError("the object storage's answer cannot be read")
        self._is_proven = True
        return Page([_object(item) for item in document.get("items", [])], document.get("nextPageToken", ""))

    def close(self) -> None:
        """Close the connections that idle."""
        self._connections.close()
        self._tokens.close()

    # -- pieces -----------------------------------------------------------------------------------------

    def _path(self, name: str) -> str:
        return f"{self._objects}/{quote(name, safe='')}"

    def _ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: "bytes | Multipart" = b"",
    ) -> Answer:
        given = {
            "Host": self._connections.origin.authority,
            "Authorization": f"Bearer {self._tokens.get()}",
            **(headers or {}),
        }
        if method == "POST":
            given.setdefault("Content-Length", str(len(body) if isinstance(body, bytes) else 0))
        target = f"{path}?{urlencode(query)}" if query else path
        answer = self._connections.send(Request(method, target, given, body))
        if answer.status == 401:
            self._tokens.forget()
        return answer

    def _document(self, answer: Answer) -> dict[str, Any]:
        if answer.status != 200:
            raise self._refusal(answer)
        return _parsed(answer.read())

    def _stored(self, answer: Answer) -> ObjectInfo:
        if answer.status == 412:
            answer.read(REFUSAL_BYTES)
            raise AlreadyExistsError("the key is taken")
        return _object(self._document(answer))

    def _refusal(self, answer: Answer) -> StorageError:
        """Say what a refusal means. An object is believed to be absent once its bucket has been seen."""
        status, body = answer.status, answer.read(REFUSAL_BYTES)
        if status == 404 and _is_not_found(body):
            if not self._is_proven:
                self.page("", most=1)
            return NotFoundError("there is no such object or upload")
        what = f"the object storage answered {status}"
        if status == 507:
            return FullError("the object storage is full")
        if status in PASSING:
            after = answer.header("Retry-After") or ("1" if status == TOO_OFTEN else "")
            return UnansweredError(what, float(after) if after.isdecimal() else None)
        return StorageError(what)


class SizedFile(NamedTuple):
    """The bytes of a file, from its start."""

    file: IO[bytes]
    size_bytes: int


class Multipart:
    """A body with an object's description and its bytes (`multipart/related`), sent without holding it in memory."""

    def __init__(self, boundary: str, resource: bytes, data: bytes | SizedFile) -> None:
        self.content_type = f"multipart/related; boundary={boundary}"
        self._head = (
            f"--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n".encode()
            + resource
            + f"\r\n--{boundary}\r\nContent-Type: {BINARY}\r\n\r\n".encode()
        )
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self._data = data
        size_bytes = len(data) if isinstance(data, bytes) else data.size_bytes
        self.size_bytes = len(self._head) + size_bytes + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        """Yield the body from its beginning, as often as it is asked for."""
        if isinstance(self._data, bytes):
            yield self._head + self._data + self._tail
            return
        yield self._head
        self._data.file.seek(0)
        while block := self._data.file.read(BLOCK_BYTES):
            yield block
        yield self._tail


def _only_if_new(is_new: bool) -> dict[str, str]:  # noqa: FBT001  private, one argument
    return {"ifGenerationMatch": "0"} if is_new else {}


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except ValueError as exc:
        raise UnansweredError("the object storage's answer cannot be read") from exc
    if not isinstance(document, dict):
        raise UnansweredError("the object storage's answer cannot be read")
    return document


def _is_not_found(body: bytes) -> bool:
    """Whether a 404 is the API's own: the documented form of its errors, with the reason `notFound`."""
    try:
        return any(error["reason"] == "notFound" for error in json.loads(body)["error"]["errors"])
    except (ValueError, KeyError, TypeError):
        return False


def _object(document: Mapping[str, Any]) -> ObjectInfo:
    try:
        created = datetime.fromisoformat(document["timeCreated"])
        return ObjectInfo(
            document["name"],
            int(document["size"]),
            int(created.timestamp() * 1000),
            document["generation"],
            document.get("md5Hash", ""),
            document.get("metadata", {}),
        )
    except (KeyError, ValueError, TypeError) as exc:
        raise UnansweredError("the object storage's answer cannot be read") from exc
