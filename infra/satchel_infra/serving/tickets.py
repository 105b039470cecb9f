"""Tickets: who asked for what, and when, in a text that only this provisioner can have made.

    ticket = Ticket(Purpose.CREATE, subject, asked, now + TTL_MS)
    text = seal(key, ticket)
    open_ticket(key, text, now)        # raises TicketError

A ticket is authenticated, not encrypted: it tells the device nothing that its ID token did not. It is good for one
purpose and for an hour. One for a removal also names the tombstone, so it never reaches a later cloud.
"""

import base64
import hashlib
import hmac
import json
from enum import Enum
from typing import Final, NamedTuple

from satchel_infra.names import LENGTH_BYTES, NameKey
from satchel_service.settings import MAX_SUBJECT_CHARS
from satchel_service.tokens.strict_json import TokenError, decode_base64url, decode_object
from satchel_wire.provisioning import MAX_TICKET_CHARS

TICKET_CONTEXT: Final = b"satchel provisioner ticket v1\0"
NONCE_CONTEXT: Final = b"satchel provisioner nonce v1\0"
TTL_MS: Final = 60 * 60 * 1000
LEEWAY_MS: Final = 60 * 1000  # between the clocks of several provisioners
MAC_BYTES: Final = 32
NOT_VALID: Final = "the ticket is not valid any more: ask again"


class TicketError(Exception):
    """The ticket is not one of this provisioner, or it has expired."""


class Purpose(Enum):
    """What a ticket is for."""

    CREATE = "create"
    REMOVE = "remove"


class Ticket(NamedTuple):
    """What a ticket says: for what, for whom, when they asked, until when (milliseconds since 1970).

    `removal` is the number of the tombstone.
    """

    purpose: Purpose
    subject: str
    asked: int
    until: int
    removal: int = 0

    def __repr__(self) -> str:
        return f"Ticket({self.purpose.value})"


def derive_key(key: NameKey, context: bytes, issuer: str) -> bytes:
    """Return the key of the tickets or of the nonces for accounts of one issuer."""
    name = issuer.encode()
    return hmac.new(key, context + len(name).to_bytes(LENGTH_BYTES, "big") + name, hashlib.sha256).digest()


def seal(key: bytes, ticket: Ticket) -> str:
    """Return a ticket as text."""
    values = {
        "asked": ticket.asked,
        "for": ticket.purpose.value,
        "removal": ticket.removal,
        "subject": ticket.subject,
        "until": ticket.until,
    }
    body = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_mac(key, body) + body).rstrip(b"=").decode()


def open_ticket(key: bytes, text: str, now: int) -> Ticket:
    """Return what a ticket says. Raise TicketError, which is the same for every wrong one."""
    try:
        ticket = _open(key, text)
    except (TokenError, ValueError, KeyError) as exc:
        raise TicketError(NOT_VALID) from exc
    if not 0 < ticket.until - now <= TTL_MS + LEEWAY_MS:
        raise TicketError(NOT_VALID)
    return ticket


def _open(key: bytes, text: str) -> Ticket:
    if len(text) > MAX_TICKET_CHARS:
        raise TokenError("the ticket is too long")
    data = decode_base64url(text, "the ticket")
    mac, body = data[:MAC_BYTES], data[MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, body)):
        raise TokenError("the ticket belongs to another provisioner")
    return _parse(decode_object(body, "the ticket"))


def _parse(values: dict[str, object]) -> Ticket:
    purpose, subject = Purpose(values["for"]), values["subject"]
    asked, until, removal = values["asked"], values["until"], values["removal"]
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS:
        raise TokenError("the ticket names no account")
    if not (isinstance(asked, int) and isinstance(until, int) and isinstance(removal, int)):
        raise TokenError("the ticket has no time")
    return Ticket(purpose, subject, asked, until, removal)


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.new(key, TICKET_CONTEXT + body, hashlib.sha256).digest()
