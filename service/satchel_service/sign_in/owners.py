"""The owner of a cloud: an account at the issuer, set by the operator or by the first sign-in with a code."""

from typing import NamedTuple, Self

import apsw

from satchel_service.audit import Event, Who, record
from satchel_service.database import row
from satchel_service.problems import ProblemError
from satchel_service.settings import Settings
from satchel_service.sign_in.accounts import Account
from satchel_wire.problems import ProblemCode


class Owner(NamedTuple):
    """The owner at the issuer of the settings, if there is one."""

    account: Account | None
    is_set_by_operator: bool

    @classmethod
    def find(cls, db: apsw.Connection, settings: Settings) -> Self:
        """Return the owner. An owner at another issuer than that of the settings is none."""
        if settings.owner_subject:
            return cls(Account(settings.oidc_issuer, settings.owner_subject), is_set_by_operator=True)
        found = row(db, "SELECT issuer, subject FROM owner WHERE issuer = ?", (settings.oidc_issuer,))
        return cls(None if found is None else Account(*found), is_set_by_operator=False)


def becomes_owner(account: Account, owner: Owner, *, has_code: bool) -> bool:
    """Return whether a sign-in makes its account the owner; False for the owner itself.

    The first account that signs in with a code of the operator becomes the owner, and so does a later one: the operator
    decides who owns the cloud. Raise a `not-owner` problem, or a `wrong-code` problem if the cloud has no owner.
    """
    if account == owner.account:
        return False
    if owner.is_set_by_operator or (owner.account is not None and not has_code):
        raise ProblemError(ProblemCode.NOT_OWNER, "this account is not the owner of the cloud")
    if not has_code:
        raise ProblemError(
            ProblemCode.WRONG_CODE, "the cloud has no owner yet: sign in with a code of satchel-service pair"
        )
    return True


def set_owner(db: apsw.Connection, account: Account, who: Who, now: int) -> None:
    """Make an account the owner, and record who did so."""
    record(db, Event.OWNER_SET, who, now=now, target=account.subject)
    db.execute(
        "INSERT OR REPLACE INTO owner(id, issuer, subject, since) VALUES (1, ?, ?, ?)", (*account, now)
    )
