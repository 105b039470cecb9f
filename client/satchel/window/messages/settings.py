"""Messages of the view Settings. Each setting names the command that does the same."""

from typing import Annotated, Literal

import msgspec

from satchel.window.messages.base import Answer, Line, Lines, Request

PairingText = Annotated[str, msgspec.Meta(max_length=100)]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Interval = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}[mhdw]$")]


class Setting(Answer, frozen=True, kw_only=True):
    """The default of an option. `set_by` is the command that changes it, if it is none of an option."""

    name: str
    value: str
    default: str
    is_default: bool
    help: str
    command: str
    set_by: str = ""


class Settings(Answer, frozen=True, kw_only=True):
    """All settings."""

    settings: tuple[Setting, ...]


class SetRequest(Request, frozen=True, kw_only=True):
    """A setting and its value; None restores the default."""

    name: Line
    value: Line | None


# -- the cloud --------------------------------------------------------------------------------


class AccountView(Answer, frozen=True, kw_only=True):
    """The account that this device signed in with. Signing in decrypts nothing."""

    issuer: str
    subject: str
    signed_in: str
    has_second_factor: bool | None


class CloudState(Answer, frozen=True, kw_only=True):
    """The cloud, without asking it anything."""

    url: str | None
    device_id: str | None
    provisioner: str | None
    account: AccountView | None
    keys: str
    owner_id: str
    is_offline: bool
    offline_because: Literal["", "option", "setting"]


class ConnectRequest(Request, frozen=True, kw_only=True):
    """Connect this device: with a pairing code, or by signing in where the cloud has an issuer."""

    url: Url
    code: PairingText | None = None
    sign_in: bool = False
    label: Line | None = None
    allow_http: bool = False


class Connected(Answer, frozen=True, kw_only=True):
    """The connection."""

    url: str
    device_id: str
    subject: str | None = None


class SignedIn(Answer, frozen=True, kw_only=True):
    """A sign-in, and until when the cloud counts it as fresh."""

    url: str
    issuer: str | None
    subject: str | None
    until: str


class DisconnectRequest(Request, frozen=True, kw_only=True):
    """Leave the cloud. With `forget`, only this device forgets it. Erasing the cloud is for the command line."""

    forget: bool = False


class UnlockRequest(Request, frozen=True, kw_only=True):
    """The passphrase of the keys. It stays in the memory of the server until the window closes."""

    passphrase: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]


# -- processing -------------------------------------------------------------------------------


class ProcessingRow(Answer, frozen=True, kw_only=True):
    """A model: where it runs and what it sends."""

    name: str
    version: int | str
    purpose: str
    runs: str
    where: str
    sends: str
    may_be_blended: bool
    only_here: str | None
    command: str


class EndpointView(Answer, frozen=True, kw_only=True):
    """The language model that the owner set."""

    origin: str
    model: str
    is_on_this_device: bool


class Processing(Answer, frozen=True, kw_only=True):
    """Where every model runs."""

    endpoint: EndpointView | None
    offline: bool
    models: tuple[ProcessingRow, ...]


class SetProcessingRequest(Request, frozen=True, kw_only=True):
    """Let a model run on this device alone, or ask the endpoint as well."""

    model: Line
    how: Literal["local", "blended"]


# -- telemetry --------------------------------------------------------------------------------


class Telemetry(Answer, frozen=True, kw_only=True):
    """Whether commands are counted on this device. `document` is everything that waits, as it would be sent."""

    is_on: bool
    no_tracking: str | None
    endpoint: str | None
    sent: str | None
    crash_reports: int
    document: str | None
    command: str


class SetTelemetryRequest(Request, frozen=True, kw_only=True):
    """Agree to counts on this device, or stop and delete them. The page sends none of it."""

    is_on: bool


# -- memory -----------------------------------------------------------------------------------


class MemorySource(Answer, frozen=True, kw_only=True):
    """A source of the memory."""

    name: str
    is_on: bool
    since: str | None
    events: int
    places: tuple[str, ...]
    what: str
    command: str


class MemorySources(Answer, frozen=True, kw_only=True):
    """What the memory takes in. `paused_until` is a time, or "resume" for a pause without an end."""

    sources: tuple[MemorySource, ...]
    paused_until: str | None
    exclusions: tuple[str, ...]
    oldest: str | None
    newest: str | None
    size_bytes: int


class SetMemoryRequest(Request, frozen=True, kw_only=True):
    """Switch a source on or off. `kept` says what happens to what it took in, when it is switched off.

    With the source shell, a block is added to the file that the login shell reads when it starts.
    """

    source: Literal["shell", "git", "agents", "files"]
    is_on: bool
    places: Lines = ()
    kept: Literal["keep", "forget"] = "keep"


class PauseMemoryRequest(Request, frozen=True, kw_only=True):
    """Take in nothing for a while, such as `1h`; None ends a pause, "forever" lasts until then."""

    duration: Annotated[str, msgspec.Meta(pattern=r"^([0-9]{1,4}[mhdw]|forever)$")] | None


# -- schedules --------------------------------------------------------------------------------


class ScheduleView(Answer, frozen=True, kw_only=True):
    """A schedule, and how its last run ended. `installed` is None if the scheduler does not answer."""

    name: str
    command: tuple[str, ...]
    every_s: int
    on_battery: bool
    using: str
    installed: bool | None
    last_run: str | None
    exit_code: int | None
    message: str
    next_run: str | None


class Schedules(Answer, frozen=True, kw_only=True):
    """All schedules of this home."""

    schedules: tuple[ScheduleView, ...]


class ScheduleRequest(Request, frozen=True, kw_only=True):
    """Have the system's scheduler back up, sync or verify regularly; to a file with `to_file`."""

    what: Literal["backup", "sync", "verify"] = "backup"
    every: Interval = "1d"
    on_battery: bool = True
    to_file: Line | None = None


class ScheduledFile(Answer, frozen=True, kw_only=True):
    """A file that the schedule installs."""

    path: str
    content: str


class SchedulePlan(Answer, frozen=True, kw_only=True):
    """Exactly what a schedule installs, or has installed."""

    name: str
    command: tuple[str, ...]
    every_s: int
    using: str
    files: tuple[ScheduledFile, ...]
    lines: tuple[str, ...]
    installed: bool


class ByName(Request, frozen=True, kw_only=True):
    """A schedule by its name."""

    name: Line
