"""Step-up: what only the owner may do needs a sign-in on the same device within the last five minutes."""

from typing import Final, NamedTuple, Self

import apsw

from satchel_service.database import row
from satchel_service.problems import ProblemError
from satchel_service.settings import Settings
from satchel_service.sign_in.claims import LEEWAY_MS, MAX_AGE_MS, SignedIn
from satchel_service.sign_in.owners import Owner
from satchel_wire.problems import ProblemCode

RECORD: Final = "UPDATE devices SET signed_in = ?, signed_in_mfa = ?, signed_in_as = ? WHERE id = ?"


class LatestSignIn(NamedTuple):
    """The latest sign-in on a device: when, whether with a second factor, and the digest of the account."""

    authenticated: int
    has_second_factor: bool
    account_digest: bytes

    @classmethod
    def find(cls, db: apsw.Connection, device_id: str) -> Self | None:
        """Return the latest sign-in on a device, if there is one."""
        found = row(
            db, "SELECT signed_in, signed_in_mfa, signed_in_as FROM devices WHERE id = ?", (device_id,)
        )
        return None if found is None or found[0] is None else cls(found[0], bool(found[1]), found[2])

    def fresh_until(self, owner: Owner, *, requires_mfa: bool, now: int) -> int | None:
        """Return until when the sign-in counts as fresh, in milliseconds since 1970; None if it does not."""
        if owner.account is None or self.account_digest != owner.account.digest:
            return None
        if requires_mfa and not self.has_second_factor:
            return None
        until = self.authenticated + MAX_AGE_MS
        return until if self.authenticated - LEEWAY_MS <= now < until else None


def record_sign_in(db: apsw.Connection, device_id: str, signed_in: SignedIn, authenticated: int) -> None:
    """Remember the latest sign-in on a device."""
    values = (authenticated, int(signed_in.has_second_factor), signed_in.account.digest)
    db.execute(RECORD, (*values, device_id))


def require_fresh(db: apsw.Connection, settings: Settings, device_id: str, now: int) -> None:
    """Raise a `fresh-sign-in` problem unless the owner has just signed in on the device; nothing without an issuer."""
    if not settings.oidc_issuer:
        return
    latest, owner = LatestSignIn.find(db, device_id), Owner.find(db, settings)
    if latest is None or latest.fresh_until(owner, requires_mfa=settings.oidc_require_mfa, now=now) is None:
        raise ProblemError(
            ProblemCode.FRESH_SIGN_IN,
            "this needs a sign-in of the owner on this device within the last 5 minutes",
        )
