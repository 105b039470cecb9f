"""Signing in: what the endpoints call."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import apsw

from satchel_service.audit import Event, Who, by_device, by_subject, record
from satchel_service.callers import as_device
from satchel_service.devices.devices import NewDevice, insert_device
from satchel_service.devices.pairing import Pairing, revoke_others
from satchel_service.environment import Environment
from satchel_service.problems import ProblemError, not_found
from satchel_service.sign_in.claims import LEEWAY_MS, MAX_AGE_MS, SignedIn
from satchel_service.sign_in.issuer import Issuer
from satchel_service.sign_in.nonces import RANDOM_BYTES, make_nonce
from satchel_service.sign_in.owners import Owner, becomes_owner, set_owner
from satchel_service.sign_in.step_up import LatestSignIn, record_sign_in, require_fresh
from satchel_service.sign_in.stored_keys import StoredKeys
from satchel_service.sign_in.used_nonces import nonce_key, use_nonce
from satchel_service.sign_in.verification import Presented, Verified, Verifier, WrongSignIns, describe_sign_in
from satchel_service.times import to_time, to_time_or_none
from satchel_service.tokens.strict_json import TokenError
from satchel_wire import messages
from satchel_wire.problems import ProblemCode

T = TypeVar("T")
UseCode = Callable[[apsw.Connection], bool]


class SignIn:
    """Signs devices in."""

    def __init__(self, environment: Environment, pairing: Pairing) -> None:
        self._env = environment
        self._settings = environment.settings
        self._pairing = pairing
        issuer = Issuer(
            self._settings.oidc_issuer,
            StoredKeys(environment),
            environment.clock,
            ca_bundle=self._settings.oidc_ca_bundle,
        )
        self._verifier = Verifier(self._settings, issuer, environment.clock)
        self._wrong = WrongSignIns(environment.clock)

    async def show(self) -> messages.SignInInfo:
        """Return where and how to sign in. Raise a `not-found` problem without an issuer."""
        self._require_issuer()
        settings = self._settings
        owner = await self._env.database.read(lambda db: Owner.find(db, settings))
        return describe_sign_in(settings, needs_code=owner.account is None)

    async def create_nonce(self) -> messages.SignInNonce:
        """Return a nonce for one ID token. Raise a `not-found` problem without an issuer."""
        self._require_issuer()
        key = await nonce_key(self._env)
        nonce = make_nonce(key, self._env.entropy(RANDOM_BYTES), self._env.clock())
        return messages.SignInNonce(nonce=nonce.text, expires=to_time(nonce.expires))

    async def add_device(self, request: messages.SignInRequest, origin: str) -> messages.SignInResponse:
        """Exchange the owner's ID token for a new device. Raise the problems of the operation `sign_in`.

        `origin` is the cloud's address in canonical form, as in the other operations.
        """
        device = NewDevice.make(self._env.entropy, request.label)

        def work(verified: Verified, use_code: UseCode | None, db: apsw.Connection) -> bool:
            now = self._env.clock()
            authenticated = verified.signed_in.check_age(now, LEEWAY_MS)
            claims = self._use(verified, use_code, db)
            insert_device(db, device, now, None if use_code else self._settings.devices)
            record_sign_in(db, device.id, verified.signed_in, authenticated)
            record(db, Event.SIGNED_IN, by_account(verified.signed_in), now=now, target=device.id)
            return claims

        presented = Presented(request.id_token, request.nonce, origin)
        verified, claimed = await self._sign_in("sign_in", presented, request.code, work)
        return messages.SignInResponse(
            device_id=device.id,
            token=device.token,
            subject=verified.account.subject,
            mfa=verified.has_second_factor,
            claimed=claimed,
        )

    async def step_up(
        self, request: messages.FreshSignInRequest, origin: str, by: str
    ) -> messages.FreshSignIn:
        """Remember a fresh sign-in of the owner on a device. Raise the problems of the operation `step_up`."""

        def work(verified: Verified, use_code: UseCode | None, db: apsw.Connection) -> int:
            now = self._env.clock()
            authenticated = verified.signed_in.check_age(now)
            self._use(verified, use_code, db, stays=by)
            record_sign_in(db, by, verified.signed_in, authenticated)
            subject = verified.signed_in.account.subject
            record(db, Event.SIGN_IN_RENEWED, by_device(by), now=now, target=subject)
            return authenticated + MAX_AGE_MS

        presented = Presented(request.id_token, request.nonce, origin)
        _, until = await self._sign_in("step_up", presented, request.code, work, by)
        return messages.FreshSignIn(until=to_time(until))

    async def set_owner(self, request: messages.OwnerRequest, origin: str, by: str) -> messages.Account:
        """Make another account the owner, with its ID token and a fresh sign-in of the present owner on the device.

        Raise the problems of the operation `set_owner`.
        """

        def work(verified: Verified, _: UseCode | None, db: apsw.Connection) -> None:
            now = self._env.clock()
            require_fresh(db, self._settings, by, now)
            if Owner.find(db, self._settings).is_set_by_operator:
                raise ProblemError(ProblemCode.CONFLICT, "the operator sets the owner: SATCHEL_OWNER_SUBJECT")
            authenticated = verified.signed_in.check_age(now)
            self._use_nonce(verified, db)
            set_owner(db, verified.signed_in.account, by_device(by), now)
            record_sign_in(db, by, verified.signed_in, authenticated)

        presented = Presented(request.id_token, request.nonce, origin)
        await self._sign_in("set_owner", presented, "", work, by)
        return await self.show_account(by)

    async def show_account(self, by: str) -> messages.Account:
        """Return the owner's account and the latest sign-in on a device."""
        settings = self._settings

        def find(db: apsw.Connection) -> tuple[Owner, LatestSignIn | None]:
            return Owner.find(db, settings), LatestSignIn.find(db, by)

        owner, latest = await self._env.database.read(find)
        until = latest and latest.fresh_until(
            owner, requires_mfa=settings.oidc_require_mfa, now=self._env.clock()
        )
        return messages.Account(
            issuer=settings.oidc_issuer or None,
            subject=owner.account and owner.account.subject,
            owner_is_set_by_operator=owner.is_set_by_operator,
            requires_mfa=settings.oidc_require_mfa,
            fresh_until=to_time_or_none(until),
            mfa=latest and latest.has_second_factor,
        )

    def require_fresh(self, db: apsw.Connection, device_id: str) -> None:
        """Raise a `fresh-sign-in` problem unless the owner has just signed in on the device; nothing without an issuer."""
        require_fresh(db, self._settings, device_id, self._env.clock())

    async def as_owner(
        self,
        code: str,
        purpose: str,
        by: str,
        act: Callable[[Callable[[apsw.Connection], object]], Awaitable[T]],
    ) -> T:
        """Do what takes a code of the operator or, where there is an issuer, a fresh sign-in on the device.

        `act` calls its argument in its transaction; `purpose` is the id of the operation.
        """
        if code or not self._settings.oidc_issuer:
            return await self._pairing.use_operators_code(code, purpose, act)
        return await act(lambda db: self.require_fresh(db, by))

    def _require_issuer(self) -> None:
        if not self._settings.oidc_issuer:
            raise not_found("issuer to sign in at")

    async def _sign_in(
        self,
        purpose: str,
        presented: Presented,
        code: str,
        work: Callable[[Verified, UseCode | None, apsw.Connection], T],
        by: str | None = None,
    ) -> tuple[SignedIn, T]:
        """Verify an ID token, then do the work in one transaction, in which a code of the operator is used up."""
        self._require_issuer()
        try:
            verified = await self._verifier.verify(presented, await nonce_key(self._env))

            async def act(use_code: UseCode | None) -> T:
                change = partial(work, verified, use_code)
                return await self._env.database.write(change if by is None else as_device(by, change))

            done = await (self._pairing.use_operators_code(code, purpose, act) if code else act(None))
        except TokenError as exc:
            raise self._wrong.count(ProblemError(ProblemCode.WRONG_SIGN_IN, str(exc))) from exc
        except ProblemError as problem:
            raise self._wrong.count(problem) from problem
        return verified.signed_in, done

    def _use(
        self, verified: Verified, use_code: UseCode | None, db: apsw.Connection, stays: str = ""
    ) -> bool:
        """Use up the code and the nonce, and return whether the account has become the owner."""
        account, owner = verified.signed_in.account, Owner.find(db, self._settings)
        claims = becomes_owner(account, owner, has_code=use_code is not None)
        if use_code is not None and use_code(db):
            revoke_others(db, self._env.clock(), stays)
        self._use_nonce(verified, db)
        if claims:
            set_owner(db, account, by_account(verified.signed_in), self._env.clock())
        return claims

    def _use_nonce(self, verified: Verified, db: apsw.Connection) -> None:
        use_nonce(db, verified.nonce, verified.nonce_expires, self._env.clock())


def by_account(signed_in: SignedIn) -> Who:
    """Return the account that signed in as an actor of the audit log."""
    return by_subject(signed_in.account.subject)
