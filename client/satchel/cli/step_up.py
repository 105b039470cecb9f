"""Requests that the cloud lets through only after a fresh sign-in (step-up)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from satchel.cli.app import App
from satchel.cloud.problems import FreshSignInError

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient

T = TypeVar("T")


def with_step_up(app: App, client: "CloudClient", request: Callable[[], T]) -> T:
    """Send a request. If the cloud wants a fresh sign-in, sign in on the terminal and send the request again.

    Raise FreshSignInError if there is no terminal.
    """
    try:
        return request()
    except FreshSignInError as exc:
        if not app.out.can_ask:
            raise FreshSignInError(
                f"{exc.message}, and there is no terminal to sign in on", hint=exc.hint
            ) from exc
    from satchel.cli.signing_in import sign_in_afresh  # noqa: PLC0415  costs over 20 ms, and is rarely needed

    app.out.notice("the cloud wants you to sign in again before this")
    sign_in_afresh(app, client)
    return request()
