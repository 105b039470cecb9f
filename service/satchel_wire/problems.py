"""Every problem that the cloud can return, as a table of code, HTTP status and title.

A problem document's `type` is `urn:satchel:problem:<code>`. A test compares the table with
docs/reference/problems.md.
"""

from enum import Enum
from typing import Final

PREFIX: Final = "urn:satchel:problem:"
MEDIA_TYPE: Final = "application/problem+json"


class ProblemCode(Enum):
    """The kinds of problems, one for each different reaction of a client."""

    BAD_REQUEST = ("bad-request", 400, "The request cannot be understood")
    NOT_SIGNED_IN = ("not-signed-in", 401, "A valid device token is required")
    WRONG_CODE = ("wrong-code", 403, "The pairing code is wrong, used or expired")
    WRONG_PROOF = ("wrong-proof", 403, "The key or password does not match this link")
    WRONG_SIGN_IN = ("wrong-sign-in", 403, "The sign-in is not valid for this cloud")
    NOT_OWNER = ("not-owner", 403, "The cloud belongs to another account")
    SECOND_FACTOR = ("second-factor", 403, "The cloud requires a second factor")
    FRESH_SIGN_IN = ("fresh-sign-in", 403, "The owner must sign in again for this")
    NOT_FOUND = ("not-found", 404, "The resource does not exist")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "The path does not support this method")
    TOO_SLOW = ("too-slow", 408, "The body arrived too slowly or stopped")
    CONFLICT = (
        "conflict",
        409,
        "The resource exists with different content or has changed since it was read",
    )
    INCOMPLETE = ("incomplete", 409, "Parts of the upload are missing")
    NEEDS_MISSING = ("needs-missing", 409, "The cloud does not have an archive that the backup needs")
    EXPIRED = ("expired", 410, "The link has expired")
    USED_UP = ("used-up", 410, "The share has reached its view limit")
    ANSWERED = ("answered", 410, "The request has all the answers that its owner asked for")
    REVOKED = ("revoked", 410, "The owner has revoked the link")
    MOVED = ("moved", 410, "The cloud has moved to another address")
    LENGTH_REQUIRED = ("length-required", 411, "The request does not give the length of its body")
    TOO_LARGE = ("too-large", 413, "The body is larger than this cloud accepts")
    WRONG_TYPE = ("wrong-type", 415, "The body has an unsupported media type")
    RANGE = ("range", 416, "The range lies outside the object")
    INVALID = ("invalid", 422, "A field of the request is invalid")
    WRONG_DIGEST = ("wrong-digest", 422, "The body does not match its Content-Digest")
    TOO_MANY = ("too-many", 429, "Too many attempts; wait and try again")
    BLOCKED = ("blocked", 451, "The operator of this cloud has blocked the share")
    INTERNAL = ("internal", 500, "The cloud failed unexpectedly")
    UNAVAILABLE = ("unavailable", 503, "The cloud is temporarily unavailable; try again")
    QUOTA = ("quota", 507, "The cloud is full")

    def __init__(self, code: str, status: int, title: str) -> None:
        self.code = code
        self.status = status
        self.title = title

    @property
    def type(self) -> str:
        """The `type` member of the problem document."""
        return PREFIX + self.code
