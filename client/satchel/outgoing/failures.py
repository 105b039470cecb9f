"""Names the cause of a request that got no answer: the network, a proxy, TLS, a certificate, or the clock."""

import errno
import http.client
import socket
import ssl
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TypeVar

import urllib3.exceptions as failures

from satchel.errors import UnreachableError

T = TypeVar("T", bound=BaseException)

# Codes of OpenSSL: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
_NOT_YET_VALID: Final = 9
_EXPIRED: Final = 10
_SELF_SIGNED: Final = 18
_SELF_SIGNED_AUTHORITY: Final = 19
_WRONG_HOST: Final = frozenset({62, 64})
_NOT_TLS: Final = frozenset({
    "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG",
})  # fmt: skip
_TLS_RECORDS: Final = ("\x15\x03", "\x16\x03")  # an alert or a handshake, where a status line should be
_UNREACHABLE: Final = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN})
_MAX_QUOTED: Final = 100


class NoResponseError(UnreachableError):
    """No complete response arrived. `was_sent` is False only if the request certainly did not arrive."""

    def __init__(self, message: str, *, hint: str, was_sent: bool) -> None:
        super().__init__(message, hint=hint)
        self.was_sent = was_sent


class OfflineError(UnreachableError):
    """The owner forbids that anything leaves this device. Nothing was looked up, recorded or sent."""

    def __init__(self, origin: str) -> None:
        super().__init__(
            f"nothing was sent to {origin!r}: satchel is offline",
            hint="leave out --offline, unset SATCHEL_OFFLINE, or run satchel settings set offline off",
        )


def explain(
    exc: failures.HTTPError, origin: str, proxy: str | None, now: datetime, server: str = "cloud"
) -> UnreachableError:
    """Return the error that names the cause. `proxy` is its address without credentials, `server` what is there."""
    causes = list(_causes(exc))
    if isinstance(exc, failures.LocationParseError):
        return UnreachableError(f"{origin!r} has no valid host name", hint="check the address")
    if isinstance(exc, failures.ProxyError) and proxy is not None:
        return _proxy_failure(causes, origin, proxy, now)
    tls = _first(causes, ssl.SSLError)
    if tls is not None:
        return _tls_failure(tls, repr(origin), now)
    if isinstance(exc, failures.NewConnectionError | failures.ConnectTimeoutError):
        return _no_connection(causes, f"the {server} at {origin!r}", server)
    return _no_answer(causes, origin)


def _causes(error: object) -> Iterator[BaseException]:
    """Yield an error and all errors inside it, each once."""
    left, seen = [error], set[int]()
    while left:
        current = left.pop(0)
        if not isinstance(current, BaseException) or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (getattr(current, "original_error", None), getattr(current, "reason", None))
        left += [*current.args, *inner, current.__cause__, current.__context__]


def _first(causes: list[BaseException], kind: type[T]) -> T | None:
    return next((each for each in causes if isinstance(each, kind)), None)


def _no_connection(causes: list[BaseException], what: str, server: str = "cloud") -> NoResponseError:
    system = _first(causes, OSError)
    if isinstance(system, socket.gaierror):
        return NoResponseError(
            f"cannot connect to {what}: its host name cannot be resolved",
            hint="check the address, and the network's name server",
            was_sent=False,
        )
    if isinstance(system, ConnectionRefusedError):
        reason, hint = (
            "nothing listens on this port",
            f"check the address and the port; the {server} may be stopped",
        )
    elif system is not None and system.errno in _UNREACHABLE:
        reason, hint = "the network is unreachable", "check this device's network connection"
    elif isinstance(system, TimeoutError) or _first(causes, failures.ConnectTimeoutError):
        reason, hint = (
            "it does not respond",
            "check the address and the network; a firewall may be in between",
        )
    else:
        reason = (system.strerror or "unknown").lower() if system is not None else "unknown"
        hint = "check the network and the address, then try again"
    return NoResponseError(f"cannot connect to {what}: {reason}", hint=hint, was_sent=False)


