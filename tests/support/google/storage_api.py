"""The JSON API of Cloud Storage as far as buckets, their policies, and the deletion of objects."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from tests.support.google.world import PROJECT, RefusedError, StoredBucket, World

BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9_-]{1,61}[a-z0-9]")
RESOURCE: Final = {"name", "location", "iamConfiguration", "softDeletePolicy", "labels"}
LEGACY: Final = [
    {
        "role": "roles/storage.legacyBucketOwner",
        "members": [f"projectEditor:{PROJECT}", f"projectOwner:{PROJECT}"],
    },
    {"role": "roles/storage.legacyBucketReader", "members": [f"projectViewer:{PROJECT}"]},
]
MOST_PRINCIPALS: Final = 1500
MOST_BATCHED: Final = 100
Query = Mapping[str, str]


class StorageApi:
    """Answers requests."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, method: str, path: str, query: Query, body: bytes) -> dict[str, Any]:
        """Route a request; an empty document stands for 204."""
        found = re.fullmatch(r"/storage/v1/b(?:/([^/]+))?(?:/(iam|o)(?:/([^/]+))?)?", path)
        if found is None:
            raise RefusedError(404, "notFound", "Not Found")
        bucket, part, name = found[1] or "", found[2] or "", unquote(found[3] or "")
        routes: dict[tuple[str, bool, str, bool], Callable[[], dict[str, Any]]] = {
            ("GET", False, "", False): lambda: self.list_buckets(query),
            ("POST", False, "", False): lambda: self.create(query, json.loads(body)),
            ("DELETE", True, "", False): lambda: self.delete(bucket),
            ("GET", True, "iam", False): lambda: self.get_policy(bucket, query),
            ("PUT", True, "iam", False): lambda: self.set_policy(bucket, json.loads(body)),
            ("GET", True, "o", False): lambda: self.list_objects(bucket, query),
            ("DELETE", True, "o", True): lambda: self.delete_object(bucket, name, query),
        }
        route = routes.get((method, bool(bucket), part, bool(name)))
        if route is None:
            raise RefusedError(400, "invalid", "Invalid argument")
        return route()

    def held(self, bucket: str) -> StoredBucket:
        if bucket in self.world.foreign_buckets:
            raise RefusedError(403, "forbidden", f"The caller does not have access to the bucket {bucket}.")
        if bucket not in self.world.buckets:
            raise RefusedError(404, "notFound", "The specified bucket does not exist.")
        return self.world.buckets[bucket]

    def list_buckets(self, query: Query) -> dict[str, Any]:
        self.world.enter("storage.list")
        allow(
            query,
            {"project", "prefix", "pageToken", "maxResults", "fields", "projection", "prettyPrint", "alt"},
        )
        if query["project"] != PROJECT:
            raise RefusedError(403, "forbidden", "The caller has no access to the project.")
        after, size = query.get("pageToken", ""), min(int(query.get("maxResults", "1000")), self.world.page)
        names = sorted(
            name for name in self.world.buckets if name.startswith(query.get("prefix", "")) and name > after
        )
        items = [self.world.buckets[name].resource for name in names[:size]]
        answer: dict[str, Any] = {"items": [{"name": one["name"], "labels": one["labels"]} for one in items]}
        return {**answer, "nextPageToken": names[size - 1]} if len(names) > size else answer

    def create(self, query: Query, resource: dict[str, Any]) -> dict[str, Any]:
        self.world.enter("storage.create", is_creation=True)
        allow(query, {"project", "prettyPrint", "alt"})
        if not set(resource) <= RESOURCE or not BUCKET.fullmatch(resource["name"]):
            raise RefusedError(400, "invalid", f"Invalid bucket: {sorted(resource)}")
        name = resource["name"]
        if name in self.world.buckets or name in self.world.foreign_buckets:
            raise RefusedError(409, "conflict", "The requested bucket name is not available.")
        policy = {"version": 1, "etag": self.world.etag(), "bindings": [dict(one) for one in LEGACY]}
        self.world.buckets[name] = StoredBucket(resource, policy)
        self.lose()
        return resource

    def delete(self, bucket: str) -> dict[str, Any]:
        self.world.enter("storage.delete")
        if self.held(bucket).objects:
            raise RefusedError(409, "conflict", "The bucket you tried to delete is not empty.")
        del self.world.buckets[bucket]
        return {}

    def get_policy(self, bucket: str, query: Query) -> dict[str, Any]:
        self.world.enter("storage.get_policy")
        policy = self.held(bucket).policy
        conditional = any("condition" in one for one in policy["bindings"])
        if conditional and query.get("optionsRequestedPolicyVersion") != "3":
            raise RefusedError(400, "invalid", "The policy has conditions: request version 3.")
        return policy

    def set_policy(self, bucket: str, policy: dict[str, Any]) -> dict[str, Any]:
        self.world.enter("storage.set_policy")
        held = self.held(bucket)
        policy.setdefault("bindings", [])
        if self.world.faults.meddle:
            self.world.faults.meddle -= 1
            held.policy["etag"] = self.world.etag()
        if policy.get("etag", held.policy["etag"]) != held.policy["etag"]:
            raise RefusedError(412, "conditionNotMet", "At least one of the pre-conditions did not hold.")
        if any("condition" in one for one in policy["bindings"]) and policy.get("version") != 3:
            raise RefusedError(400, "invalid", "Conditions need policy version 3.")
        members = [member for one in policy["bindings"] for member in one["members"]]
        if len(members) > MOST_PRINCIPALS:
            raise RefusedError(400, "invalid", "The policy has more than 1500 principals.")
        for member in members:
            email = member.removeprefix("serviceAccount:")
            if email != member and not self.world.is_known(email):
                raise RefusedError(400, "invalid", f"Service account {email} does not exist.")
        held.policy = {**policy, "etag": self.world.etag()}
        self.lose()
        return held.policy

    def list_objects(self, bucket: str, query: Query) -> dict[str, Any]:
        self.world.enter("storage.list_objects")
        after, size = query.get("pageToken", ""), min(int(query.get("maxResults", "1000")), self.world.page)
        names = sorted(self.held(bucket).objects)
        names = [name for name in names if name.startswith(query.get("prefix", "")) and name > after]
        objects = self.held(bucket).objects
        answer: dict[str, Any] = {
            "items": [{"name": name, "generation": str(objects[name])} for name in names[:size]]
        }
        return {**answer, "nextPageToken": names[size - 1]} if len(names) > size else answer

    def delete_object(self, bucket: str, name: str, query: Query) -> dict[str, Any]:
        objects = self.held(bucket).objects
        if name not in objects or query.get("generation", str(objects[name])) != str(objects[name]):
            raise RefusedError(404, "notFound", f"No such object: {bucket}/{name}")
        del objects[name]
        return {}

    def lose(self) -> None:
        """Lose the response of a write."""
        if self.world.faults.lost:
            self.world.faults.lost -= 1
            raise RefusedError(503, "backendError", "The response was lost.")

    def batch(self, content_type: str, body: bytes) -> tuple[str, bytes]:
        """Carry out a multipart/mixed request of at most 100 calls; return the type and body of the answer."""
        self.world.enter("storage.batch")
        found = re.search(r'boundary="?([^";]+)"?', content_type)
        if found is None:
            raise RefusedError(400, "badRequest", "Failed to parse batch request.")
        parts = body.replace(b"\r\n", b"\n").split(b"--" + found[1].encode())[1:-1]
        if not 1 <= len(parts) <= MOST_BATCHED:
            raise RefusedError(400, "badRequest", "The batch has too many calls.")
        answers = [self.batched(part.split(b"\n\n", 1)[1].decode()) for part in parts]
        text = "".join(
            f"--batch_answer\r\nContent-Type: application/http\r\n\r\n{one}\r\n" for one in answers
        )
        return "multipart/mixed; boundary=batch_answer", f"{text}--batch_answer--\r\n".encode()

    def batched(self, text: str) -> str:
        """Answer one call of a batch."""
        method, target, _ = text.split("\n", 1)[0].split(" ")
        parts = urlsplit(target)
        query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
        try:
            self.answer(method, parts.path, query, b"")
        except RefusedError as refused:
            error = json.dumps({"error": {"code": refused.code, "message": refused.message}})
            head = f"HTTP/1.1 {refused.code} Refused\r\nContent-Type: application/json\r\n"
            return f"{head}Content-Length: {len(error)}\r\n\r\n{error}"
        return "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"


def allow(query: Query, names: set[str]) -> None:
    """Refuse parameters that the reference does not name."""
    if not set(query) <= names:
        raise RefusedError(400, "invalidParameter", f"Unknown parameters: {sorted(set(query) - names)}")
