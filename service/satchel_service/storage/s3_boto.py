"""boto3, for uploads in parts and for credentials or a region that are not in the environment.

The only module that imports boto3, and only when one of these is needed.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, Final, NamedTuple

from satchel_service.storage.http import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from satchel_service.storage.protocol import (
    AlreadyExistsError,
    Part,
    PartPlan,
    StorageError,
    StoredPart,
    TransientError,
)
from satchel_service.storage.s3_requests import TAKEN_STATUSES, Access, Bucket, bare_etag, refusal
from satchel_service.storage.s3_signing import Credentials

if TYPE_CHECKING:
    import boto3.session
    from types_boto3_s3 import S3Client

ATTEMPTS: Final = 3  # with boto3's own pauses: up to 1 and 2 seconds
JOIN_TIMEOUT_S: Final = 120  # a store may be silent for long while it joins thousands of parts


class StartedUpload(NamedTuple):
    """An upload by its name in the bucket; `started` is in milliseconds since 1970."""

    name: str
    token: str
    started: int


class Boto:
    """boto3 on one bucket. `credentials` are those of the environment; None lets boto3 find others."""

    def __init__(self, bucket: Bucket, credentials: Credentials | None, ca_bundle: str) -> None:
        self._bucket = bucket
        self._credentials = credentials
        self._ca_bundle = ca_bundle

    # -- credentials and region ---------------------------------------------------------------------------

    @cached_property
    def access(self) -> Access:
        """Self-renewing credentials and the region, from the sources boto3 searches."""
        with boto_errors():
            found = self._session.get_credentials()
        region = self._bucket.region or self._session.region_name or self._bucket.dialect.region
        if not region:
            raise StorageError("the bucket's region is unknown: set AWS_DEFAULT_REGION")
        if found is None:
            raise StorageError(
                "there are no credentials for the bucket: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )

        def current() -> Credentials:
            with boto_errors():
                now = found.get_frozen_credentials()
            return Credentials(now.access_key or "", now.secret_key or "", now.token or "")

        return Access(current, region)

    # -- uploads in parts ---------------------------------------------------------------------------------

    def begin(self, name: str) -> str:
        """Begin an upload and return its id."""
        with boto_errors():
            response = self._client.create_multipart_upload(**self._at(name))
        return echoed(response, "UploadId")

    def put(self, name: str, token: str, part: Part, body: IO[bytes]) -> str:
        """Put a part from a seekable file and return its ETag."""
        with boto_errors():
            response = self._client.upload_part(
                **self._at(name),
                UploadId=token,
                PartNumber=part.number,
                Body=body,
                ContentLength=part.size_bytes,
            )
        return bare_etag(echoed(response, "ETag"))

    def parts(self, name: str, token: str) -> Mapping[int, StoredPart]:
        """Return the parts of an upload."""
        with boto_errors():
            pages = list(self._client.get_paginator("list_parts").paginate(**self._at(name), UploadId=token))
        for page in pages:
            echoed(page, "UploadId", token)
        return {
            item["PartNumber"]: StoredPart(item["Size"], bare_etag(item["ETag"]))
            for page in pages
            for item in page.get("Parts", [])
        }

    def join(self, name: str, token: str, plan: PartPlan, stored: Mapping[int, StoredPart]) -> None:
        """Complete an upload, on condition that the key is free if the store supports that. Sent once."""
        parts: Any = [
            {"PartNumber": part.number, "ETag": f'"{stored[part.number].tag}"'} for part in plan.parts()
        ]
        condition: Any = {"IfNoneMatch": "*"} if self._bucket.dialect.joins_conditionally else {}
        with boto_errors():
            response = self._joiner.complete_multipart_upload(
                **self._at(name), UploadId=token, MultipartUpload={"Parts": parts}, **condition
            )
        echoed(response, "Key", name)

    def abort(self, name: str, token: str) -> None:
        """Delete an upload and its parts."""
        with boto_errors():
            self._client.abort_multipart_upload(**self._at(name), UploadId=token)

    def uploads(self, prefix: str) -> Iterator[StartedUpload]:
        """Yield the unfinished uploads under a prefix."""
        with boto_errors():
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=self._bucket.name, Prefix=prefix
            )
            for page in pages:
                echoed(page, "Bucket", self._bucket.name)
                for item in page.get("Uploads", []):
                    yield StartedUpload(
                        item["Key"], item["UploadId"], int(item["Initiated"].timestamp() * 1000)
                    )

    def close(self) -> None:
        """Close the idle connections."""
        for name in ("_client", "_joiner"):
            client = self.__dict__.pop(name, None)  # where a cached property keeps its value
            if client is not None:
                client.close()

    # -- boto3 itself -------------------------------------------------------------------------------------

    @cached_property
    def _session(self) -> "boto3.session.Session":
        import boto3.session  # noqa: PLC0415  250 ms

        if self._credentials is None:
            return boto3.session.Session()
        access_key, secret_key, token = (
            self._credentials.access_key,
            self._credentials.secret_key,
            self._credentials.session_token or None,
        )
        return boto3.session.Session(
            aws_access_key_id=access_key, aws_secret_access_key=secret_key, aws_session_token=token
        )

    @cached_property
    def _client(self) -> "S3Client":
        return self._connect(ATTEMPTS, READ_TIMEOUT_S)

    @cached_property
    def _joiner(self) -> "S3Client":
        return self._connect(1, JOIN_TIMEOUT_S)

    def _connect(self, attempts: int, read_timeout_s: float) -> "S3Client":
        from botocore.config import Config  # noqa: PLC0415

        dialect = self._bucket.dialect
        config = Config(
            connect_timeout=CONNECT_TIMEOUT_S,
            read_timeout=read_timeout_s,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            request_checksum_calculation=dialect.checksums,
            response_checksum_validation=dialect.checksums,
            s3={"addressing_style": "path" if dialect.is_path_style else "auto"},
            signature_version="s3v4",
            proxies={},
            max_pool_connections=16,
        )
        endpoint = self._bucket.endpoint
        return self._session.client(
            "s3",
            config=config,
            region_name=self._bucket.region or self._session.region_name or dialect.region,
            endpoint_url=None if endpoint is None else str(endpoint),
            verify=self._ca_bundle or ssl.get_default_verify_paths().cafile,
        )

    def _at(self, name: str) -> Any:  # noqa: ANN401  keyword arguments of twelve typed methods
        return {"Bucket": self._bucket.name, "Key": name}


def echoed(response: Any, field: str, expected: str | None = None) -> str:  # noqa: ANN401  any of boto3's responses
    """Return a field that every complete response has: boto3 takes a truncated response for an empty one."""
    value = response.get(field)
    if not isinstance(value, str) or not value or expected not in (None, value):
        raise TransientError("the object storage's response is truncated")
    return value


@contextmanager
def boto_errors() -> Iterator[None]:
    """Translate boto3's exceptions to StorageError."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        yield
    except ClientError as exc:
        status = exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if status in TAKEN_STATUSES:
            raise AlreadyExistsError("the key is taken") from exc
        raise refusal(status, str(exc.response.get("Error", {}).get("Code", ""))) from exc
    except (BotoCoreError, HTTPError, OSError) as exc:
        raise TransientError(f"the object storage did not respond: {type(exc).__name__}") from exc
