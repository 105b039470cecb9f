"""The client of the API server, against a fake one."""

import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.support.kubernetes_fake.objects import RefusedError
from tests.support.kubernetes_fake.server import KubernetesFake, make_kubeconfig

from satchel_infra.errors import (
    ConfigurationError,
    DeniedError,
    FailedError,
    MissingExtraError,
    UnavailableError,
)
from satchel_infra.knative import cluster as module
from satchel_infra.knative.cluster import Cluster
from satchel_infra.knative.failures import ConflictError
from satchel_infra.knative.kinds import BUCKET, SELECTOR, SERVICE, VOLUME
from satchel_infra.knative.manifests import make_storage
from satchel_infra.knative.opening import open_shard
from satchel_infra.knative.options import Options
from satchel_infra.names import NameKey, Owner, identify
from satchel_infra.shards import Shard


def owner_of(subject: str) -> Owner:
    return identify(NameKey(bytes(32)), issuer="i", subject=subject)


def volume(options: Options, subject: str = "one") -> dict[str, Any]:
    return make_storage(options, owner_of(subject), "c.s1.example.org")


def test_a_name_is_created_once(options: Options) -> None:
    cluster = Cluster.open(options)
    manifest = volume(options)
    assert cluster.create(VOLUME, manifest)
    assert not cluster.create(VOLUME, manifest)
    assert cluster.get(VOLUME, manifest["metadata"]["name"]) is not None
    assert cluster.get(VOLUME, "absent") is None


def test_an_object_that_changed_meanwhile_is_not_overwritten(options: Options) -> None:
    cluster = Cluster.open(options)
    cluster.create(VOLUME, volume(options))
    first = cluster.get(VOLUME, owner_of("one").name)
    assert first is not None
    first["metadata"]["annotations"]["seen"] = "first"
    assert cluster.replace(VOLUME, first) is not None
    with pytest.raises(ConflictError):
        cluster.replace(VOLUME, first)


def test_a_replacement_creates_nothing(options: Options) -> None:
    manifest = volume(options)
    manifest["metadata"]["resourceVersion"] = "1"
    assert Cluster.open(options).replace(VOLUME, manifest) is None


def test_a_deletion_spares_another_object_of_the_same_name(fake: KubernetesFake, options: Options) -> None:
    cluster = Cluster.open(options)
    cluster.create(VOLUME, volume(options))
    earlier = cluster.get(VOLUME, owner_of("one").name)
    assert earlier is not None
    fake.space.objects.clear()
    fake.space.create("persistentvolumeclaims", volume(options))
    for manifest in module_shard(options):
        fake.apply(manifest)
    with pytest.raises(ConflictError):
        cluster.delete(VOLUME, earlier)
    assert cluster.get(VOLUME, owner_of("one").name) is not None


def module_shard(options: Options) -> list[dict[str, Any]]:
    from satchel_infra.knative.shard_manifests import make_shard

    return make_shard(options)


def test_an_unknown_field_is_refused_by_name(options: Options) -> None:
    manifest = volume(options)
    manifest["spec"]["accessMode"] = "ReadWriteOnce"
    with pytest.raises(FailedError, match="accessMode"):
        Cluster.open(options).create(VOLUME, manifest)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch, fake: KubernetesFake, options: Options) -> list[str]:
    """Seven volumes in pages of two, and another one that is no part of a cloud."""
    monkeypatch.setattr(module, "PAGE", 2)
    for number in range(7):
        fake.space.create("persistentvolumeclaims", volume(options, str(number)))
    stranger = volume(options, "stranger")
    stranger["metadata"]["labels"] = {}
    fake.space.create("persistentvolumeclaims", stranger)
    return sorted(owner_of(str(number)).name for number in range(7))


def names(cluster: Cluster) -> list[str]:
    return [each["metadata"]["name"] for each in cluster.list(VOLUME, SELECTOR)]


def test_a_list_has_every_page_in_order(fake: KubernetesFake, options: Options, pages: list[str]) -> None:
    assert names(Cluster.open(options)) == pages
    assert fake.requests.count("list persistentvolumeclaims") == 4


@pytest.mark.parametrize("gives_token", [True, False])
def test_a_list_goes_on_when_its_pages_expire(
    fake: KubernetesFake,
    options: Options,
    pages: list[str],
    monkeypatch: pytest.MonkeyPatch,
    gives_token: bool,
) -> None:
    found = Cluster.open(options).list(VOLUME, SELECTOR)
    seen = [next(found)["metadata"]["name"] for _ in range(3)]
    fake.space.snapshots.clear()
    if not gives_token:
        fake.refusals.append(RefusedError(410, "Expired", "too old"))
    assert [*seen, *(each["metadata"]["name"] for each in found)] == pages


def test_a_list_without_an_end_is_given_up(
    options: Options, pages: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 2)
    with pytest.raises(FailedError, match="does not end"):
        names(Cluster.open(options))


