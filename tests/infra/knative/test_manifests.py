"""What the platform applies is valid by the published schemas, and gives a cloud no more than it needs."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.kubernetes_fake import schemas

from satchel_infra.knative.manifests import (
    Release,
    change_release,
    make_cloud,
    make_service,
    read_release,
)
from satchel_infra.knative.options import Options
from satchel_infra.knative.shard_manifests import make_shard
from satchel_infra.names import Owner
from satchel_infra.platform import DECIDED, CloudSpec
from satchel_service.settings import SETTINGS, Settings

OWNER = Owner("ambi3q5rb2nkxhxqym32hdbd6brwpfcanfckfiborgndvvzo6i6a")
HOST = f"{OWNER.name}.s1.clouds.example.org"
IMAGE = f"registry.example.org/satchel@sha256:{1:064x}"
SIGN_IN = {"SATCHEL_OIDC_ISSUER": "https://issuer.example.org/", "SATCHEL_OIDC_CLIENT_ID": "satchel"}
SPEC = CloudSpec(OWNER, HOST, IMAGE, SIGN_IN)
VOLUME = Options(namespace="satchel-s1")
BUCKET = Options(namespace="satchel-s1", storage="bucket", storage_class="rook-ceph-bucket")
FULL = replace(
    VOLUME,
    storage_class="fast",
    tls_secret="wildcard",
    pull_secret="registry",
    access_mode="ReadWriteOncePod",
    reachable=("10.3.0.5/32", "fd00::5/128"),
    unreachable=("203.0.113.7/32", "2001:db8::/32"),
)
VARIANTS = pytest.mark.parametrize("options", [VOLUME, BUCKET, FULL], ids=["volume", "bucket", "full"])


def pod_of(options: Options, spec: CloudSpec = SPEC) -> dict[str, Any]:
    template: dict[str, Any] = make_cloud(options, spec)[1]["spec"]["template"]["spec"]
    return template


@VARIANTS
def test_every_object_is_valid_by_its_published_schema(options: Options) -> None:
    for manifest in [*make_shard(options), *make_cloud(options, SPEC)]:
        assert schemas.check(manifest) == "", manifest["kind"]


def test_the_schemas_refuse_an_unknown_field() -> None:
    service = make_cloud(VOLUME, SPEC)[1]
    service["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRoot"] = True
    assert "readOnlyRoot" in schemas.check(service)
    policy = next(each for each in make_shard(VOLUME) if each["kind"] == "NetworkPolicy")
    policy["spec"]["egres"] = []
    assert "egres" in schemas.check(policy)


@VARIANTS
def test_a_pod_has_no_rights_and_one_writable_place_beside_its_storage(options: Options) -> None:
    pod = pod_of(options)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] > 0
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    writable = [mount["mountPath"] for mount in container["volumeMounts"]]
    assert writable == (["/tmp", "/var/lib/satchel"] if options.storage == "volume" else ["/tmp"])
    assert set(container["resources"]["limits"]) == {"cpu", "memory", "ephemeral-storage"}


@VARIANTS
def test_the_service_accepts_its_environment(options: Options) -> None:
    plain = {
        each["name"]: each["value"] for each in pod_of(options)["containers"][0]["env"] if "value" in each
    }
    known = {setting.env for setting in SETTINGS}
    assert set(plain) <= known
    assert Settings.read(plain).public_url == f"https://{HOST}"
    assert "PORT" not in plain  # Knative sets it, and refuses a manifest that does


def test_a_bucket_brings_its_keys_as_references_to_its_own_secret() -> None:
    secret = {setting.env for setting in SETTINGS if setting.secret}
    variables = pod_of(BUCKET)["containers"][0]["env"]
    referred = {
        each["name"]: each["valueFrom"]["secretKeyRef"]["name"] for each in variables if "valueFrom" in each
    }
    assert referred == {"AWS_ACCESS_KEY_ID": OWNER.name, "AWS_SECRET_ACCESS_KEY": OWNER.name}
    assert not secret & {each["name"] for each in variables if "value" in each}


def test_a_cloud_sleeps_and_never_has_two_instances() -> None:
    notes = make_cloud(VOLUME, SPEC)[1]["spec"]["template"]["metadata"]["annotations"]
    assert notes["autoscaling.knative.dev/min-scale"] == "0"
    assert notes["autoscaling.knative.dev/max-scale"] == "1"


def test_the_policy_admits_knative_alone_and_no_private_address() -> None:
    policy = next(each for each in make_shard(FULL) if each["kind"] == "NetworkPolicy")["spec"]
    assert policy["podSelector"] == {}
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    (ingress,) = policy["ingress"]
    (peer,) = ingress["from"]
    assert peer == {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "knative-serving"}}}
    _, internet, reachable = policy["egress"]
    four, six = (each["ipBlock"] for each in internet["to"])
    assert {"10.0.0.0/8", "169.254.0.0/16", "203.0.113.7/32"} <= set(four["except"])
    assert {"fc00::/7", "2001:db8::/32"} <= set(six["except"])
    assert [each["ipBlock"]["cidr"] for each in reachable["to"]] == ["10.3.0.5/32", "fd00::5/128"]


def test_the_provisioner_may_read_no_secret_and_no_pod() -> None:
    role = next(each for each in make_shard(BUCKET) if each["kind"] == "Role")
    granted = {resource for rule in role["rules"] for resource in rule["resources"]}
    assert granted == {"services", "domainmappings", "objectbucketclaims", "networkpolicies"}
    assert all("*" not in rule["verbs"] for rule in role["rules"])


@VARIANTS
def test_every_part_of_a_cloud_has_the_labels_of_its_owner(options: Options) -> None:
    for manifest in make_cloud(options, SPEC):
        labels = manifest["metadata"]["labels"]
        assert labels["satchel-owner"] == OWNER.tag
        assert all(
            re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", each) for each in labels.values()
        )


@given(st.dictionaries(st.sampled_from(sorted(set("ABCDEFG"))), st.text(max_size=30), max_size=4))
def test_settings_are_read_as_they_were_written(settings: dict[str, str]) -> None:
    release = Release(IMAGE, settings)
    assert read_release(make_service(BUCKET, OWNER, HOST, release)) == release
    assert Release.parse(release.write()) == release


def expand(text: str) -> str:
    """Do what Kubernetes does with the value of a variable: third_party/forked/golang/expansion."""
    return re.sub(r"\$(\$|\([^)]*\))", lambda match: "$" if match[1] == "$" else "expanded", text)


@given(st.text(alphabet="$()aA", max_size=12))
def test_kubernetes_expands_nothing_in_a_setting(text: str) -> None:
    service = make_service(VOLUME, OWNER, HOST, Release(IMAGE, {"A": text}))
    variables = service["spec"]["template"]["spec"]["containers"][0]["env"]
    assert expand(next(each["value"] for each in variables if each["name"] == "A")) == text


def test_what_the_platform_decides_is_no_part_of_a_release() -> None:
    spec = replace(SPEC, settings={**SPEC.settings, **dict.fromkeys(DECIDED, "x")})
    assert Release.of(spec) == Release.of(SPEC)
    assert read_release(make_cloud(VOLUME, SPEC)[1]) == Release.of(SPEC)


def test_another_release_keeps_what_others_wrote_into_the_object() -> None:
    service = make_cloud(VOLUME, SPEC)[1]
    service["metadata"]["annotations"]["serving.knative.dev/creator"] = "somebody"
    service["spec"]["traffic"] = [{"latestRevision": True, "percent": 100}]
    changed = change_release(VOLUME, service, OWNER, Release("other", {}), "earlier")
    assert changed["metadata"]["annotations"]["serving.knative.dev/creator"] == "somebody"
    assert changed["spec"]["traffic"] == service["spec"]["traffic"]
    assert read_release(changed) == Release("other", {})
    assert schemas.check({**changed}) == ""
