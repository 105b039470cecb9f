"""What the clouds of a shard share. The operator applies it once, with the rights of an administrator."""

from typing import Any, Final

from satchel_infra.knative.kinds import BUCKET, MAPPING, POLICY, SERVICE, VOLUME, Kind, Manifest
from satchel_infra.knative.manifests import SERVICE_ACCOUNT, storage_kind
from satchel_infra.knative.options import Options

POLICY_NAME: Final = "satchel-clouds"
ROLE_NAME: Final = "satchel-infra"
MANAGED: Final = {"app.kubernetes.io/part-of": "satchel"}
VERBS: Final = ("get", "list", "create", "update", "delete")
INGRESS_PORTS: Final = (8012, 8013, 8022, 8112, 9090, 9091)  # of Knative's queue-proxy
UNROUTED_4: Final = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
)
UNROUTED_6: Final = ("fc00::/7", "fe80::/10")
KUBE_DNS: Final = {
    "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
    "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
}


def make_shard(options: Options) -> list[Manifest]:
    """Return the namespace and everything in it that is not a part of a cloud."""
    return [
        _namespace(options),
        _object(options, "v1", "ResourceQuota", "satchel-clouds", spec={"hard": _limits(options)}),
        {
            **_object(options, "v1", "ServiceAccount", SERVICE_ACCOUNT),
            "automountServiceAccountToken": False,
        },
        make_policy(options),
        _role(options),
        _binding(options),
    ]


def _object(options: Options, api_version: str, kind: str, name: str, **rest: Any) -> Manifest:  # noqa: ANN401
    metadata = {"name": name, "namespace": options.namespace, "labels": dict(MANAGED)}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def _namespace(options: Options) -> Manifest:
    """Return the namespace. Its pods must hold to the strictest of the Pod Security Standards."""
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": options.namespace, "labels": {**MANAGED, **levels}},
    }


def _limits(options: Options) -> dict[str, str]:
    """Limit the clouds, and the instances that are awake. Two pods can overlap while a cloud is updated."""
    kinds: tuple[Kind, ...] = (SERVICE, MAPPING, storage_kind(options))
    return {**{f"count/{kind.resource}": str(options.clouds) for kind in kinds}, "pods": str(options.awake)}


def make_policy(options: Options) -> Manifest:
    """Return the network policy: Knative reaches the clouds, and they reach names and the Internet, but no private address.

    So no cloud reaches another one, the API server's internal address, the nodes, or a metadata server.
    """
    return _object(
        options,
        POLICY.api_version,
        POLICY.name,
        POLICY_NAME,
        spec={
            "podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {
                    "from": [
                        {
                            "namespaceSelector": {
                                "matchLabels": {"kubernetes.io/metadata.name": options.knative_namespace}
                            }
                        }
                    ],
                    "ports": [{"protocol": "TCP", "port": port} for port in INGRESS_PORTS],
                }
            ],
            "egress": _egress(options),
        },
    )


def _egress(options: Options) -> list[dict[str, Any]]:
    four = [*UNROUTED_4, *(each for each in options.unreachable if ":" not in each)]
    six = [*UNROUTED_6, *(each for each in options.unreachable if ":" in each)]
    rules: list[dict[str, Any]] = [
        {
            "to": [dict(KUBE_DNS)],
            "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
        },
        {
            "to": [
                {"ipBlock": {"cidr": "0.0.0.0/0", "except": four}},
                {"ipBlock": {"cidr": "::/0", "except": six}},
            ],
            "ports": [{"protocol": "TCP", "port": 443}],
        },
    ]
    if options.reachable:
        rules.append({"to": [{"ipBlock": {"cidr": network}} for network in options.reachable]})
    return rules


def _role(options: Options) -> Manifest:
    """Return the rights of the provisioner: the parts of clouds, and a look at the policy. No secrets, no pods."""
    rules = [
        {"apiGroups": [kind.group], "resources": [kind.plural], "verbs": list(VERBS)}
        for kind in (SERVICE, MAPPING, BUCKET if options.storage == "bucket" else VOLUME)
    ]
    look = {
        "apiGroups": [POLICY.group],
        "resources": [POLICY.plural],
        "resourceNames": [POLICY_NAME],
        "verbs": ["get"],
    }
    return _object(options, "rbac.authorization.k8s.io/v1", "Role", ROLE_NAME, rules=[*rules, look])


def _binding(options: Options) -> Manifest:
    namespace, _, account = options.provisioner.partition("/")
    return _object(
        options,
        "rbac.authorization.k8s.io/v1",
        "RoleBinding",
        ROLE_NAME,
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": ROLE_NAME},
        subjects=[{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    )
