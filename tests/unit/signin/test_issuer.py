"""What the device demands of an issuer before it sends anything to it."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from satchel.errors import RefusedError, SatchelError, UnreachableError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request, Response
from satchel.signin.issuer import discover

CLOUD = Origin.parse("https://cloud.example.com")
LOCAL_CLOUD = Origin.parse("http://localhost:8080")
ISSUER = "https://issuer.example.com/realms/mine"


def metadata(issuer: str = ISSUER, /, **changes: object) -> dict[str, Any]:
    document: dict[str, object] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/auth",
        "token_endpoint": f"{issuer}/token",
        "revocation_endpoint": f"{issuer}/revoke",
        "device_authorization_endpoint": f"{issuer}/device",
        "response_types_supported": ["code"],
        "code_challenge_methods_supported": ["S256"],
        "something_else": {"nested": True},
    }
    return {name: value for name, value in {**document, **changes}.items() if value is not None}


@dataclass
class Answer:
    """A transport with one answer."""

    body: bytes
    status: int = 200
    seen: list[Request] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        self.seen.append(request)
        return Response(self.status, {}, self.body)


def answer(document: object) -> Answer:
    return Answer(msgspec.json.encode(document))


def test_metadata_is_read_from_the_well_known_address() -> None:
    transport = answer(metadata())
    assert discover(ISSUER, CLOUD, transport).token_endpoint == f"{ISSUER}/token"
    (request,) = transport.seen
    assert request.url == f"{ISSUER}/.well-known/openid-configuration"
    assert request.response_bytes <= 1 << 20
    assert request.headers == {}


def test_the_final_slash_of_an_issuer_is_part_of_its_name() -> None:
    with_slash = "https://tenant.eu.auth0.com/"
    transport = answer(metadata(with_slash))
    assert discover(with_slash, CLOUD, transport).issuer == with_slash
    assert transport.seen[0].url == "https://tenant.eu.auth0.com/.well-known/openid-configuration"
    with pytest.raises(RefusedError, match="names another issuer"):
        discover(with_slash.rstrip("/"), CLOUD, transport)


@pytest.mark.parametrize(
    "issuer",
    [
        "http://issuer.example.com",
        "http://127.0.0.1:4444",
        "http://localhost",
        "ftp://issuer.example.com",
        "https://",
        "https:///realm",
        "https://user:password@issuer.example.com",
        "https://issuer.example.com?realm=1",
        "https://issuer.example.com/#fragment",
        "https://issuer.example.com/a b",
        "https://issuer.example.com/\n",
        "https://issuer.example.com\\@evil.example",
        "javascript:alert(1)",
        "issuer.example.com",
        "",
        "https://issuer.example.com/" + "a" * 5000,
    ],
)
def test_an_issuer_that_is_not_https_is_refused_before_anything_is_sent(issuer: str) -> None:
    transport = answer(metadata(issuer))
    with pytest.raises(RefusedError):
        discover(issuer, CLOUD, transport)
    assert transport.seen == []


def test_an_issuer_on_loopback_may_lack_tls_if_the_cloud_is_there_too() -> None:
    local = "http://127.0.0.1:4444"
    assert discover(local, LOCAL_CLOUD, answer(metadata(local))).issuer == local
    with pytest.raises(RefusedError, match="is on this computer, and the cloud is not"):
        discover(local, CLOUD, answer(metadata(local)))


@pytest.mark.parametrize("named", ["https://other.example.com", ISSUER + "/", ISSUER.upper(), ""])
def test_metadata_that_names_another_issuer_is_refused(named: str) -> None:
    with pytest.raises(RefusedError, match="names another issuer"):
        discover(ISSUER, CLOUD, answer(metadata(issuer=named)))


@pytest.mark.parametrize(
    "name",
    ["authorization_endpoint", "token_endpoint", "revocation_endpoint", "device_authorization_endpoint"],
)
@pytest.mark.parametrize(
    "address",
    [
        "http://issuer.example.com/x", "http://127.0.0.1/x", "/relative", "javascript:alert(1)", "file:///etc/passwd",
        "https://a b/", "https://issuer.example.com/x#y", "https://user@issuer.example.com/x", "",
    ],
)  # fmt: skip
def test_endpoints_without_tls_are_refused(name: str, address: str) -> None:
    with pytest.raises(RefusedError, match=name):
        discover(ISSUER, CLOUD, answer(metadata(**{name: address})))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"response_types_supported": ["id_token"]}, "authorization code flow"),
        ({"code_challenge_methods_supported": ["plain"]}, "PKCE with S256"),
        ({"code_challenge_methods_supported": None}, "PKCE with S256"),
    ],
)
def test_required_features_must_be_announced(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(RefusedError, match=reason):
        discover(ISSUER, CLOUD, answer(metadata(**changes)))


def test_optional_endpoints_may_be_missing() -> None:
    found = discover(
        ISSUER, CLOUD, answer(metadata(revocation_endpoint=None, device_authorization_endpoint=None))
    )
    assert found.revocation_endpoint is None
    assert found.device_authorization_endpoint is None


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<html>", b"\xff\xfe", b"[]", b"null", b"{}", b"[" * 100_000, b'{"issuer": 1}',
        msgspec.json.encode(metadata(token_endpoint=5)),
        msgspec.json.encode(metadata(authorization_endpoint=None)),
        msgspec.json.encode(metadata(response_types_supported="code")),
        msgspec.json.encode(metadata(authorization_endpoint="https://issuer.example.com/" + "a" * 5000)),
    ],
)  # fmt: skip
def test_metadata_of_another_form_is_refused_on_one_line(body: bytes) -> None:
    with pytest.raises(UnreachableError, match="configuration that cannot be used") as caught:
        discover(ISSUER, CLOUD, Answer(body))
    assert len(caught.value.message) < 500


@pytest.mark.parametrize("status", [301, 401, 404, 500])
def test_a_status_other_than_200_is_named(status: int) -> None:
    with pytest.raises(SatchelError, match=f"status {status}") as caught:
        discover(ISSUER, CLOUD, Answer(msgspec.json.encode(metadata()), status))
    assert "SATCHEL_OIDC_ISSUER" in caught.value.hint


def test_no_member_of_the_metadata_can_break_the_line_of_an_error() -> None:
    with pytest.raises(RefusedError) as caught:
        discover(ISSUER, CLOUD, answer(metadata(issuer="https://x\n\x1b[2J" + "y" * 1000)))
    assert "\n" not in caught.value.message
    assert "\x1b" not in caught.value.message
