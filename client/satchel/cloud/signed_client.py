"""A client with a device's token: how the operations of `client` ask one cloud, and read its lists page by page.

Clouds are updated at any time, so a client sends new fields only to a cloud that lists their capability; the list is
fetched once, when it is first needed. Lists are bounded, and an answer about another object is an error.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec

from satchel.cloud.api_client import JSON, ApiClient, origin_of
from satchel.cloud.problems import WrongCodeError
from satchel.errors import IntegrityError, RefusedError, SatchelError, UnreachableError, UsageError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import Request, Response, Transport
from satchel_wire import capabilities
from satchel_wire.capabilities import Capability
from satchel_wire.messages import Message

T = TypeVar("T")
MAX_LISTED: Final = 50_000  # a cloud of 10,000 shares is a large one
MAX_LISTED_BYTES: Final = 32 << 20
MAX_QUOTED_CHARS: Final = 200


class Identified(Protocol):
    """A listed object."""

    @property
    def id(self) -> str:
        """Its id, unique in its list."""
        ...


Named = TypeVar("Named", bound=Identified)


class DeviceToken:
    """The credential of this device. Its repr hides it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the token, for a request header or the vault."""
        return self._value

    def __repr__(self) -> str:
        return "DeviceToken(hidden)"


class SignedClient(ApiClient):
    """Asks one cloud with a device's token, if it has one. Safe to use from several threads."""

    def __init__(
        self,
        origin: Origin,
        transport: Transport,
        *,
        token: DeviceToken | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        named_by: Origin | None = None,
    ) -> None:
        super().__init__(origin, transport, now=now, named_by=named_by)
        self._token = token

    def capabilities(self) -> frozenset[Capability]:
        """Return what the cloud supports beyond the first version of the protocol. Asks at most once."""
        return capabilities.parse_names(self.capability_names())

    def supports(self, capability: Capability) -> bool:
        """Return whether the cloud has a capability."""
        return capability in self.capabilities()

    def require(self, capability: Capability, feature: str) -> None:
        """Raise SatchelError if the cloud lacks a capability. `feature` names what needs it."""
        if not self.supports(capability):
            raise SatchelError(
                f"the cloud at {str(self.origin)!r} is too old for {feature}",
                hint="update the cloud's satchel-service, then try again",
            )

    def _ask_about(
        self,
        object_id: str,
        method: str,
        route: str,
        response_type: type[Named],
        message: Message | None = None,
        *,
        is_repeatable: bool = True,
    ) -> Named:
        """Ask about one object. Raise IntegrityError if the response is about another one."""
        path = route.format(id=object_id)
        answer = self._ask(method, path, response_type, message, is_repeatable=is_repeatable)
        if answer.id != object_id:
            raise IntegrityError(
                f"the cloud answered about {answer.id!r} when asked about {object_id!r}",
                hint="check for a caching proxy between this device and the cloud, then try again",
            )
        return answer

    def _read_pages(
        self,
        path: str,
        page_type: type[T],
        items_of: Callable[[T], Sequence[Named]],
        next_of: Callable[[T], str | None],
    ) -> tuple[Named, ...]:
        """Return the items of all pages of a list. Each page must bring new ones, and their sum is bounded."""
        found: list[Named] = []
        cursor: str | None = None
        spent = 0
        while True:
            response = self._read_page(path, cursor)
            page = self._decode(response, page_type)
            spent += len(response.body)
            found += items_of(page)
            previous, cursor = cursor, next_of(page)
            self._listed(found)
            if cursor is None:
                return tuple(found)
            if not items_of(page) or cursor == previous or spent > MAX_LISTED_BYTES:
                raise self._endless()

    def _read_page(self, path: str, cursor: str | None) -> Response:
        """Return one page. Raise UnreachableError if the cloud does not know a cursor that it has sent itself."""
        query = "" if cursor is None else f"?{urlencode({'after': cursor})}"
        try:
            return self._send(Request("GET", self._locate(f"{path}{query}"), headers=self._signed()))
        except UsageError as exc:
            raise UnreachableError(exc.message, hint=exc.hint) from exc

    def _listed(self, items: Sequence[Named]) -> tuple[Named, ...]:
        """Return the items of a list, which must have different ids and a reasonable number."""
        if len(items) > MAX_LISTED or len({item.id for item in items}) != len(items):
            raise self._endless()
        return tuple(items)

    def _endless(self) -> UnreachableError:
        return UnreachableError(
            f"the cloud at {str(self.origin)!r} sends a list that repeats itself or exceeds {MAX_LISTED:,} entries",
            hint="check the address, and update satchel and the cloud",
        )

    def _call(self, method: str, path: str) -> None:
        """Send a request whose response has no body."""
        self._send(Request(method, self._locate(path), headers=self._signed()))

    def _tell_operators(self, path: str, message: Message) -> Response:
        """Send a message with a code of the operator, once. Raise WrongCodeError, changing nothing, if it is not one."""
        headers = {**self._signed(), "Content-Type": JSON}
        body = msgspec.json.encode(message)
        try:
            return self._send(Request("POST", self._locate(path), body, headers, is_repeatable=False))
        except WrongCodeError as exc:
            raise WrongCodeError(
                exc.message, hint="make a new one on the cloud's server: satchel-service pair"
            ) from exc

    def _locate(self, path_or_url: str) -> str:
        """Return the absolute URL of a path. Return a storage URL from the cloud as it is, after checking it.

        A storage URL must use TLS if the cloud does. It must not point to loopback unless the cloud does, because
        other local programs listen there.
        """
        if not is_absolute(path_or_url):
            return f"{self.origin}{path_or_url}"
        try:
            storage = Origin.parse(origin_of(path_or_url), allow_http=self.origin.scheme == "http")
        except UsageError as exc:
            raise RefusedError(
                f"the cloud sends uploads to {origin_of(path_or_url)[:MAX_QUOTED_CHARS]!r}, "
                "which is not an https:// address",
                hint="set SATCHEL_S3_PUBLIC_ENDPOINT on the cloud to the address of its storage for clients",
            ) from exc
        if storage.is_loopback and not self.origin.is_loopback:
            raise RefusedError(
                f"the cloud sends uploads to {str(storage)!r}, which is this computer",
                hint="set SATCHEL_S3_PUBLIC_ENDPOINT on the cloud to the address of its storage for clients",
            )
        return path_or_url

    def _signed(self) -> dict[str, str]:
        """Return the token, and the capabilities whose fields this client understands in responses."""
        if not self._token:
            return {}
        return {
            "Authorization": f"Bearer {self._token.reveal()}",
            capabilities.HEADER: capabilities.format_header(capabilities.ALL),
        }


def is_absolute(url: str) -> bool:
    """Return whether a cloud names a storage address instead of a path of its own."""
    return not url.startswith("/")
