"""The endpoint: a language model that the owner chose, on this device or elsewhere, and questions to it.

    chat = open_chat(home, key_store(home, keyring), recorder=recorder, proxies=proxies, trust=trust)
    body = chat.body(prompt)              # exactly the bytes that will be sent
    answer = chat.stream(prompt)
    for text in answer:                   # as it arrives
        print(text, end="")
    answer.finish                         # "stop", or why the answer ends early

`endpoint` is what the owner set, `address` parses where it is, `openai` and `anthropic` are the two protocols,
`event_stream` reads what arrives, `answers` and `failures` say how it ended. Nothing here prints, and no error contains
the key, the prompt or the answer.

Names are imported on first use, so that commands that only read which endpoint is set do not import the network.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from satchel.endpoints.answers import Answer, IncompleteAnswerError, Prompt
    from satchel.endpoints.chat import Chat
    from satchel.endpoints.endpoint import Endpoint, find_endpoint, read_endpoint
    from satchel.endpoints.opening import key_store, open_chat

__all__ = [
    "Answer",
    "Chat",
    "Endpoint",
    "IncompleteAnswerError",
    "Prompt",
    "find_endpoint",
    "key_store",
    "open_chat",
    "read_endpoint",
]

_MODULES: Final = {
    "Answer": "answers",
    "Chat": "chat",
    "Endpoint": "endpoint",
    "IncompleteAnswerError": "answers",
    "Prompt": "answers",
    "find_endpoint": "endpoint",
    "key_store": "opening",
    "open_chat": "opening",
    "read_endpoint": "endpoint",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  the types are those of the imports above
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
