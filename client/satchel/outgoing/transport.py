"""Sends single HTTP requests with urllib3, which only this package imports.

TLS is verified against the system's certificate authorities. Nothing is logged. Redirects, oversized and slow
responses are refused. Every failure becomes an error that names its cause and says whether the request may have
arrived.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, Self
from urllib import request as system  # noqa: TID251  only for the system's proxy settings

import urllib3
import urllib3.exceptions as failures
from urllib3.util import Url, make_headers, parse_url

from satchel.errors import RefusedError, UnreachableError, UsageError
from satchel.outgoing.address import Origin
from satchel.outgoing.connections import POOLS, Deadline, Guard, addresses_of, guarded, numeric_address
from satchel.outgoing.failures import NoResponseError, OfflineError, explain
from satchel.outgoing.reach import Reach, reach_of
from satchel.outgoing.recording import Departure, Exchange, Kind, Recorder, recorded
from satchel.outgoing.streaming import StreamedResponse, too_late
from satchel.outgoing.tls import Trust, tls_context

if TYPE_CHECKING:
    from ssl import SSLContext

RESPONSE_BYTES: Final = 16 << 20  # the default limit of a response body, enough to list thousands of backups
CONNECT_TIMEOUT_S: Final = 10.0
CONNECTIONS: Final = 8
READ_BYTES: Final = 64 << 10
LEAST_BYTES_PER_S: Final = 4096
"""A transfer that is slower on average, after the time for a response, is given up."""

MAX_QUOTED_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `url` is absolute; at most `response_bytes` of the response's body are read.

    `is_repeatable`: sending it twice has the same effect as sending it once. `named_by`: the server that named the
    URL, if it is not the owner's own choice; then no address is dialled that reaches closer than that server's.
    `kind`, and the ids of the `pieces` and of the memory's `events` that the body holds, are for the ledger. `server`
    is what errors call it.
    """

    method: str
    url: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    response_bytes: int = RESPONSE_BYTES
    is_repeatable: bool = True
    named_by: Origin | None = None
    kind: Kind = "message"
    pieces: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    server: str = "cloud"


