"""The files of a vault: strict JSON, one schema per storage method (docs/spec/keys.md, section 4)."""

from typing import Annotated, ClassVar, Final, Literal

import msgspec

from satchel.errors import SatchelError
from satchel.formats import newer_format
from satchel.keys.passphrase import Profile

ROOT_FORMAT: Final = "satchel-root/1"
TOKEN_FORMAT: Final = "satchel-token/1"  # noqa: S105  the name of a format

Hex16 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
Hex32 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Hex48 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{96}\Z")]


class _Root(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kept"):
    format: Literal["satchel-root/1"] = ROOT_FORMAT
    owner: Hex16


class RootInKeyring(_Root, frozen=True, kw_only=True, tag="keyring"):
    """The secret is in the keyring, under a name that contains the owner id and `entry`."""

    entry: Hex16


class RootInFile(_Root, frozen=True, kw_only=True, tag="file"):
    """The secret is in this file; `reason` says why it is not in a keyring."""

    secret: Hex32
    reason: str

    def __repr__(self) -> str:
        return f"<RootInFile of {self.owner}>"


class RootUnderPassphrase(_Root, frozen=True, kw_only=True, tag="passphrase"):
    """The secret is in this file, encrypted: 32 bytes and a tag."""

    purpose: ClassVar[str] = "satchel/v1/root-under-passphrase"
    profile: Profile
    wrapped: Hex48


RootDocument = RootInKeyring | RootInFile | RootUnderPassphrase


class _Token(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kept"):
    format: Literal["satchel-token/1"] = TOKEN_FORMAT


class TokenInKeyring(_Token, frozen=True, kw_only=True, tag="keyring"):
    """The device's token is in the keyring, under `entry`."""

    entry: Hex16


class TokenInFile(_Token, frozen=True, kw_only=True, tag="file"):
    """The device's token is in this file."""

    token: str

    def __repr__(self) -> str:
        return "<TokenInFile>"


TokenDocument = TokenInKeyring | TokenInFile


def encode(document: RootDocument | TokenDocument) -> bytes:
    """Encode a document as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def decode_root(data: bytes) -> RootDocument | None:
    """Decode a root document, or return None if it is damaged. Raise SatchelError if its format is newer."""
    _refuse_newer(data, ROOT_FORMAT)
    try:
        document: RootDocument = msgspec.json.decode(data, type=RootDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return document


def decode_token(data: bytes) -> TokenDocument | None:
    """Decode a token document, or return None if it is damaged. Raise SatchelError if its format is newer."""
    _refuse_newer(data, TOKEN_FORMAT)
    try:
        document: TokenDocument = msgspec.json.decode(data, type=TokenDocument)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return document


def _refuse_newer(data: bytes, ours: str) -> None:
    newer = newer_format(data, known={ours})
    if newer is not None:
        raise SatchelError(
            f"the keys have the format {newer!r}, which is newer than this version of satchel",
            hint="update satchel",
        )
