"""Chats with a server of language models."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
from tests.support.language_models import LanguageModels
from tests.support.recorders import InMemory

from satchel.endpoints.address import parse_address
from satchel.endpoints.chat import Chat, Patience
from satchel.endpoints.endpoint import Endpoint
from satchel.outgoing.transport import HttpTransport, Proxies

KEY = "sk-test-5f1c0de5c0ffee5ecret"
AMPLE = Patience(wait_s=60.0, longest_s=120.0)
"""More than any answer takes that is not held back, on a busy machine too."""


@dataclass(frozen=True)
class Question:
    """A prompt."""

    user: str = "What is a header?"
    system: str = "Answer in one word."
    pieces: tuple[str, ...] = ()
    events: tuple[int, ...] = ()
    max_answer_tokens: int = 100


@pytest.fixture
def recorder() -> InMemory:
    return InMemory()


@pytest.fixture
def serve() -> Iterator[Callable[..., LanguageModels]]:
    with ExitStack() as stack:

        def start(flavour: str = "openai", **settings: Any) -> LanguageModels:  # noqa: ANN401  its fields
            return stack.enter_context(LanguageModels(flavour, **{"keys": {KEY}, **settings}))

        yield start


@pytest.fixture
def chat_with(recorder: InMemory) -> Callable[..., Chat]:
    def open_(
        server: LanguageModels, key: str = KEY, model: str = "tiny", patience: Patience = AMPLE
    ) -> Chat:
        transport = HttpTransport(
            user_agent="satchel/test", proxies=Proxies(), recorder=recorder, read_timeout_s=patience.wait_s
        )
        address = parse_address(server.url, "anthropic" if server.protocol == "anthropic" else "openai")
        return Chat(Endpoint(address, model), transport, lambda: key, patience)

    return open_
