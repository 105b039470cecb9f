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
    "Keep": {
        "init": Entry("home.init", "init", "make a store and the root secret"),
        "save": Entry("pieces.save", "save", "save a file, standard input or an image"),
        "import": Entry(
            "pieces.import_pieces", "import_pieces", "take in a folder or what another tool keeps"
        ),
        "edit": Entry("pieces.edit", "edit", "change a Piece in your editor or field by field"),
        "tag": Entry("pieces.organize", "tag", "add or take away tags"),
        "rm": Entry("pieces.organize", "rm", "remove Pieces for good"),
    },
    "Find": {
        "list": Entry("pieces.list_pieces", "list_pieces", "list Pieces, the newest first"),
        "search": Entry("pieces.search", "search", "find Pieces by what they say"),
        "show": Entry("pieces.show", "show", "show a Piece"),
        "history": Entry("pieces.history", "history", "list a Piece's revisions, go back to one"),
    },
    "Look after": {
        "export": Entry("pieces.export", "export", "write everything into a zip that anyone can read"),
        "recovery": Entry("home.recovery", "recovery", "the 24 words that bring everything back"),
        "status": Entry("home.status", "status", "what is here, and how it is kept"),
        "doctor": Entry("home.doctor", "doctor", "check that all is well, and say what to do"),
        "settings": Entry("home.settings", "settings", "show or change settings"),
        "completion": Entry("home.completion", "completion", "teach your shell satchel's commands"),
    },
    "Share": {
        "share": Entry("cloud.share", "share", "print a link that opens a Piece"),
        "shares": Entry("cloud.shares", "shares", "list, update, re-arm or revoke links"),
        "get": Entry("cloud.get", "get", "open a link"),
    },
    "Cloud": {
        "connect": Entry("cloud.connect", "connect", "connect this device to your cloud"),
        "backup": Entry("backups.backup", "backup", "back everything up, sealed"),
        "backups": Entry("backups.manage", "backups", "list or delete backups"),
        "verify": Entry("backups.verify", "verify", "prove that a backup can be restored"),
        "restore": Entry("backups.restore", "restore", "bring a backup back"),
        "devices": Entry("cloud.devices", "devices", "list, add or revoke devices"),
        "disconnect": Entry("cloud.connect", "disconnect", "leave the cloud"),
    },
}

COMMANDS: Final[dict[str, Entry]] = {
    name: entry for section in SECTIONS.values() for name, entry in section.items()
}
