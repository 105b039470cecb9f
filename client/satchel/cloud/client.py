"""The calls of `/v1`, typed: one method for each route, messages in and out, every refusal an error.

A client without a token reaches what is public: pairing, and opening a share.
"""

import base64
import hashlib
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import urlencode

import msgspec

from satchel.cloud.address import Origin
from satchel.cloud.problems import refusal
from satchel.cloud.transport import JSON_BYTES, Request, Response, Transport
from satchel.errors import IntegrityError, RefusedError, UnreachableError
from satchel_wire import routes
from satchel_wire.messages import (
    Backup,
    BackupChange,
    BackupList,
    BackupRequest,
    Device,
    DeviceList,
    Message,
    OpenRequest,
    PairingCode,
    PairRequest,
    PairResponse,
    RearmRequest,
    Report,
    ReportList,
    Share,
    ShareChange,
    ShareInfo,
    ShareList,
    ShareRequest,
    Status,
    Upload,
    UploadPart,
    UploadRequest,
)

T = TypeVar("T")
BINARY: Final = "application/octet-stream"
JSON: Final = "application/json"


class DeviceToken:
    """What signs this device in. Never printed by accident."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The token itself, for the request's header and the vault."""
        return self._value

    def __repr__(self) -> str:
        return "DeviceToken(hidden)"


