"""Requests to one bucket through Google Cloud Storage's JSON API, the meaning of its responses, and access tokens.

Sources: the "Cloud Storage JSON API" reference (objects: insert, get, list, compose, delete; status codes; request
preconditions), and "About VM metadata" and "Service account access tokens" for the metadata server. Never run against
the live service; the tests' fake follows those pages.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import IO, Any, Final, NamedTuple, Protocol
from urllib.parse import quote, urlencode

from satchel_service.storage.http import ERROR_BYTES, Connections, Origin, Response
from satchel_service.storage.http_messages import BLOCK_BYTES, Request
from satchel_service.storage.protocol import (
    AlreadyExistsError,
    FullError,
    NotFoundError,
    StorageError,
    TransientError,
)

TRANSIENT_STATUSES: Final = frozenset({401, 408, 429, 500, 502, 503, 504})
"""Those documented as retryable, and 401 for a token that has just expired."""

TOO_MANY_REQUESTS: Final = 429  # an object accepts one write a second
TOO_MANY_REQUESTS_PAUSE_S: Final = "1"

FIELDS: Final = "name,size,timeCreated,generation,md5Hash,metadata"
LISTING: Final = "storage#objects"
DOCUMENT_BYTES: Final = 16 * 1024 * 1024  # read at most of a JSON document
BINARY: Final = "application/octet-stream"

TOKEN_PATH: Final = "/computeMetadata/v1/instance/service-accounts/default/token"  # noqa: S105  a path
MAX_LIFETIME_S: Final = 7 * 24 * 3600  # Google's tokens last an hour, those of some pools twelve
TOKEN_MARGIN_S: Final = 60  # the metadata server gives a fresh token in the last minutes of the old one


class ObjectInfo(NamedTuple):
    """An object by its name in the bucket; `created` is in milliseconds since 1970, `md5` empty if composed."""

    name: str
    size_bytes: int
    created: int
    generation: str
    md5: str
    metadata: Mapping[str, str]


class Page(NamedTuple):
    """A page of a listing; `next_token` requests the next page and is empty on the last."""

    objects: list[ObjectInfo]
    next_token: str


class TokenSource(Protocol):
    """Provides access tokens."""

    def get(self) -> str:
        """Return a token that is still valid for a while."""

    def forget(self) -> None:
        """Drop the current token, which was refused."""

    def close(self) -> None:
        """Close the idle connections."""


class MetadataToken:
    """Tokens of the service account of this machine or Cloud Run service, from its metadata server."""

    def __init__(self, host: Origin) -> None:
        self._connections = Connections(host)
        self._lock = threading.Lock()
        self._token = ""
        self._until_s = 0.0

    def get(self) -> str:
        """Return the current token, or a new one if it has nearly expired."""
        with self._lock:
            if time.monotonic() >= self._until_s:
                self._token, lifetime_s = self._fetch()
                self._until_s = time.monotonic() + lifetime_s - TOKEN_MARGIN_S
            return self._token

    def forget(self) -> None:
        """Drop the current token."""
        with self._lock:
            self._until_s = 0.0

    def close(self) -> None:
        """Close the idle connections."""
        self._connections.close()

    def _fetch(self) -> tuple[str, float]:
        headers = {"Host": self._connections.origin.authority, "Metadata-Flavor": "Google"}
        response = self._connections.send(Request("GET", TOKEN_PATH, headers))
        body = response.read(ERROR_BYTES)
        if response.status != 200 or response.header("Metadata-Flavor") != "Google":
            raise TransientError(f"the metadata server gave no token ({response.status})")
        try:
            document = json.loads(body)
            return str(document["access_token"]), _lifetime_s(document["expires_in"])
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as exc:
            raise TransientError("the metadata server's token cannot be read") from exc


class GcsBucket:
    """Sends requests to a bucket, each of them once."""

    def __init__(
        self, name: str, endpoint: Origin, tokens: TokenSource, entropy: Callable[[int], bytes]
    ) -> None:
        self._objects = f"/storage/v1/b/{quote(name, safe='')}/o"
        self._connections = Connections(endpoint)
        self._tokens = tokens
        self._entropy = entropy
        self._is_known_to_exist = False

    def insert(
        self,
        name: str,
        data: "bytes | SizedFile",
        *,
        is_new: bool,
        metadata: Mapping[str, str] | None = None,
        md5: bytes | None = None,
    ) -> ObjectInfo:
        """Store an object. With `is_new`, raise AlreadyExistsError if the name is taken.

        With `md5`, Google refuses other bytes.
        """
        resource: dict[str, Any] = {"name": name, "contentType": BINARY, "metadata": metadata or {}}
        if md5 is not None:
            resource["md5Hash"] = base64.b64encode(md5).decode()
        body = Multipart(self._entropy(16).hex(), json.dumps(resource).encode(), data)
        headers = {"Content-Type": body.content_type, "Content-Length": str(body.size_bytes)}
        query = {"uploadType": "multipart", "fields": FIELDS, **_only_if_new(is_new)}
        response = self._send("POST", f"/upload{self._objects}", query, headers, body)
        if response.status == 404:
            response.read(ERROR_BYTES)
            raise StorageError("there is no such bucket")
        return self._stored(response)

    def compose(
        self, name: str, sources: Iterable[ObjectInfo], *, is_new: bool, metadata: Mapping[str, str]
    ) -> ObjectInfo:
        """Join at most 32 objects into one. Raise NotFoundError if one has changed since it was listed."""
        document = {
            "sourceObjects": [{"name": source.name, "generation": source.generation} for source in sources],
            "destination": {"contentType": BINARY, "metadata": dict(metadata)},
        }
        headers = {"Content-Type": "application/json"}
        query = {"fields": FIELDS, **_only_if_new(is_new)}
        response = self._send(
            "POST", f"{self._path(name)}/compose", query, headers, json.dumps(document).encode()
        )
        return self._stored(response)

    def open(self, name: str, byte_range: str | None = None) -> Response | None:
        """Request an object's bytes, all or a range; None if the range begins at or behind its end."""
        headers = {"Range": byte_range} if byte_range else {}
        response = self._send("GET", self._path(name), {"alt": "media"}, headers)
        if response.status == 416 and byte_range:
            response.read(ERROR_BYTES)
            return None
        if response.status == 404:  # only the object's metadata tells what is absent, not its media
            response.read(ERROR_BYTES)
            self.info(name)
            raise TransientError("the object was created during the request")
        if response.status != (206 if byte_range else 200):
            raise self._refusal(response)
        if response.header("Content-Type") != BINARY:  # the type that `insert` gave the object
            response.close()
            raise TransientError("the response is not from the object storage")
        return response

    def info(self, name: str) -> ObjectInfo:
        """Return an object's metadata. Absent: NotFoundError."""
        return _object(self._document(self._send("GET", self._path(name), {"fields": FIELDS})))

    def delete(self, name: str) -> None:
        """Delete an object; deleting an absent object succeeds."""
        response = self._send("DELETE", self._path(name))
        if response.status != 204:
            with suppress(NotFoundError):
                raise self._refusal(response)
        response.close()

    def page(self, prefix: str, token: str = "", start: str = "", page_objects: int = 1000) -> Page:
        """List objects in the order of names, from `start` on."""
        query = {
            "prefix": prefix,
            "maxResults": str(page_objects),
            "fields": f"kind,items({FIELDS}),nextPageToken",
            **({"pageToken": token} if token else {}),
            **({"startOffset": start} if start else {}),
        }
        response = self._send("GET", self._objects, query)
        if response.status == 404:
            response.read(ERROR_BYTES)
            raise StorageError("there is no such bucket")
        document = self._document(response)
        if document.get("kind") != LISTING:
            raise TransientError("the object storage's response cannot be parsed")
        self._is_known_to_exist = True
        items, next_token = document.get("items", []), document.get("nextPageToken", "")
        if not isinstance(items, list) or not isinstance(next_token, str):
            raise TransientError("the object storage's response cannot be parsed")
        return Page([_object(item) for item in items], next_token)

    def close(self) -> None:
        """Close the idle connections."""
        self._connections.close()
        self._tokens.close()

    # -- requests ---------------------------------------------------------------------------------------

    def _path(self, name: str) -> str:
        return f"{self._objects}/{quote(name, safe='')}"

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: "bytes | Multipart" = b"",
    ) -> Response:
        given = {
            "Host": self._connections.origin.authority,
            "Authorization": f"Bearer {self._tokens.get()}",
            **(headers or {}),
        }
        if method == "POST":
            given.setdefault("Content-Length", str(len(body) if isinstance(body, bytes) else 0))
        target = f"{path}?{urlencode(query)}" if query else path
        response = self._connections.send(Request(method, target, given, body))
        if response.status == 401:
            self._tokens.forget()
        return response

    def _document(self, response: Response) -> dict[str, Any]:
        if response.status != 200:
            raise self._refusal(response)
        return _parsed(response.read(DOCUMENT_BYTES))

    def _stored(self, response: Response) -> ObjectInfo:
        if response.status == 412:
            response.read(ERROR_BYTES)
            raise AlreadyExistsError("the key is taken")
        return _object(self._document(response))

    def _refusal(self, response: Response) -> StorageError:
        """Translate a refusal. A missing object counts only if the bucket is known to exist."""
        status, body = response.status, response.read(ERROR_BYTES)
        if status == 404 and _is_not_found(body):
            if not self._is_known_to_exist:
                self.page("", page_objects=1)
            return NotFoundError("there is no such object or upload")
        message = f"the object storage responded {status}"
        if status == 507:
            return FullError("the object storage is full")
        if status in TRANSIENT_STATUSES:
            default = TOO_MANY_REQUESTS_PAUSE_S if status == TOO_MANY_REQUESTS else ""
            pause_s = response.header("Retry-After") or default
            return TransientError(message, float(pause_s) if pause_s.isdecimal() else None)
        return StorageError(message)


