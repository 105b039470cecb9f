"""What the clients of a cloud and of a provisioner share: sending messages, decoding answers, and the public operations.

Error responses become exceptions (`problems`), and answers of anything else an UnreachableError (`foreign_answers`).
"""

import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import msgspec

from satchel.cloud.clocks import clock_offset, clock_warning
from satchel.cloud.foreign_answers import foreign_answer
from satchel.cloud.problems import REACTIONS, refusal
from satchel.errors import NotFoundError, UnreachableError, UsageError
from satchel.outgoing.address import Origin
from satchel.outgoing.transport import RESPONSE_BYTES, Request, Response, Transport
from satchel_wire import routes
from satchel_wire.messages import Capabilities, Message, SignInInfo, SignInNonce

T = TypeVar("T")
JSON: Final = "application/json"


class ApiClient:
    """Sends messages to one origin. Safe to use from several threads.

    `named_by` is the server that named the origin, if it is not the owner's own choice; then no address is dialled that
    reaches closer than that server's.
    """

    reactions = REACTIONS
    """What the server's problems mean."""

    def __init__(
        self,
        origin: Origin,
        transport: Transport,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        named_by: Origin | None = None,
    ) -> None:
        self.origin = origin
        self.clock_offset: timedelta | None = None
        """How far this device's clock was ahead of the server's at the last answer; None before."""
        self._transport = transport
        self._now = now
        self._named_by = named_by
        self._capability_names: frozenset[str] | None = None
        self._lock = threading.Lock()

    def capability_names(self) -> frozenset[str]:
        """Return the names of what the server supports; none for a cloud of the first version. Asks at most once."""
        with self._lock:
            if self._capability_names is None:
                self._capability_names = self._ask_for_capabilities()
            return self._capability_names

    def _ask_for_capabilities(self) -> frozenset[str]:
        try:
            answer = self._ask("GET", routes.CAPABILITIES, Capabilities, is_signed=False)
        except NotFoundError:
            return frozenset()
        return frozenset(answer.capabilities)

    def sign_in_info(self) -> SignInInfo | None:
        """Return where the owner signs in, or None if there is no issuer or the cloud is an earlier one."""
        try:
            return self._ask("GET", routes.SIGN_IN, SignInInfo, is_signed=False)
        except NotFoundError:
            return None

    def sign_in_nonce(self) -> SignInNonce:
        """Return a nonce for one sign-in."""
        return self._ask("POST", routes.SIGN_IN_NONCE, SignInNonce, is_signed=False)

    def _ask(
        self,
        method: str,
        path: str,
        response_type: type[T],
        message: Message | None = None,
        *,
        is_repeatable: bool = True,
        is_signed: bool = True,
        response_bytes: int = RESPONSE_BYTES,
    ) -> T:
        """Send a message and decode the response."""
        headers = {**(self._signed() if is_signed else {}), **({"Content-Type": JSON} if message else {})}
        body = None if message is None else msgspec.json.encode(message)
        url = f"{self.origin}{path}"
        response = self._send(
            Request(
                method,
                url,
                body,
                headers,
                response_bytes,
                is_repeatable=is_repeatable,
                named_by=self._named_by,
            )
        )
        return self._decode(response, response_type)

    def _signed(self) -> dict[str, str]:
        """Return the headers that say who asks; none."""
        return {}

    def _check_text(self, text: str, form: re.Pattern[str], what: str) -> None:
        """Raise UnreachableError if a text from the server has the wrong form."""
        if form.fullmatch(text) is None:
            raise UnreachableError(
                f"the cloud at {str(self.origin)!r} sent {what} with characters that are not allowed",
                hint="check the address, and update satchel and the cloud",
            )

    def _decode(self, response: Response, response_type: type[T]) -> T:
        try:
            return msgspec.json.decode(response.body, type=response_type)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
            raise foreign_answer(response, origin=str(self.origin)) from exc

    def _send(self, request: Request) -> Response:
        response = self._transport.send(request)
        self.clock_offset = clock_offset(response.headers.get("date", ""), self._now())
        if response.status < 400:
            return response
        sent_bytes = len(request.body or b"")
        error = refusal(
            response, origin=origin_of(request.url), sent_bytes=sent_bytes, reactions=self.reactions
        )
        if isinstance(error, UsageError) and (warning := clock_warning(self.clock_offset)):
            error.hint = f"{warning}: set it, then try again"
        raise error


def origin_of(url: str) -> str:
    """Return the scheme and host of a URL, to be quoted or parsed."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"