@dataclass(frozen=True, slots=True)
class Response:
    """A complete response. Header names are lowercase."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Sends requests. Safe to use from several threads."""

    def send(self, request: Request) -> Response:
        """Send the request and return its response, with any status.

        Raise NoResponseError if none arrives. Raise a plain UnreachableError, which a retry cannot fix, on a
        redirect, an oversized response or an untrusted certificate; RefusedError for an address that `named_by`
        must not name; UsageError for unusable proxy or certificate settings of this device; OfflineError if the
        owner forbids that anything leaves.
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

        Raise UsageError for a malformed address or an unsupported kind, such as SOCKS.
        """
        scheme = origin.scheme if self.by_scheme.get(origin.scheme) else "all"
        proxy = self.by_scheme.get(scheme, "").strip()
        if not proxy or origin.is_loopback or self._is_exempt(origin.host):
            return None
        if "://" not in proxy:
            proxy = f"http://{proxy}"
        variable = f"{scheme.upper()}_PROXY"
        if not proxy.lower().startswith(("http://", "https://")):
            raise UsageError(
                f"satchel does not support the kind of proxy in {variable}",
                hint=f"set {variable} to an http:// proxy, or NO_PROXY to {origin.host!r}",
            )
        try:
            has_host = bool(parse_url(proxy).host)
        except (failures.LocationParseError, ValueError):
            has_host = False
        if not has_host or any(character.isspace() for character in proxy):
            raise UsageError(  # not quoted: it may contain a password
                f"{variable} is not the address of a proxy",
                hint=f"it looks like http://HOST:PORT or http://NAME:PASSWORD@HOST:PORT; unset {variable} for none",
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
    """A transport over the network. It keeps connections open between requests, and `recorder` records each of them.

    `read_timeout_s` is the longest wait for a response to begin, and for its next bytes. A request may take that
    long, and in addition its size divided by LEAST_BYTES_PER_S; so may the response.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        proxies: Proxies,
        recorder: Recorder,
        read_timeout_s: float,
        trust: Trust | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._user_agent = user_agent
        self._proxies = proxies
        self._recorder = recorder
        self._trust = trust or Trust()
        self._timeout = urllib3.Timeout(connect=min(CONNECT_TIMEOUT_S, read_timeout_s), read=read_timeout_s)
        self._patience_s = read_timeout_s
        self._clock = clock
        self._now = now
        self._pools: dict[tuple[str | None, bool], urllib3.PoolManager] = {}

    def send(self, request: Request) -> Response:
        """Send the request once; see Transport."""
        way = self._find_way(request)
        limit_s = CONNECT_TIMEOUT_S + self._patience_s + len(request.body or b"") / LEAST_BYTES_PER_S
        with self._exchange(request, way, limit_s, _too_slow) as (opened, exchange, deadline):
            response = self._read(opened, request, way.origin, deadline)
            exchange.status, exchange.received_bytes = response.status, len(response.body)
            return response

    @contextmanager
    def stream(self, request: Request, *, longest_s: float) -> Iterator[StreamedResponse]:
        """Send the request once and yield its response, with any status, to be read while it arrives.

        The exchange takes at most `longest_s` and ends with the block; the unread rest of the body is dropped. Errors
        are those of `send`; reading raises them too.
        """
        way = self._find_way(request)
        with self._exchange(request, way, longest_s, too_late) as (opened, exchange, deadline):
            exchange.status = opened.status
            try:
                yield StreamedResponse(opened, exchange, way.origin, request.response_bytes, deadline)
            finally:
                opened.close()  # not reused: the connection may hold an unread rest

    @contextmanager
    def _exchange(
        self, request: Request, way: "_Way", limit_s: float, late: Callable[[str], NoResponseError]
    ) -> Iterator[tuple[urllib3.BaseHTTPResponse, Exchange, Deadline]]:
        """Record and send a request, and yield its response as soon as it begins.

        Sending, and reading within the block, share one deadline; past it, raise the error that `late` returns.
        """
        with recorded(self._recorder, way.departure) as exchange:
            deadline = Deadline(limit_s, self._clock)
            try:
                yield self._open(request, way, exchange, deadline), exchange, deadline
            except failures.HTTPError as exc:
                raise (late(way.origin) if deadline.is_over else self._explained(exc, request, way)) from exc
            finally:
                deadline.close()

    def _find_way(self, request: Request) -> "_Way":
        """Return how a request leaves. Raise OfflineError before anything is looked up if nothing may leave."""
        target = parse_url(request.url)
        # The query of a presigned URL is a credential, so errors name the origin only.
        origin = f"{target.scheme}://{target.netloc}"
        if self._recorder.is_offline:
            raise OfflineError(origin)
        proxy = self._proxies.choose(Origin.parse(origin, allow_http=True))
        pool = self._pool(proxy, uses_tls=origin.startswith("https:") or (proxy or "").startswith("https:"))
        through = _without_credentials(proxy) or ""
        departure = Departure(
            origin,
            through,
            request.kind,
            request.method,
            request.body or b"",
            request.pieces,
            request.events,
        )
        return _Way(pool, self._closest(request, origin, target), departure)

    def _open(
        self, request: Request, way: "_Way", exchange: Exchange, deadline: Deadline
    ) -> urllib3.BaseHTTPResponse:
        """Send a request and return its response as soon as it begins. Raise UnreachableError for a redirect."""
        guard = Guard(deadline, exchange, way.most, partial(_too_close, request, way.origin))
        with guarded(guard):
            response = way.pool.request(
                request.method,
                request.url,
                body=request.body,
                headers={"User-Agent": self._user_agent, **request.headers},
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=False,
            )
        if 300 <= response.status < 400:
            response.close()
            raise _redirected(way.origin, response.headers.get("location", ""), request.server)
        return response

    def _explained(self, exc: failures.HTTPError, request: Request, way: "_Way") -> UnreachableError:
        return explain(exc, way.origin, way.departure.through or None, self._now(), request.server)

    def close(self) -> None:
        """Close the idle connections."""
        for pool in self._pools.values():
            pool.clear()

    def _closest(self, request: Request, origin: str, target: Url) -> Reach | None:
        """Return the closest reach that the connections of a request may have; None for any.

        Raise RefusedError if the URL itself contains an address that is closer: a proxy would dial it for us.
        """
        if request.named_by is None:
            return None
        most = self._reach(request.named_by)
        literal = numeric_address((target.host or "").strip("[]"))
        if literal and (reach := reach_of(literal)) > most:
            raise _too_close(request, origin, reach)
        return most

    def _reach(self, origin: Origin) -> Reach:
        """Return the farthest reach of a server's addresses; PUBLIC if only a proxy can resolve its name."""
        try:
            return min(map(reach_of, addresses_of(origin.host, origin.port)), default=Reach.PUBLIC)
        except (OSError, UnicodeError):
            return Reach.PUBLIC

    def _pool(self, proxy: str | None, *, uses_tls: bool) -> urllib3.PoolManager:
        key = proxy, uses_tls
        if key not in self._pools:
            self._pools[key] = self._open_pool(proxy, tls_context(self._trust) if uses_tls else None)
        return self._pools[key]

    def _open_pool(self, proxy: str | None, context: "SSLContext | None") -> urllib3.PoolManager:
        pool: urllib3.PoolManager
        if proxy is None:
            pool = urllib3.PoolManager(maxsize=CONNECTIONS, timeout=self._timeout, ssl_context=context)
        else:
            address = parse_url(proxy)
            pool = urllib3.ProxyManager(
                address._replace(auth=None).url,
                maxsize=CONNECTIONS,
                timeout=self._timeout,
                ssl_context=context,
                proxy_headers=make_headers(proxy_basic_auth=address.auth) if address.auth else None,
            )
        pool.pool_classes_by_scheme = POOLS
        return pool

    def _read(
        self, response: urllib3.BaseHTTPResponse, request: Request, origin: str, deadline: Deadline
    ) -> Response:
        """Read a response to its end, within the request's limit and the deadline."""
        body, begun = bytearray(), self._clock()
        # urllib3 notices a truncated response only on a read at its end, so read until nothing is left.
        while chunk := response.read1(min(READ_BYTES, request.response_bytes + 1 - len(body))):
            body += chunk
            if len(body) > request.response_bytes:
                response.close()
                raise UnreachableError(
                    f"the response from {origin!r} exceeds the limit of {request.response_bytes} bytes",
                    hint="check the cloud's address: satchel status",
                )
            spent_s = self._clock() - begun
            deadline.move(self._patience_s + len(body) / LEAST_BYTES_PER_S - spent_s)
        if deadline.is_over:  # a body without a length ends where it was cut
            raise _too_slow(origin)
        response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Response(response.status, headers, bytes(body))


@dataclass(frozen=True, slots=True)
class _Way:
    """How a request leaves: over which pool, to addresses no closer than `most`, and what is recorded of it."""

    pool: urllib3.PoolManager
    most: Reach | None
    departure: Departure

    @property
    def origin(self) -> str:
        return self.departure.origin


def _too_close(request: Request, origin: str, reach: Reach) -> RefusedError:
    return RefusedError(
        f"the server at {str(request.named_by)!r} names {origin!r}, which is {reach.place}",
        hint="nothing was sent there; for uploads, the cloud's operator must set SATCHEL_S3_PUBLIC_ENDPOINT "
        "to the address of the storage for clients",
    )


def _too_slow(origin: str) -> NoResponseError:
    return NoResponseError(
        f"the server at {origin!r} takes too long: it transfers less than {LEAST_BYTES_PER_S} bytes per second",
        hint="check the network, then try again",
        was_sent=True,
    )


def _redirected(origin: str, location: str, server: str) -> UnreachableError:
    """Return the error for a redirect. A sign-in page of a network and a moved cloud look the same."""
    target = location.split("#", maxsplit=1)[0].split("?", maxsplit=1)[0][:MAX_QUOTED_CHARS]
    if target.startswith(origin.replace("http://", "https://", 1)) and origin.startswith("http://"):
        hint = "use https:// instead of http://"
    else:
        hint = (
            f"use the {server}'s own address; in a hotel or café, sign in to the network in a browser first"
        )
    return UnreachableError(f"the server at {origin!r} redirects to {target!r}", hint=hint)


def _without_credentials(proxy: str | None) -> str | None:
    return None if proxy is None else parse_url(proxy)._replace(auth=None).url
