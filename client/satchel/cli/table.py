"""Every command, by name: where it lives and its one line of help, so that nothing is imported to list them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: the module under `satchel.cli.commands`, the attribute in it, and its short help."""

    module: str
    attribute: str
    help: str


# Sections and commands in the order in which `satchel --help` shows them.
SECTIONS: Final[dict[str, dict[str, Entry]]] = {
    "Start": {
        "init": Entry("init", "init", "make a store and the root secret"),
    },
}

COMMANDS: Final[dict[str, Entry]] = {
    name: entry for section in SECTIONS.values() for name, entry in section.items()
}
