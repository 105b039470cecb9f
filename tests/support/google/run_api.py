"""The Run Admin API, version 2: services and their long-running operations."""

import re
import secrets
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from google.cloud import run_v2
from google.protobuf import json_format  # type: ignore[import-untyped]
from tests.support.google.world import PROJECT, REGION, RefusedError, World

PARENT: Final = f"projects/{PROJECT}/locations/{REGION}"
SERVICE_ID: Final = re.compile(r"[a-z]([-a-z0-9]{0,47}[a-z0-9])?")
LABEL: Final = re.compile(r"[a-z0-9_-]{0,63}")
RESERVED: Final = {"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"}
IMAGE: Final = re.compile(r"[a-z0-9./_-]+(:[\w.-]+)?(@sha256:[0-9a-f]{64})?")
OUTPUT_ONLY: Final = (
    "uid",
    "generation",
    "createTime",
    "uri",
    "conditions",
    "terminalCondition",
    "reconciling",
)
Query = Mapping[str, str]


class RunApi:
    """Answers requests of one project and region."""

    def __init__(self, world: World) -> None:
        self.world = world

    def answer(self, method: str, path: str, query: Query, body: bytes) -> dict[str, Any]:
        """Route a request."""
        allowed = {"$alt", "serviceId", "pageSize", "pageToken", "validateOnly", "updateMask", "etag"}
        if not set(query) <= allowed:
            raise RefusedError(400, "INVALID_ARGUMENT", f"Unknown name: {sorted(set(query) - allowed)}")
        found = re.fullmatch(rf"/v2/{PARENT}/(services|operations)(?:/([^/:]+))?", path)
        if found is None:
            raise RefusedError(403, "PERMISSION_DENIED", f"Permission denied on resource {path!r}.")
        kind, name = found[1], found[2] or ""
        match method, kind, bool(name):
            case "POST", "services", False:
                return self.create(query.get("serviceId", ""), body)
            case "GET", "services", False:
                return self.list(query)
            case "GET", "services", True:
                self.world.enter("run.get")
                return self.shown(self.live(name))
            case "PATCH", "services", True:
                return self.update(name, body)
            case "DELETE", "services", True:
                return self.delete(name, query.get("etag", ""))
            case "GET", "operations", True:
                return self.poll(name)
        raise RefusedError(404, "NOT_FOUND", "Method not found.")

    def live(self, name: str) -> dict[str, Any]:
        """Return a service; each look at it lets Cloud Run work on."""
        self.advance(name)
        if name not in self.world.services:
            raise RefusedError(404, "NOT_FOUND", f"Resource '{name}' of kind 'SERVICE' does not exist.")
        return self.world.services[name]

    def create(self, name: str, body: bytes) -> dict[str, Any]:
        self.world.enter("run.create", is_creation=True)
        service = self.checked(name, body)
        if name in self.world.services:
            raise RefusedError(409, "ALREADY_EXISTS", f"Resource '{name}' already exists.")
        if len(self.world.services) >= self.world.most_services:
            raise RefusedError(429, "RESOURCE_EXHAUSTED", "Quota 'services per region' is exhausted.")
        created = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        self.write(
            name, service, {"generation": 0, "ready": "", "uid": str(uuid.uuid4()), "createTime": created}
        )
        return self.operation(name)

    def update(self, name: str, body: bytes) -> dict[str, Any]:
        self.world.enter("run.update")
        current = self.live(name)
        service = self.checked(name, body)
        if self.world.faults.meddle:
            self.world.faults.meddle -= 1
            current["etag"] = self.world.etag()
        self.check_etag(name, service.get("etag", ""))
        self.write(name, service, current)
        return self.operation(name)

    def check_etag(self, name: str, etag: str) -> None:
        """Refuse a change of a service that has changed since it was read."""
        if etag and etag != self.world.services[name]["etag"]:
            message = f"Conflict for resource '{name}': version was specified but current version differs."
            raise RefusedError(409, "ABORTED", message)

    def write(self, name: str, service: dict[str, Any], earlier: Mapping[str, Any]) -> None:
        """Store a service; its new revision is not ready yet."""
        generation = int(earlier["generation"]) + 1
        service.update(
            name=f"{PARENT}/services/{name}",
            generation=generation,
            etag=self.world.etag(),
            uid=earlier["uid"],
            createTime=earlier["createTime"],
            ready=earlier["ready"],
            revision=f"{name}-{generation:05d}-{secrets.token_hex(2)}",
            pending=self.world.polls,
            failure="",
            deleting=False,
        )
        self.world.services[name] = service

    def delete(self, name: str, etag: str) -> dict[str, Any]:
        self.world.enter("run.delete")
        service = self.live(name)
        self.check_etag(name, etag)
        if self.world.faults.meddle:
            self.world.faults.meddle -= 1
            raise RefusedError(409, "ABORTED", f"Conflict for resource '{name}': another operation runs.")
        service.update(deleting=True, failure="", pending=self.world.polls, etag=self.world.etag())
        return self.operation(name)

    def operation(self, name: str) -> dict[str, Any]:
        """Begin an operation on a service as it is now."""
        service = self.world.services[name]
        key = secrets.token_hex(8)
        self.world.operations[key] = {"service": name, "generation": service["generation"], "stored": service}
        if self.world.faults.lost:
            self.world.faults.lost -= 1
            raise RefusedError(503, "UNAVAILABLE", "The response was lost.")
        return {
            "name": f"{PARENT}/operations/{key}",
            "metadata": self.typed(self.shown(service)),
            "done": False,
        }

    def poll(self, key: str) -> dict[str, Any]:
        self.world.enter("run.poll")
        if key not in self.world.operations:
            raise RefusedError(404, "NOT_FOUND", "Operation not found.")
        operation = self.world.operations[key]
        service = operation["stored"]
        self.advance(operation["service"])
        answer: dict[str, Any] = {"name": f"{PARENT}/operations/{key}", "done": not service["pending"]}
        if not answer["done"]:
            return answer
        if service["failure"]:
            return {**answer, "error": {"code": 9, "message": service["failure"]}}
        return {**answer, "response": self.typed(self.shown(service))}

    def advance(self, name: str) -> None:
        """Let Cloud Run work on a service for a moment."""
        service = self.world.services.get(name)
        if service is None or not service["pending"] or self.world.faults.stuck:
            return
        service["pending"] -= 1
        if service["pending"]:
            return
        if service["deleting"]:
            del self.world.services[name]
            return
        service["failure"] = self.start(service)
        if not service["failure"]:
            service["ready"] = service["revision"]

    def start(self, service: Mapping[str, Any]) -> str:
        """Start the container once. Return why it failed."""
        template = service["template"]
        container = template["containers"][0]
        failed = (
            f"Revision '{service['revision']}' is not ready and cannot serve traffic. The user-provided container"
            " failed the configured startup probe checks.\nLogs URL: https://console.example.org/logs"
        )
        environment = {entry["name"]: entry["value"] for entry in container["env"]}
        bucket, _, prefix = environment["SATCHEL_STORAGE"].removeprefix("gs://").partition("/")
        if container["image"] in self.world.broken_images:
            return failed
        return "" if self.world.may_use(template["serviceAccount"], bucket, prefix) else failed

    def list(self, query: Query) -> dict[str, Any]:
        self.world.enter("run.list")
        size = min(int(query.get("pageSize", "100")) or 100, self.world.page)
        names = sorted(name for name in self.world.services if name > query.get("pageToken", ""))
        page = names[:size]
        answer: dict[str, Any] = {"services": [self.shown(self.world.services[name]) for name in page]}
        return {**answer, "nextPageToken": page[-1]} if len(names) > size else answer

    def checked(self, name: str, body: bytes) -> dict[str, Any]:
        """Parse a service strictly, and check what the reference limits."""
        message = run_v2.Service()
        try:
            json_format.Parse(body, run_v2.Service.pb(message))
        except json_format.ParseError as exc:
            raise RefusedError(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {exc}") from exc
        service: dict[str, Any] = json_format.MessageToDict(run_v2.Service.pb(message))
        refuse_unless(SERVICE_ID.fullmatch(name), f"service_id: {name!r} must be at most 49 characters")
        refuse_unless(not any(field in service for field in OUTPUT_ONLY), "an output only field is set")
        labels = {**service.get("labels", {}), **service.get("template", {}).get("labels", {})}
        refuse_unless(
            all(LABEL.fullmatch(text) for pair in labels.items() for text in pair), "a label is not valid"
        )
        self.check_template(service["template"])
        return service

    def check_template(self, template: Mapping[str, Any]) -> None:
        refuse_unless(len(template["containers"]) == 1, "one container has a port")
        container = template["containers"][0]
        refuse_unless(IMAGE.fullmatch(container["image"]), f"image: {container['image']!r} is not valid")
        names = [entry["name"] for entry in container.get("env", [])]
        refuse_unless(len(set(names)) == len(names), "a variable is set twice")
        refuse_unless(not set(names) & RESERVED, "The following reserved env names were provided: PORT")
        refuse_unless(
            all(len(entry["value"]) <= 32768 for entry in container["env"]), "a value is over 32 Kb"
        )
        self.check_resources(template, container["resources"])
        for probe in ("startupProbe", "livenessProbe"):
            check_probe(container[probe], most_s=240 if probe == "startupProbe" else 3600)
        email = template["serviceAccount"]
        if not self.world.is_known(email):
            message = f"Permission 'iam.serviceaccounts.actAs' denied on service account {email} (or it may not exist)."
            raise RefusedError(403, "PERMISSION_DENIED", message)

    def check_resources(self, template: Mapping[str, Any], resources: Mapping[str, Any]) -> None:
        limits = resources["limits"]
        mib = int(limits["memory"].removesuffix("Mi"))
        least = 128 if template.get("executionEnvironment") == "EXECUTION_ENVIRONMENT_GEN1" else 512
        refuse_unless(mib >= least, f"memory: at least {least}Mi")
        refuse_unless(mib <= 4096 or float(limits["cpu"]) > 1, "memory: more than 4 GiB needs 2 CPUs")
        concurrency = template.get("maxInstanceRequestConcurrency", 80)
        refuse_unless(float(limits["cpu"]) >= 1 or concurrency == 1, "cpu < 1 needs a concurrency of 1")
        refuse_unless(1 <= concurrency <= 1000, "concurrency: 1 to 1000")
        refuse_unless(0 < float(template["timeout"].removesuffix("s")) <= 3600, "timeout: at most 3600s")

    def shown(self, service: Mapping[str, Any]) -> dict[str, Any]:
        """Return a service as the API shows it: its enumerations as numbers, which the client asks for."""
        hidden = {"ready", "revision", "pending", "failure", "deleting"}
        document = {key: value for key, value in service.items() if key not in hidden}
        state = "CONDITION_RECONCILING" if service["pending"] else "CONDITION_SUCCEEDED"
        state = "CONDITION_FAILED" if service["failure"] else state
        document["terminalCondition"] = {"type": "Ready", "state": state, "message": service["failure"]}
        document["reconciling"] = bool(service["pending"])
        document["latestCreatedRevision"] = service["revision"]
        document["latestReadyRevision"] = service["ready"]
        if service["deleting"]:
            document["deleteTime"] = "2026-01-01T00:00:00Z"
        message = run_v2.Service()
        json_format.ParseDict(document, run_v2.Service.pb(message))
        shown: dict[str, Any] = json_format.MessageToDict(
            run_v2.Service.pb(message), use_integers_for_enums=True
        )
        return shown

    def typed(self, service: dict[str, Any]) -> dict[str, Any]:
        return {"@type": "type.googleapis.com/google.cloud.run.v2.Service", **service}


def check_probe(probe: Mapping[str, Any], *, most_s: int) -> None:
    """Check the limits of a probe."""
    period, timeout = probe.get("periodSeconds", 10), probe.get("timeoutSeconds", 1)
    refuse_unless(1 <= period <= most_s, f"periodSeconds: 1 to {most_s}")
    refuse_unless(timeout <= period, "timeoutSeconds: at most periodSeconds")
    refuse_unless(
        most_s > 240 or period * probe.get("failureThreshold", 3) <= 240,
        "failureThreshold * periodSeconds: at most 240",
    )


def refuse_unless(condition: object, message: str) -> None:
    """Refuse an argument."""
    if not condition:
        raise RefusedError(400, "INVALID_ARGUMENT", message)