def test_a_cluster_without_the_kind_is_not_one_without_the_object(
    fake: KubernetesFake, options: Options
) -> None:
    fake.installed.remove(SERVICE.resource)
    with pytest.raises(ConfigurationError, match=f"{SERVICE.resource} 'c'.* no such resource"):
        Cluster.open(options).get(SERVICE, "c")
    with pytest.raises(ConfigurationError):
        list(Cluster.open(options).list(SERVICE, SELECTOR))


def test_rights_that_are_not_granted_are_named(options: Options) -> None:
    with pytest.raises(DeniedError, match="cannot get resource"):
        Cluster.open(options).get(BUCKET, "c")


def test_the_rate_limit_and_time_outs_may_be_repeated(fake: KubernetesFake, options: Options) -> None:
    cluster = Cluster.open(options)
    for refusal in (
        RefusedError(429, "TooManyRequests", "too many requests", retry_after_s=3600),
        RefusedError(504, "Timeout", "the request did not complete"),
        RefusedError(500, "InternalError", "etcdserver: request timed out"),
    ):
        fake.refusals.append(refusal)
        with pytest.raises(UnavailableError):
            cluster.get(VOLUME, "c")
    assert cluster.get(VOLUME, "c") is None
    assert len(fake.requests) == 4  # no refusal was repeated without being asked to


def test_a_wrong_token_is_refused_and_not_shown(
    options: Options, fake: KubernetesFake, tmp_path: Path
) -> None:
    configuration = make_kubeconfig(fake.url)
    configuration["users"][0]["user"]["token"] = "a-stale-token"
    (tmp_path / "stale").write_text(json.dumps(configuration))
    with pytest.raises(DeniedError) as caught:
        Cluster.open(replace(options, kubeconfig=str(tmp_path / "stale"))).get(VOLUME, "c")
    assert "a-stale-token" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{", id="no-yaml"),
        pytest.param("", id="empty"),
        pytest.param("[]", id="no-mapping"),
        pytest.param('{"clusters": []}', id="no-contexts"),
        pytest.param(
            '{"current-context": "x", "contexts": [{"name": "x", "context": {"cluster": "none"}}], "clusters": []}',
            id="no-cluster",
        ),
    ],
)
def test_an_unusable_kubeconfig_is_one_line(options: Options, tmp_path: Path, text: str) -> None:
    (tmp_path / "wrong").write_text(text)
    with pytest.raises(ConfigurationError, match="the kubeconfig cannot be used") as caught:
        Cluster.open(replace(options, kubeconfig=str(tmp_path / "wrong")))
    assert "\n" not in str(caught.value)


def test_a_missing_kubeconfig_and_an_unknown_context_are_one_line(options: Options, tmp_path: Path) -> None:
    for wrong in (replace(options, kubeconfig=str(tmp_path / "absent")), replace(options, context="other")):
        with pytest.raises(ConfigurationError, match="the kubeconfig cannot be used"):
            Cluster.open(wrong)


def test_without_a_kubeconfig_the_account_of_the_pod_is_used(
    options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(ConfigurationError, match="Service host/port is not set"):
        open_shard(Shard("s1"), {}, "clouds.example.org")


def test_without_the_extra_one_line_says_how_to_install_it(
    options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    with pytest.raises(MissingExtraError) as caught:
        Cluster.open(options)
    assert "satchel[knative]" in caught.value.hint


class Plain(BaseHTTPRequestHandler):
    """Answers every request with text that is no JSON."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def plain() -> Iterator[HTTPServer]:
    """A server that is no API server."""
    server = HTTPServer(("127.0.0.1", 0), Plain)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def connect(url: str, options: Options, directory: Path) -> Cluster:
    (directory / "plain").write_text(json.dumps(make_kubeconfig(url)))
    return Cluster.open(replace(options, kubeconfig=str(directory / "plain")))


def test_another_server_is_not_taken_for_an_empty_cluster(
    plain: HTTPServer, options: Options, tmp_path: Path
) -> None:
    cluster = connect(f"http://127.0.0.1:{plain.server_address[1]}", options, tmp_path)
    with pytest.raises(UnavailableError, match="damaged"):
        cluster.get(VOLUME, "c")


def test_a_failure_of_tls_says_what_to_check(plain: HTTPServer, options: Options, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        connect(f"https://127.0.0.1:{plain.server_address[1]}", options, tmp_path).get(VOLUME, "c")
    assert "\n" not in str(caught.value)
    assert "certificate-authority" in caught.value.hint


def test_a_server_that_is_gone_is_unavailable(options: Options, tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="does not respond"):
        connect("http://127.0.0.1:9", options, tmp_path).get(VOLUME, "c")


def test_a_response_of_any_length_is_bounded(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BODY_BYTES", 10)
    with pytest.raises(FailedError, match="too long"):
        Cluster.open(options).get(VOLUME, "c")
