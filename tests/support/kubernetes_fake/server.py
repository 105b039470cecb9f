"""A fake API server of Kubernetes on loopback, with one namespace and a token.

    with KubernetesFake(options) as fake:
        options = replace(options, kubeconfig=str(fake.write_kubeconfig(directory)))

It takes what the shard's own manifests grant: the requests of the client are checked against the rendered Role.
"""

import copy
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from tests.support.kubernetes_fake.controllers import Controllers
from tests.support.kubernetes_fake.objects import Manifest, Namespace, RefusedError

from satchel_infra.knative.options import Options
from satchel_infra.knative.shard_manifests import make_shard

TOKEN: Final = "token-of-the-provisioner"
USER: Final = "system:serviceaccount:satchel-infra:provisioner"
VERBS: Final = {"POST": "create", "PUT": "update", "DELETE": "delete"}
INSTALLED: Final = frozenset(
    {
        "persistentvolumeclaims",
        "networkpolicies.networking.k8s.io",
        "services.serving.knative.dev",
        "domainmappings.serving.knative.dev",
        "objectbucketclaims.objectbucket.io",
    }
)


class KubernetesFake:
    """A cluster with one prepared namespace."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.space = Namespace(options.namespace)
        self.controllers = Controllers()
        self.installed = set(INSTALLED)
        self.requests: list[str] = []
        self.refusals: list[RefusedError] = []  # answers to the next requests, whatever they are
        self.is_down = False
        self.conflicts = 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        for manifest in make_shard(options):
            self.apply(manifest)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def connect(self, directory: Path) -> Options:
        """Write a kubeconfig into a directory and return the options that use it."""
        file = directory / "kubeconfig"
        file.write_text(json.dumps(make_kubeconfig(self.url)))
        return replace(self.options, kubeconfig=str(file))

    def apply(self, manifest: Manifest) -> None:
        """Store an object as an administrator."""
        resource = resource_of(manifest)
        with self.lock:
            if resource == "namespaces":
                return
            self.space.objects.pop((resource, manifest["metadata"]["name"]), None)
            self.space.create(resource, manifest)

    def authorize(self, verb: str, resource: str, name: str) -> None:
        """Refuse what the Role does not grant."""
        plural, _, group = resource.partition(".")
        role = self.space.objects["roles.rbac.authorization.k8s.io", "satchel-infra"]
        for rule in role["rules"]:
            is_named = "resourceNames" not in rule or name in rule["resourceNames"]
            if (
                group in rule["apiGroups"]
                and plural in rule["resources"]
                and verb in rule["verbs"]
                and is_named
            ):
                return
        raise RefusedError(
            403,
            "Forbidden",
            f'{resource} "{name}" is forbidden: User "{USER}" cannot {verb} resource "{plural}" in API group "{group}"',
            name=name,
        )

    def answer(self, method: str, target: str, body: bytes, token: str) -> tuple[int, Manifest]:
        """Return the response to a request. Raise RefusedError for a Status object."""
        parts = urlsplit(target)
        namespace, resource, name = self._resolve(parts.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if token != f"Bearer {TOKEN}":
            raise RefusedError(401, "Unauthorized", "Unauthorized")
        verb = VERBS.get(method) or ("get" if name else "list")
        self.requests.append(f"{verb} {resource} {name}".strip())
        if self.refusals:
            raise self.refusals.pop(0)
        sent: Manifest = json.loads(body) if body else {}
        self.authorize(verb, resource, name or sent.get("metadata", {}).get("name", ""))
        if namespace != self.space.name:
            return self._miss(verb, namespace, name)
        return self._act(verb, resource, name, sent, query)

    def _act(
        self, verb: str, resource: str, name: str, sent: Manifest, query: dict[str, str]
    ) -> tuple[int, Manifest]:
        space = self.space
        if verb in ("create", "update") and query.get("fieldValidation") != "Strict":
            raise RefusedError(400, "BadRequest", "this fake takes only fieldValidation=Strict")
        if verb == "get":
            self.controllers.step(space, (resource, name))
            return 200, space.get(resource, name)
        if verb == "list":
            limit = int(query.get("limit", "0"))
            items, token = space.list(
                resource, query.get("labelSelector", ""), limit, query.get("continue", "")
            )
            bare = [
                {key: value for key, value in each.items() if key not in ("kind", "apiVersion")}
                for each in items
            ]
            return 200, {"kind": "List", "metadata": {"continue": token} if token else {}, "items": bare}
        if verb == "create":
            self.controllers.admit(resource, sent, None)
            return 201, space.create(resource, sent)
        if self.conflicts:
            self.conflicts -= 1
            space.get(resource, name)["metadata"]["resourceVersion"] = space.next_version()
        if verb == "update":
            self.controllers.admit(resource, sent, space.get(resource, name))
            return 200, space.replace(resource, sent)
        space.delete(resource, name, sent)
        return 200, {"kind": "Status", "apiVersion": "v1", "status": "Success"}

    def _resolve(self, path: str) -> tuple[str, str, str]:
        """Return the namespace, the resource and the name that a path stands for."""
        words = path.strip("/").split("/")
        group = "" if words[0] == "api" else words[1]
        words = words[2:] if words[0] == "api" else words[3:]
        resource = f"{words[2]}.{group}" if group else words[2]
        if resource not in self.installed:
            raise RefusedError(404, "NotFound", "the server could not find the requested resource")
        return words[1], resource, words[3] if len(words) > 3 else ""

    def _miss(self, verb: str, namespace: str, name: str) -> tuple[int, Manifest]:
        """Answer as the API server does in a namespace that does not exist: only a creation names it."""
        if verb == "list":
            return 200, {"kind": "List", "metadata": {}, "items": []}
        missed, kind = (namespace, "namespaces") if verb == "create" else (name, "objects")
        raise RefusedError(404, "NotFound", f'{kind} "{missed}" not found', name=missed, kind=kind)

    @contextmanager
    def full(self) -> Iterator[None]:
        """Leave no room in the quota."""
        quota = self.space.objects["resourcequotas", "satchel-clouds"]
        kept, quota["spec"]["hard"] = quota["spec"]["hard"], dict.fromkeys(quota["spec"]["hard"], "0")
        yield
        quota["spec"]["hard"] = kept

    @contextmanager
    def denied(self) -> Iterator[None]:
        """Grant nothing."""
        role = self.space.objects["roles.rbac.authorization.k8s.io", "satchel-infra"]
        kept, role["rules"] = role["rules"], []
        yield
        role["rules"] = kept


def resource_of(manifest: Manifest) -> str:
    """Return the resource of an object, such as `services.serving.knative.dev`."""
    group = str(manifest["apiVersion"]).rpartition("/")[0]
    kind = str(manifest["kind"]).lower()
    plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return f"{plural}.{group}" if group else plural


def make_kubeconfig(url: str) -> Manifest:
    """Return a kubeconfig with the provisioner's token."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "fake",
        "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "provisioner"}}],
        "clusters": [{"name": "fake", "cluster": {"server": url}}],
        "users": [{"name": "provisioner", "user": {"token": TOKEN}}],
    }


def _handler(fake: KubernetesFake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def log_message(self, *_: object) -> None:
            """Print nothing."""

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if fake.is_down:
                self.close_connection = True
                return
            token = self.headers.get("Authorization", "")
            with fake.lock:
                try:
                    status, answer = fake.answer(self.command, self.path, body, token)
                    headers: dict[str, str] = {}
                    answer = copy.deepcopy(answer)
                except RefusedError as exc:
                    status, answer, headers = exc.status, exc.body, exc.headers
            self._send(status, answer, headers)

        def _send(self, status: int, answer: Any, headers: dict[str, str]) -> None:  # noqa: ANN401
            data = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {
                **headers,
                "Content-Type": "application/json",
                "Content-Length": str(len(data)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)
            self.wfile.flush()

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  the names of the base class

    return Handler
