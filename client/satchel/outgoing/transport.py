"""Sends single HTTP requests with urllib3, which no other module imports.

TLS is verified against the system's certificate authorities. Nothing is logged. Redirects and oversized responses
are refused. Every failure becomes an error that says whether the request may have arrived.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, Self
from urllib import request as system  # noqa: TID251  only for the system's proxy settings

import urllib3
import urllib3.exceptions as failures
from urllib3.util import make_headers, parse_url

from satchel.errors import UnreachableError, UsageError
from satchel.outgoing.address import Origin

RESPONSE_BYTES: Final = 16 << 20  # the default limit of a response body, enough to list thousands of backups
CONNECT_TIMEOUT_S: Final = 10.0
CONNECTIONS: Final = 8
READ_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `url` is absolute; at most `response_bytes` of the response's body are read.

    `is_repeatable`: sending it twice has the same effect as sending it once.
    """

    method: str
    url: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    response_bytes: int = RESPONSE_BYTES
    is_repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response. Header names are lowercase."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class NoResponseError(UnreachableError):
    """No complete response arrived. `was_sent` is False only if the request certainly did not arrive."""

    def __init__(self, message: str, *, hint: str, was_sent: bool) -> None:
        super().__init__(message, hint=hint)
        self.was_sent = was_sent


class Transport(Protocol):
    """Sends requests. Safe to use from several threads."""

    def send(self, request: Request) -> Response:
        """Send the request and return its response, with any status.

        Raise NoResponseError if none arrives. Raise a plain UnreachableError, which a retry cannot fix, on a
        redirect, an oversized response or an untrusted certificate.
        """
        ...


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxy URLs by scheme; the keys "all" and "no" hold ALL_PROXY and NO_PROXY."""

    by_scheme: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_system(cls) -> Self:
        """Read the usual environment variables, and on macOS and Windows the system's settings."""
        return cls(system.getproxies())

    def choose(self, origin: Origin) -> str | None:
        """Return the URL of the proxy for an origin, or None. Loopback addresses never take one.

        Raise UsageError for a proxy of an unsupported kind, such as SOCKS.
        """
        proxy = self.by_scheme.get(origin.scheme) or self.by_scheme.get("all")
        if not proxy or origin.is_loopback or self._is_exempt(origin.host):
            return None
        if "://" not in proxy:
            proxy = f"http://{proxy}"
        if not proxy.startswith(("http://", "https://")):
            raise UsageError(
                f"satchel does not support this kind of proxy for {str(origin)!r}",
                hint="set HTTPS_PROXY to an http:// proxy, or NO_PROXY to the cloud's host",
            )
        return proxy

    def _is_exempt(self, host: str) -> bool:
        """Match NO_PROXY; an entry "*.example.com" means ".example.com", as in curl."""
        entries = [entry.strip() for entry in self.by_scheme.get("no", "").split(",")]
        if entries == ["*"]:
            return True
        no_proxy = ",".join(entry.removeprefix("*") for entry in entries)
        return bool(system.proxy_bypass_environment(host, {"no": no_proxy}))  # type: ignore[attr-defined]


class HttpTransport:
    """A transport over the network. It keeps connections open between requests."""

    def __init__(self, *, user_agent: str, proxies: Proxies, read_timeout_s: float) -> None:
        self._user_agent = user_agent
        self._proxies = proxies
        self._timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=read_timeout_s)
        self._pools: dict[str | None, urllib3.PoolManager] = {}

    def send(self, request: Request) -> Response:
        """Send the request once; see Transport."""
        target = parse_url(request.url)
        # The query of a presigned URL is a credential, so errors name the origin only.
        origin = f"{target.scheme}://{target.netloc}"
        try:
            response = self._pool(origin).request(
                request.method,
                request.url,
                body=request.body,
                headers={"User-Agent": self._user_agent, **request.headers},
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=False,
            )
            return _read(response, request, origin)
        except failures.HTTPError as exc:
            raise _translate(exc, origin) from exc

    def close(self) -> None:
        """Close the idle connections."""
        for pool in self._pools.values():
            pool.clear()

    def _pool(self, origin: str) -> urllib3.PoolManager:
        proxy = self._proxies.choose(Origin.parse(origin, allow_http=True))
        if proxy not in self._pools:
            self._pools[proxy] = self._open_pool(proxy)
        return self._pools[proxy]

    def _open_pool(self, proxy: str | None) -> urllib3.PoolManager:
        context = _tls_context()
        if proxy is None:
            return urllib3.PoolManager(maxsize=CONNECTIONS, timeout=self._timeout, ssl_context=context)
        address = parse_url(proxy)
        return urllib3.ProxyManager(
            address._replace(auth=None).url,
            maxsize=CONNECTIONS,
            timeout=self._timeout,
            ssl_context=context,
            proxy_headers=make_headers(proxy_basic_auth=address.auth) if address.auth else None,
        )


def _tls_context() -> ssl.SSLContext:
    """Return a context for TLS 1.2 or newer that verifies certificates and names.

    Unlike urllib3's default context, it never writes an SSLKEYLOGFILE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    return context


def _read(response: urllib3.BaseHTTPResponse, request: Request, origin: str) -> Response:
    """Read a response to its end, within the request's limit."""
    if 300 <= response.status < 400:
        response.close()
        raise UnreachableError(
            f"the server at {origin!r} redirects to another address", hint="use the cloud's own address"
        )
    body = bytearray()
    # urllib3 notices a truncated response only on a read at its end, so read until nothing is left.
    while chunk := response.read(min(READ_BYTES, request.response_bytes + 1 - len(body))):
        body += chunk
        if len(body) > request.response_bytes:
            response.close()
            raise UnreachableError(
                f"the response from {origin!r} exceeds the limit of {request.response_bytes} bytes",
                hint="check the cloud's address: satchel status",
            )
    response.release_conn()
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status, headers, bytes(body))


def _translate(exc: failures.HTTPError, origin: str) -> UnreachableError:
    """Return the error that names the cause."""
    if isinstance(exc, failures.SSLError):
        return UnreachableError(
            f"the certificate of {origin!r} is not trusted",
            hint="check the address; for your own certificate authority, set SSL_CERT_FILE",
        )
    if isinstance(exc, failures.ProxyError):
        return NoResponseError(
            f"the proxy refuses connections to {origin!r}",
            hint="check HTTPS_PROXY and NO_PROXY",
            was_sent=False,
        )
    if isinstance(exc, failures.NewConnectionError | failures.ConnectTimeoutError):
        return NoResponseError(
            f"cannot connect to the cloud at {origin!r}",
            hint="check the network and the address, then try again",
            was_sent=False,
        )
    return NoResponseError(
        f"the cloud at {origin!r} sent no complete response",
        hint="check the network, then try again",
        was_sent=True,
    )
