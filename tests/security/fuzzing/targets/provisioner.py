"""What a provisioner reads of strangers: requests, tickets, host names; and what it reads of its own records."""

import base64
import json
from pathlib import Path
from typing import Final

from tests.infra.provisioning.deployment import KEY, NOW, configuration_of
from tests.security.fuzzing.table import JSON_SYNTAX, Target, require

from satchel_infra.configuration import Access
from satchel_infra.errors import FailedError
from satchel_infra.provisioning.records import _parse, _time
from satchel_infra.serving.names_asked import parse_host
from satchel_infra.serving.sign_ins import is_allowed
from satchel_infra.serving.tickets import (
    TICKET_CONTEXT,
    TTL_MS,
    Purpose,
    Ticket,
    TicketError,
    _mac,
    derive_key,
    open_ticket,
    seal,
)
from satchel_service.tokens.strict_json import TokenError, decode_object

TICKET_KEY: Final = derive_key(KEY, TICKET_CONTEXT, "https://issuer.example.org/")
TICKET: Final = Ticket(Purpose.REMOVE, "auth0|ada", NOW, NOW + TTL_MS, 3)
CONFIGURATION: Final = configuration_of(Path("/nonexistent"), ("ab", "bc"))
NAME: Final = "c" + "a" * 25
ACCESS: Final = Access(frozenset({"bob"}), "groups", frozenset({"staff"}))


def ticket(data: bytes) -> None:
    """Only the one ticket of this key is accepted, in its one form."""
    text = data.decode("utf-8", "replace")
    require(
        open_ticket(TICKET_KEY, text, NOW) == TICKET and text == seal(TICKET_KEY, TICKET), "a forged ticket"
    )


def own_ticket(data: bytes) -> None:
    """A ticket with a valid MAC over any bytes is for a purpose, an account and a time."""
    text = base64.urlsafe_b64encode(_mac(TICKET_KEY, data) + data).rstrip(b"=").decode()
    found = open_ticket(TICKET_KEY, text, NOW)
    require(0 < len(found.subject) <= 255 and found.until > NOW, "a ticket without an account or an end")


def host(data: bytes) -> None:
    """A host that is read is that of a name and a configured shard."""
    text = data.decode("utf-8", "replace")
    found = parse_host(text, CONFIGURATION)
    if found is not None:
        require(CONFIGURATION.host(*found) == text.lower().removesuffix("."), "another host")


def record(data: bytes) -> None:
    """A tombstone, as the storage returns it."""
    require(_time(_parse(data, "tombstones/x/1"), "begun", "tombstones/x/1") >= 0, "a time before 1970")


def access(data: bytes) -> None:
    """Claims of any form allow only the listed subjects and values."""
    claims = decode_object(data, "the claims")
    if is_allowed(ACCESS, claims):
        text = json.dumps(claims)
        require('"bob"' in text or '"staff"' in text, "an account that is not listed")


TARGETS: Final = (
    Target("provisioner-ticket", ticket, lambda: [seal(TICKET_KEY, TICKET).encode()], raises=(TicketError,)),
    Target(
        "provisioner-own-ticket",
        own_ticket,
        lambda: [
            json.dumps({"asked": 1, "for": "create", "removal": 0, "subject": "s", "until": NOW + 5}).encode()
        ],
        raises=(TicketError,),
        words=(*JSON_SYNTAX, b'"for"', b'"create"', b'"remove"', b'"until"'),
    ),
    Target(
        "provisioner-host",
        host,
        lambda: [f"{NAME}.a.clouds.example.org".encode(), f"{NAME.upper()}.c.clouds.example.org.".encode()],
        words=(NAME.encode(), b".a.", b"clouds.example.org"),
    ),
    Target(
        "provisioner-record",
        record,
        lambda: [json.dumps({"version": 1, "tag": "a" * 52, "begun": NOW}).encode()],
        raises=(FailedError,),
        words=(*JSON_SYNTAX, b'"version"', b'"begun"'),
    ),
    Target(
        "provisioner-access",
        access,
        lambda: [b'{"sub":"bob"}', b'{"sub":"x","groups":["staff"]}', b'{"groups":"staff"}'],
        raises=(TokenError,),
        words=(*JSON_SYNTAX, b'"sub"', b'"groups"', b'"staff"'),
    ),
)
