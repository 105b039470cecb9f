"""Sign-in: tokens, keys and nonces that the cloud reads; answers of issuers and redirects that the device reads."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from msgspec import inspect
from tests.security.fuzzing.table import Target, require
from tests.security.fuzzing.targets.home_files import at, home
from tests.security.fuzzing.targets.messages import JSON, ORIGIN, Answering, sample

from satchel.cloud.audit_heads import AuditHeads
from satchel.errors import SatchelError
from satchel.outgoing.loopback import LoopbackListener
from satchel.outgoing.transport import Response
from satchel.signin.account import Account, AccountStore, PendingSignIn
from satchel.signin.authorization import read_answer
from satchel.signin.device_flow import begin
from satchel.signin.endpoints import ask_for_tokens
from satchel.signin.id_token import Expected, check_id_token, read_claims
from satchel.signin.issuer import Metadata, discover
from satchel_service.settings import Settings
from satchel_service.sign_in.claims import check_claims
from satchel_service.sign_in.nonces import _mac, make_nonce, nonce_digest, read_nonce
from satchel_service.sign_in.requests import Address, IssuerUnavailableError
from satchel_service.tokens.compact import Token
from satchel_service.tokens.keys import encode_key_set, parse_key_set
from satchel_service.tokens.strict_json import TokenError
from satchel_wire.messages import SignInInfo

if TYPE_CHECKING:
    from satchel.keys.systemkeyring import SystemKeyring

ISSUER: Final = "https://issuer.example.com/"
NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_MS: Final = int(NOW.timestamp() * 1000)
CLAIMS: Final[dict[str, Any]] = {
    "iss": ISSUER, "sub": "auth0|1", "aud": "client", "exp": NOW_MS // 1000 + 300, "iat": NOW_MS // 1000, "nonce": "n",
    "auth_time": NOW_MS // 1000, "amr": ["pwd", "otp"], "acr": "a", "azp": "client",
}  # fmt: skip
SETTINGS: Final = Settings.read({"SATCHEL_OIDC_ISSUER": ISSUER, "SATCHEL_OIDC_CLIENT_ID": "client"})
METADATA: Final = {
    "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}authorize", "token_endpoint": f"{ISSUER}token",
    "device_authorization_endpoint": f"{ISSUER}device", "revocation_endpoint": f"{ISSUER}revoke",
    "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
}  # fmt: skip
NONCE_KEY: Final = bytes(32)
NONCE: Final = make_nonce(NONCE_KEY, bytes(16), NOW_MS)


def base64url(data: bytes) -> str:
    """Encode without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: bytes, payload: bytes) -> str:
    """Return a token with a signature of zeros."""
    return ".".join(map(base64url, (header, payload, bytes(64))))


def token(data: bytes) -> None:
    found = Token.parse(data.decode("utf-8", "replace"))
    require(found.text.count(".") == 2 and "…" in repr(found), "a token with two forms")
    found.decode_claims()


def header_and_claims(data: bytes) -> None:
    """A header and claims, a line feed between them, well encoded; then the checks of the cloud."""
    header, _, payload = data.partition(b"\n")
    claims = Token.parse(compact(header, payload)).decode_claims()
    signed_in = check_claims(claims, SETTINGS, NOW_MS)
    require(signed_in.account.issuer == ISSUER, "another issuer")
    signed_in.check_age(NOW_MS)


HEADER: Final = json.dumps({"alg": "RS256", "kid": "1", "typ": "JWT"}).encode()


def key_set(data: bytes) -> None:
    keys = parse_key_set(data)
    require(parse_key_set(encode_key_set(keys)) == keys, "a set of keys changes")
    require(not {"d", "k", "p"} & {name for key in keys for name in key.to_jwk()}, "a secret key")


