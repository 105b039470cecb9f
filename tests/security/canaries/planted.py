"""The canaries: one unique text for every field that a person fills, in the content, names and options of each command.

The tables below name every field of the model, every text of the wire, and every option of the command line. A test
compares them with the code, so that a new field fails until it has a canary, or a reason why it needs none.
"""

import secrets
from dataclasses import dataclass, field, fields
from typing import Final

MARK: Final = "Zq"


def canary(name: str) -> str:
    """Return a new unique text of letters and digits, which no encoding of URLs, JSON or HTML changes."""
    return f"{MARK}{name.title().replace('-', '')}{secrets.token_hex(8)}{MARK}"


@dataclass(frozen=True)
class Canaries:
    """The canaries of one life. Each has the name of its field."""

    content: str = field(default_factory=lambda: canary("content"))
    edited_content: str = field(default_factory=lambda: canary("edited-content"))
    title: str = field(default_factory=lambda: canary("title"))
    edited_title: str = field(default_factory=lambda: canary("edited-title"))
    description: str = field(default_factory=lambda: canary("description"))
    tag: str = field(default_factory=lambda: canary("tag").lower())
    link: str = field(default_factory=lambda: canary("link"))
    source_folder: str = field(default_factory=lambda: canary("source-folder"))
    file_name: str = field(default_factory=lambda: canary("file-name"))
    further_name: str = field(default_factory=lambda: canary("further-name"))
    further_content: str = field(default_factory=lambda: canary("further-content"))
    imported: str = field(default_factory=lambda: canary("imported"))
    query: str = field(default_factory=lambda: canary("query"))
    device: str = field(default_factory=lambda: canary("device"))
    password: str = field(default_factory=lambda: canary("password"))
    wrong_password: str = field(default_factory=lambda: canary("wrong-password"))
    passphrase: str = field(default_factory=lambda: canary("passphrase"))
    unsaved: str = field(default_factory=lambda: canary("unsaved"))
    endpoint_key: str = field(default_factory=lambda: canary("endpoint-key"))
    card_title: str = field(default_factory=lambda: canary("card-title"))
    asked: str = field(default_factory=lambda: canary("asked"))
    answer: str = field(default_factory=lambda: canary("answer"))
    report: str = field(default_factory=lambda: canary("report"))
    draft: str = field(default_factory=lambda: canary("draft"))
    draft_fields: str = field(default_factory=lambda: canary("draft-fields"))
    draft_file: str = field(default_factory=lambda: canary("draft-file"))
    draft_attached: str = field(default_factory=lambda: canary("draft-attached"))

    def secrets(self) -> dict[str, bytes]:
        """Return every canary by its name."""
        return {each.name: getattr(self, each.name).encode() for each in fields(self)}


PUBLIC: Final = frozenset({"card_title", "report"})
"""Canaries that the cloud may know: a card is published on request, and a report is written by its reader."""

# Fields of the model: the canary that fills each, or why none does.
MODEL: Final[dict[str, str]] = {
    "Draft.content": "content",
    "Draft.title": "title",
    "Draft.description": "description",
    "Draft.tags": "tag",
    "Draft.links": "link",
    "Draft.files": "further_content",
    "Draft.source": "source_folder",
    "Source.location": "source_folder",
    "Source.file_name": "file_name",
    "WholeFile.name": "further_name",
    "WholeFile.content": "further_content",
    "Changes.content": "edited_content",
    "Changes.title": "edited_title",
    "Changes.description": "description",
    "Changes.tags": "tag",
    "Changes.add_tags": "tag",
    "Changes.remove_tags": "tag",
    "Changes.links": "link",
    "Changes.files": "further_content",
    "Changes.add_files": "further_content",
    "Changes.remove_files": "further_name",
}
MODEL_WITHOUT: Final[dict[str, str]] = {
    "Draft.media_type": "detected from the content",
    "Draft.language": "one of a list",
    "Draft.created": "a time",
    "Draft.updated": "a time",
    "Draft.author": "names of programs",
    "Draft.suggested": "values of the other fields, and names of models",
    "Source.kind": "one of a list",
    "WholeFile.language": "one of a list",
    "WholeFile.media_type": "detected from the content",
    "Changes.media_type": "detected from the content",
    "Changes.language": "one of a list",
    "Changes.author": "names of programs",
    "Changes.suggested": "values of the other fields, and names of models",
}

