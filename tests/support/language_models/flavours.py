"""How each vendor and program checks requests, and what its answers and errors look like.

OpenAI: https://platform.openai.com/docs/api-reference/chat, …/docs/guides/error-codes
Azure: https://learn.microsoft.com/azure/ai-services/openai/reference
Ollama: openai/openai.go; llama.cpp: tools/server/README.md; vLLM: vllm/entrypoints/openai/protocol.py
LM Studio: https://lmstudio.ai/docs/developer/openai-compat
Anthropic: https://platform.claude.com/docs/en/api/messages, …/api/errors, …/build-with-claude/streaming
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

Document = dict[str, Any]
Problem = tuple[int, Document]
LIMIT_TOKENS: Final = 8_192
"""The context of every model here. A token is a word."""


class RefusedRequest(Exception):  # noqa: N818  a test's own
    """The server answers with a status and a document."""

    def __init__(self, status: int, document: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.document = document
        self.headers = dict(headers or {})


@dataclass(frozen=True)
class Flavour:
    """One vendor or program."""

    name: str
    path: str
    """The path of the base that a client is given."""
    operation: str
    key_header: str
    needs_key: bool
    fields: "Fields"
    """The fields that a request may have here, with their types."""
    errors: Mapping[str, Callable[[str], Problem]]
    events: Callable[[str, Sequence[str], str], Iterator[bytes]]
    """The stream of an answer: the model, its parts, and why it ends ("stop" or "length")."""
    page: Callable[[Sequence[str]], Document]
    query: str = ""

    def key_in(self, headers: Mapping[str, str]) -> str:
        """Return the key of a request; empty without one."""
        value = headers.get(self.key_header, "")
        return value.removeprefix("Bearer ") if self.key_header == "authorization" else value

    def check(self, path: str, headers: Mapping[str, str], body: bytes, models: Sequence[str]) -> Document:
        """Return the request for an answer. Raise RefusedRequest as the vendor refuses it."""
        self.check_version(path, headers)
        try:
            asked = json.loads(body)
        except ValueError:
            raise self.refusal("bad-request", "could not parse the JSON body") from None
        for name, value in asked.items():
            if name not in self.fields:
                raise self.refusal("bad-request", f"Unrecognized request argument supplied: {name}")
            if not isinstance(value, self.fields[name]) or isinstance(value, bool) != (
                self.fields[name] is bool
            ):
                raise self.refusal("bad-request", f"Invalid type for '{name}'")
        missing = [name for name in self.required if name not in asked]
        if missing:
            raise self.refusal("bad-request", f"{missing[0]}: Field required")
        self._check_messages(asked)
        if asked["model"] not in models:
            raise self.refusal("no-model", asked["model"])
        words = sum(len(each["content"].split()) for each in asked["messages"])
        if words > LIMIT_TOKENS:
            raise self.refusal("too-long", str(words))
        return dict(asked)

    @property
    def required(self) -> tuple[str, ...]:
        """The fields that a request must have."""
        return ("model", "messages", *(("max_tokens",) if self.name == "anthropic" else ()))

    def check_version(self, path: str, headers: Mapping[str, str]) -> None:
        """Raise RefusedRequest for a request without the version that the vendor wants."""
        if self.name == "anthropic" and headers.get("anthropic-version") != "2023-06-01":
            raise self.refusal("bad-request", "anthropic-version: header is required")
        if self.query and "api-version" not in parse_qs(urlsplit(path).query):
            raise self.refusal("no-address", "Resource not found")

    def _check_messages(self, asked: Document) -> None:
        roles = (
            ("user", "assistant")
            if self.name == "anthropic"
            else ("system", "developer", "user", "assistant")
        )
        messages = asked["messages"]
        valid = messages and all(
            isinstance(each, dict)
            and set(each) == {"role", "content"}
            and each["role"] in roles
            and isinstance(each["content"], str)
            and each["content"]
            for each in messages
        )
        if not valid:
            raise self.refusal("bad-request", "messages: invalid")

    def refusal(self, kind: str, what: str = "", headers: Mapping[str, str] | None = None) -> RefusedRequest:
        """Return the vendor's answer to a kind of error."""
        status, document = self.errors[kind](what)
        return RefusedRequest(status, document, headers)


