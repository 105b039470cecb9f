"""What erasing data in the cloud at once needs: a fresh sign-in, or an operator's code.

A stolen device has a token, but neither the owner's account nor access to the server. So it can delete backups, which
the owner can bring back, but cannot destroy them.
"""

from typing import TYPE_CHECKING

from satchel.cli.app import App
from satchel.errors import UsageError
from satchel_wire.capabilities import Capability

if TYPE_CHECKING:
    from satchel.cloud.client import CloudClient

HINT = "make one on the server: satchel-service pair; then add --code CODE"


def operators_code(app: App, client: "CloudClient", given: str | None) -> str:
    """Return the code that was given, or ask for it on a terminal.

    A cloud with an issuer takes a fresh sign-in instead (`with_step_up`), and an earlier cloud needs nothing: "".
    """
    if given is not None or not client.supports(Capability.DELETIONS):
        return given or ""
    if client.sign_in_info() is not None:
        return ""
    if not app.out.can_ask:
        raise UsageError("erasing at once needs a code of the cloud's operator", hint=HINT)
    typed = app.out.ask("a code from satchel-service pair, run on the server: ").strip()
    if not typed:
        raise UsageError("cancelled; nothing was changed", hint=HINT)
    return typed
