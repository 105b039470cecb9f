"""A strict fake of Google Cloud Storage's JSON API and of the metadata server, on loopback.

It follows the reference of objects (insert, get, list, compose, delete), "Request preconditions" (412, generation 0),
"Composite objects" (1 to 32 sources, no MD5), "Quotas" (one write of an object a second) and "About VM metadata"
(the Metadata-Flavor header both ways). Parameters the reference does not name are answered with 400.
"""

import base64
import hashlib
import json
import re
import secrets
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from satchel_service.storage.gcs import GcsStorage
from satchel_service.storage.gcs_requests import GcsBucket, MetadataToken
from satchel_service.storage.http import Origin

BUCKET: Final = "satchel-tests"
TOKEN_PATH: Final = "/computeMetadata/v1/instance/service-accounts/default/token"
WRITE_EVERY_S: Final = 1.0
INSERT: Final = frozenset({"uploadType", "name", "fields", "ifGenerationMatch"})
LIST: Final = frozenset({"prefix", "startOffset", "maxResults", "pageToken", "fields"})


class RefusedError(Exception):
    """An error answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True)
class Stored:
    """A stored object."""

    data: bytes
    generation: int
    created: datetime
    resource: Mapping[str, Any]
    is_composite: bool
    written_s: float


class Bucket:
    """The objects; one request at a time changes them."""

    def __init__(self) -> None:
        self.objects: dict[str, Stored] = {}
        self.lock = threading.Lock()
        self._generation = time.time_ns() // 1000

    def put(
        self, name: str, data: bytes, resource: Mapping[str, Any], *, only: str | None, composite: bool
    ) -> Stored:
        """Write an object; `only` is ifGenerationMatch."""
        live = self.objects.get(name)
        if only is not None and int(only) != (live.generation if live else 0):
            raise RefusedError(412, "conditionNotMet")
        now_s = time.monotonic()
        if live is not None and now_s - live.written_s < WRITE_EVERY_S:
            raise RefusedError(429, "rateLimitExceeded")
        if not name or len(name.encode()) > 1024 or "\n" in name or "\r" in name:
            raise RefusedError(400, "invalid")
        self._generation += 1
        stored = Stored(data, self._generation, datetime.now(UTC), resource, composite, now_s)
        self.objects[name] = stored
        return stored

    def get(self, name: str) -> Stored:
        """Return an object."""
        if name not in self.objects:
            raise RefusedError(404, "notFound")
        return self.objects[name]


def described(name: str, stored: Stored) -> dict[str, Any]:
    """Return an object's resource with the fields that clients request."""
    own = {
        "kind": "storage#object",
        "name": name,
        "bucket": BUCKET,
        "generation": str(stored.generation),
        "size": str(len(stored.data)),
        "timeCreated": stored.created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "contentType": stored.resource.get("contentType", "application/octet-stream"),
    }
    if stored.resource.get("metadata"):
        own["metadata"] = stored.resource["metadata"]
    if not stored.is_composite:
        own["md5Hash"] = base64.b64encode(hashlib.md5(stored.data).digest()).decode()
    return own


