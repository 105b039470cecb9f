"""The API server of a cluster, for one namespace: the only module that uses the kubernetes client.

    cluster = Cluster.open(options)
    cluster.create(SERVICE, manifest)     # False if the name is taken
    cluster.replace(SERVICE, changed)     # ConflictError if it has changed since it was read

Objects are created with POST and changed with PUT and their resourceVersion. Server-side apply would do both in one
request, but it creates what it does not find: an update that races with a removal would bring the cloud back.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Self
from urllib.parse import urlencode

import urllib3
from urllib3 import exceptions

from satchel_infra.errors import (
    ConfigurationError,
    FailedError,
    MissingExtraError,
    UnavailableError,
    one_line,
)
from satchel_infra.knative.failures import AGAIN, ExpiredError, Refusal, translate
from satchel_infra.knative.kinds import Kind, Manifest
from satchel_infra.knative.options import Options

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

CONNECT_S: Final = 10
READ_S: Final = 40  # the API server gives up after 34 to 60
PAGE: Final = 250
MAX_PAGES: Final = 4_000  # a million objects
MAX_BODY_BYTES: Final = 64 * 1024 * 1024
WRITING: Final = (
    "fieldManager=satchel-infra&fieldValidation=Strict"  # an unknown field is refused, not dropped
)
TLS_HINT: Final = "check certificate-authority and server in the kubeconfig"


class Answer(NamedTuple):
    """A response of the API server."""

    status: int
    body: bytes


class Page(NamedTuple):
    """A part of a list, and where the next one begins; the last one has no token."""

    items: list[Manifest]
    token: str


@dataclass(slots=True)
class Cluster:
    """The objects of one namespace."""

    client: "ApiClient"
    namespace: str

    @classmethod
    def open(cls, options: Options) -> Self:
        """Read the kubeconfig, or the account of the pod without one. Raise ConfigurationError if it is not usable."""
        try:
            from kubernetes import client, config  # noqa: PLC0415  costs half a second, and may be absent
        except ImportError as exc:
            raise MissingExtraError(
                "the platform knative needs the kubernetes client", hint="pipx install 'satchel[knative]'"
            ) from exc
        settings = client.Configuration()
        try:
            if options.kubeconfig:
                config.load_kube_config(  # type: ignore[no-untyped-call]
                    options.kubeconfig, options.context or None, settings, persist_config=False
                )
            else:
                config.load_incluster_config(settings)  # type: ignore[no-untyped-call]
        except Exception as exc:  # what its readers of YAML, base64, files and helper programs raise
            raise ConfigurationError(
                f"the kubeconfig cannot be used: {one_line(str(exc))}",
                hint='set kubeconfig = "/path/to/file" in the options of the platform, and check its context',
            ) from exc
        settings.retries = urllib3.Retry(total=0, redirect=0)  # the caller repeats; each call is idempotent
        return cls(client.ApiClient(settings), options.namespace)

    def get(self, kind: Kind, name: str) -> Manifest | None:
        """Return an object; None if it does not exist."""
        what = f"get {kind.resource} {name!r}"
        answer = self._call("GET", self._path(kind, name), what)
        if answer.status == 200:
            return _parse(answer, what)
        refusal = Refusal.parse(answer.status, what, answer.body)
        if refusal.is_absent_object:
            return None
        raise translate(refusal)

    def create(self, kind: Kind, manifest: Manifest) -> bool:
        """Create an object. Return False, changing nothing, if one of this name exists."""
        what = f"create {kind.resource} {manifest['metadata']['name']!r}"
        answer = self._call("POST", f"{self._path(kind)}?{WRITING}", what, manifest)
        if answer.status in (200, 201, 202):
            return True
        refusal = Refusal.parse(answer.status, what, answer.body)
        if refusal.is_taken_name:
            return False
        raise translate(refusal)

    def replace(self, kind: Kind, manifest: Manifest) -> Manifest | None:
        """Change an object that was read before, and return it; None if it is gone. Raise ConflictError if it changed."""
        name = manifest["metadata"]["name"]
        what = f"change {kind.resource} {name!r}"
        answer = self._call("PUT", f"{self._path(kind, name)}?{WRITING}", what, manifest)
        if answer.status in (200, 201):
            return _parse(answer, what)
        refusal = Refusal.parse(answer.status, what, answer.body)
        if refusal.is_absent_object:
            return None
        raise translate(refusal)

    def delete(self, kind: Kind, manifest: Manifest) -> None:
        """Ask for the deletion of an object that was read before, and of what it owns first. A later one is kept."""
        name, uid = manifest["metadata"]["name"], manifest["metadata"]["uid"]
        what = f"delete {kind.resource} {name!r}"
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": "Foreground",
            "preconditions": {"uid": uid},
        }
        answer = self._call("DELETE", self._path(kind, name), what, body)
        refusal = Refusal.parse(answer.status, what, answer.body)
        if answer.status not in (200, 202) and not refusal.is_absent_object:
            raise translate(refusal)

    def list(self, kind: Kind, selector: str) -> Iterator[Manifest]:
        """Yield the objects of a kind that a selector matches, in the order of their names.

        A long list continues from a later moment if its pages expire: then an object that was created or removed
        meanwhile may be missing or shown.
        """
        token, last = "", ""
        for _ in range(MAX_PAGES):
            try:
                page = self._list_page(kind, selector, token)
            except ExpiredError as exc:
                token = exc.token
                continue
            for item in page.items:
                name = str(item["metadata"]["name"])
                if name > last:  # a list that starts over repeats
                    yield item
                    last = name
            token = page.token
            if not token:
                return
        raise FailedError(f"the list of {kind.resource} does not end", hint="see the log of the API server")

    def _list_page(self, kind: Kind, selector: str, token: str) -> Page:
        query = {"labelSelector": selector, "limit": str(PAGE), **({"continue": token} if token else {})}
        what = f"list {kind.resource}"
        answer = self._call("GET", f"{self._path(kind)}?{urlencode(query)}", what)
        if answer.status != 200:
            raise translate(Refusal.parse(answer.status, what, answer.body))
        fields = _parse(answer, what)
        items, metadata = fields.get("items") or [], fields.get("metadata") or {}
        whole = [{"apiVersion": kind.api_version, "kind": kind.name, **item} for item in items]
        return Page(whole, str(metadata.get("continue") or ""))

    def _path(self, kind: Kind, name: str = "") -> str:
        root = f"/apis/{kind.api_version}" if kind.group else f"/api/{kind.api_version}"
        path = f"{root}/namespaces/{self.namespace}/{kind.plural}"
        return f"{path}/{name}" if name else path

    def _call(self, method: str, path: str, what: str, body: Manifest | None = None) -> Answer:
        """Send one request. Raise UnavailableError without a response, and ConfigurationError if TLS fails."""
        from kubernetes.client import ApiException  # noqa: PLC0415

        try:
            return self._send(method, path, body)
        except ApiException as exc:  # the client says only this of a failure of TLS
            raise ConfigurationError(f"{what}: {one_line(str(exc.reason))}", hint=TLS_HINT) from exc
        except exceptions.HTTPError as exc:
            if isinstance(getattr(exc, "reason", exc), exceptions.SSLError):
                raise ConfigurationError(f"{what}: {one_line(str(exc))}", hint=TLS_HINT) from exc
            address = self.client.configuration.host
            raise UnavailableError(f"{what}: the API server {address} does not respond", hint=AGAIN) from exc

    def _send(self, method: str, path: str, body: Manifest | None) -> Answer:
        method, url, headers, content, _ = self.client.param_serialize(
            method,
            path,
            header_params={"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            auth_settings=["BearerToken"],
        )
        response = self.client.call_api(
            method, url, headers, content, _request_timeout=(CONNECT_S, READ_S)
        ).response
        try:
            data = response.read(MAX_BODY_BYTES + 1)
        finally:
            response.release_conn()
        if len(data) > MAX_BODY_BYTES:
            raise FailedError(
                "a response of the API server is too long", hint="see the log of the API server"
            )
        return Answer(response.status, data)


def _parse(answer: Answer, what: str) -> Manifest:
    try:
        fields = json.loads(answer.body)
    except ValueError as exc:
        raise UnavailableError(f"{what}: the API server's response is damaged", hint=AGAIN) from exc
    if not isinstance(fields, dict):
        raise UnavailableError(f"{what}: the API server's response is not an object", hint=AGAIN)
    return fields
