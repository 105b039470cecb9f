"""`satchel connect` on a device whose cloud has moved: ask, then follow it without signing in again."""

import datetime as dt

from satchel.backup.local.places import Places
from satchel.backup.local.sequences import SequenceRecord, series_of_cloud
from satchel.cli.app import App
from satchel.cloud.connection import read_connection
from satchel.cloud.following import follow, require_moved
from satchel.errors import UnreachableError, UsageError
from satchel.outgoing.address import Origin


def follow_moved(app: App, new: Origin, *, is_agreed: bool, allow_http: bool) -> None:
    """Connect this device to the new address of its cloud. `is_agreed`: the owner has agreed to send the token there.

    Raise UsageError if the cloud has not moved there, or if the owner does not agree.
    """
    current = read_connection(app.home)
    try:
        require_moved(app.dial(current.origin), new)
    except UnreachableError as exc:
        if not is_agreed:
            raise UsageError(
                f"this device is already connected to a cloud, {current.origin}, which does not respond",
                hint=f"disconnect it first: satchel disconnect; if the cloud has moved: satchel connect {new} --moved",
            ) from exc
        app.out.note(f"{current.origin} does not respond, so it cannot say whether the cloud has moved")
    if not is_agreed:
        _ask(app, new)
    followed = follow(
        app.home,
        app.vault(),
        current,
        new,
        dial=app.dial,
        allow_http=allow_http,
        now=dt.datetime.now(dt.UTC),
    )
    record = SequenceRecord(Places(app.home).sequences)
    record.rename(series_of_cloud(str(current.origin)), series_of_cloud(str(new)))
    app.out.answer(
        {
            "url": str(new),
            "device_id": followed.device_id,
            "provisioner": str(followed.provisioner) if followed.provisioner else None,
        },
        f"followed the cloud from {current.origin} to {new}; this device keeps its access",
    )


def _ask(app: App, new: Origin) -> None:
    what = (
        f"the cloud has moved to {new}; this sends the device's token there, which gives access to the cloud"
    )
    if not app.out.can_ask:
        raise UsageError(
            f"{what}, and there is no terminal to ask on",
            hint="add --moved if the operator of your cloud has told you this address",
        )
    app.out.notice(what)
    if not app.out.confirm("did the operator of your cloud tell you this address?"):
        raise UsageError("cancelled; nothing was sent or changed")