class SizedFile(NamedTuple):
    """The bytes of a file from its start."""

    file: IO[bytes]
    size_bytes: int


class Multipart:
    """A `multipart/related` body of an object's metadata and bytes, sent without holding it in memory."""

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
        """Yield the body from its beginning."""
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


def _lifetime_s(value: object) -> float:
    """Return how long a token is valid. Raise ValueError for a number that is none or without an end."""
    seconds = float(str(value))
    if not 0 <= seconds <= MAX_LIFETIME_S:
        raise ValueError("not a lifetime")
    return seconds


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise TransientError("the object storage's response cannot be parsed") from exc
    if not isinstance(document, dict):
        raise TransientError("the object storage's response cannot be parsed")
    return document


def _is_not_found(body: bytes) -> bool:
    """Whether a 404 is the API's own: an error in the documented form, with the reason `notFound`."""
    try:
        return any(error["reason"] == "notFound" for error in json.loads(body)["error"]["errors"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return False


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def _size_bytes(value: Any) -> int:  # noqa: ANN401  a JSON value
    size = int(value)
    if size < 0:
        raise ValueError("not a size")
    return size


def _object(document: Mapping[str, Any]) -> ObjectInfo:
    try:
        created = datetime.fromisoformat(document["timeCreated"])
        return ObjectInfo(
            _text(document["name"]),
            _size_bytes(document["size"]),
            int(created.timestamp() * 1000),
            _text(document["generation"]),
            _text(document.get("md5Hash", "")),
            document.get("metadata", {}),
        )
    except (KeyError, ValueError, TypeError, OverflowError) as exc:
        raise TransientError("the object storage's response cannot be parsed") from exc
