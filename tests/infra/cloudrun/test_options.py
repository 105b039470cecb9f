"""Places and options of Cloud Run."""

import pytest

from satchel_infra.cloudrun.options import Options, Place, check_image
from satchel_infra.errors import ConfigurationError
from satchel_infra.shards import Shard

DIGEST = "a" * 64


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ({}, "project ''"),
        ({"project": "Clouds"}, "project 'Clouds'"),
        ({"project": "example.com:clouds-1", "region": "europe-west1"}, "project 'example.com:clouds-1'"),
        ({"project": "clouds-1"}, "region ''"),
        ({"project": "clouds-1", "region": "europe"}, "region 'europe'"),
        ({"project": "clouds-1", "region": "europe-west1", "zone": "b"}, "'zone'"),
        ({"project": "clouds-1", "region": "europe-west1", "bucket": "No"}, "bucket 'No'"),
    ],
)
def test_an_invalid_place_is_refused_by_name(place: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Place.of(Shard("s1", place))


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"memory": 128}, "no option 'memory'"),
        ({"memory_mib": 100}, "memory_mib is 100"),
        ({"memory_mib": "128"}, "memory_mib is '128'"),
        ({"timeout_s": 3601}, "timeout_s is 3601"),
        ({"timeout_s": True}, "timeout_s is True"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"storage": "disk"}, "storage is 'disk'"),
        ({"bucket": "shared"}, "no option 'bucket'"),
        ({"balancer_addresses": "203.0.113.7"}, "balancer_addresses"),
        ({"balancer_addresses": ["203.0.113"]}, "balancer_addresses"),
        ({"apis": {"run": "run.example.org"}}, "apis.run"),
        ({"apis": {"run": "127.0.0.1:80"}}, "apis is incomplete"),
        ({"apis": 1}, "apis is not a table"),
    ],
)
def test_an_invalid_option_is_refused_by_name(values: dict[str, object], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named) as caught:
        Options.read(values)
    assert caught.value.hint


def test_each_cloud_has_its_own_bucket_or_a_prefix_of_its_shards() -> None:
    place = Place("clouds-1", "europe-west1", "clouds-1-s1")
    assert Options.read({}).location(place, "cabc") == "gs://clouds-1-cabc"
    shared = Options.read({"storage": "prefix"})
    assert shared.location(place, "cabc") == "gs://clouds-1-s1/cabc"
    assert shared.storage(place, "cabc") == ("clouds-1-s1", "cabc/")


@pytest.mark.parametrize(("storage", "bucket"), [("prefix", ""), ("bucket", "clouds-1-s1")])
def test_a_shard_has_a_bucket_exactly_if_its_clouds_share_it(storage: str, bucket: str) -> None:
    place = {"project": "clouds-1", "region": "europe-west1", "bucket": bucket}
    with pytest.raises(ConfigurationError, match="the shard 's1' has"):
        Options.read({"storage": storage}).check(Shard("s1", place))


def test_names_keep_within_googles_limits() -> None:
    place, name = Place("p" + "-" * 28 + "1", "europe-west1"), "c" + "a" * 25
    bucket, _ = Options().storage(place, name)
    assert len(bucket) <= 63  # "Bucket naming guidelines"
    assert len(name) <= 30  # the id of a service account
    assert len(place.email(name).partition("@")[0]) == len(name)


@pytest.mark.parametrize(
    "image", ["satchel", "satchel:1.0", f"satchel@sha256:{DIGEST[1:]}", f"satchel@md5:{DIGEST}", ""]
)
def test_an_image_without_digest_is_refused(image: str) -> None:
    with pytest.raises(ConfigurationError, match="the image is"):
        check_image(image)


def test_an_image_by_digest_is_accepted() -> None:
    image = f"europe-west1-docker.pkg.dev/clouds-1/satchel/service:1.0@sha256:{DIGEST}"
    assert check_image(image) == image
