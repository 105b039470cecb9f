"""Questions to the model at the endpoint: one request, one streamed answer, both recorded in the ledger."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from satchel.endpoints.answers import (
    MAX_ANSWER_CHARS,
    Answer,
    Dialect,
    ErrorEventError,
    IncompleteAnswerError,
    Prompt,
)
from satchel.endpoints.anthropic import Anthropic
from satchel.endpoints.endpoint import Endpoint
from satchel.endpoints.event_stream import BadStreamError, read_events
from satchel.endpoints.failures import ERROR_BYTES, Asked, Told, explain, read_told, said
from satchel.endpoints.openai import OpenAi
from satchel.errors import SatchelError, UnreachableError
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.transport import Request

if TYPE_CHECKING:
    from satchel.outgoing.streaming import StreamedResponse
    from satchel.outgoing.transport import HttpTransport

ANSWER_BYTES: Final = 32 << 20
"""Of a whole stream: vendors wrap each word in some hundred bytes."""
LIST_BYTES: Final = 4 << 20
MAX_PAGES: Final = 10
_EVENTS: Final = "text/event-stream"
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an answer may take: until it begins and between its parts, and in all."""

    wait_s: float
    longest_s: float


# A model on a laptop is loaded first, which takes a minute or two.
PATIENT: Final = Patience(wait_s=180.0, longest_s=900.0)
# Somebody waits for something else.
BRIEF: Final = Patience(wait_s=5.0, longest_s=8.0)


def dialect_of(endpoint: Endpoint) -> Dialect:
    """Return how an endpoint is asked."""
    if endpoint.protocol == "anthropic":
        return Anthropic()
    is_azure = endpoint.address.is_azure
    # OpenAI's newer models refuse `max_tokens`, and most other programs know nothing else.
    return OpenAi(
        is_azure=is_azure, has_new_limit=is_azure or endpoint.address.origin.host == "api.openai.com"
    )


class Chat:
    """Asks the model at the endpoint. Nothing is sent until an answer is read."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: "HttpTransport",
        load_key: Callable[[], str],
        patience: Patience = PATIENT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.endpoint = endpoint
        self.said = ""
        """What the endpoint said about the last failure; it may quote the prompt."""
        self._transport = transport
        self._load_key = load_key
        self._key: str | None = None
        self._patience = patience
        self._now = now
        self._dialect = dialect_of(endpoint)

    def body(self, prompt: Prompt) -> bytes:
        """Return the body of the request for a prompt: exactly what `stream` sends."""
        return self._dialect.body(self.endpoint.model, prompt)

    def stream(self, prompt: Prompt) -> Answer:
        """Return the answer to a prompt, to be read as it arrives; see Answer for errors."""
        return Answer(lambda answer: self._stream(answer, prompt))

    def models(self) -> list[str]:
        """Return the names of the models that the endpoint has. Errors as those of an answer."""
        names: dict[str, None] = {}
        after = ""
        for _ in range(MAX_PAGES):
            page = self._dialect.models(self._get(self._models_url(after)))
            names |= dict.fromkeys(page.names)
            if not page.after or page.after == after:
                break
            after = page.after
        return list(names)

    def _stream(self, answer: Answer, prompt: Prompt) -> Generator[str, None, None]:
        request = Request(
            "POST",
            self._url("/messages" if self.endpoint.protocol == "anthropic" else "/chat/completions"),
            self.body(prompt),
            {"Content-Type": "application/json", "Accept": _EVENTS, **self._headers()},
            response_bytes=ANSWER_BYTES,
            is_repeatable=False,
            kind="prompt",
            pieces=prompt.pieces,
            events=prompt.events,
            server="endpoint",
        )
        try:
            yield from self._texts(answer, request)
        except UnreachableError as exc:
            if answer.text:
                raise IncompleteAnswerError(exc, answer.text) from exc
            raise

    def _texts(self, answer: Answer, request: Request) -> Generator[str, None, None]:
        with self._transport.stream(request, longest_s=self._patience.longest_s) as response:
            if response.status == _OK:
                yield from self._read(answer, response)
                return
            told = read_told(response.body(ERROR_BYTES))
        raise self._failed(response.status, told, response.headers)

    def _read(self, answer: Answer, response: "StreamedResponse") -> Generator[str, None, None]:
        """Yield the texts of a stream, and note why it ends."""
        if response.headers.get("content-type", "").partition(";")[0].strip().lower() != _EVENTS:
            raise BadStreamError("it is not a stream of events")
        chars, is_done = 0, False
        for event in read_events(response.chunks()):
            try:
                part = self._dialect.part(event)
            except ErrorEventError as exc:
                raise self._failed(0, read_told(exc.document), {}) from exc
            if part is None:
                continue
            answer.finish = part.finish or answer.finish
            chars += len(part.text)
            if chars > MAX_ANSWER_CHARS:
                raise BadStreamError(f"it exceeds {MAX_ANSWER_CHARS:,} characters")
            if part.text:
                yield part.text
            if part.is_last:
                is_done = True
                break
        if not (is_done or answer.finish):
            raise NoResponseError(
                f"the endpoint {self.endpoint.origin!r} broke off", hint="try again", was_sent=True
            )
        answer.finish = answer.finish or "stop"

    def _get(self, url: str) -> bytes:
        request = Request(
            "GET",
            url,
            headers={"Accept": "application/json", **self._headers()},
            response_bytes=LIST_BYTES,
            server="endpoint",
        )
        response = self._transport.send(request)
        if response.status != _OK:
            raise self._failed(response.status, read_told(response.body[:ERROR_BYTES]), response.headers)
        return response.body

    def _headers(self) -> dict[str, str]:
        if self._key is None:
            self._key = self._load_key()
        return dict(self._dialect.headers(self._key))

    def _failed(self, status: int, told: Told, headers: Mapping[str, str]) -> SatchelError:
        asked = Asked(self.endpoint.origin, self.endpoint.model, bool(self._key))
        self.said = said(told, self._key or "")
        return explain(status, headers, told, asked, self._now())

    def _url(self, operation: str, query: dict[str, str] | None = None) -> str:
        address = self.endpoint.address
        version = {"api-version": address.api_version} if address.api_version else {}
        values = urlencode({**version, **(query or {})})
        return f"{address.url}{operation}{'?' if values else ''}{values}"

    def _models_url(self, after: str) -> str:
        address = self.endpoint.address
        if self.endpoint.protocol == "anthropic":
            return self._url("/models", {"limit": "1000", **({"after_id": after} if after else {})})
        if address.deployment:  # a deployment has no list; its resource has
            return f"{address.origin}/openai/models?{urlencode({'api-version': address.api_version})}"
        return self._url("/models")
