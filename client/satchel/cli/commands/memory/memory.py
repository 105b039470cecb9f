"""`satchel memory` with all of its subcommands."""

from satchel.cli.commands.memory import contents, history, pauses, sources
from satchel.cli.commands.memory.group import memory

__all__ = ["contents", "history", "memory", "pauses", "sources"]
