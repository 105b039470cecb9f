"""An issuer on loopback whose keys, metadata and failures a test sets, and ID tokens signed with real keys.

    with LoopbackIssuer() as issuer:
        token = issuer.id_token(nonce=nonce)             # valid
        token = issuer.id_token(nonce=nonce, aud="x")    # one claim changed; None removes it

For sign-ins of people use the certified provider in tests/oidc; this one makes tokens that no correct issuer makes.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CLIENT_ID: Final = "satchel"
METADATA: Final = "/.well-known/openid-configuration"
JWKS: Final = "/jwks"
ALGORITHMS: Final = ("RS256", "ES256", "EdDSA")

Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def b64url(data: bytes) -> str:
    """Encode as in a token."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value: int, size: int | None = None) -> str:
    """Encode a number as in a key."""
    return b64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


@dataclass(frozen=True)
class SigningKey:
    """A private key of an issuer."""

    key_id: str
    algorithm: str
    private: Private

    @classmethod
    def new(cls, algorithm: str, key_id: str = "key-1", bits: int = 2048) -> "SigningKey":
        """Make a key."""
        makers: dict[str, Callable[[], Private]] = {
            "RS256": lambda: rsa.generate_private_key(65537, bits),
            "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": ed25519.Ed25519PrivateKey.generate,
        }
        return cls(key_id, algorithm, makers[algorithm]())

    def sign(self, data: bytes) -> bytes:
        """Sign as RFC 7518 and RFC 8037 say."""
        match self.private:
            case rsa.RSAPrivateKey():
                return self.private.sign(data, padding.PKCS1v15(), hashes.SHA256())
            case ec.EllipticCurvePrivateKey():
                r, s = decode_dss_signature(self.private.sign(data, ec.ECDSA(hashes.SHA256())))
                return r.to_bytes(32, "big") + s.to_bytes(32, "big")
            case _:
                return self.private.sign(data)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public key as a JSON Web Key."""
        match self.private.public_key():
            case rsa.RSAPublicKey() as key:
                numbers = key.public_numbers()
                members = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
            case ec.EllipticCurvePublicKey() as key:
                point = key.public_numbers()
                members = {"kty": "EC", "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)}
            case key:
                members = {"kty": "OKP", "crv": "Ed25519", "x": b64url(key.public_bytes_raw())}
        return {**members, "kid": self.key_id, "alg": self.algorithm, "use": "sig"}

    def token(self, header: Mapping[str, Any], claims: Mapping[str, Any] | bytes) -> str:
        """Sign a token."""
        payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        signed = f"{b64url(json.dumps(header).encode())}.{b64url(payload)}"
        return f"{signed}.{b64url(self.sign(signed.encode()))}"


@cache
def shared_key(algorithm: str, key_id: str = "key-1") -> SigningKey:
    """Return a key that all tests of a run share, because making RSA keys takes time."""
    return SigningKey.new(algorithm, key_id)


def changed(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with changes; None removes one."""
    return {name: value for name, value in {**values, **changes}.items() if value is not None}


@dataclass
class LoopbackIssuer:
    """A running issuer; change its fields at any time. `requests` lists the paths that were requested."""

    keys: list[SigningKey] = field(default_factory=lambda: [shared_key("RS256")])
    metadata: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, Mapping[str, str], bytes]] = field(default_factory=dict)
    before_answer: Callable[[str], None] = lambda _: None
    requests: list[str] = field(default_factory=list)
    now: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """The issuer's name."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a cloud whose owner signs in here."""
        return {"SATCHEL_OIDC_ISSUER": self.url, "SATCHEL_OIDC_CLIENT_ID": CLIENT_ID}

    def claims(self, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON value
        """Return the claims of a valid ID token with changes; None removes one."""
        now = int(self.now())
        values = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "sub": "ada",
            "iat": now,
            "exp": now + 600,
            "auth_time": now,
            "amr": ["pwd"],
        }
        return changed(values, changes)

    def id_token(
        self,
        *,
        key: SigningKey | None = None,
        header: Mapping[str, Any] | None = None,
        **changes: Any,  # noqa: ANN401  any claims
    ) -> str:
        """Return an ID token of the first key, with changed claims and header; None removes one."""
        signing = key or self.keys[0]
        values = {"alg": signing.algorithm, "kid": signing.key_id, "typ": "JWT"}
        return signing.token(changed(values, header or {}), self.claims(**changes))

    def answer(self, path: str) -> tuple[int, Mapping[str, str], bytes]:
        """Return the status, headers and body of a response."""
        if path in self.answers:
            return self.answers[path]
        documents: dict[str, Any] = {
            METADATA: changed({"issuer": self.url, "jwks_uri": self.url + JWKS}, self.metadata),
            JWKS: {"keys": [key.jwk for key in self.keys]},
        }
        if path not in documents:
            return 404, {}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps(documents[path]).encode()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.requests.append(self.path)
                issuer.before_answer(self.path)
                status, headers, body = issuer.answer(self.path)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
