"""The chat completions of OpenAI, which Ollama, llama.cpp, LM Studio, vLLM and Azure offer too.

https://platform.openai.com/docs/api-reference/chat and, for Azure's header and query,
https://learn.microsoft.com/azure/ai-services/openai/reference
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import msgspec

from satchel.endpoints.answers import ErrorEventError, Finish, ModelPage, Part, Prompt
from satchel.endpoints.event_stream import BadStreamError, Event

DONE: Final = "[DONE]"
MAX_MODELS: Final = 10_000
_FINISHES: Final[Mapping[str, Finish]] = {"stop": "stop", "length": "length", "content_filter": "filtered"}
_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class _Delta(msgspec.Struct):
    content: str | None = None


class _Choice(msgspec.Struct):
    index: int = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    error: Any = None  # of any form; `failures` reads it


class _Model(msgspec.Struct):
    id: _Name


class _Models(msgspec.Struct):
    data: Annotated[list[_Model], msgspec.Meta(max_length=MAX_MODELS)] | None


class OpenAi:
    """The dialect. `is_azure`: the key has a header of its own. `limit`: the name of the field for the answer's length."""

    def __init__(self, *, is_azure: bool, has_new_limit: bool) -> None:
        self._is_azure = is_azure
        self._limit = "max_completion_tokens" if has_new_limit else "max_tokens"

    def body(self, model: str, prompt: Prompt) -> bytes:
        """Return the body of a request."""
        messages = [{"role": "user", "content": prompt.user}]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        return msgspec.json.encode(
            {"model": model, "messages": messages, "stream": True, self._limit: prompt.max_answer_tokens}
        )

    def headers(self, key: str) -> Mapping[str, str]:
        """Return the headers of every request."""
        if not key:
            return {}
        return {"api-key": key} if self._is_azure else {"Authorization": f"Bearer {key}"}

    def part(self, event: Event) -> Part | None:
        """Return the part of the answer in an event."""
        if event.data == DONE:
            return Part(is_last=True)
        if event.name == "error":
            raise ErrorEventError(event.data)
        try:
            chunk = msgspec.json.decode(event.data, type=_Chunk)
        except (msgspec.DecodeError, RecursionError):
            raise BadStreamError("an event is not a part of a chat completion") from None
        if chunk.error:
            raise ErrorEventError(event.data)
        choice = next((one for one in chunk.choices or () if one.index == 0), None)
        if choice is None:  # Azure's judgement of the prompt, or how much was used
            return None
        text = choice.delta.content if choice.delta is not None else None
        finish = _FINISHES.get(choice.finish_reason, "other") if choice.finish_reason else None
        return Part(text or "", finish)

    def models(self, document: bytes) -> ModelPage:
        """Return the models in a list."""
        try:
            found = msgspec.json.decode(document, type=_Models)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise BadStreamError("it is not a list of models") from None
        return ModelPage(tuple(one.id for one in found.data or ()))
