"""The views Settings and See: the cloud, the account, and the devices."""

from typing import Literal

from satchel.cloud.connection import is_connected, read_connection
from satchel.cloud.problems import FreshSignInError
from satchel.errors import SatchelError
from satchel.window.calls import Call
from satchel.window.core import Core, Document, command
from satchel.window.documents import shown, text_of
from satchel.window.messages.base import Nothing
from satchel.window.messages.jobs import Job, JobResult
from satchel.window.messages.records import ByDevice, Devices, PairingCode
from satchel.window.messages.settings import (
    AccountView,
    CloudState,
    Connected,
    ConnectRequest,
    DisconnectRequest,
    SignedIn,
)


def cloud(call: Call, _request: Nothing) -> CloudState:
    """Return the connected cloud and the account, without asking anything of either."""
    core = call.core
    connection = read_connection(core.home) if is_connected(core.home) else None
    vault, account = core.vault(), core.accounts().read()
    description = vault.describe() if vault.exists() else None
    return CloudState(
        url=str(connection.origin) if connection else None,
        device_id=connection.device_id if connection else None,
        provisioner=str(connection.provisioner) if connection and connection.provisioner else None,
        account=None
        if account is None
        else AccountView(
            issuer=account.issuer,
            subject=account.subject,
            signed_in=text_of(account.signed_in) or "",
            has_second_factor=account.has_second_factor,
        ),
        keys=description.kept if description else "",
        owner_id=description.owner_id if description else "",
        is_offline=core.is_offline(),
        offline_because=_offline_because(core),
    )


def start_connect(call: Call, request: ConnectRequest) -> Job:
    """Begin to connect this device. A browser opens where the cloud has an issuer."""
    options = {
        "pair": request.code,
        "sign-in": request.sign_in,
        "label": request.label,
        "allow-http": request.allow_http,
    }
    return call.start_command(
        lambda document: JobResult(connected=shown(document, Connected)),
        *command("connect", options=options, values=[request.url]),
    )


def start_sign_in(call: Call, _request: Nothing) -> Job:
    """Begin to sign in again at the connected cloud's issuer."""
    return call.start_command(lambda document: JobResult(signed_in=shown(document, SignedIn)), "login")


def start_disconnect(call: Call, request: DisconnectRequest) -> Job:
    """Begin to disconnect this device."""
    return call.start_command(
        lambda _document: JobResult(), *command("disconnect", options={"yes": True, "forget": request.forget})
    )


def sign_out(call: Call, _request: Nothing) -> CloudState:
    """Forget the account on this device."""
    call.core.run("logout")
    return cloud(call, Nothing())


def devices(call: Call, _request: Nothing) -> Devices:
    """Return the connected devices."""
    return shown(call.core.run("devices"), Devices)


def start_add_device(call: Call, _request: Nothing) -> Job:
    """Begin to make a code for another device; the browser asks for a fresh sign-in where the cloud wants one."""
    return call.start(
        lambda core, _run: JobResult(code=shown(_signed_in(core, "devices", "add"), PairingCode))
    )


def start_revoke_device(call: Call, request: ByDevice) -> Job:
    """Begin to revoke a device's access."""

    def work(core: Core, _run: object) -> JobResult:
        _signed_in(core, *command("devices", "revoke", values=[request.id]))
        return JobResult()

    return call.start(work)


def _signed_in(core: Core, *arguments: str) -> Document:
    """Run a command; if the cloud wants a fresh sign-in, sign in by the browser and run it again."""
    try:
        return core.run(*arguments)
    except FreshSignInError:
        core.run("login")
    return core.run(*arguments)


def _offline_because(core: Core) -> Literal["", "option", "setting"]:
    if not core.is_offline():
        return ""
    try:
        settings = core.run("settings")["settings"]
    except SatchelError:
        return "setting"
    is_set = any(each["name"] == "offline" and each["value"] != each["default"] for each in settings)
    return "setting" if is_set else "option"
