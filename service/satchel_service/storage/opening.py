"""Open the store that the setting `SATCHEL_STORAGE` names, by its scheme. Opening sends no request."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from satchel_service.settings import Settings, SettingsError
from satchel_service.storage.protocol import Storage

if TYPE_CHECKING:
    from pathlib import Path

    from satchel_service.storage.http import Origin

Entropy = Callable[[int], bytes]

S3_LEAST_PART_BYTES: Final = (
    5 * 1024 * 1024
)  # limits of multipart uploads on Amazon S3, which other stores share
S3_MOST_PARTS: Final = 10_000
PAGE_OBJECTS: Final = 1000  # the most that S3 and Google Cloud Storage return

_BUCKET: Final = r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]"
_PREFIX: Final = r"[A-Za-z0-9._-]{1,128}(/[A-Za-z0-9._-]{1,128}){0,7}"


def open_storage(
    settings: Settings, entropy: Entropy, *, folder: str = "", page_objects: int = PAGE_OBJECTS
) -> Storage:
    """Return the store that the settings name; SettingsError if they name none.

    `folder` selects a separate store inside it; it is empty or ends in `/`. `page_objects` is the length of a page
    of a listing.
    """
    scheme = settings.storage.partition(":")[0]
    match scheme:
        case "s3":
            return _open_s3(settings, folder, page_objects)
        case "gs":
            return _open_gcs(settings, entropy, folder, page_objects)
        case _:
            from satchel_service.storage.directory import DirectoryStorage  # noqa: PLC0415  20 ms

            return DirectoryStorage(local_folder(settings.storage) / folder, entropy)


def is_directory(location: str) -> bool:
    """Whether a location is a local directory rather than a bucket."""
    return location.partition(":")[0] not in ("s3", "gs")


def local_folder(location: str) -> "Path":
    """Return the directory of a `file:` location."""
    from pathlib import Path  # noqa: PLC0415

    scheme, _, rest = location.partition(":")
    path = Path(rest.removeprefix("//"))
    if scheme != "file" or not path.is_absolute():
        raise SettingsError(
            f"SATCHEL_STORAGE is {location!r}; use file: and an absolute directory, s3:// or gs:// and a bucket"
        )
    return path


def bucket_and_prefix(location: str) -> tuple[str, str]:
    """Return the bucket of an `s3://` or `gs://` location and its prefix, which is empty or ends in `/`."""
    scheme, _, rest = location.partition(":")
    bucket, _, path = rest.removeprefix("//").partition("/")
    prefix = path.strip("/")
    is_prefix = not prefix or (re.fullmatch(_PREFIX, prefix) and ".." not in prefix)
    if not (rest.startswith("//") and is_prefix and re.fullmatch(_BUCKET, bucket)):
        raise SettingsError(f"SATCHEL_STORAGE is {location!r}; use {scheme}://bucket/prefix")
    return bucket, f"{prefix}/" if prefix else ""


def _open_s3(settings: Settings, folder: str, page_objects: int) -> Storage:
    from satchel_service.storage.s3 import S3Storage  # noqa: PLC0415  a directory needs none of it
    from satchel_service.storage.s3_requests import Bucket, dialect_of  # noqa: PLC0415
    from satchel_service.storage.s3_signing import Credentials  # noqa: PLC0415

    if settings.part_bytes < S3_LEAST_PART_BYTES:
        raise SettingsError(
            f"SATCHEL_PART_BYTES is {settings.part_bytes}; S3 requires at least {S3_LEAST_PART_BYTES}"
        )
    if settings.archive_bytes > settings.part_bytes * S3_MOST_PARTS:
        raise SettingsError(
            f"SATCHEL_ARCHIVE_BYTES is {settings.archive_bytes}; "
            f"S3 accepts {S3_MOST_PARTS} parts of SATCHEL_PART_BYTES"
        )
    name, prefix = bucket_and_prefix(settings.storage)
    endpoint = _origin("SATCHEL_S3_ENDPOINT", settings.s3_endpoint) if settings.s3_endpoint else None
    are_parts_direct = settings.s3_public_endpoint != "none"
    public = settings.s3_public_endpoint if are_parts_direct else ""
    access_key, secret_key = settings.aws_access_key_id, settings.aws_secret_access_key
    dialect = dialect_of(endpoint and endpoint.host)
    return S3Storage(
        Bucket(name, prefix + folder, endpoint, dialect, settings.aws_region),
        Credentials(access_key, secret_key, settings.aws_session_token)
        if access_key and secret_key
        else None,
        parts_at=_origin("SATCHEL_S3_PUBLIC_ENDPOINT", public) if public else None,
        ca_bundle=settings.aws_ca_bundle,
        are_parts_direct=are_parts_direct,
        page_objects=page_objects,
    )


def _open_gcs(settings: Settings, entropy: Entropy, folder: str, page_objects: int) -> Storage:
    from satchel_service.storage.gcs import GcsStorage  # noqa: PLC0415
    from satchel_service.storage.gcs_requests import GcsBucket, MetadataToken  # noqa: PLC0415

    name, prefix = bucket_and_prefix(settings.storage)
    endpoint = _origin("STORAGE_EMULATOR_HOST", settings.gcs_endpoint)
    metadata = _origin("GCE_METADATA_HOST", f"http://{settings.gce_metadata_host}")
    bucket = GcsBucket(name, endpoint, MetadataToken(metadata), entropy)
    return GcsStorage(bucket, prefix + folder, entropy, page_objects=page_objects)


def _origin(env: str, text: str) -> "Origin":
    from satchel_service.storage.http import Origin  # noqa: PLC0415

    try:
        return Origin.parse(text)
    except ValueError as exc:
        raise SettingsError(f"{env} is {text!r}; use an address such as https://storage.example.org") from exc
