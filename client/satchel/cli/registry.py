"""Every command by name: its module and its short help, so that listing commands imports none of them."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Entry:
    """A command: its module below `satchel.cli.commands`, its name there, and its short help."""

    module: str
    attribute: str
    help: str


# In the order in which `satchel --help` lists them.
SECTIONS: Final[dict[str, dict[str, Entry]]] = {
    "Keep": {
        "init": Entry("home.init", "init", "create a store and the root secret"),
        "save": Entry("pieces.save", "save", "save a file, standard input or an image"),
        "import": Entry("pieces.import_pieces", "import_pieces", "import a folder or another tool's data"),
        "edit": Entry("pieces.edit", "edit", "edit a Piece in your editor or field by field"),
        "tag": Entry("pieces.edit", "tag", "add or remove tags"),
        "collection": Entry("pieces.collection", "collection", "group Pieces in collections"),
        "rm": Entry("pieces.rm", "rm", "remove Pieces for good"),
    },
    "Find": {
        "open": Entry("home.open_window", "open_window", "open the window: everything in your browser"),
        "list": Entry("pieces.list_pieces", "list_pieces", "list Pieces, newest first"),
        "search": Entry("pieces.search", "search", "find Pieces by their text"),
        "ask": Entry("models.ask", "ask", "answer a question from your Pieces"),
        "show": Entry("pieces.show", "show", "show a Piece"),
        "cat": Entry("pieces.show", "cat", "print only the content of Pieces"),
        "copy": Entry("pieces.copy", "copy", "copy the content of a Piece to the clipboard"),
        "history": Entry("pieces.history", "history", "list, compare or restore a Piece's revisions"),
    },
    "In the shell": {
        "pick": Entry("terminal.pick", "pick", "choose a Piece on a full screen"),
        "run": Entry("terminal.run", "run", "fill in a command that you keep, and run it"),
        "shell": Entry("terminal.shell", "shell", "print a script that binds Ctrl-G to the picker"),
    },
    "Maintain": {
        "export": Entry("pieces.export", "export", "write everything to a zip file that any tool can read"),
        "recovery": Entry("home.recovery", "recovery", "show, check or use the 24 recovery words"),
        "status": Entry("home.status", "status", "show the home, its backups and the cloud"),
        "doctor": Entry("home.doctor", "doctor", "check for problems and suggest fixes"),
        "settings": Entry("home.settings", "settings", "show or change settings"),
        "completion": Entry("home.completion", "completion", "print a completion script for your shell"),
    },
    "Remember": {
        "memory": Entry("memory.memory", "memory", "remember your work on this device, if you ask for it"),
        "recall": Entry("memory.recall", "recall", "find what you did, by a question"),
        "standup": Entry("memory.standup", "standup", "show what you did since the last working day"),
    },
    "Privacy": {
        "processing": Entry("models.processing", "processing", "show where models run, and what they send"),
        "endpoint": Entry("models.endpoint", "endpoint", "set, test or remove a language model to ask"),
        "ledger": Entry("home.ledger", "ledger", "show everything that ever left this device"),
        "telemetry": Entry(
            "home.telemetry", "telemetry", "agree to counts of your commands, or look at them"
        ),
        "crash": Entry("home.crash", "crash", "look at reports of crashes"),
    },
    "Agents": {
        "mcp": Entry("agents.mcp", "mcp", "serve the store to agents (MCP)"),
        "rewind": Entry("agents.rewind", "rewind", "take back what an agent wrote"),
    },
    "Editors": {
        "lsp": Entry("editors.lsp", "lsp", "serve the store to an editor (LSP)"),
    },
    "Models": {
        "models": Entry("models.models", "models", "list the models of this device"),
        "read": Entry("models.read", "read", "print the text in an image"),
        "similar": Entry("models.similar", "similar", "find Pieces that resemble a Piece or a file"),
        "related": Entry("models.related", "related", "show documentation and Pieces that go with a Piece"),
        "discover": Entry("models.discover", "discover", "propose Pieces from files and folders"),
        "secrets": Entry("models.secrets", "secrets", "list what looks like a secret in Pieces"),
        "suggest": Entry("models.suggest", "suggest", "run the models on Pieces that you keep"),
    },
    "Share": {
        "share": Entry("cloud.share", "share", "print a link that opens a Piece or a file"),
        "shares": Entry("cloud.shares", "shares", "list, update, re-arm or revoke links"),
        "get": Entry("cloud.get", "get", "open a link"),
        "request": Entry("cloud.request", "request", "print a link that lets others send you something"),
        "requests": Entry("cloud.requests", "requests", "list, take or revoke what you asked for"),
        "answer": Entry("cloud.answer", "answer", "answer the link of a request"),
    },
    "Cloud": {
        "connect": Entry("cloud.connect", "connect", "connect this device to your cloud"),
        "login": Entry("cloud.account", "login", "sign in at your cloud's issuer"),
        "account": Entry("cloud.account", "account", "show who you are signed in as"),
        "logout": Entry("cloud.account", "logout", "forget the account on this device"),
        "backup": Entry("backups.backup", "backup", "back up the store, encrypted"),
        "backups": Entry("backups.backups", "backups", "list or delete backups"),
        "schedule": Entry("backups.schedule", "schedule", "back up on a schedule"),
        "sync": Entry("backups.sync", "sync", "merge other devices' backups and back up"),
        "verify": Entry("backups.verify", "verify", "prove that a backup can be restored"),
        "restore": Entry("backups.restore", "restore", "restore a backup"),
        "devices": Entry("cloud.devices", "devices", "list, add or revoke devices"),
        "audit": Entry("cloud.audit", "audit", "show and verify what happened in your cloud"),
        "disconnect": Entry("cloud.disconnect", "disconnect", "disconnect this device from your cloud"),
    },
}

COMMANDS: Final[dict[str, Entry]] = {
    name: entry for section in SECTIONS.values() for name, entry in section.items()
}

# Names that other programs use for the same.
ALIASES: Final[dict[str, str]] = {"add": "save", "find": "search"}