def selected(document: dict[str, Any], fields: str | None) -> dict[str, Any]:
    """Return a partial response: top-level fields, and fields in the brackets after `items`."""
    if fields is None:
        return document
    nested = re.search(r"items\(([^)]*)\)", fields)
    names = set(re.sub(r"items\([^)]*\)", "items", fields).split(","))
    chosen = {name: value for name, value in document.items() if name in names}
    if nested and "items" in chosen:
        inner = set(nested[1].split(","))
        chosen["items"] = [{k: v for k, v in item.items() if k in inner} for item in chosen["items"]]
    return chosen


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Server"

    def do_GET(self) -> None:
        self.answer()

    do_POST = do_DELETE = do_PUT = do_HEAD = do_GET  # noqa: N815  the base class calls them so

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """Print nothing."""

    def answer(self) -> None:
        """Route a request; an error is JSON, or text if the request was for media."""
        parts = urlsplit(self.path)
        self.query = dict(parse_qsl(parts.query, keep_blank_values=True))
        length = self.headers.get("Content-Length")
        self.body = self.rfile.read(int(length or 0))
        if len(self.body) < int(length or 0):
            raise ConnectionResetError("the client hung up within its body")
        try:
            self.route(parts.path, has_length=length is not None)
        except RefusedError as refused:
            if self.query.get("alt") == "media":
                self.reply(refused.status, b"No such object, or another reason", "text/html; charset=UTF-8")
                return
            error = {"code": refused.status, "message": "refused", "errors": [{"reason": str(refused)}]}
            self.reply(refused.status, json.dumps({"error": error}).encode(), "application/json")

    def route(self, path: str, *, has_length: bool) -> None:
        if path == TOKEN_PATH:
            self.give_token()
            return
        if self.command == "POST" and not has_length:
            raise RefusedError(411, "required")
        if self.headers.get("Authorization") not in {f"Bearer {token}" for token in self.server.tokens}:
            raise RefusedError(401, "authError")
        found = re.fullmatch(r"(/upload)?/storage/v1/b/([^/]+)/o(?:/([^/]+))?(/compose)?", path)
        if found is None or found[2] != BUCKET:
            raise RefusedError(404, "notFound")
        with self.server.bucket.lock:
            self.ask_bucket(unquote(found[3] or ""), is_upload=bool(found[1]), is_compose=bool(found[4]))

    def ask_bucket(self, name: str, *, is_upload: bool, is_compose: bool) -> None:
        match self.command, is_upload, bool(name), is_compose:
            case "POST", True, False, False:
                self.insert()
            case "POST", False, True, True:
                self.compose(name)
            case "GET", False, False, False:
                self.list()
            case "GET", False, True, False:
                self.get(name)
            case "DELETE", False, True, False:
                self.server.bucket.get(name)
                del self.server.bucket.objects[name]
                self.reply(204)
            case _:
                raise RefusedError(400, "invalid")

    def give_token(self) -> None:
        if self.headers.get("Metadata-Flavor") != "Google":
            raise RefusedError(403, "forbidden")
        token = secrets.token_hex(8)
        self.server.tokens.append(token)
        body = json.dumps({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}).encode()
        self.reply(200, body, "application/json", {"Metadata-Flavor": "Google"})

    def insert(self) -> None:
        """uploadType=multipart: a resource and its media."""
        self.allow(INSERT)
        if self.query.get("uploadType") != "multipart":
            raise RefusedError(400, "invalid")
        resource, data = self.related()
        if "md5Hash" in resource:
            claimed = base64.b64decode(resource["md5Hash"], validate=True)
            if claimed != hashlib.md5(data).digest():
                raise RefusedError(400, "invalid")
        name = self.query.get("name") or resource["name"]
        only = self.query.get("ifGenerationMatch")
        stored = self.server.bucket.put(name, data, resource, only=only, composite=False)
        self.reply_json(described(name, stored))

    def related(self) -> tuple[dict[str, Any], bytes]:
        """Parse a multipart/related body of two parts (RFC 2387)."""
        header = Message()
        header["Content-Type"] = self.headers.get("Content-Type", "")
        boundary = header.get_param("boundary")
        if header.get_content_type() != "multipart/related" or not isinstance(boundary, str):
            raise RefusedError(400, "invalid")
        edge = f"\r\n--{boundary}".encode()
        before, first, second, after = (b"\r\n" + self.body).split(edge)
        if before or after not in (b"--", b"--\r\n"):
            raise RefusedError(400, "invalid")
        (kind, resource), (_, data) = (part[2:].split(b"\r\n\r\n", 1) for part in (first, second))
        if not kind.lower().startswith(b"content-type: application/json"):
            raise RefusedError(400, "invalid")
        return json.loads(resource), data

    def compose(self, name: str) -> None:
        """Join 1 to 32 objects, each of the given generation."""
        self.allow(frozenset({"ifGenerationMatch", "fields"}))
        document = json.loads(self.body)
        sources = document["sourceObjects"]
        if not 1 <= len(sources) <= 32:
            raise RefusedError(400, "invalid")
        data = b""
        for source in sources:
            live = self.server.bucket.get(source["name"])
            if str(live.generation) != source.get("generation", str(live.generation)):
                raise RefusedError(404, "notFound")
            data += live.data
        only = self.query.get("ifGenerationMatch")
        stored = self.server.bucket.put(name, data, document["destination"], only=only, composite=True)
        self.reply_json(described(name, stored))

    def list(self) -> None:
        """A page in the order of names; the token names the last object of the previous page."""
        self.allow(LIST)
        prefix, start = self.query.get("prefix", ""), self.query.get("startOffset", "")
        after = base64.b64decode(self.query.get("pageToken", "")).decode()
        most = min(int(self.query.get("maxResults", "1000")), self.server.page_objects)
        names = sorted(self.server.bucket.objects, key=str.encode)
        names = [name for name in names if name.startswith(prefix) and name >= start and name > after]
        document: dict[str, Any] = {"kind": "storage#objects"}
        if names:
            document["items"] = [described(name, self.server.bucket.objects[name]) for name in names[:most]]
        if len(names) > most:
            document["nextPageToken"] = base64.b64encode(names[most - 1].encode()).decode()
        self.reply_json(document)

    def get(self, name: str) -> None:
        """The resource, or with alt=media its bytes or a range of them."""
        self.allow(frozenset({"alt", "fields"}))
        stored = self.server.bucket.get(name)
        if self.query.get("alt") != "media":
            return self.reply_json(described(name, stored))
        kind = str(stored.resource.get("contentType", "text/plain"))
        wanted = self.headers.get("Range")
        if wanted is None:
            return self.reply(200, stored.data, kind)
        found = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted)
        if found is None:
            raise RefusedError(400, "invalid")
        start, end = int(found[1]), min(int(found[2] or len(stored.data)), len(stored.data) - 1)
        if start >= len(stored.data):
            return self.reply(416, b"", headers={"Content-Range": f"bytes */{len(stored.data)}"})
        place = f"bytes {start}-{end}/{len(stored.data)}"
        return self.reply(206, stored.data[start : end + 1], kind, {"Content-Range": place})

    def allow(self, names: frozenset[str]) -> None:
        if not set(self.query) <= names:
            raise RefusedError(400, "invalidParameter")

    def reply_json(self, document: dict[str, Any]) -> None:
        chosen = selected(document, self.query.get("fields"))
        self.reply(200, json.dumps(chosen).encode(), "application/json; charset=UTF-8")

    def reply(
        self,
        status: int,
        body: bytes = b"",
        media_type: str = "application/octet-stream",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Listens on a free port."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.bucket = Bucket()
        self.tokens: list[str] = []
        self.page_objects = 7  # far fewer than Google returns, so that listings have several pages

    def handle_error(self, request: object, client_address: object) -> None:
        """Report errors except clients that hung up, which tests cause."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # it only prints them


class GcsFake:
    """Runs the fake in a thread during the block."""

    def __init__(self) -> None:
        self.server = Server()
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    @property
    def endpoint(self) -> str:
        """The address of both the API and the metadata server."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def storage(
        self,
        prefix: str | None = None,
        *,
        endpoint: str | None = None,
        bucket: str = BUCKET,
        **options: Any,  # noqa: ANN401  the store's own
    ) -> GcsStorage:
        """A store in a given prefix, or in an unused one."""
        entropy = secrets.token_bytes
        tokens = MetadataToken(Origin.parse(self.endpoint))
        opened = GcsBucket(bucket, Origin.parse(endpoint or self.endpoint), tokens, entropy)
        return GcsStorage(
            opened, f"{secrets.token_hex(8)}/" if prefix is None else prefix, entropy, **options
        )

    def environ(self, prefix: str) -> Mapping[str, str]:
        """The settings that make a service use this server."""
        return {
            "SATCHEL_STORAGE": f"gs://{BUCKET}/{prefix}",
            "STORAGE_EMULATOR_HOST": self.endpoint,
            "GCE_METADATA_HOST": self.endpoint.removeprefix("http://"),
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()