def key_sets() -> Iterator[bytes]:
    number = base64url(int.to_bytes((1 << 2047) + 9, 256, "big"))
    keys: list[dict[str, Any]] = [
        {"kty": "RSA", "n": number, "e": "AQAB", "kid": "1", "use": "sig"},
        {"kty": "EC", "crv": "P-256", "x": base64url(bytes(32)), "y": base64url(bytes(32)), "kid": "2"},
        {"kty": "OKP", "crv": "Ed25519", "x": base64url(bytes(32)), "alg": "EdDSA", "key_ops": ["verify"]},
    ]
    yield json.dumps({"keys": keys}).encode()
    for key in keys:
        yield json.dumps({"keys": [key]}).encode()


def nonce(data: bytes) -> None:
    """Only a nonce that this cloud made is accepted, in its one form."""
    text = data.decode("utf-8", "replace")
    expires = read_nonce(NONCE_KEY, text, NOW_MS)
    if expires is not None:
        require(nonce_digest(text) == nonce_digest(NONCE.text) and expires == NONCE.expires, "a forged nonce")


def own_nonce(data: bytes) -> None:
    """A nonce with a valid MAC over any bytes."""
    body = data[:24].ljust(24, b"\0")
    expires = read_nonce(NONCE_KEY, base64url(body + _mac(NONCE_KEY, body)), NOW_MS)
    require(expires is None or expires > NOW_MS, "a nonce that has expired")


def issuer_address(data: bytes) -> None:
    found = Address.parse(data.decode("utf-8", "replace"))
    require(found.scheme == "https" or found.host in ("127.0.0.1", "localhost", "::1"), "plain HTTP")
    require("\n" not in found.authority and " " not in found.target, "an address that ends a line")


def device_token(data: bytes) -> None:
    """An ID token on the device: its text, and its claims well encoded."""
    expected = Expected(ISSUER, "client", "client", "n")
    for text in (data.decode("utf-8", "replace"), compact(HEADER, data)):
        try:
            read_claims(text, ISSUER)
            found = check_id_token(text, expected, NOW)
        except SatchelError as error:
            require("\n" not in error.message, "an error of several lines")
            continue
        require(text not in repr(found), "a token in a repr")
        found.claims.age_s(NOW)


def info() -> SignInInfo:
    fields = sample(inspect.type_info(SignInInfo)) | {"issuer": ISSUER, "client_id": "client"}
    return msgspec.convert(fields, SignInInfo)


def issuer_answer(data: bytes) -> None:
    """An answer of an issuer: a status in three digits, then a body; to each kind of request."""
    status = int(data[:3]) if data[:3].isdigit() and data[:1] in b"2345" and len(data) > 2 else 200
    transport = Answering(Response(status, {}, data[3:]))
    metadata = _metadata()
    calls: tuple[Callable[[], object], ...] = (
        lambda: discover(ISSUER, ORIGIN, transport),
        lambda: ask_for_tokens(metadata, transport, {}),
        lambda: begin(metadata, info(), "n", transport, ORIGIN),
    )
    for call in calls:
        try:
            found = call()
        except SatchelError as error:
            require(
                "\n" not in error.message and len(error.message) < 2000, "an error that is not one short line"
            )
            continue
        if isinstance(found, Metadata):
            require(found.issuer == ISSUER and found.token_endpoint.startswith("https://"), "another issuer")


def _metadata() -> Metadata:
    return msgspec.convert(METADATA, Metadata)


def issuer_answers() -> Iterator[bytes]:
    yield b"200" + json.dumps(METADATA).encode()
    yield (
        b"200"
        + json.dumps({"id_token": compact(HEADER, b"{}"), "refresh_token": "r", "access_token": "a"}).encode()
    )
    yield b"400" + json.dumps({"error": "invalid_grant", "error_description": "used"}).encode()
    yield (
        b"200"
        + json.dumps(
            {
                "device_code": "d",
                "user_code": "ABCD-EFGH",
                "verification_uri": f"{ISSUER}v",
                "expires_in": 600,
                "interval": 5,
            }
        ).encode()
    )