# -- OpenAI and the programs that follow it ----------------------------------------------------

Fields = Mapping[str, type | tuple[type, ...]]
_OPENAI_FIELDS: Final[Fields] = {
    "model": str, "messages": list, "stream": bool, "max_completion_tokens": int, "max_tokens": int,
    "temperature": (int, float), "top_p": (int, float), "stop": (str, list), "n": int, "seed": int,
    "stream_options": dict, "user": str,
}  # fmt: skip
_NEW_FIELDS: Final[Fields] = {name: kind for name, kind in _OPENAI_FIELDS.items() if name != "max_tokens"}
_OLD_FIELDS: Final[Fields] = {
    name: kind for name, kind in _OPENAI_FIELDS.items() if name != "max_completion_tokens"
}


def _error(message: str, kind: str, code: str | int | None = None) -> Document:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


_OPENAI_ERRORS: Final[Mapping[str, Callable[[str], Problem]]] = {
    "wrong-key": lambda key: (
        401,
        _error(f"Incorrect API key provided: {key}.", "invalid_request_error", "invalid_api_key"),
    ),
    "no-model": lambda name: (
        404,
        _error(f"The model `{name}` does not exist or you do not have access to it.", "invalid_request_error", "model_not_found"),
    ),
    "no-address": lambda path: (404, _error(f"Invalid URL (POST {path})", "invalid_request_error")),
    "bad-request": lambda why: (400, _error(why, "invalid_request_error")),
    "too-long": lambda words: (
        400,
        _error(
            f"This model's maximum context length is {LIMIT_TOKENS} tokens. However, your messages resulted in {words} tokens.",
            "invalid_request_error",
            "context_length_exceeded",
        ),
    ),
    "rate-limit": lambda _: (429, _error("Rate limit reached for requests", "requests", "rate_limit_exceeded")),
    "no-credit": lambda _: (
        429,
        _error("You exceeded your current quota, please check your plan.", "insufficient_quota", "insufficient_quota"),
    ),
    "forbidden": lambda _: (403, _error("Country not supported", "request_forbidden", "unsupported_country")),
    "overloaded": lambda _: (503, _error("The server is overloaded", "server_error", "server_overloaded")),
    "failed": lambda _: (500, _error("The server had an error", "server_error")),
}  # fmt: skip


def _chunk(model: str, delta: Document, finish: str | None = None) -> bytes:
    document = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1_764_480_000,
        "model": model,
        "system_fingerprint": "fp_1",
        "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}],
    }
    return f"data: {json.dumps(document)}\n\n".encode()


def _openai_events(model: str, parts: Sequence[str], finish: str) -> Iterator[bytes]:
    yield _chunk(model, {"role": "assistant", "content": ""})
    for part in parts:
        yield _chunk(model, {"content": part})
    yield _chunk(model, {}, finish)
    yield b"data: [DONE]\n\n"


