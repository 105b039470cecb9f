"""Where a cloud is: its origin, held to TLS unless it is this very computer or the owner insists."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final, Self

from satchel.errors import UsageError

_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.\-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
)
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Origin:
    """A scheme, a host and a port, as in RFC 6454; `str()` leaves a default port out."""

    scheme: str
    host: str
    port: int

    @classmethod
    def parse(cls, text: str, *, allow_http: bool = False) -> Self:
        """Read an origin; a slash at its end is fine, anything else behind it is not.

        Plain HTTP is taken for this computer's own addresses only, unless `allow_http`. UsageError says why not.
        """
        found = _ORIGIN.fullmatch(_lower_host(text.removesuffix("/")))
        if found is None or not 0 < int(found["port"] or 1) < 1 << 16:
            raise UsageError(
                "this is not the address of a cloud", hint="an address looks like https://cloud.example.com"
            )
        origin = cls(
            found["scheme"], found["host"].strip("[]"), int(found["port"] or _PORTS[found["scheme"]])
        )
        if origin.scheme == "http" and not (allow_http or origin.is_loopback):
            raise UsageError(
                f"the address {str(origin)!r} has no encryption on the way",
                hint="use https://, or --allow-http where you trust every network in between",
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
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def _lower_host(text: str) -> str:
    """Lower the letters of a scheme and host; refuse to touch what has more parts than these."""
    return text.lower() if text.count("/") == 2 else text
