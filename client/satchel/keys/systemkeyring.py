"""The operating system's keyring, where there is one that deserves the name.

Whatever goes wrong in it (no backend, locked, a service that died) is one thing to us: it cannot be
used now, and the reason is kept for `describe`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

SERVICE: Final = "satchel"
_RECOMMENDED: Final = 1  # keyring's own rule: below that, a backend is a stand-in (none, null, a plain file)


class KeyringUnusableError(Exception):
    """The keyring cannot be used; the message is a clause that says why."""


class SystemKeyring:
    """Secrets by name. Every method raises KeyringUnusableError, always so when it is switched off."""

    def __init__(self, *, is_on: bool) -> None:
        self._is_on = is_on

    def keep(self, name: str, secret: str) -> None:
        """Put a secret under a name, and prove that it can be read back."""
        backend = self._backend()
        _call(backend.set_password, SERVICE, name, secret)
        if _call(backend.get_password, SERVICE, name) != secret:
            raise KeyringUnusableError("the keyring does not keep what it is given")

    def find(self, name: str) -> str | None:
        """Return the secret under a name; None: there is none."""
        return _call(self._backend().get_password, SERVICE, name)

    def forget(self, name: str) -> None:
        """Remove a name if it is there."""
        backend = self._backend()
        if _call(backend.get_password, SERVICE, name) is not None:
            _call(backend.delete_password, SERVICE, name)

    def _backend(self) -> "KeyringBackend":
        if not self._is_on:
            raise KeyringUnusableError("satchel was told not to use the keyring")
        from keyring import get_keyring  # noqa: PLC0415 - 75 ms, only where a secret is needed

        backend = _call(get_keyring)
        # The chainer stands for several backends and asks the first of them first.
        chained = _call(getattr, backend, "backends", None) or [backend]
        if _call(getattr, chained[0], "priority") < _RECOMMENDED:
            raise KeyringUnusableError("this system offers no keyring")
        return backend


def _call(function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
    from keyring.errors import KeyringLocked  # noqa: PLC0415 - as above

    try:
        return function(*args, **kwargs)
    except KeyringLocked as exc:
        raise KeyringUnusableError("the keyring is locked") from exc
    except Exception as exc:  # a backend is any program on the desktop: it may fail in any way
        raise KeyringUnusableError(f"the keyring failed ({type(exc).__name__})") from exc
