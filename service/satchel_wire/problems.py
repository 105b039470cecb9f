"""Every problem the cloud may answer, as a table: the code, its HTTP status and its title.

A problem document's `type` is `urn:satchel:problem:<code>`. docs/reference/problems.md lists them; a test compares.
"""

from enum import Enum
from typing import Final

PREFIX: Final = "urn:satchel:problem:"
MEDIA_TYPE: Final = "application/problem+json"


class ProblemCode(Enum):
    """What went wrong, to be told apart by programs."""

    BAD_REQUEST = ("bad-request", 400, "The request cannot be understood")
    NOT_SIGNED_IN = ("not-signed-in", 401, "A valid device token is needed")
    WRONG_CODE = ("wrong-code", 403, "The pairing code is wrong, used or expired")
    WRONG_PROOF = ("wrong-proof", 403, "The key or password does not fit this share")
    NOT_FOUND = ("not-found", 404, "There is no such thing here")
    METHOD_NOT_ALLOWED = ("method-not-allowed", 405, "This path does not take that method")
    TOO_SLOW = ("too-slow", 408, "The body came too slowly or stopped")
    CONFLICT = ("conflict", 409, "It already exists with other content, or has changed since you read it")
    INCOMPLETE = ("incomplete", 409, "Parts of the upload are missing")
    NEEDS_MISSING = ("needs-missing", 409, "An archive that the backup needs is not kept here")
    EXPIRED = ("expired", 410, "The share has expired")
    USED_UP = ("used-up", 410, "The share has been opened as often as allowed")
    REVOKED = ("revoked", 410, "The share was withdrawn by its owner")
    LENGTH_REQUIRED = ("length-required", 411, "The length of the body must be given")
    TOO_LARGE = ("too-large", 413, "Larger than this cloud accepts")
    WRONG_TYPE = ("wrong-type", 415, "The body must be of another media type")
    RANGE = ("range", 416, "The range lies outside the object")
    INVALID = ("invalid", 422, "A field of the request does not fit")
    WRONG_DIGEST = ("wrong-digest", 422, "The body does not match its Content-Digest")
    TOO_MANY = ("too-many", 429, "Too many attempts; wait and try again")
    BLOCKED = ("blocked", 451, "The share is blocked by who runs this cloud")
    INTERNAL = ("internal", 500, "The cloud failed to answer")
    UNAVAILABLE = ("unavailable", 503, "The cloud cannot answer just now; try again")
    QUOTA = ("quota", 507, "The cloud is full")

    def __init__(self, code: str, status: int, title: str) -> None:
        self.code = code
        self.status = status
        self.title = title

    @property
    def type(self) -> str:
        """The `type` member of its problem document."""
        return PREFIX + self.code
