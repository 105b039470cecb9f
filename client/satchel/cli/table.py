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
        "init": Entry("init", "init", "make a store and the root secret"),
        "save": Entry("saving", "save", "save a file, standard input or an image"),
        "import": Entry("importing", "import_pieces", "take in a folder or what another tool keeps"),
        "edit": Entry("editing", "edit", "change a Piece in your editor or field by field"),
        "tag": Entry("tagging", "tag", "add or take away tags"),
        "rm": Entry("removing", "rm", "remove Pieces for good"),
    },
    "Find": {
        "list": Entry("listing", "list_pieces", "list Pieces, the newest first"),
        "search": Entry("searching", "search", "find Pieces by what they say"),
        "show": Entry("show", "show", "show a Piece"),
        "history": Entry("history", "history", "list a Piece's revisions, go back to one"),
    },
    "Look after": {
        "export": Entry("exporting", "export", "write everything into a zip that anyone can read"),
        "recovery": Entry("recovery", "recovery", "the 24 words that bring everything back"),
        "status": Entry("status", "status", "what is here, and how it is kept"),
        "doctor": Entry("doctor", "doctor", "check that all is well, and say what to do"),
        "settings": Entry("settings", "settings", "show or change settings"),
        "completion": Entry("completion", "completion", "teach your shell satchel's commands"),
    },
    "Share": {
        "share": Entry("share", "share", "print a link that opens a Piece"),
        "shares": Entry("shares", "shares", "list, update, re-arm or revoke links"),
        "get": Entry("get", "get", "open a link"),
    },
    "Cloud": {
        "connect": Entry("connect", "connect", "connect this device to your cloud"),
        "backup": Entry("backup", "backup", "back everything up, sealed"),
        "backups": Entry("backups", "backups", "list or delete backups"),
        "verify": Entry("verify", "verify", "prove that a backup can be restored"),
        "restore": Entry("restore", "restore", "bring a backup back"),
        "devices": Entry("devices", "devices", "list, add or revoke devices"),
        "disconnect": Entry("disconnect", "disconnect", "leave the cloud"),
    },
}

COMMANDS: Final[dict[str, Entry]] = {
    name: entry for section in SECTIONS.values() for name, entry in section.items()
}