# Texts and bytes that a device sends to its cloud: what they hold, and so what may be found.
WIRE: Final[dict[str, str]] = {
    "PairRequest.code": "a pairing code, used once",
    "PairRequest.label": "sealed: device",
    "UploadRequest.kind": "one of a list",
    "BackupRequest.needs": "random ids",
    "BackupRequest.summary": "sealed: device",
    "EraseBackupsRequest.code": "a pairing code, used once",
    "EraseBackupsRequest.backups": "random ids",
    "PasswordProfile.salt": "random",
    "Card.title": "public: card_title",
    "Card.language": "public, with the card",
    "ShareRequest.upload": "a random id",
    "ShareRequest.proof_sha256": "a hash of the proof",
    "ShareRequest.note": "sealed: title",
    "ShareChange.upload": "a random id",
    "ReportRequest.reason": "one of a list",
    "ReportRequest.text": "public: report",
    "SignInRequest.id_token": "a credential of the issuer, which the cloud verifies and forgets",
    "SignInRequest.nonce": "made by the cloud",
    "SignInRequest.label": "sealed: device",
    "SignInRequest.code": "a pairing code, used once",
    "FreshSignInRequest.id_token": "as that of SignInRequest",
    "FreshSignInRequest.nonce": "made by the cloud",
    "FreshSignInRequest.code": "a pairing code, used once",
    "OwnerRequest.id_token": "as that of SignInRequest",
    "OwnerRequest.nonce": "made by the cloud",
    "OpenRequest.proof": "the proof, which the key derives",
    "RequestTerms.proof_sha256": "a hash of the proof",
    "RequestTerms.sheet": "sealed: asked",
    "RequestProof.proof": "the proof, which the key derives",
    "EraseCloudRequest.code": "a pairing code, used once",
}

# What the page of the window keeps in the home: the canary that a life types there, or why none.
WINDOW: Final[dict[str, str]] = {
    "UnsavedDraft.title": "draft_fields",
    "UnsavedDraft.description": "draft_fields",
    "UnsavedDraft.language": "draft_fields",
    "UnsavedDraft.tags": "draft_fields",
    "UnsavedDraft.links": "draft_fields",
    "UnsavedDraft.source": "draft_fields",
    "DraftText.name": "draft_file",
    "DraftText.text": "draft",
    "DraftFile.name": "draft_file",
    "PreferenceRequest.value": "a random word: a secret of the life",
}
WINDOW_WITHOUT: Final[dict[str, str]] = {
    "UnsavedDraft.id": "random",
    "UnsavedDraft.piece": "an id",
    "UnsavedDraft.typed": "a time",
    "DraftFile.upload": "a random id; its bytes are draft_attached",
    "DraftVersion.id": "random",
    "PreferenceRequest.name": "one of a list",
}

# Options and arguments that take text: the canary that a life gives them, or why none.
OPTIONS: Final[dict[str, str]] = {
    "add": "tag",
    "added": "further_content",
    "description": "description",
    "edit.path": "edited_content",
    "export.file": "a path that the owner names",
    "files": "further_content",
    "import.source": "imported",
    "label": "device",
    "link": "a link: its key is a secret of the life",
    "links": "link",
    "only": "further_name",
    "password_file": "password",
    "key_from": "endpoint_key",
    "paths": "content",
    "query": "query",
    "question": "query",
    "tags": "tag",
    "title": "title",
    "what": "content",
    "text": "asked",
    "removed": "further_name",
    "code": "a pairing code: a secret of the life",
}
OPTIONS_WITHOUT: Final[dict[str, str]] = {
    "directory": "a path that the owner names, of commands on this device", "host": "the name of this computer", "session": "an id",
    "matching": "searched in the memory, which leaves sealed alone", "pattern": "kept in the memory, which leaves sealed alone", "output": "a path that the owner names",
    "agent": "the name of a program", "backup": "an id", "backups": "ids", "choice": "an id", "chosen": "ids", "device": "the name of a device, as `label`", "domain": "the domain of a provisioner",
    "api_version": "the version of an API", "model": "the name of a model",
    "where": "the address of an endpoint", "ask.replace": "kinds of values",
    "home": "a path that the owner names", "image": "a path that the owner names", "into": "a path that the owner names", "language": "one of a list",
    "name": "the name of a setting or a schedule", "piece": "an id", "pieces": "ids", "places": "an id with the number of a line", "share": "an id",
    "request": "an id", "sample": "a number", "source": "a path that the owner names", "subject": "an id, or a path that the owner names", "sources": "paths that the owner names",
    "target": "a path that the owner names", "url": "the address of a cloud", "value": "the value of a setting",
    "words": "words searched in a backup, as `query`",
    "recall.place": "the name of a place in the memory, as `recall.question`",
    "recall.question": "a question to the memory, which nothing but this device has", "recall.since": "a time", "recall.until": "a time",
    "standup.since": "a time",
    "collection": "the name of a collection, as `tags`", "new_name": "the name of a collection, as `tags`",
    "given": "a value of a command that is printed or run on this device",
}  # fmt: skip
