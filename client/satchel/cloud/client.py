"""A typed client for the cloud's API, with one method per operation. Error responses become exceptions.

Without a token, a client can only pair a device, sign in and open shares. `signed_client` does the sending.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec

from satchel.cloud.api_client import JSON
from satchel.cloud.signed_client import SignedClient, is_absolute
from satchel.errors import IntegrityError, UnreachableError
from satchel.outgoing.recording import Kind
from satchel.outgoing.transport import RESPONSE_BYTES, Request, Response
from satchel_wire import routes
from satchel_wire.capabilities import Capability
from satchel_wire.messages import (
    Account,
    Answer,
    AnswerReceipt,
    AuditPage,
    Backup,
    BackupChange,
    BackupList,
    BackupRequest,
    Deletion,
    Device,
    DeviceList,
    EraseBackupsRequest,
    EraseCloudRequest,
    ErasedCloud,
    FreshSignIn,
    FreshSignInRequest,
    OpenRequest,
    OwnedRequest,
    OwnerRequest,
    PairingCode,
    PairRequest,
    PairResponse,
    RearmRequest,
    Report,
    ReportList,
    RequestList,
    RequestProof,
    RequestSheet,
    RequestTerms,
    Retention,
    RetentionPreview,
    RetentionState,
    Share,
    ShareChange,
    ShareInfo,
    ShareList,
    ShareRequest,
    SignInRequest,
    SignInResponse,
    Status,
    Upload,
    UploadPart,
    UploadRequest,
)

Ending = TypeVar("Ending", BackupRequest, ShareRequest, ShareChange, RearmRequest)
PROOF_HEADER: Final = "Satchel-Proof"
MAX_SIZE_DIGITS: Final = 18
MAX_ANSWER_BYTES: Final = 32 << 20  # no cloud takes larger answers
BINARY: Final = "application/octet-stream"
_TOKEN: Final = re.compile(
    r"[A-Za-z0-9\-._~+/]+=*"
)  # b64token: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
_CODE: Final = re.compile(r"[A-Za-z0-9-]+")


class CloudClient(SignedClient):
    """A client of one cloud. Safe to use from several threads."""

    # -- pairing and devices --------------------------------------------------------------------

    def pair(self, request: PairRequest) -> PairResponse:
        """Exchange a pairing code for a token. Never retried, because a code works once."""
        paired = self._ask("POST", routes.PAIR, PairResponse, request, is_repeatable=False)
        self._check_text(paired.token, _TOKEN, "a token")
        return paired

    def new_pairing(self) -> PairingCode:
        """Create a pairing code for another device."""
        pairing = self._ask("POST", routes.PAIRINGS, PairingCode)
        self._check_text(pairing.code, _CODE, "a pairing code")  # people copy it into a command line
        return pairing

    def devices(self) -> tuple[Device, ...]:
        """List the connected devices."""
        return self._listed(self._ask("GET", routes.DEVICES, DeviceList).devices)

    def revoke_device(self, device_id: str) -> None:
        """Revoke a device; it may be this one."""
        self._call("DELETE", routes.DEVICE.format(id=device_id))

    # -- signing in -----------------------------------------------------------------------------

    def sign_in(self, request: SignInRequest) -> SignInResponse:
        """Exchange an ID token for a device token. Never retried, because a nonce works once."""
        return self._ask(
            "POST", routes.SIGN_IN, SignInResponse, request, is_repeatable=False, is_signed=False
        )

    def sign_in_afresh(self, request: FreshSignInRequest) -> FreshSignIn:
        """Prove that the owner has just signed in. Never retried, because a nonce works once."""
        return self._ask("POST", routes.SIGN_IN_FRESH, FreshSignIn, request, is_repeatable=False)

    def account(self) -> Account:
        """Return the account that owns the cloud, and what the cloud knows of this device's sign-in."""
        self.require(Capability.SIGN_IN, "accounts")
        return self._ask("GET", routes.ACCOUNT, Account)

    def change_owner(self, request: OwnerRequest) -> Account:
        """Make the account of an ID token the owner. Never retried, because a nonce works once."""
        return self._ask("PUT", routes.OWNER, Account, request, is_repeatable=False)

    # -- uploads --------------------------------------------------------------------------------

    def begin_upload(self, upload_id: str, request: UploadRequest) -> Upload:
        """Begin an upload, or return its state. Idempotent."""
        return self._ask_about(upload_id, "PUT", routes.UPLOAD, Upload, request)

    def put_part(self, part: UploadPart, data: bytes, kind: Kind, pieces: tuple[str, ...] = ()) -> None:
        """Send one part: to the cloud, or directly to its storage if the part's URL is absolute.

        `kind` and the ids of the Pieces in it are for the ledger.
        """
        headers = {"Content-Type": BINARY}
        if not is_absolute(part.url):
            digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
            headers |= {"Content-Digest": f"sha-256=:{digest}:", **self._signed()}
        named_by = self.origin if is_absolute(part.url) else None
        request = Request(
            "PUT", self._locate(part.url), data, headers, named_by=named_by, kind=kind, pieces=pieces
        )
        self._send(request)

    def complete_upload(self, upload_id: str) -> Upload:
        """Join the parts. Raise IncompleteError if any is missing."""
        return self._ask_about(upload_id, "POST", routes.UPLOAD_COMPLETE, Upload)

    # -- archives and backups -------------------------------------------------------------------

    def read_archive(self, archive_id: str, offset: int, length: int) -> tuple[bytes, int]:
        """Return a range of an archive, shorter at the archive's end, and the archive's size in bytes."""
        headers = {"Range": f"bytes={offset}-{offset + length - 1}", **self._signed()}
        url = self._locate(routes.ARCHIVE.format(id=archive_id))
        response = self._send(
            Request("GET", url, headers=headers, response_bytes=max(length, RESPONSE_BYTES), kind="download")
        )
        size = _size_of_range(response, offset)
        wanted = max(0, min(length, size - offset))
        if len(response.body) != wanted:
            raise IntegrityError(
                f"the cloud sent {len(response.body):,} bytes of archive {archive_id!r} instead of {wanted:,}, "
                f"and says that it has {size:,}",
                hint="try again, or another backup: satchel backups",
            )
        return response.body, size

    def commit_backup(self, backup_id: str, request: BackupRequest) -> Backup:
        """Turn an uploaded archive into a backup. Raise NeedsMissingError if an archive it needs is gone."""
        if request.hold and not self.supports(Capability.RETENTION):  # an earlier cloud holds every backup
            request = msgspec.structs.replace(request, hold=False)
        return self._ask_about(backup_id, "PUT", routes.BACKUP, Backup, self._ending(request))

    def backups(self) -> BackupList:
        """List the backups, those that wait for their deletion, and the stored archives."""
        found = self._ask("GET", routes.BACKUPS, BackupList)
        self._listed((*found.backups, *found.deleted))
        return found

    def change_backup(self, backup_id: str, *, expires: datetime | None) -> Backup:
        """Set a backup's expiry."""
        return self._ask_about(backup_id, "PATCH", routes.BACKUP, Backup, BackupChange(expires=expires))

    def delete_backup(self, backup_id: str) -> None:
        """Delete a backup. It can be brought back for a while, unless the cloud is an earlier one."""
        self._call("DELETE", routes.BACKUP.format(id=backup_id))

    def pending_deletions(self) -> tuple[Deletion, ...]:
        """Return the backups that wait for their deletion, soonest first. An earlier cloud has none."""
        return self.status().deletions

    def undelete_backup(self, backup_id: str) -> Backup:
        """Bring back a backup that waits for its deletion. Idempotent."""
        self.require(Capability.DELETIONS, "bringing back a backup")
        return self._ask_about(backup_id, "POST", routes.BACKUP_UNDELETE, Backup)

    def erase_backups(self, backup_ids: Sequence[str], code: str) -> None:
        """Erase backups at once. `code` is a pairing code made by the operator, or a fresh sign-in serves; never retried."""
        self.require(Capability.DELETIONS, "erasing a backup at once: it already does so")
        request = EraseBackupsRequest(code=code, backups=tuple(backup_ids))
        self._tell_operators(routes.BACKUPS_ERASE, request)

    def retention(self) -> RetentionState:
        """Return which backups the cloud keeps."""
        self.require(Capability.RETENTION, "a retention of backups")
        return self._ask("GET", routes.RETENTION, RetentionState)

    def preview_retention(self, retention: Retention) -> RetentionPreview:
        """Return what a retention would delete and bring back. Has no effect."""
        self.require(Capability.RETENTION, "a retention of backups")
        return self._ask("POST", routes.RETENTION_PREVIEW, RetentionPreview, retention)

    def set_retention(self, retention: Retention) -> RetentionState:
        """Set which backups the cloud keeps. What it no longer keeps waits as deleted backups do."""
        self.require(Capability.RETENTION, "a retention of backups")
        return self._ask("PUT", routes.RETENTION, RetentionState, retention)

    # -- shares ---------------------------------------------------------------------------------

    def publish_share(self, share_id: str, request: ShareRequest) -> Share:
        """Publish an uploaded body under a new link."""
        return self._ask_about(share_id, "PUT", routes.SHARE, Share, self._ending(request))

    def shares(self) -> tuple[Share, ...]:
        """List the owner's shares, newest first. Reads every page."""
        return self._read_pages(routes.SHARES, ShareList, lambda page: page.shares, lambda page: page.next)

    def share_reports(self, share_id: str) -> tuple[Report, ...]:
        """List recipients' reports of a share, oldest first."""
        return self._ask("GET", routes.SHARE_REPORTS.format(id=share_id), ReportList).reports

    def change_share(self, share_id: str, request: ShareChange) -> Share:
        """Change a share. Raise ConflictError if its version differs from the one in the request."""
        return self._ask_about(
            share_id, "PATCH", routes.SHARE, Share, self._ending(request), is_repeatable=False
        )

    def rearm_share(self, share_id: str, request: RearmRequest) -> Share:
        """Reset a share's view count."""
        return self._ask_about(share_id, "POST", routes.SHARE_REARM, Share, self._ending(request))

    def revoke_share(self, share_id: str) -> None:
        """Revoke a share."""
        self._call("DELETE", routes.SHARE.format(id=share_id))

    def share_info(self, share_id: str) -> ShareInfo:
        """Return the data that a recipient needs to open a share. Uses no view."""
        return self._ask("GET", routes.SHARE_INFO.format(id=share_id), ShareInfo, is_signed=False)

    def open_share(self, share_id: str, request: OpenRequest, *, limit_bytes: int) -> bytes:
        """Use a view and return the sealed body. Never retried once the request may have arrived.

        Raise WrongProofError, using no view, if the proof is wrong; EndedError if the share has ended.
        """
        url = self._locate(routes.SHARE_OPEN.format(id=share_id))
        headers = {"Content-Type": JSON}
        opening = Request(
            "POST",
            url,
            msgspec.json.encode(request),
            headers,
            limit_bytes,
            is_repeatable=False,
            kind="download",
        )
        return self._send(opening).body

    # -- requests -------------------------------------------------------------------------------

    def make_request(self, request_id: str, terms: RequestTerms) -> OwnedRequest:
        """Make a request. Idempotent."""
        self.require(Capability.REQUESTS, "requests")
        return self._ask_about(request_id, "PUT", routes.REQUEST, OwnedRequest, terms)

    def requests(self) -> tuple[OwnedRequest, ...]:
        """List the owner's requests, newest first. Reads every page."""
        self.require(Capability.REQUESTS, "requests")
        return self._read_pages(
            routes.REQUESTS, RequestList, lambda page: page.requests, lambda page: page.next
        )

    def revoke_request(self, request_id: str) -> None:
        """Revoke a request, and delete the answers that no device has taken."""
        self._call("DELETE", routes.REQUEST.format(id=request_id))

    def answer(self, request_id: str, receipt: Answer) -> bytes:
        """Return a sealed answer; it stays in the cloud. Raise IntegrityError if its digest differs from the receipt."""
        path = routes.REQUEST_ANSWER.format(id=request_id, answer=receipt.id)
        response = self._send(
            Request(
                "GET",
                self._locate(path),
                headers=self._signed(),
                response_bytes=MAX_ANSWER_BYTES,
                kind="download",
            )
        )
        if hashlib.sha256(response.body).digest() != receipt.sha256:
            raise IntegrityError(
                f"the cloud sent another answer than the one with the receipt {receipt.id[:8]}",
                hint="try again; if it fails again, ask for it again with a new link: satchel request",
            )
        return response.body

    def delete_answer(self, request_id: str, answer_id: str) -> None:
        """Delete an answer that this device has taken. Idempotent."""
        self._call("DELETE", routes.REQUEST_ANSWER.format(id=request_id, answer=answer_id))

    def open_request(self, request_id: str, request: RequestProof) -> RequestSheet:
        """Return what a request asks for, in exchange for the proof of its key. Uses nothing up."""
        path = routes.REQUEST_OPEN.format(id=request_id)
        return self._ask("POST", path, RequestSheet, request, is_signed=False)

    def send_answer(self, request_id: str, answer_id: str, sealed: bytes, proof: bytes) -> AnswerReceipt:
        """Send a sealed answer. Idempotent. Raise EndedError if the request takes no more."""
        digest = base64.b64encode(hashlib.sha256(sealed).digest()).decode()
        headers = {
            "Content-Type": BINARY,
            "Content-Digest": f"sha-256=:{digest}:",
            PROOF_HEADER: base64.b64encode(proof).decode(),
        }
        url = self._locate(routes.REQUEST_ANSWER.format(id=request_id, answer=answer_id))
        return self._decode(self._send(Request("PUT", url, sealed, headers, kind="answer")), AnswerReceipt)

    # -- the cloud itself -----------------------------------------------------------------------

    def status(self) -> Status:
        """Return the cloud's usage, its limits, and the backups that wait for their deletion."""
        return self._ask("GET", routes.STATUS, Status)

    def audit_page(self, after: int) -> AuditPage:
        """Return the entries of the audit log after a number, oldest first; `cloud.audit_log` verifies them."""
        self.require(Capability.AUDIT, "an audit log")
        return self._decode(self._read_page(routes.AUDIT, str(after)), AuditPage)

    def erase(self, code: str) -> int | None:
        """Delete everything in the cloud, devices included, and return how many objects are left in its storage.

        `code` is a pairing code made by the operator; a fresh sign-in serves instead. An earlier cloud takes no code,
        and one without the capability `sign-in` does not count what is left (None).
        """
        if not self.supports(Capability.DELETIONS):
            self._call("DELETE", routes.CLOUD)
            return None
        response = self._tell_operators(routes.CLOUD_ERASE, EraseCloudRequest(code=code))
        return self._decode(response, ErasedCloud).remaining_objects if response.status == 200 else None

    # -- earlier clouds -------------------------------------------------------------------------

    def _ending(self, request: Ending) -> Ending:
        """Return a request that an earlier cloud understands too: with the moment instead of the duration."""
        if request.expires_in_s is None or self.supports(Capability.DURATIONS):
            return request
        expires = (self._now() + timedelta(seconds=request.expires_in_s)).replace(microsecond=0)
        return msgspec.structs.replace(request, expires=expires, expires_in_s=None)


def _size_of_range(response: Response, offset: int) -> int:
    """Return the size in `Content-Range: bytes 0-9/100`, after checking the start of the range."""
    unit, _, rest = response.headers.get("content-range", "").partition(" ")
    span, _, size = rest.partition("/")
    start = span.partition("-")[0]
    if (
        response.status != 206
        or unit != "bytes"
        or start != str(offset)
        or not (size.isascii() and size.isdigit() and len(size) <= MAX_SIZE_DIGITS)
    ):
        raise UnreachableError(
            "the cloud sent a malformed response to a range request",
            hint="check for a caching proxy between this device and the cloud",
        )
    return int(size)
