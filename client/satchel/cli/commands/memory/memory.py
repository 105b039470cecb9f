"""`satchel memory` with all of its subcommands."""

from satchel.cli.commands.memory import contents, exporting, history, pauses, sources
from satchel.cli.commands.memory.group import memory

__all__ = ["contents", "exporting", "history", "memory", "pauses", "sources"]
