"""The origin of a cloud. Plain HTTP is refused unless it stays on this computer or the owner allows it."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, Self

from satchel.errors import UsageError

_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9_](?:[a-z0-9._\-]*[a-z0-9_])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
)
_DEFAULT_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, host and port (RFC 6454). `str()` omits a default port."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str, *, allow_http: bool = False, of: str = "a cloud") -> Self:
        """Parse an origin; one trailing slash is allowed.

        Plain HTTP is accepted for loopback addresses only, unless `allow_http` is set. Raise UsageError with the
        reason otherwise; it names what the text should be the address `of`.
        """
        match = _ORIGIN.fullmatch(_lower_host(text.removesuffix("/")))
        if match is None or not 0 < int(match["port"] or 1) < 1 << 16:
            raise UsageError(
                f"this is not the address of {of}", hint="an address looks like https://cloud.example.com"
            )
        port = int(match["port"] or _DEFAULT_PORTS[match["scheme"]])
        origin = cls(match["scheme"], match["host"].strip("[]"), port)
        if origin.scheme == "http" and not (allow_http or origin.is_loopback):
            raise UsageError(
                f"connections to {str(origin)!r} are not encrypted",
                hint="use https://, or --allow-http if you trust every network in between",
            )
        return origin

    @property
    def is_loopback(self) -> bool:
        """Whether requests to it never leave this computer."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"  # some resolvers send its subdomains elsewhere

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def _lower_host(text: str) -> str:
    """Lowercase a bare origin. Text with a path stays as it is, and is refused later."""
    return text.lower() if text.count("/") == 2 else text
