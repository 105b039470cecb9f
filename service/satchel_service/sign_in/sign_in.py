"""Signing in: what the endpoints call."""

from typing import Final

from satchel_service.environment import Environment
from satchel_service.problems import not_found
from satchel_service.sign_in.nonces import RANDOM_BYTES, make_nonce, nonce_key
from satchel_service.sign_in.owners import Owner
from satchel_service.times import to_time
from satchel_wire import messages

MAX_AGE_S: Final = 5 * 60


class SignIn:
    """Signs devices in."""

    def __init__(self, environment: Environment) -> None:
        self._env = environment

    async def show(self) -> messages.SignInInfo:
        """Return where and how to sign in. Raise a `not-found` problem without an issuer."""
        self._require_issuer()
        settings = self._env.settings
        owner = await self._env.database.read(lambda db: Owner.find(db, settings))
        return messages.SignInInfo(
            issuer=settings.oidc_issuer,
            client_id=settings.oidc_client_id,
            audience=settings.oidc_audience,
            client_secret=settings.oidc_client_secret or None,
            scopes=settings.oidc_scopes,
            acr_values=settings.oidc_acr_values,
            requires_mfa=settings.oidc_require_mfa,
            needs_code=owner.account is None,
            max_age_s=MAX_AGE_S,
            redirect_ports=settings.oidc_redirect_ports,
        )

    async def create_nonce(self) -> messages.SignInNonce:
        """Return a nonce for one ID token. Raise a `not-found` problem without an issuer."""
        self._require_issuer()
        key = await nonce_key(self._env)
        nonce = make_nonce(key, self._env.entropy(RANDOM_BYTES), self._env.clock())
        return messages.SignInNonce(nonce=nonce.text, expires=to_time(nonce.expires))

    def _require_issuer(self) -> None:
        if not self._env.settings.oidc_issuer:
            raise not_found("issuer to sign in at")
