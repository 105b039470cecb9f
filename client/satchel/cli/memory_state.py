"""What `satchel status` and `satchel doctor` say about the memory, if the home has one."""

from typing import Any

from satchel.cli.app import App
from satchel.cli.memory_opening import find_memory, now_ms
from satchel.cli.program import find_program
from satchel.cli.protection.assessment import Finding
from satchel.cli.terminal.text import format_count
from satchel.errors import SatchelError


def memory_fields(app: App) -> dict[str, Any] | None:
    """Return the sources that are on, whether the memory is paused, and how many events it has; None without one.

    A memory that cannot be read is a problem in words: the status of everything else still shows.
    """
    try:
        found = find_memory(app)
        if found is None:
            return None
        with found:
            return {
                "sources": list(found.control.sources()),
                "paused": found.control.paused_until(now_ms()) is not None,
                "events": sum(found.counts().values()),
                "problem": "",
            }
    except SatchelError as exc:
        return {"sources": [], "paused": False, "events": 0, "problem": exc.message}


def memory_rows(fields: dict[str, Any] | None) -> list[tuple[str, str]]:
    """Return the row of the status, if there is a memory."""
    if fields is None:
        return []
    on = f"{', '.join(fields['sources']) or 'nothing'} on{', paused' if fields['paused'] else ''}"
    return [("memory", fields["problem"] or f"{on}; {format_count(fields['events'], 'event')}")]


def check_memory(app: App) -> list[Finding]:
    """Check that the memory can be read, and that the hooks of shells start this satchel."""
    from satchel.memory.model import SHELLS  # noqa: PLC0415
    from satchel.memory.shell_hooks import hook_file, hook_script  # noqa: PLC0415

    fields = memory_fields(app)
    if fields is None:
        return []
    if fields["problem"]:
        hint = f"move memory.db in {app.home} to another place; satchel then begins a new one"
        return [Finding("memory", "failed", fields["problem"], hint)]
    for shell in SHELLS:
        path = hook_file(shell, app.home)
        if path.is_file() and path.read_text("utf-8", "replace") != hook_script(
            shell, find_program(), app.home
        ):
            return [
                Finding(
                    "memory",
                    "warning",
                    f"the hook of {shell} is of another version of satchel",
                    f"install it again: satchel memory on shell --shell {shell}",
                )
            ]
    return [Finding("memory", "ok", memory_rows(fields)[0][1])]
