"""Settings open the right store, invalid ones are refused, and no message contains a secret."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from satchel_service.settings import Settings, SettingsError
from satchel_service.storage import Part, Storage, blob_key
from satchel_service.storage.gcs import GcsStorage
from satchel_service.storage.http import Origin
from satchel_service.storage.opening import bucket_and_prefix, open_storage
from satchel_service.storage.s3 import S3Storage
from satchel_service.storage.s3_requests import AWS, OTHER, R2, Dialect, dialect_of

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hunter2"}
PART = Part(3, 0, 5 * 1024 * 1024)


def opened(environ: Mapping[str, str]) -> Storage:
    return open_storage(Settings.read({**KEYS, **environ}), os.urandom)


def address(environ: Mapping[str, str]) -> str:
    """The URL where clients put a part; empty if there is none."""
    return opened(environ).part_url(blob_key("archives/one"), "token", PART) or ""


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("s3://bucket", ("bucket", "")),
        ("s3://bucket/", ("bucket", "")),
        ("s3://my.bucket-1/clouds/anna", ("my.bucket-1", "clouds/anna/")),
        ("gs://my_bucket/x/", ("my_bucket", "x/")),
    ],
)
def test_a_location_names_a_bucket_and_a_prefix(location: str, expected: tuple[str, str]) -> None:
    assert bucket_and_prefix(location) == expected


@pytest.mark.parametrize(
    "location",
    ["s3://", "s3:bucket", "s3://Bucket", "s3://b", "s3://bucket/a//b", "s3://bucket/../x", "s3://bucket?x",
     "s3://bucket#x", "s3://user@bucket", "s3://bucket:80", "s3://bucket/é", "gs://bucket/a b"],
)  # fmt: skip
def test_an_invalid_location_is_refused(location: str) -> None:
    with pytest.raises(SettingsError, match=f"SATCHEL_STORAGE is .*; use {location[:2]}://bucket/prefix"):
        opened({"SATCHEL_STORAGE": location})


@pytest.mark.parametrize(
    ("environ", "beginning"),
    [
        (
            {"SATCHEL_STORAGE": "s3://bucket/p", "AWS_DEFAULT_REGION": "eu-west-3"},
            "https://bucket.s3.eu-west-3.amazonaws.com/p/archives/one?",
        ),
        (
            {"SATCHEL_STORAGE": "s3://dotted.bucket", "AWS_DEFAULT_REGION": "cn-north-1"},
            "https://s3.cn-north-1.amazonaws.com.cn/dotted.bucket/archives/one?",
        ),
        (
            {"SATCHEL_STORAGE": "s3://bucket", "SATCHEL_S3_ENDPOINT": "http://127.0.0.1:9000"},
            "http://127.0.0.1:9000/bucket/archives/one?",
        ),
        (
            {
                "SATCHEL_STORAGE": "s3://bucket",
                "SATCHEL_S3_ENDPOINT": "http://minio:9000",
                "SATCHEL_S3_PUBLIC_ENDPOINT": "https://s3.example.org",
            },
            "https://s3.example.org/bucket/archives/one?",
        ),
    ],
    ids=["aws", "aws-in-china-with-dots", "endpoint", "public-endpoint"],
)
def test_urls_of_parts_use_the_public_endpoint(environ: Mapping[str, str], beginning: str) -> None:
    url = address(environ)
    assert url.startswith(beginning)
    assert "partNumber=3&uploadId=token" in url
    assert "hunter2" not in url


def test_parts_can_go_through_the_service() -> None:
    environ = {
        "SATCHEL_STORAGE": "s3://bucket",
        "SATCHEL_S3_ENDPOINT": "http://minio:9000",
        "SATCHEL_S3_PUBLIC_ENDPOINT": "none",
    }
    assert address(environ) == ""


def test_a_google_bucket_is_opened_without_a_request() -> None:
    assert isinstance(opened({"SATCHEL_STORAGE": "gs://bucket/prefix"}), GcsStorage)


@pytest.mark.parametrize(
    ("env", "value"),
    [
        ("SATCHEL_S3_ENDPOINT", "minio:9000"),
        ("SATCHEL_S3_ENDPOINT", "https://example.org/path"),
        ("SATCHEL_S3_ENDPOINT", "ftp://example.org"),
        ("SATCHEL_S3_ENDPOINT", "https://key:secret@example.org"),
        ("SATCHEL_S3_ENDPOINT", "https://example.org:65536"),
        ("SATCHEL_S3_ENDPOINT", "https://example.org:0"),
        ("SATCHEL_S3_ENDPOINT", "https://exa mple.org"),
        ("SATCHEL_S3_ENDPOINT", "https://[::1"),
        ("SATCHEL_S3_PUBLIC_ENDPOINT", "example.org"),
        ("SATCHEL_PART_BYTES", "1048576"),
        ("SATCHEL_ARCHIVE_BYTES", str(2**50)),
    ],
)
def test_settings_that_no_bucket_can_serve_are_refused_by_name(env: str, value: str) -> None:
    with pytest.raises(SettingsError, match=env):
        opened({"SATCHEL_STORAGE": "s3://bucket", env: value})


def test_settings_do_not_show_their_secrets() -> None:
    settings = Settings.read({**KEYS, "AWS_SESSION_TOKEN": "token3", "SATCHEL_STORAGE": "s3://bucket"})
    assert "hunter2" not in repr(settings)
    assert "token3" not in repr(settings)
    assert isinstance(open_storage(settings, os.urandom), S3Storage)


@pytest.mark.parametrize(
    ("host", "dialect"),
    [
        (None, AWS),
        ("s3.eu-west-3.amazonaws.com", AWS),
        ("s3.cn-north-1.amazonaws.com.cn", AWS),
        ("0123.r2.cloudflarestorage.com", R2),
        ("evil-amazonaws.com", OTHER),
        ("minio.example.org", OTHER),
    ],
)
def test_the_host_of_an_endpoint_selects_the_dialect(host: str | None, dialect: Dialect) -> None:
    assert dialect_of(host) is dialect


@pytest.mark.parametrize(
    ("text", "origin", "shown"),
    [
        ("https://s3.example.org", Origin("https", "s3.example.org", 443), "https://s3.example.org"),
        ("http://s3.example.org:80/", Origin("http", "s3.example.org", 80), "http://s3.example.org"),
        ("http://[::1]:9000", Origin("http", "::1", 9000), "http://[::1]:9000"),
        ("HTTPS://S3.Example.ORG", Origin("https", "s3.example.org", 443), "https://s3.example.org"),
    ],
)
def test_an_origin_is_written_without_its_default_port(text: str, origin: Origin, shown: str) -> None:
    assert Origin.parse(text) == origin
    assert str(origin) == shown


def test_a_folder_of_a_store_lies_below_its_prefix(tmp_path: Path) -> None:
    for environ, folder in (
        (
            {"SATCHEL_STORAGE": "s3://bucket/p", "SATCHEL_S3_ENDPOINT": "http://store"},
            "http://store/bucket/p/below/",
        ),
        (
            {"SATCHEL_STORAGE": "s3://bucket", "SATCHEL_S3_ENDPOINT": "http://store"},
            "http://store/bucket/below/",
        ),
    ):
        storage = open_storage(Settings.read({**KEYS, **environ}), os.urandom, folder="below/")
        assert (storage.part_url(blob_key("archives/one"), "token", PART) or "").startswith(
            f"{folder}archives/one"
        )
    directory = open_storage(
        Settings.read({"SATCHEL_STORAGE": f"file:{tmp_path}"}), os.urandom, folder="below/"
    )
    directory.prepare()
    assert [path.name for path in tmp_path.iterdir()] == ["below"]