class CloudClient:
    """One cloud, as this device may use it. May be used by several threads at once."""

    def __init__(self, origin: Origin, transport: Transport, *, token: DeviceToken | None = None) -> None:
        self.origin = origin
        self._transport = transport
        self._token = token

    # -- pairing and devices --------------------------------------------------------------------

    def pair(self, request: PairRequest) -> PairResponse:
        """Trade a pairing code for a token. Not repeated by itself: the code works once."""
        return self._ask("POST", routes.PAIR, PairResponse, request, is_repeatable=False)

    def new_pairing(self) -> PairingCode:
        """Get a code with which another device can join."""
        return self._ask("POST", routes.PAIRINGS, PairingCode)

    def devices(self) -> tuple[Device, ...]:
        """List the connected devices."""
        return self._ask("GET", routes.DEVICES, DeviceList).devices

    def revoke_device(self, device_id: str) -> None:
        """Take a device's access away, this one's included."""
        self._tell("DELETE", routes.DEVICE.format(id=device_id))

    # -- uploads --------------------------------------------------------------------------------

    def begin_upload(self, upload_id: str, request: UploadRequest) -> Upload:
        """Announce an upload, or read how far it is: asking again with the same request changes nothing."""
        return self._ask("PUT", routes.UPLOAD.format(id=upload_id), Upload, request)

    def put_part(self, part: UploadPart, data: bytes) -> None:
        """Send one part, to the cloud or, where its URL is absolute, straight to the cloud's storage."""
        headers = {"Content-Type": BINARY}
        if not _is_absolute(part.url):
            digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
            headers |= {"Content-Digest": f"sha-256=:{digest}:", **self._signed()}
        self._send(Request("PUT", self._locate(part.url), data, headers, answer_bytes=JSON_BYTES))

    def complete_upload(self, upload_id: str) -> Upload:
        """Join the parts. Some missing: IncompleteError."""
        return self._ask("POST", routes.UPLOAD_COMPLETE.format(id=upload_id), Upload)

    # -- archives and backups -------------------------------------------------------------------

    def read_archive(self, archive_id: str, offset: int, length: int) -> tuple[bytes, int]:
        """Read a range of an archive: its bytes (fewer at the archive's end) and the archive's size."""
        headers = {"Range": f"bytes={offset}-{offset + length - 1}", **self._signed()}
        url = self._locate(routes.ARCHIVE.format(id=archive_id))
        response = self._send(Request("GET", url, headers=headers, answer_bytes=max(length, JSON_BYTES)))
        size = _size_of_range(response, offset)
        if len(response.body) != min(length, size - offset):
            raise IntegrityError(
                f"the cloud sent {len(response.body)} bytes of archive {archive_id!r} where {length} were asked for",
                hint="try again, or another backup: satchel backups",
            )
        return response.body, size

    def commit_backup(self, backup_id: str, request: BackupRequest) -> Backup:
        """Make an uploaded archive a backup. A need that is gone: NeedsMissingError."""
        return self._ask("PUT", routes.BACKUP.format(id=backup_id), Backup, request)

    def backups(self) -> BackupList:
        """List the live backups and the kept archives."""
        return self._ask("GET", routes.BACKUPS, BackupList)

    def change_backup(self, backup_id: str, *, expires: datetime | None) -> Backup:
        """Set when a backup ends."""
        return self._ask("PATCH", routes.BACKUP.format(id=backup_id), Backup, BackupChange(expires=expires))

    def delete_backup(self, backup_id: str) -> None:
        """Delete a backup."""
        self._tell("DELETE", routes.BACKUP.format(id=backup_id))

    # -- shares ---------------------------------------------------------------------------------

    def publish_share(self, share_id: str, request: ShareRequest) -> Share:
        """Publish an uploaded body under a new link."""
        return self._ask("PUT", routes.SHARE.format(id=share_id), Share, request)

    def shares(self) -> tuple[Share, ...]:
        """List the owner's shares, newest first, however many pages they take."""
        page = self._ask("GET", routes.SHARES, ShareList)
        found = list(page.shares)
        while page.next is not None and page.shares:
            page = self._ask("GET", f"{routes.SHARES}?{urlencode({'after': page.next})}", ShareList)
            found += page.shares
        return tuple(found)

    def share_reports(self, share_id: str) -> tuple[Report, ...]:
        """List what recipients reported of a share, oldest first."""
        return self._ask("GET", routes.SHARE_REPORTS.format(id=share_id), ReportList).reports

    def change_share(self, share_id: str, request: ShareChange) -> Share:
        """Change a share that still has the version named. It has another: ConflictError."""
        return self._ask("PATCH", routes.SHARE.format(id=share_id), Share, request, is_repeatable=False)

    def rearm_share(self, share_id: str, request: RearmRequest) -> Share:
        """Count a share's views from zero again."""
        return self._ask("POST", routes.SHARE_REARM.format(id=share_id), Share, request)

    def revoke_share(self, share_id: str) -> None:
        """End a share now."""
        self._tell("DELETE", routes.SHARE.format(id=share_id))

    def share_info(self, share_id: str) -> ShareInfo:
        """Read what an opener must know. Has no effect on the share."""
        return self._ask("GET", routes.SHARE_INFO.format(id=share_id), ShareInfo, is_signed=False)

    def open_share(self, share_id: str, request: OpenRequest, *, limit_bytes: int) -> bytes:
        """Take a view and return the sealed body. Never repeated by itself once it may have arrived.

        The proof does not fit: WrongProofError, no view taken. The share has ended: EndedError.
        """
        url = self._locate(routes.SHARE_OPEN.format(id=share_id))
        headers = {"Content-Type": JSON}
        asked = Request("POST", url, msgspec.json.encode(request), headers, limit_bytes, is_repeatable=False)
        return self._send(asked).body

    # -- the cloud itself -----------------------------------------------------------------------

    def status(self) -> Status:
        """Read what the cloud holds and accepts."""
        return self._ask("GET", routes.STATUS, Status)

    def erase(self) -> None:
        """Delete everything that the cloud holds, devices included."""
        self._tell("DELETE", routes.CLOUD)

    # -- how they are asked ---------------------------------------------------------------------

    def _ask(
        self,
        method: str,
        path: str,
        answer: type[T],
        message: Message | None = None,
        *,
        is_repeatable: bool = True,
        is_signed: bool = True,
    ) -> T:
        """Send a message and decode the answer."""
        headers = {**(self._signed() if is_signed else {}), **({"Content-Type": JSON} if message else {})}
        body = None if message is None else msgspec.json.encode(message)
        response = self._send(Request(method, self._locate(path), body, headers, is_repeatable=is_repeatable))
        try:
            return msgspec.json.decode(response.body, type=answer)
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise UnreachableError(
                f"what answers at {str(self.origin)!r} does not speak as a satchel cloud of this version does",
                hint="check the address, and that satchel and the cloud are up to date",
            ) from exc

    def _tell(self, method: str, path: str) -> None:
        """Send a request whose answer has nothing to read."""
        self._send(Request(method, self._locate(path), headers=self._signed()))

    def _send(self, request: Request) -> Response:
        response = self._transport.send(request)
        if response.status >= 400:
            raise refusal(response)
        return response

    def _locate(self, path_or_url: str) -> str:
        """The absolute URL. One that the cloud gave for its storage keeps to TLS wherever the cloud itself does.

        Nor does it lead back to this computer, where a cloud elsewhere has no storage, but other programs listen.
        """
        if not _is_absolute(path_or_url):
            return f"{self.origin}{path_or_url}"
        scheme, _, rest = path_or_url.partition("://")
        storage = Origin.parse(
            f"{scheme}://{rest.partition('/')[0]}", allow_http=self.origin.scheme == "http"
        )
        if storage.is_loopback and not self.origin.is_loopback:
            raise RefusedError(
                f"the cloud wants an upload to go to {str(storage)!r}, which is this computer itself",
                hint="the cloud's setting SATCHEL_S3_PUBLIC_ENDPOINT says where its storage is for clients",
            )
        return path_or_url

    def _signed(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token.reveal()}"} if self._token else {}


def _is_absolute(url: str) -> bool:
    return not url.startswith("/")


def _size_of_range(response: Response, offset: int) -> int:
    """Read the whole size from `Content-Range: bytes 0-9/100`, and that the range begins where it should."""
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    span, _, size = rest.partition("/")
    start = span.partition("-")[0]
    if (
        response.status != 206
        or unit != "bytes"
        or start != str(offset)
        or not (size.isascii() and size.isdigit())
    ):
        raise UnreachableError(
            "the cloud does not answer reads of a range as it should",
            hint="is there a proxy on the way that caches?",
        )
    return int(size)
