"""One HTTP request and its answer, over urllib3: the only room that knows the library.

TLS is checked against the system's authorities, nothing is logged, redirects and answers beyond the asked-for size
are refused, and every failure becomes an error that says whether the request may have arrived.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import urllib3
import urllib3.exceptions as failures
from urllib3.util import make_headers, parse_url

from satchel.cloud.address import Origin
from satchel.cloud.proxies import Proxies
from satchel.errors import UnreachableError

JSON_BYTES: Final = 16 << 20  # an answer's most, unless the caller says otherwise: some thousands of backups
CONNECT_TIMEOUT_S: Final = 10.0
CONNECTIONS: Final = 8
READ_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `url` is absolute, `answer_bytes` the most that is read of its answer's body.

    `is_repeatable` says that sending it twice has the effect of sending it once.
    """

    method: str
    url: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    answer_bytes: int = JSON_BYTES
    is_repeatable: bool = True


@dataclass(frozen=True, slots=True)
class Response:
    """An answer, read to its end; header names are in small letters."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class NoAnswerError(UnreachableError):
    """No answer came; `was_sent` is false only when the request certainly did not arrive."""

    def __init__(self, message: str, *, hint: str, was_sent: bool) -> None:
        super().__init__(message, hint=hint)
        self.was_sent = was_sent


class Transport(Protocol):
    """Sends requests; may be used by several threads at once."""

    def send(self, request: Request) -> Response:
        """Send the request and read its answer, whatever its status.

        No answer: NoAnswerError. A redirect, too large an answer, or a certificate that does not fit:
        UnreachableError, and asking again does not help.
        """
        ...


class UrllibTransport:
    """The network. One object keeps its connections open between requests to the same origin."""

    def __init__(self, *, user_agent: str, proxies: Proxies, read_timeout_s: float) -> None:
        self._user_agent = user_agent
        self._proxies = proxies
        self._timeout = urllib3.Timeout(connect=CONNECT_TIMEOUT_S, read=read_timeout_s)
        self._pools: dict[str | None, urllib3.PoolManager] = {}

    def send(self, request: Request) -> Response:
        """Send the request once; see Transport."""
        target = parse_url(request.url)
        # A presigned URL's query is a credential: only the origin is ever named.
        where = f"{target.scheme}://{target.netloc}"
        try:
            answer = self._pool(where).request(
                request.method,
                request.url,
                body=request.body,
                headers={"User-Agent": self._user_agent, **request.headers},
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=False,
            )
            return _read(answer, request, where)
        except failures.HTTPError as exc:
            raise _translate(exc, where) from exc

    def close(self) -> None:
        """Close the connections that are kept open."""
        for pool in self._pools.values():
            pool.clear()

    def _pool(self, where: str) -> urllib3.PoolManager:
        proxy = self._proxies.choose(Origin.parse(where, allow_http=True))
        if proxy not in self._pools:
            self._pools[proxy] = self._open_pool(proxy)
        return self._pools[proxy]

    def _open_pool(self, proxy: str | None) -> urllib3.PoolManager:
        context = _tls()
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


def _tls() -> ssl.SSLContext:
    """TLS 1.2 or newer, certificates and names checked. Unlike the library's own, it writes no SSLKEYLOGFILE."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_default_certs()
    return context


def _read(answer: urllib3.BaseHTTPResponse, request: Request, where: str) -> Response:
    """Read an answer to its end, but no further than was asked for."""
    if 300 <= answer.status < 400:
        answer.close()
        raise UnreachableError(
            f"what answers at {where!r} sends requests on to another address",
            hint="use the cloud's own address",
        )
    body = bytearray()
    # Read until nothing more comes: only then does the library notice an answer that was cut off.
    while chunk := answer.read(min(READ_BYTES, request.answer_bytes + 1 - len(body))):
        body += chunk
        if len(body) > request.answer_bytes:
            answer.close()
            raise UnreachableError(
                f"the answer from {where!r} has more than the {request.answer_bytes} bytes that were asked for",
                hint="check the cloud's address: satchel status",
            )
    answer.release_conn()
    return Response(
        answer.status, {name.lower(): value for name, value in answer.headers.items()}, bytes(body)
    )


def _translate(exc: failures.HTTPError, where: str) -> UnreachableError:
    """Name what went wrong between here and there."""
    if isinstance(exc, failures.SSLError):
        return UnreachableError(
            f"the certificate of {where!r} is not to be trusted",
            hint="check the address; for an authority of your own, set SSL_CERT_FILE",
        )
    if isinstance(exc, failures.ProxyError):
        return NoAnswerError(
            f"the proxy on the way to {where!r} does not let requests through",
            hint="check HTTPS_PROXY and NO_PROXY",
            was_sent=False,
        )
    if isinstance(exc, failures.NewConnectionError | failures.ConnectTimeoutError):
        return NoAnswerError(
            f"the cloud at {where!r} cannot be reached",
            hint="check the network and the address, then try again",
            was_sent=False,
        )
    return NoAnswerError(
        f"the cloud at {where!r} did not answer to the end",
        hint="check the network, then try again",
        was_sent=True,
    )
