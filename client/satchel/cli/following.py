"""`satchel connect` on a device whose cloud has moved: ask, then follow it without signing in again."""

from satchel.backup.local.places import Places
from satchel.backup.local.record import rename_place
from satchel.backup.local.sequences import SequenceRecord, series_of_cloud
from satchel.cli.app import App
from satchel.cloud.audit_heads import AuditHeads
from satchel.cloud.connection import read_connection, save_connection
from satchel.cloud.following import find_at, require_moved
from satchel.cloud.signed_client import DeviceToken
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
    vault = app.vault()
    token = DeviceToken(vault.load_token())
    followed = find_at(current, new, token, dial=app.dial, allow_http=allow_http)
    rename_cloud(app, current.origin, new)  # first: once the connection is stored, nothing repeats it
    save_connection(app.home, vault, followed, token)
    app.out.answer(
        {
            "url": str(new),
            "device_id": followed.device_id,
            "provisioner": str(followed.provisioner) if followed.provisioner else None,
        },
        f"followed the cloud from {current.origin} to {new}; this device keeps its access",
    )


def rename_cloud(app: App, old: Origin, new: Origin) -> None:
    """Give a cloud its new address in every record of this home. Can be repeated after any interruption.

    Raise IntegrityError if a record is damaged.
    """
    old_series, new_series = series_of_cloud(str(old)), series_of_cloud(str(new))
    SequenceRecord(Places(app.home).sequences).rename(old_series, new_series)
    AuditHeads(app.home).rename(str(old), str(new))
    rename_place(app.home, old_series, new_series)
    app.accounts().rename_cloud(old, new)


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