def _no_answer(causes: list[BaseException], origin: str) -> UnreachableError:
    status_line = _first(causes, http.client.BadStatusLine)
    if status_line is not None and str(status_line.args[0]).startswith(_TLS_RECORDS):
        return UnreachableError(
            f"the server at {origin!r} expects TLS", hint="use https:// instead of http://"
        )
    if _first(causes, failures.ReadTimeoutError):
        reason, hint = "did not respond in time", "try again in a moment"
    elif _first(causes, http.client.RemoteDisconnected):
        reason, hint = (
            "closed the connection and sent no complete response",
            "check the address, then try again",
        )
    elif status_line is not None:
        reason, hint = "does not speak HTTP: it sent no complete response", "check the address and the port"
    else:
        reason, hint = "sent no complete response", "check the network, then try again"
    return NoResponseError(f"the server at {origin!r} {reason}", hint=hint, was_sent=True)


def _proxy_failure(causes: list[BaseException], origin: str, proxy: str, now: datetime) -> UnreachableError:
    tls = _first(causes, ssl.SSLError)
    if tls is not None:
        return _tls_failure(tls, f"the proxy {proxy!r}", now)
    tunnel = next((str(each) for each in causes if str(each).startswith("Tunnel connection failed")), None)
    if tunnel is None:
        error = _no_connection(causes, f"the proxy {proxy!r}")
        error.hint = "check HTTPS_PROXY and NO_PROXY; a proxy may need a VPN or its own network"
        return error
    status = " ".join(tunnel.partition(":")[2].split())[:_MAX_QUOTED]
    hint = "check HTTPS_PROXY and NO_PROXY"
    if status.startswith("407"):
        hint = "give the proxy a name and password: HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT"
    elif status.startswith("403"):
        hint = "its operator allows no connections to this host or port; NO_PROXY connects without it"
    return NoResponseError(
        f"the proxy {proxy!r} refuses connections to {origin!r}: {status}", hint=hint, was_sent=False
    )


def _tls_failure(exc: ssl.SSLError, what: str, now: datetime) -> UnreachableError:
    if isinstance(exc, ssl.SSLCertVerificationError):
        return _certificate_failure(exc, what, now)
    reason = (exc.reason or str(exc.args[-1] if exc.args else "unknown"))[:_MAX_QUOTED]
    if reason in _NOT_TLS or "record layer failure" in str(exc).lower():
        return UnreachableError(
            f"{what} does not speak TLS on this port",
            hint="check the port; a cloud without TLS has an http:// address and needs --allow-http",
        )
    readable = reason.lower().replace("_", " ")
    return UnreachableError(
        f"the TLS handshake with {what} failed: {readable}",
        hint="the server needs TLS 1.2 or newer; a firewall or proxy may be in between",
    )


def _certificate_failure(exc: ssl.SSLCertVerificationError, what: str, now: datetime) -> UnreachableError:
    today = f"{now:%Y-%m-%d %H:%M} UTC"
    code = exc.verify_code
    if code == _NOT_YET_VALID:
        return UnreachableError(
            f"the certificate of {what} is not valid yet: the clock of this device says {today}",
            hint="the clock is probably behind; set it, then try again",
        )
    if code == _EXPIRED:
        return UnreachableError(
            f"the certificate of {what} has expired",
            hint=f"its operator must renew it, unless this device's clock is wrong: it says {today}",
        )
    if code in _WRONG_HOST:
        return UnreachableError(
            f"the certificate of {what} is for another host",
            hint="check the address; in a hotel or café, sign in to the network first",
        )
    if code == _SELF_SIGNED:
        return UnreachableError(
            f"the certificate of {what} is self-signed, so it is not trusted",
            hint="if it is yours, set SSL_CERT_FILE to a file that contains it",
        )
    if code == _SELF_SIGNED_AUTHORITY:
        return UnreachableError(
            f"the certificate of {what} is not trusted: an authority unknown to this device issued it",
            hint="if it is your own, or a proxy that inspects TLS, set SSL_CERT_FILE to its certificate",
        )
    reason = " ".join((exc.verify_message or "unknown").split())[:_MAX_QUOTED]
    return UnreachableError(
        f"the certificate of {what} is not trusted: {reason}",
        hint="its operator may have left out the intermediate certificate; for your own authority, set SSL_CERT_FILE",
    )
