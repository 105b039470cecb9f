"""Which proxy a request takes, by the usual environment variables; the entry point reads them and passes them in.

HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, in small or capital letters, small ones first (as curl reads them,
but for `HTTP_PROXY` in capitals, which only matters to programs that a web server starts).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from satchel.errors import UsageError

if TYPE_CHECKING:
    from satchel.cloud.address import Origin

VARIABLES: Final = ("https_proxy", "http_proxy", "all_proxy", "no_proxy")


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies of this process: by scheme, and the hosts that are reached without."""

    https: str = ""
    http: str = ""
    exempt: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls, variables: Mapping[str, str]) -> Self:
        """Read the standard variables; an empty one counts as not set."""
        values = {name: variables.get(name) or variables.get(name.upper()) or "" for name in VARIABLES}
        exempt = (
            entry.strip().lower().removeprefix("*").removeprefix(".")
            for entry in values["no_proxy"].split(",")
        )
        return cls(
            https=values["https_proxy"] or values["all_proxy"],
            http=values["http_proxy"] or values["all_proxy"],
            exempt=("",) if values["no_proxy"].strip() == "*" else tuple(entry for entry in exempt if entry),
        )

    def choose(self, origin: "Origin") -> str | None:
        """Return the proxy's URL for this origin, or None. This computer's own addresses never take one."""
        proxy = self.https if origin.scheme == "https" else self.http
        if not proxy or origin.is_loopback or any(_covers(entry, origin.host) for entry in self.exempt):
            return None
        if "://" not in proxy:
            proxy = f"http://{proxy}"
        if not proxy.startswith(("http://", "https://")):
            raise UsageError(
                f"the proxy for {str(origin)!r} is of a kind that satchel does not speak",
                hint="set HTTPS_PROXY to an http:// proxy, or NO_PROXY to the cloud's host",
            )
        return proxy


def _covers(entry: str, host: str) -> bool:
    """Whether an entry of NO_PROXY names this host or a domain above it; the empty entry names all."""
    return not entry or host == entry or host.endswith(f".{entry}")
