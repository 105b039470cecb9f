"""Every change of every field, for the method of the client that decodes it."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from tests.security.evil_server.cases import answer_type, is_decodable
from tests.security.evil_server.mutations import OTHER_ID, apply, example, fields_of, mutations_of
from tests.security.evil_server.scenarios import NEVER_CALLED
from tests.security.evil_server.server import Attack, EvilServer
from tests.security.evil_server.test_completeness import reachable_operations
from tests.security.evil_server.world import Template, serving
from tests.support.asgi import Answer
from tests.support.recorders import InMemory

from satchel.cloud.client import CloudClient
from satchel.cloud.signed_client import DeviceToken
from satchel.errors import SatchelError, UnreachableError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import RESPONSE_BYTES, HttpTransport, Proxies
from satchel_wire.capabilities import Capability
from satchel_wire.messages import (
    BackupRequest,
    FreshSignInRequest,
    OwnerRequest,
    PairRequest,
    RearmRequest,
    RequestProof,
    RequestTerms,
    Retention,
    ShareChange,
    ShareRequest,
    SignInRequest,
    UploadRequest,
)
from satchel_wire.operations import Operation

RETENTION = Retention(last=7, daily=7, weekly=4, monthly=12)
MOMENT = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)

METHODS: dict[str, Callable[[CloudClient], object]] = {
    "pair": lambda client: client.pair(PairRequest(code="AAAA")),
    "create_pairing": lambda client: client.new_pairing(),
    "list_devices": lambda client: client.devices(),
    "announce_upload": lambda client: client.begin_upload(
        OTHER_ID, UploadRequest(kind="archive", size_bytes=1)
    ),
    "complete_upload": lambda client: client.complete_upload(OTHER_ID),
    "list_backups": lambda client: client.backups(),
    "commit_backup": lambda client: client.commit_backup(OTHER_ID, BackupRequest(summary=b"")),
    "change_backup": lambda client: client.change_backup(OTHER_ID, expires=MOMENT),
    "undelete_backup": lambda client: client.undelete_backup(OTHER_ID),
    "show_retention": lambda client: client.retention(),
    "set_retention": lambda client: client.set_retention(RETENTION),
    "preview_retention": lambda client: client.preview_retention(RETENTION),
    "list_shares": lambda client: client.shares(),
    "publish_share": lambda client: client.publish_share(
        OTHER_ID, ShareRequest(upload=OTHER_ID, proof_sha256=bytes(32))
    ),
    "change_share": lambda client: client.change_share(OTHER_ID, ShareChange(version=1)),
    "rearm_share": lambda client: client.rearm_share(OTHER_ID, RearmRequest()),
    "list_reports": lambda client: client.share_reports(OTHER_ID),
    "share_info": lambda client: client.share_info(OTHER_ID),
    "show_status": lambda client: client.status(),
    "capabilities": lambda client: client.capabilities(),
    "show_sign_in": lambda client: client.sign_in_info(),
    "list_audit": lambda client: client.audit_page(0),
    "create_nonce": lambda client: client.sign_in_nonce(),
    "sign_in": lambda client: client.sign_in(SignInRequest(id_token="a", nonce="n")),
    "step_up": lambda client: client.sign_in_afresh(FreshSignInRequest(id_token="a", nonce="n")),
    "show_account": lambda client: client.account(),
    "set_owner": lambda client: client.change_owner(OwnerRequest(id_token="a", nonce="n")),
    "erase_cloud": lambda client: client.erase("AAAA"),
    "make_request": lambda client: client.make_request(
        OTHER_ID, RequestTerms(proof_sha256=bytes(32), sheet=b"sealed", answer_bytes=1)
    ),
    "list_requests": lambda client: client.requests(),
    "open_request": lambda client: client.open_request(OTHER_ID, RequestProof(proof=bytes(32))),
    "send_answer": lambda client: client.send_answer(OTHER_ID, OTHER_ID, b"sealed", bytes(32)),
}
"""How a method of the client asks for each answer."""

DECODED = [each for each in reachable_operations() if answer_type(each) and each.id not in NEVER_CALLED]


@pytest.fixture(scope="module")
def client(evil: EvilServer, template: Template) -> Iterator[CloudClient]:
    with serving(evil, template.folder / "cloud"):
        transport = HttpTransport(
            user_agent="satchel/1", proxies=Proxies(), recorder=InMemory(), read_timeout_s=5.0
        )
        made = CloudClient(Origin.parse(evil.url), transport, token=DeviceToken("token"))
        yield made
        transport.close()


def test_every_answer_that_the_client_decodes_has_a_method() -> None:
    assert METHODS.keys() == {each.id for each in DECODED}


@pytest.mark.parametrize("operation", DECODED, ids=lambda each: each.id)
def test_a_field_is_decoded_strictly(client: CloudClient, evil: EvilServer, operation: Operation) -> None:
    found = [
        f"{field.place}: {mutation.kind}: {fault}"
        for field in fields_of(answer_type(operation) or msgspec.Struct)
        for mutation in mutations_of(field)
        if (fault := _fault(client, evil, operation, apply(example(field.root), field, mutation)))
    ]
    assert not found, "\n".join(found)


def _fault(client: CloudClient, evil: EvilServer, operation: Operation, body: bytes) -> str:
    """Return what is wrong with how the client took an answer."""
    client._capability_names = (
        None if operation.id == "capabilities" else frozenset(each.value for each in Capability)
    )
    answer = Answer(operation.status, {"content-type": "application/json"}, body)
    evil.attack = Attack(operation.id, lambda _seen, given: given, instead=answer)
    is_valid = len(body) <= RESPONSE_BYTES and is_decodable(operation, body)
    try:
        METHODS[operation.id](client)
    except UnreachableError:
        return ""
    except SatchelError as exc:
        return "" if is_valid else f"ended with {type(exc).__name__}"
    finally:
        evil.attack = None
    return "" if is_valid else "was accepted"


def test_an_answer_that_is_as_it_should_be_is_accepted(client: CloudClient, evil: EvilServer) -> None:
    taken: dict[str, Any] = {}
    for operation in DECODED:
        document = example(msgspec.inspect.type_info(answer_type(operation)))
        if operation.id in {"list_shares", "list_requests"}:
            document.pop("next", None)
        taken[operation.id] = _fault(client, evil, operation, msgspec.json.encode(document))
    assert set(taken.values()) == {""}
