"""From the setting `SATCHEL_STORAGE` to a store, by the scheme it begins with. Nothing is asked of it here."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from satchel_service.settings import Settings, SettingsError
from satchel_service.storage.directory import DirectoryStorage
from satchel_service.storage.protocol import Storage

if TYPE_CHECKING:
    from satchel_service.storage.connections import Origin

Entropy = Callable[[int], bytes]

S3_LEAST_PART_BYTES: Final = 5 * 1024 * 1024  # Amazon S3 multipart upload limits; other stores keep to them
S3_MOST_PARTS: Final = 10_000

_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_PREFIX: Final = re.compile(r"[A-Za-z0-9._-]{1,128}(/[A-Za-z0-9._-]{1,128}){0,7}")


def open_storage(settings: Settings, entropy: Entropy) -> Storage:
    """Return the store that the settings name; SettingsError when they name none."""
    scheme = settings.storage.partition(":")[0]
    match scheme:
        case "s3":
            return _open_s3(settings)
        case "gs":
            return _open_gcs(settings, entropy)
        case _:
            return DirectoryStorage(local_folder(settings.storage), entropy)


def is_directory(location: str) -> bool:
    """Whether a location is a directory of this machine rather than a bucket."""
    return location.partition(":")[0] not in ("s3", "gs")


def local_folder(location: str) -> Path:
    """Return the directory of a `file:` location."""
    scheme, _, rest = location.partition(":")
    path = Path(rest.removeprefix("//"))
    if scheme != "file" or not path.is_absolute():
        raise SettingsError(
            f"SATCHEL_STORAGE is {location!r}; use file: and an absolute directory, s3:// or gs:// and a bucket"
        )
    return path


def bucket_and_prefix(location: str) -> tuple[str, str]:
    """Return the bucket of an `s3://` or `gs://` location and its prefix, which is empty or ends in `/`."""
    parts = urlsplit(location)
    prefix = parts.path.strip("/")
    is_plain = not (parts.query or parts.fragment or ".." in prefix)
    if not (is_plain and _BUCKET.fullmatch(parts.netloc) and (not prefix or _PREFIX.fullmatch(prefix))):
        raise SettingsError(f"SATCHEL_STORAGE is {location!r}; use {parts.scheme}://bucket/prefix")
    return parts.netloc, f"{prefix}/" if prefix else ""


def _open_s3(settings: Settings) -> Storage:
    from satchel_service.storage.s3 import S3Storage  # noqa: PLC0415  a directory needs none of it
    from satchel_service.storage.s3_dialects import dialect_of  # noqa: PLC0415
    from satchel_service.storage.s3_requests import Bucket  # noqa: PLC0415
    from satchel_service.storage.sigv4 import Credentials  # noqa: PLC0415

    if settings.part_bytes < S3_LEAST_PART_BYTES:
        raise SettingsError(
            f"SATCHEL_PART_BYTES is {settings.part_bytes}; S3 takes {S3_LEAST_PART_BYTES} or more"
        )
    if settings.archive_bytes > settings.part_bytes * S3_MOST_PARTS:
        raise SettingsError(
            f"SATCHEL_ARCHIVE_BYTES is {settings.archive_bytes}; S3 takes {S3_MOST_PARTS} parts of SATCHEL_PART_BYTES"
        )
    name, prefix = bucket_and_prefix(settings.storage)
    endpoint = _origin("SATCHEL_S3_ENDPOINT", settings.s3_endpoint) if settings.s3_endpoint else None
    are_parts_direct = settings.s3_public_endpoint != "none"
    public = settings.s3_public_endpoint if are_parts_direct else ""
    access_key, secret_key = settings.aws_access_key_id, settings.aws_secret_access_key
    return S3Storage(
        Bucket(name, prefix, endpoint, dialect_of(endpoint and endpoint.host), settings.aws_region),
        Credentials(access_key, secret_key, settings.aws_session_token)
        if access_key and secret_key
        else None,
        parts_at=_origin("SATCHEL_S3_PUBLIC_ENDPOINT", public) if public else None,
        ca_bundle=settings.aws_ca_bundle,
        are_parts_direct=are_parts_direct,
    )


def _open_gcs(settings: Settings, entropy: Entropy) -> Storage:
    from satchel_service.storage.gcs import GcsStorage  # noqa: PLC0415
    from satchel_service.storage.gcs_requests import GcsBucket  # noqa: PLC0415
    from satchel_service.storage.gcs_token import MetadataToken  # noqa: PLC0415

    name, prefix = bucket_and_prefix(settings.storage)
    endpoint = _origin("STORAGE_EMULATOR_HOST", settings.gcs_endpoint)
    metadata = _origin("GCE_METADATA_HOST", f"http://{settings.gce_metadata_host}")
    return GcsStorage(GcsBucket(name, endpoint, MetadataToken(metadata), entropy), prefix, entropy)


def _origin(env: str, text: str) -> "Origin":
    from satchel_service.storage.connections import Origin  # noqa: PLC0415

    try:
        return Origin.parse(text)
    except ValueError as exc:
        raise SettingsError(f"{env} is {text!r}; use an address such as https://storage.example.org") from exc