def _azure_events(model: str, parts: Sequence[str], finish: str) -> Iterator[bytes]:
    judged = {"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
    yield f"data: {json.dumps(judged)}\n\n".encode()
    yield from _openai_events(model, parts, finish)


def _ollama_events(model: str, parts: Sequence[str], finish: str) -> Iterator[bytes]:
    for part in parts:
        yield _chunk(model, {"role": "assistant", "content": part})
    yield _chunk(model, {"role": "assistant", "content": ""}, finish)
    yield b"data: [DONE]\n\n"


def _vllm_events(model: str, parts: Sequence[str], finish: str) -> Iterator[bytes]:
    yield from list(_openai_events(model, parts, finish))[:-1]
    usage = {"object": "chat.completion.chunk", "choices": [], "usage": {"total_tokens": 3}}
    yield f"data: {json.dumps(usage)}\n\n".encode()
    yield b"data: [DONE]\n\n"


def _openai_page(names: Sequence[str]) -> Document:
    data = [{"id": name, "object": "model", "created": 1_764_480_000, "owned_by": "tests"} for name in names]
    return {"object": "list", "data": data}


# -- Anthropic ---------------------------------------------------------------------------------


def _anthropic_error(kind: str, message: str, **details: object) -> Document:
    return {
        "type": "error",
        "error": {"type": kind, "message": message, **({"details": details} if details else {})},
        "request_id": "req_011CSHoEeqs5C35K2UUqR7Fy",
    }


_ANTHROPIC_ERRORS: Final[Mapping[str, Callable[[str], Problem]]] = {
    "wrong-key": lambda _: (401, _anthropic_error("authentication_error", "invalid x-api-key")),
    "no-model": lambda name: (404, _anthropic_error("not_found_error", f"model: {name}")),
    "no-address": lambda _: (404, _anthropic_error("not_found_error", "Not found")),
    "bad-request": lambda why: (400, _anthropic_error("invalid_request_error", why)),
    "too-long": lambda words: (
        400,
        _anthropic_error("invalid_request_error", f"prompt is too long: {words} tokens > {LIMIT_TOKENS} maximum"),
    ),
    "rate-limit": lambda _: (429, _anthropic_error("rate_limit_error", "This request would exceed your rate limit")),
    "no-credit": lambda _: (402, _anthropic_error("billing_error", "There is an issue with your billing")),
    "forbidden": lambda _: (403, _anthropic_error("permission_error", "Your API key may not use this resource")),
    "overloaded": lambda _: (529, _anthropic_error("overloaded_error", "Overloaded")),
    "failed": lambda _: (500, _anthropic_error("api_error", "Internal server error")),
    "too-large": lambda _: (413, _anthropic_error("request_too_large", "Request exceeds the maximum size")),
    "spend-limit": lambda _: (
        429,
        _anthropic_error("rate_limit_error", "You reached your limit", error_code="enforced_spend_limit_reached"),
    ),
}  # fmt: skip


def _sse(name: str, document: Document) -> bytes:
    return f"event: {name}\ndata: {json.dumps({'type': name, **document})}\n\n".encode()


def _anthropic_events(model: str, parts: Sequence[str], finish: str) -> Iterator[bytes]:
    message: Document = {
        "id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": model,
        "stop_reason": None, "stop_sequence": None, "usage": {"input_tokens": 25, "output_tokens": 1},
    }  # fmt: skip
    yield _sse("message_start", {"message": message})
    yield _sse(
        "content_block_start",
        {"index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}},
    )
    yield _sse("content_block_delta", {"index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}})
    yield _sse("content_block_delta", {"index": 0, "delta": {"type": "signature_delta", "signature": "c2ln"}})
    yield _sse("content_block_stop", {"index": 0})
    yield _sse("content_block_start", {"index": 1, "content_block": {"type": "text", "text": ""}})
    yield _sse("ping", {})
    for part in parts:
        yield _sse("content_block_delta", {"index": 1, "delta": {"type": "text_delta", "text": part}})
    yield _sse("content_block_stop", {"index": 1})
    reason = {"stop": "end_turn", "length": "max_tokens"}.get(finish, finish)
    yield _sse(
        "message_delta",
        {"delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": 15}},
    )
    yield _sse("message_stop", {})


def _anthropic_page(names: Sequence[str]) -> Document:
    data = [
        {"type": "model", "id": name, "display_name": name.title(), "created_at": "2026-01-01T00:00:00Z"}
        for name in names
    ]
    return {"data": data, "first_id": names[0] if names else None, "last_id": names[-1] if names else None}


# -- the table ---------------------------------------------------------------------------------

_CHAT: Final = "/chat/completions"


def _with(**errors: Callable[[str], Problem]) -> Mapping[str, Callable[[str], Problem]]:
    return {**_OPENAI_ERRORS, **{name.replace("_", "-"): error for name, error in errors.items()}}


FLAVOURS: Final[Mapping[str, Flavour]] = {
    each.name: each
    for each in (
        Flavour(
            "openai", "/v1", _CHAT, "authorization", True, _OLD_FIELDS, _OPENAI_ERRORS, _openai_events, _openai_page
        ),
        Flavour(
            "azure",
            "/openai/deployments/tiny",
            _CHAT,
            "api-key",
            True,
            _NEW_FIELDS,
            _with(
                wrong_key=lambda _: (
                    401,
                    {"error": {"code": "401", "message": "Access denied due to invalid subscription key."}},
                ),
                no_model=lambda _: (
                    404,
                    {"error": {"code": "DeploymentNotFound", "message": "The API deployment does not exist."}},
                ),
                no_address=lambda _: (404, {"error": {"code": "404", "message": "Resource not found"}}),
                rate_limit=lambda _: (429, {"error": {"code": "429", "message": "Requests have exceeded the limit."}}),
                filtered=lambda _: (
                    400,
                    {
                        "error": {
                            "message": "The response was filtered.",
                            "type": None,
                            "param": "prompt",
                            "code": "content_filter",
                            "status": 400,
                            "innererror": {"code": "ResponsibleAIPolicyViolation"},
                        }
                    },
                ),
            ),
            _azure_events,
            _openai_page,
            query="api-version=2024-10-21",
        ),
        Flavour(
            "ollama",
            "/v1",
            _CHAT,
            "authorization",
            False,
            _OLD_FIELDS,
            _with(
                no_model=lambda name: (404, _error(f'model "{name}" not found, try pulling it first', "not_found_error")),
                failed=lambda _: (500, _error("llama runner process has terminated", "api_error")),
            ),
            _ollama_events,
            _openai_page,
        ),
        Flavour(
            "llama.cpp",
            "/v1",
            _CHAT,
            "authorization",
            False,
            _OLD_FIELDS,
            _with(
                wrong_key=lambda _: (401, {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}}),
                too_long=lambda words: (
                    400,
                    {
                        "error": {
                            "code": 400,
                            "message": "the request exceeds the available context size. try increasing it",
                            "type": "exceed_context_size_error",
                            "n_prompt_tokens": int(words),
                            "n_ctx": LIMIT_TOKENS,
                        }
                    },
                ),
                overloaded=lambda _: (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}),
            ),
            _openai_events,
            _openai_page,
        ),
        Flavour(
            "lm-studio",
            "/v1",
            _CHAT,
            "authorization",
            False,
            _OLD_FIELDS,
            _with(
                no_model=lambda name: (404, {"error": f"Model '{name}' not found"}),
                too_long=lambda _: (400, {"error": "The number of tokens to keep is greater than the context length"}),
            ),
            _openai_events,
            _openai_page,
        ),
        Flavour(
            "vllm",
            "/v1",
            _CHAT,
            "authorization",
            False,
            _OLD_FIELDS,
            _with(
                wrong_key=lambda _: (401, {"error": "Unauthorized"}),
                no_model=lambda name: (
                    404,
                    {"object": "error", "message": f"The model `{name}` does not exist.", "type": "NotFoundError", "code": 404},
                ),
                too_long=lambda words: (
                    400,
                    {
                        "error": {
                            "message": f"This model's maximum context length is {LIMIT_TOKENS} tokens. However, you requested {words} tokens",
                            "type": "BadRequestError",
                            "param": "input_tokens",
                            "code": 400,
                        }
                    },
                ),
            ),
            _vllm_events,
            _openai_page,
        ),
        Flavour(
            "anthropic",
            "/v1",
            "/messages",
            "x-api-key",
            True,
            {
                "model": str, "messages": list, "max_tokens": int, "system": (str, list), "stream": bool,
                "temperature": (int, float), "stop_sequences": list, "metadata": dict, "top_k": int, "top_p": (int, float),
            },
            _ANTHROPIC_ERRORS,
            _anthropic_events,
            _anthropic_page,
        ),
    )
}  # fmt: skip