def redirect(data: bytes) -> None:
    """The query of a redirect to this device, and what it says."""
    listener = object.__new__(LoopbackListener)
    found: list[Any] = []
    listener._path, listener._received, listener._lock = "/callback", None, threading.Lock()
    listener._server = cast("Any", type("Server", (), {"server_port": 1}))

    def keep(parameters: Any) -> bool:  # noqa: ANN401  the listener's type
        found.append(parameters)
        return True

    listener._is_expected = keep
    if listener.accept("/callback", data.decode("latin-1"), "127.0.0.1:1"):
        read_answer(found[0], _metadata())


def audit_heads(data: bytes) -> None:
    at(home() / "audit-heads.json", data)
    head = AuditHeads(home()).find(str(ORIGIN))
    require(head is None or (head.number >= 0 and head.seen.tzinfo is not None), "a head without a time")


def audit_head_seeds() -> list[bytes]:
    head = {
        "number": 3,
        "sha256": base64.b64encode(hashlib.sha256(b"").digest()).decode(),
        "seen": NOW.isoformat(),
    }
    return [json.dumps({"format": "satchel-audit-heads/1", "clouds": {str(ORIGIN): head}}).encode()]


def account(data: bytes) -> None:
    for name in ("account.json", "sign-in.json"):
        at(home() / name, data)
    store = AccountStore(home(), cast("SystemKeyring", None))  # neither file is a reason to ask it
    store.read()
    store.take_pending(ORIGIN, NOW)


def account_seeds() -> Iterator[bytes]:
    for kind in (Account, PendingSignIn):
        fields = sample(inspect.type_info(kind)) | {"cloud": str(ORIGIN), "refresh_entry": None}
        yield json.dumps(
            {name: value for name, value in fields.items() if name in kind.__struct_fields__}
        ).encode()


TOKEN: Final = (b".", b"eyJ", b"=", b"alg", b"none", b"HS256", b"RS256", b"crit", b"typ", b"at+jwt", b"kid")
CLAIM: Final = (*JSON, b'"aud"', b'"azp"', b'"exp"', b'"auth_time"', b'"scope"', b"NaN", b"1e400", b"\n")
KEYS: Final = (
    *JSON,
    b'"kty"',
    b'"RSA"',
    b'"EC"',
    b'"d"',
    b'"k"',
    b'"n"',
    b'"e"',
    b'"use"',
    b'"key_ops"',
    b"AQAB",
)
REFUSED: Final = (TokenError,)
TARGETS: Final = (
    Target(
        "sign-in-token",
        token,
        lambda: [compact(HEADER, json.dumps(CLAIMS).encode()).encode()],
        REFUSED,
        TOKEN,
    ),
    Target(
        "sign-in-claims",
        header_and_claims,
        lambda: [HEADER + b"\n" + json.dumps(CLAIMS).encode()],
        REFUSED,
        CLAIM,
    ),
    Target("sign-in-keys", key_set, key_sets, REFUSED, KEYS),
    Target("sign-in-nonce", nonce, lambda: [NONCE.text.encode()]),
    Target("sign-in-own-nonce", own_nonce, lambda: [bytes(16) + NONCE.expires.to_bytes(8, "big")]),
    Target(
        "sign-in-address",
        issuer_address,
        lambda: [f"{ISSUER}a?b=c".encode()],
        (IssuerUnavailableError,),
        (b"://", b"@", b"[", b"%0d%0a"),
    ),
    Target(
        "device-reads-token",
        device_token,
        lambda: [compact(HEADER, b"{}").encode(), json.dumps(CLAIMS).encode()],
        (),
        CLAIM,
    ),
    Target("device-reads-issuer", issuer_answer, issuer_answers, (), CLAIM),
    Target(
        "device-reads-redirect",
        redirect,
        lambda: [b"code=c&state=s&iss=https%3A%2F%2Fissuer.example.com%2F", b"error=access_denied&state=s"],
        (SatchelError,),
        (b"&", b"=", b"%", b";", b"+"),
    ),
    Target("home-audit-heads", audit_heads, audit_head_seeds, (SatchelError,), JSON),
    Target("home-account", account, account_seeds, (SatchelError,), (*JSON, b"satchel-account/2")),
)
