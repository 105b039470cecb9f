"""The options of the platform are read strictly."""

from typing import Any

import pytest

from satchel_infra.errors import ConfigurationError
from satchel_infra.knative.options import Options
from satchel_infra.shards import Shard

SHARD = Shard("s1")


def test_a_shard_has_a_namespace_of_its_own() -> None:
    assert Options.read(SHARD, {}).namespace == "satchel-s1"
    assert Options.read(Shard("s1", {"namespace": "clouds"}), {}).namespace == "clouds"


def test_a_shard_may_be_in_another_cluster() -> None:
    options = {"kubeconfig": "/etc/kubeconfig", "context": "first"}
    second = Options.read(Shard("s2", {"context": "second"}), options)
    assert (second.kubeconfig, second.context) == ("/etc/kubeconfig", "second")
    third = Options.read(Shard("s3", {"kubeconfig": "/etc/third"}), {"kubeconfig": "/etc/kubeconfig"})
    assert (third.kubeconfig, third.context) == ("/etc/third", "")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"storage": "disk"}, "storage is 'disk'"),
        ({"storage": "bucket"}, "storage_class is missing"),
        ({"volume_size": "5GB"}, "volume_size is '5GB'"),
        ({"access_mode": "ReadOnlyMany"}, "access_mode is 'ReadOnlyMany'"),
        ({"wait_s": 0}, "wait_s is 0"),
        ({"wait_s": True}, "wait_s is True"),
        ({"clouds": "many"}, "clouds is 'many'"),
        ({"reachable": ["10.0.0.1/8"]}, "reachable has '10.0.0.1/8'"),
        ({"reachable": "10.0.0.0/8"}, "reachable is '10.0.0.0/8'"),
        ({"provisioner": "root"}, "provisioner is 'root'"),
        ({"tls_secret": "../other"}, "tls_secret is '../other'"),
        ({"context": "second"}, "context needs a kubeconfig"),
        ({"minimum": 1}, "minimum is unknown"),
    ],
)
def test_an_invalid_option_is_named(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match="options of knative") as caught:
        Options.read(SHARD, options)
    assert named in str(caught.value)
    assert caught.value.hint


def test_a_place_has_nothing_but_a_namespace_and_a_cluster() -> None:
    with pytest.raises(ConfigurationError, match="region is unknown"):
        Options.read(Shard("s1", {"region": "europe-west1"}), {})
    with pytest.raises(ConfigurationError, match="namespace is 'a/b'"):
        Options.read(Shard("s1", {"namespace": "a/b"}), {})
