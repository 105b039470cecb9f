"""The view Settings: defaults of options, processing, telemetry and schedules. Each runs the command that it names."""

import json

from satchel.window.calls import Call
from satchel.window.core import Document, command
from satchel.window.documents import shown
from satchel.window.messages.base import Nothing
from satchel.window.messages.settings import (
    ByName,
    Processing,
    SchedulePlan,
    ScheduleRequest,
    Schedules,
    SetProcessingRequest,
    SetRequest,
    SetTelemetryRequest,
    Setting,
    Settings,
    Telemetry,
)
from satchel.window.paths import own_path


def settings(call: Call, _request: Nothing) -> Settings:
    """Return all settings, with the commands that change them."""
    found = call.core.run("settings")["settings"]
    return Settings(
        settings=tuple(
            shown(each, Setting, command=f"satchel settings set {each['name']} VALUE") for each in found
        )
    )


def set_setting(call: Call, request: SetRequest) -> Settings:
    """Change a setting, or restore its default."""
    if request.value is None:
        call.core.run(*command("settings", "reset", values=[request.name]))
    else:
        call.core.run(*command("settings", "set", values=[request.name, request.value]))
    return settings(call, Nothing())


def processing(call: Call, _request: Nothing) -> Processing:
    """Return where every model runs."""
    found = call.core.run("processing")
    models = [
        {**each, "command": f"satchel processing set {each['name']} {_other(each)}"}
        for each in found["models"]
    ]
    return shown(found, Processing, models=models)


def set_processing(call: Call, request: SetProcessingRequest) -> Processing:
    """Let a model run on this device alone, or ask the endpoint as well."""
    call.core.run(*command("processing", "set", values=[request.model, request.how]))
    return processing(call, Nothing())


def telemetry(call: Call, _request: Nothing) -> Telemetry:
    """Return whether commands are counted, and everything that waits."""
    found = call.core.run("telemetry", "status")
    document = call.core.run("telemetry", "show") if found["is_on"] else None
    verb = "off" if found["is_on"] else "on"
    text = None if document is None else json.dumps(document, indent=2, ensure_ascii=False)
    return shown(found, Telemetry, document=text, command=f"satchel telemetry {verb}")


def set_telemetry(call: Call, request: SetTelemetryRequest) -> Telemetry:
    """Agree to counts on this device, or stop and delete them."""
    call.core.run("telemetry", "on" if request.is_on else "off")
    return telemetry(call, Nothing())


def schedules(call: Call, _request: Nothing) -> Schedules:
    """Return all schedules."""
    return shown(call.core.run("schedule", "list"), Schedules)


def preview_schedule(call: Call, request: ScheduleRequest) -> SchedulePlan:
    """Return exactly what a schedule installs."""
    return shown(call.core.run(*_scheduling(request, is_dry=True)), SchedulePlan)


def add_schedule(call: Call, request: ScheduleRequest) -> SchedulePlan:
    """Install a schedule, which the owner has seen."""
    return shown(call.core.run(*_scheduling(request, is_dry=False)), SchedulePlan)


def remove_schedule(call: Call, request: ByName) -> Schedules:
    """Remove a schedule."""
    call.core.run(*command("schedule", "remove", values=[request.name]))
    return schedules(call, Nothing())


def _scheduling(request: ScheduleRequest, *, is_dry: bool) -> tuple[str, ...]:
    options = {
        "every": request.every,
        "on-battery": "yes" if request.on_battery else "no",
        "to": own_path(request.to_file) if request.what == "backup" else None,
        "dry-run": is_dry,
        "yes": not is_dry,
    }
    return command("schedule", request.what, options=options)


def _other(model: Document) -> str:
    return "local" if model["runs"] == "blended" else "blended"
