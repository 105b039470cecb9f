"""Opens a link for a recipient, without a store, keys or an account."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from satchel.cloud.problems import EndedError, WrongProofError
from satchel.errors import NotFoundError, RefusedError, UnreachableError
from satchel.outgoing.failures import NoResponseError
from satchel.sharing.body import MAX_BODY_BYTES, SharedPiece, open_body
from satchel.sharing.identity import PasswordProfile, ShareKey, share_key
from satchel_wire.messages import OpenRequest

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient
    from satchel.sharing.link import ShareLink
    from satchel_wire.messages import ShareInfo

MAX_GUESSES: Final = 3

AskPassword = Callable[[int], str | None]


def open_link(client: "CloudClient", link: "ShareLink", ask_password: AskPassword) -> SharedPiece:
    """Open a share, using one view.

    `ask_password(n)` returns the password for attempt n, counted from 1, or None to give up. It is called only if the
    share has a password; a wrong one uses no view. Raise NotFoundError if the share is unknown or has ended,
    RefusedError if the password or key is wrong, and IntegrityError if the body does not authenticate, in which case
    the view is used.
    """
    try:
        info = client.share_info(link.share_id)
    except NotFoundError as exc:
        return _open_ended(client, link, exc)
    for guess in range(1, MAX_GUESSES + 1):
        key = _key(info, link, ask_password, guess)
        try:
            return _open(client, link, key)
        except WrongProofError as exc:
            if info.password is None:
                raise _wrong_key() from exc
    raise _wrong_password()


def _open(client: "CloudClient", link: "ShareLink", key: ShareKey) -> SharedPiece:
    try:
        body = client.open_share(link.share_id, OpenRequest(proof=key.proof), limit_bytes=MAX_BODY_BYTES)
    except NoResponseError as exc:
        if exc.was_sent:
            raise UnreachableError(f"{exc.message}; a view may have been used", hint=exc.hint) from exc
        raise
    return open_body(body, key)


def _open_ended(client: "CloudClient", link: "ShareLink", unknown: NotFoundError) -> SharedPiece:
    """Send the proof: only holders of the key learn from the cloud why a share has ended.

    This does not work for a share with a password, because the cloud withholds the salt of an ended share.
    """
    try:
        return _open(client, link, share_key(link.secret))
    except EndedError:
        raise
    except (NotFoundError, WrongProofError):
        raise NotFoundError(
            f"there is no share {link.share_id!r} at {link.origin!r}, or it has ended",
            hint="check the link, or ask for a new one",
        ) from unknown


def _key(info: "ShareInfo", link: "ShareLink", ask_password: AskPassword, guess: int) -> ShareKey:
    if info.password is None:
        return share_key(link.secret)
    password = ask_password(guess)
    if password is None:
        raise _wrong_password()
    profile = PasswordProfile(info.password.salt, info.password.log_n)
    return share_key(link.secret, password=password, profile=profile)


def _wrong_password() -> RefusedError:
    return RefusedError("the password does not open this share", hint="ask its owner; no view was used")


def _wrong_key() -> RefusedError:
    return RefusedError("the link's key does not open this share", hint="check the link; no view was used")
