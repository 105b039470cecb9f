"""Where an endpoint is: the base of its URLs, the names of well-known ones, and Azure's forms.

parse_address("ollama")                       # http://localhost:11434/v1
parse_address("https://api.openai.com")       # …/v1
parse_address("https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21")
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import parse_qsl, urlsplit

from satchel.errors import UsageError
from satchel.outgoing.address import Origin

Protocol = Literal["openai", "anthropic"]
PROTOCOLS: Final[tuple[Protocol, ...]] = get_args(Protocol)
MAX_URL_CHARS: Final = 1_000
API_VERSION: Final = "api-version"

_PATH: Final = re.compile(r"(?:/[A-Za-z0-9._~%+\-]+)*")
_VERSION: Final = re.compile(r"[A-Za-z0-9.\-]{1,40}")
# The last parts of URLs that people copy from examples. The longest comes first.
_OPERATIONS: Final = ("/chat/completions", "/messages", "/models")
_AZURE_HOSTS: Final = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_DEPLOYMENT: Final = re.compile(r".*/openai/deployments/(?P<name>[^/]+)")


@dataclass(frozen=True, slots=True)
class WellKnown:
    """An endpoint with a name: its protocol, and where it usually is."""

    protocol: Protocol
    url: str


# The addresses are those of the programs' and vendors' documentation.
WELL_KNOWN: Final[dict[str, WellKnown]] = {
    "ollama": WellKnown("openai", "http://localhost:11434/v1"),
    "llama.cpp": WellKnown("openai", "http://localhost:8080/v1"),
    "lm-studio": WellKnown("openai", "http://localhost:1234/v1"),
    "vllm": WellKnown("openai", "http://localhost:8000/v1"),
    "openai": WellKnown("openai", "https://api.openai.com/v1"),
    "anthropic": WellKnown("anthropic", "https://api.anthropic.com/v1"),
}


@dataclass(frozen=True, slots=True)
class Address:
    """The base of an endpoint's URLs, without a query. `api_version` is what Azure wants in it; empty elsewhere."""

    name: str
    protocol: Protocol
    origin: Origin
    path: str
    api_version: str = ""

    @property
    def url(self) -> str:
        """The base as a URL, without a slash at its end."""
        return f"{self.origin}{self.path}"

    @property
    def is_azure(self) -> bool:
        """Whether Azure's rules hold: its header for the key, and its query."""
        return is_azure(self.origin.host, self.path)

    @property
    def deployment(self) -> str:
        """The name of the deployment that the path contains, which stands for the model; empty without."""
        found = _DEPLOYMENT.fullmatch(self.path)
        return found["name"] if found else ""


def parse_address(
    text: str, protocol: Protocol | None = None, *, api_version: str = "", allow_http: bool = False
) -> Address:
    """Parse a URL, or the name of a well-known endpoint. Raise UsageError with the reason.

    Plain HTTP is accepted for this computer only, unless `allow_http` is set.
    """
    known = WELL_KNOWN.get(text.lower())
    if known is not None:
        return _parse_url(text.lower(), known.url, protocol or known.protocol, api_version, allow_http=True)
    return _parse_url("", text, protocol, api_version, allow_http=allow_http)


def is_azure(host: str, path: str) -> bool:
    """Whether a host or a path is one of Azure's."""
    return host.endswith(_AZURE_HOSTS) or _DEPLOYMENT.fullmatch(path) is not None


def _parse_url(
    name: str, url: str, protocol: Protocol | None, api_version: str, *, allow_http: bool
) -> Address:
    if len(url) > MAX_URL_CHARS or not url.isascii() or not url.lower().startswith(("http://", "https://")):
        raise _no_address()
    try:
        parts = urlsplit(url)
        has_password = parts.username is not None or parts.password is not None
    except ValueError:
        raise _no_address() from None
    if has_password:
        raise UsageError(
            "the address of an endpoint must not contain a name or a password",
            hint="give the key with --key-from, or type it when you are asked",
        )
    version = api_version or _version_in(parts.query)
    if version and not _VERSION.fullmatch(version):
        raise UsageError("this is not an api-version", hint="it looks like 2024-10-21 or preview")
    if parts.fragment or not _PATH.fullmatch(parts.path.rstrip("/")):
        raise _no_address()
    origin = _origin(f"{parts.scheme}://{parts.netloc}", allow_http=allow_http)
    path = _base(parts.path.rstrip("/"), origin.host)
    address = Address(name or origin.host, protocol or _usual_protocol(origin.host), origin, path, version)
    if address.deployment and not version:
        raise UsageError(
            "an address of a deployment needs a version of the API",
            hint="add --api-version 2024-10-21, or use https://NAME.openai.azure.com/openai/v1",
        )
    return address


def _version_in(query: str) -> str:
    """Return the version in a query. Raise UsageError for anything else there, which might be a credential."""
    values = parse_qsl(query, keep_blank_values=True)
    if any(key != API_VERSION for key, _ in values) or len(values) > 1:
        raise UsageError(
            "the address of an endpoint may have no query except api-version",
            hint="give the key with --key-from, or type it when you are asked",
        )
    return values[0][1] if values else ""


def _origin(text: str, *, allow_http: bool) -> Origin:
    try:
        return Origin.parse(text, allow_http=allow_http)
    except UsageError as exc:
        if exc.message.startswith("connections to"):
            raise
        raise _no_address() from exc


def _base(path: str, host: str) -> str:
    """Return the base of a path: without an operation, and with the usual version where there is no path."""
    for operation in _OPERATIONS:
        path = path.removesuffix(operation)
    if path:
        return path
    return "/openai/v1" if host.endswith(_AZURE_HOSTS) else "/v1"


def _usual_protocol(host: str) -> Protocol:
    return "anthropic" if host.endswith("anthropic.com") else "openai"


def _no_address() -> UsageError:
    return UsageError(
        "this is not the address of an endpoint",
        hint=f"it looks like https://host.example.com/v1, or is one of: {', '.join(WELL_KNOWN)}",
    )
