"""The messages of Anthropic: https://platform.claude.com/docs/en/api/messages and …/build-with-claude/streaming."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from satchel.endpoints.answers import ErrorEventError, Finish, ModelPage, Part, Prompt
from satchel.endpoints.event_stream import BadStreamError, Event

API_VERSION: Final = "2023-06-01"
MAX_MODELS: Final = 1_000  # of one page, the most that the API gives
_FINISHES: Final[Mapping[str, Finish]] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filtered",
}
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class _Delta(msgspec.Struct):
    type: str = ""
    text: str = ""
    stop_reason: str | None = None


class _Block(msgspec.Struct):
    type: str = ""
    text: str = ""


class _Event(msgspec.Struct):
    type: str
    delta: _Delta | None = None
    content_block: _Block | None = None
    error: Any = None


class _Model(msgspec.Struct):
    id: _Name


class _Models(msgspec.Struct):
    data: Annotated[list[_Model], msgspec.Meta(max_length=MAX_MODELS)]
    has_more: bool = False
    last_id: str | None = None


class Anthropic:
    """The dialect."""

    def body(self, model: str, prompt: Prompt) -> bytes:
        """Return the body of a request."""
        document: dict[str, object] = {"model": model, "max_tokens": prompt.max_answer_tokens}
        if prompt.system:
            document["system"] = prompt.system
        document["messages"] = [{"role": "user", "content": prompt.user}]
        document["stream"] = True
        return msgspec.json.encode(document)

    def headers(self, key: str) -> Mapping[str, str]:
        """Return the headers of every request."""
        version = {"anthropic-version": API_VERSION}
        return {**version, "x-api-key": key} if key else version

    def part(self, event: Event) -> Part | None:
        """Return the part of the answer in an event. New kinds of events are skipped, as the API asks for."""
        try:
            found = msgspec.json.decode(event.data, type=_Event)
        except (msgspec.DecodeError, RecursionError):
            raise BadStreamError("an event is not a part of a message") from None
        if found.type == "error" or event.name == "error":
            raise ErrorEventError(event.data)
        if found.type == "message_stop":
            return Part(is_last=True)
        if found.type == "content_block_start" and found.content_block and found.content_block.type == "text":
            return Part(found.content_block.text)
        if found.delta is None:
            return None
        if found.type == "content_block_delta" and found.delta.type == "text_delta":
            return Part(found.delta.text)
        if found.type == "message_delta" and found.delta.stop_reason:
            return Part(finish=_FINISHES.get(found.delta.stop_reason, "other"))
        return None

    def models(self, document: bytes) -> ModelPage:
        """Return the models of a page."""
        try:
            found = msgspec.json.decode(document, type=_Models)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadStreamError("it is not a list of models") from None
        return ModelPage(tuple(one.id for one in found.data), (found.last_id or "") if found.has_more else "")
