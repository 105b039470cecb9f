"""The operating system's keyring, if a secure one is available.

Every failure (no backend, locked, a dead service) becomes one error with a reason, which `describe` reports.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

SERVICE: Final = "satchel"
_RECOMMENDED: Final = (
    1  # keyring's own threshold: lower priorities are placeholders (fail, null, a plain file)
)


class KeyringUnusableError(Exception):
    """The keyring cannot be used. The message is a clause with the reason."""


class SystemKeyring:
    """Secrets by name. Every method may raise KeyringUnusableError, and always does if the keyring is off."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on

    def store(self, name: str, secret: str) -> None:
        """Store a secret under a name and read it back."""
        backend = self._backend()
        _call(backend.set_password, SERVICE, name, secret)
        if _call(backend.get_password, SERVICE, name) != secret:
            raise KeyringUnusableError("the keyring did not return the stored value")

    def find(self, name: str) -> str | None:
        """Return the secret under a name, or None."""
        return _call(self._backend().get_password, SERVICE, name)

    def delete(self, name: str) -> None:
        """Delete a name, if it exists."""
        backend = self._backend()
        if _call(backend.get_password, SERVICE, name) is not None:
            _call(backend.delete_password, SERVICE, name)

    def _backend(self) -> "KeyringBackend":
        if not self._is_on:
            raise KeyringUnusableError("the keyring is switched off")
        from keyring import get_keyring  # noqa: PLC0415  costs 75 ms

        backend = _call(get_keyring)
        # The chainer combines several backends and tries them in order.
        chained = _call(getattr, backend, "backends", None) or [backend]
        if _call(getattr, chained[0], "priority") < _RECOMMENDED:
            raise KeyringUnusableError("this system has no keyring")
        return backend


def _call(function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    from keyring.errors import KeyringLocked  # noqa: PLC0415  as above

    try:
        return function(*args, **kwargs)
    except KeyringLocked as exc:
        raise KeyringUnusableError("the keyring is locked") from exc
    except Exception as exc:  # backends are third-party code and may raise anything
        raise KeyringUnusableError(f"the keyring failed ({type(exc).__name__})") from exc
