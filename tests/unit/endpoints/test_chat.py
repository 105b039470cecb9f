"""Chats with a server that holds to the published APIs: what is sent, what is read, what is recorded."""

import gc
import json
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from tests.support.language_models import FAULTS, FLAVOURS, LanguageModels
from tests.support.language_models.faults import answers, redirects, refuses
from tests.support.recorders import InMemory
from tests.unit.endpoints.conftest import AMPLE, KEY, Question

from satchel.endpoints.address import parse_address
from satchel.endpoints.answers import IncompleteAnswerError
from satchel.endpoints.chat import Chat, Patience
from satchel.endpoints.endpoint import Endpoint
from satchel.errors import NotFoundError, RefusedError, SatchelError, UnreachableError, UsageError
from satchel.outgoing.failures import OfflineError
from satchel.outgoing.recording import STOPPED
from satchel.outgoing.transport import HttpTransport, Proxies

Serve = Callable[..., LanguageModels]
ChatWith = Callable[..., Chat]
LONG = Question(user="word " * 9_000)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_answer_arrives_and_is_recorded(
    serve: Serve, chat_with: ChatWith, recorder: InMemory, flavour: str
) -> None:
    server = serve(flavour)
    server.say("Hello", ", ", "wörld €")
    chat, question = chat_with(server), Question(pieces=("01KB3V4E8M0000000000000000",))
    answer = chat.stream(question)
    assert server.asked == []
    assert list(answer) == ["Hello", ", ", "wörld €"]
    assert (answer.text, answer.finish, answer.is_complete) == ("Hello, wörld €", "stop", True)
    [asked], [begun], [ended] = server.prompts, recorder.begun, recorder.ended
    assert asked.body == chat.body(question) == begun.body
    assert (begun.kind, begun.keeps_text, begun.pieces) == ("prompt", True, question.pieces)
    assert (ended.status, ended.failure) == (200, "")
    assert ended.received_bytes > len("Hello, wörld €")


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_answer_without_instructions_arrives(serve: Serve, chat_with: ChatWith, flavour: str) -> None:
    server = serve(flavour)
    assert chat_with(server).stream(Question(system="")).read() == "Hello, world"
    assert "system" not in json.dumps(server.prompts[0].document)


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_the_key_is_in_its_header_alone(serve: Serve, chat_with: ChatWith, flavour: str) -> None:
    server = serve(flavour)
    chat_with(server).stream(Question()).read()
    [asked] = server.prompts
    assert [name for name, value in asked.headers.items() if KEY in value] == [FLAVOURS[flavour].key_header]
    assert KEY.encode() not in asked.body
    assert KEY not in asked.path


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_models_are_listed(serve: Serve, chat_with: ChatWith, flavour: str) -> None:
    assert chat_with(serve(flavour)).models() == ["tiny", "large"]


def test_pages_of_models_are_followed(serve: Serve, chat_with: ChatWith) -> None:
    names = [f"m{number}" for number in range(7)]
    assert chat_with(serve("anthropic", models=names, page_size=3)).models() == names


def test_a_list_that_never_ends_is_bounded(serve: Serve, chat_with: ChatWith) -> None:
    names = [f"m{number}" for number in range(40)]
    assert chat_with(serve("anthropic", models=names, page_size=1)).models() == names[:10]


@pytest.mark.parametrize(
    ("flavour", "told", "finish"),
    [
        ("openai", "length", "length"), ("openai", "content_filter", "filtered"), ("openai", "tool_calls", "other"),
        ("anthropic", "length", "length"), ("anthropic", "refusal", "filtered"), ("anthropic", "pause_turn", "other"),
    ],
)  # fmt: skip
def test_why_an_answer_ends_is_told(
    serve: Serve, chat_with: ChatWith, flavour: str, told: str, finish: str
) -> None:
    server = serve(flavour)
    server.say("Hel", finish=told)
    answer = chat_with(server).stream(Question())
    assert (answer.read(), answer.finish, answer.is_complete) == ("Hel", finish, False)


# -- errors of the vendors ---------------------------------------------------------------------

ERRORS: dict[str, tuple[type[SatchelError], int, str]] = {
    "wrong-key": (RefusedError, 4, "does not accept the key"),
    "no-model": (NotFoundError, 3, "has no model 'tiny'"),
    "no-address": (NotFoundError, 3, "has no such address"),
    "too-long": (UsageError, 2, "too long for the model 'tiny'"),
    "rate-limit": (UnreachableError, 6, "limits how often it is asked"),
    "no-credit": (RefusedError, 4, "no credit left"),
    "forbidden": (RefusedError, 4, "does not allow this"),
    "overloaded": (UnreachableError, 6, "overloaded"),
    "failed": (UnreachableError, 6, "HTTP 500"),
    "bad-request": (RefusedError, 4, "refuses the request: HTTP 400"),
    "filtered": (RefusedError, 4, "its filter withholds it"),
    "too-large": (UsageError, 2, "too long for the model"),
    "spend-limit": (RefusedError, 4, "no credit left"),
}


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_each_error_of_a_vendor_is_one_plain_line(
    serve: Serve, chat_with: ChatWith, recorder: InMemory, flavour: str
) -> None:
    server, chat = serve(flavour), None
    for kind in FLAVOURS[flavour].errors:
        error, code, message = ERRORS[kind]
        # a model's name of its own, so that the message of the server does not decide alone
        server.fail(refuses(kind, what="12000" if kind == "too-long" else "tiny"))
        chat = chat_with(server)
        with pytest.raises(error, match=message) as caught:
            chat.stream(Question()).read()
        assert caught.value.exit_code == code, kind
        assert server.origin in caught.value.message or "the prompt is too long" in caught.value.message, kind
        assert "\n" not in caught.value.message + caught.value.hint, kind
        assert recorder.ended[-1].failure == "", kind
        assert recorder.ended[-1].status >= 400, kind
    assert {"too-large", "spend-limit", "filtered"} <= ERRORS.keys()


@pytest.mark.parametrize("flavour", ["openai", "anthropic", "llama.cpp", "vllm"])
def test_a_prompt_that_is_too_long_is_told_with_the_limit(
    serve: Serve, chat_with: ChatWith, flavour: str
) -> None:
    with pytest.raises(UsageError, match=r"\(8,192 tokens at most\)"):
        chat_with(serve(flavour)).stream(LONG).read()


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_a_wrong_key_and_an_unknown_model_are_found_by_the_server_itself(
    serve: Serve, chat_with: ChatWith, flavour: str
) -> None:
    server = serve(flavour)
    with pytest.raises(RefusedError, match="does not accept the key"):
        chat_with(server, key="sk-wrong").stream(Question()).read()
    with pytest.raises(NotFoundError, match="has no model 'unknown'"):
        chat_with(server, model="unknown").stream(Question()).read()


@pytest.mark.parametrize("flavour", ["openai", "anthropic", "azure"])
def test_a_missing_key_is_told(serve: Serve, chat_with: ChatWith, flavour: str) -> None:
    with pytest.raises(RefusedError, match="needs a key"):
        chat_with(serve(flavour), key="").stream(Question()).read()


@pytest.mark.parametrize("flavour", ["ollama", "llama.cpp", "lm-studio", "vllm"])
def test_programs_on_this_computer_need_no_key(serve: Serve, chat_with: ChatWith, flavour: str) -> None:
    server = serve(flavour, keys=set())
    assert chat_with(server, key="").stream(Question()).read() == "Hello, world"
    assert "authorization" not in server.prompts[0].headers


@pytest.mark.parametrize(
    "value",
    ["20", format_datetime(datetime.now(UTC) + timedelta(days=2), usegmt=True)],
    ids=["seconds", "date"],
)
@pytest.mark.parametrize("kind", ["rate-limit", "overloaded"])
def test_the_time_to_wait_is_told(serve: Serve, chat_with: ChatWith, kind: str, value: str) -> None:
    server = serve()
    server.fail(refuses(kind, {"Retry-After": value}))
    with pytest.raises(UnreachableError, match=r"it says to wait \d+ s") as caught:
        chat_with(server).stream(Question()).read()
    assert ("wait 20 s" in caught.value.message) == (value == "20")


@pytest.mark.parametrize("value", ["soon", "-5", "9" * 50, "Fri, 99 Dec 2026 99:99:99 GMT", "\u0664"])
def test_a_time_to_wait_that_is_none_is_not_told(serve: Serve, chat_with: ChatWith, value: str) -> None:
    server = serve()
    server.fail(answers(429, b"", **{"Retry-After": value.encode().decode("latin-1")}))
    with pytest.raises(UnreachableError, match="limits how often") as caught:
        chat_with(server).stream(Question()).read()
    assert "to wait" not in caught.value.message


def test_what_the_server_says_is_kept_apart_and_without_the_key(serve: Serve, chat_with: ChatWith) -> None:
    server = serve()
    server.fail(answers(400, b'{"error": {"message": "bad\\u0020field x"}}'))
    chat = chat_with(server)
    with pytest.raises(RefusedError) as caught:
        chat.stream(Question()).read()
    assert "field" not in caught.value.message + caught.value.hint
    assert chat.said == "bad field x"
    for quoted in (KEY, KEY[3:12], f"…{KEY[-7:]}"):
        server.fail(answers(400, json.dumps({"error": f"no: {quoted}"}).encode()))
        with pytest.raises(RefusedError):
            chat.stream(Question()).read()
        assert chat.said == ""


# -- broken streams ----------------------------------------------------------------------------

BROKEN = {
    "cut": "incomplete: .*sent no complete response",
    "reset": "sent no complete response",  # what is on its way may be lost too
    "cut in an event": "incomplete: .*broke off",
    "ends early": "incomplete: .*broke off",
    "stalls": "incomplete: .*did not respond in time",
    "reports an error": "incomplete: .*overloaded",
    "has a long line": "a line exceeds",
    "drips": "takes too long",
    "never ends": "takes too long|exceeds",
    "is no stream": "not a stream of events",
    "hangs up": "closed the connection",
    "is silent": "did not respond in time",
    "is empty": "broke off",
    "is not UTF-8": "not UTF-8",
    "is not JSON": "not a part of a",
    "is deeply nested": "not a part of a",
    "is another document": "not a part of a",
    "has a long event": "more than 64 lines",
}


# How long to wait for an answer that is held back. What has come of it before has to come in time.
PATIENCE = {
    "stalls": Patience(wait_s=2.0, longest_s=AMPLE.longest_s),
    "is silent": Patience(wait_s=0.3, longest_s=AMPLE.longest_s),
    "drips": Patience(wait_s=AMPLE.wait_s, longest_s=0.6),
    "never ends": Patience(wait_s=AMPLE.wait_s, longest_s=0.6),
}


def test_every_fault_is_tested() -> None:
    assert set(BROKEN) | {"one byte at a time"} == set(FAULTS)


@pytest.fixture
def _little_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("satchel.endpoints.chat.ANSWER_BYTES", 4 << 20)


@pytest.mark.usefixtures("_little_room")
@pytest.mark.parametrize("flavour", ["openai", "anthropic"])
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_is_told_plainly(
    serve: Serve, chat_with: ChatWith, recorder: InMemory, flavour: str, fault: str
) -> None:
    server = serve(flavour)
    server.say("Hello ", "broken ", "world", " and ", "more")
    server.fail(FAULTS[fault])
    answer = chat_with(server, patience=PATIENCE.get(fault, AMPLE)).stream(Question())
    arrived: list[str] = []
    with pytest.raises(UnreachableError, match=BROKEN[fault]) as caught:
        arrived.extend(answer)
    assert caught.value.exit_code == 6
    assert KEY not in f"{caught.value.message} {caught.value.hint}"
    if isinstance(caught.value, IncompleteAnswerError):
        assert caught.value.text == answer.text
    else:
        assert answer.text == ""
    assert recorder.ended[-1].failure
    assert len(recorder.ended) == 1, "a prompt is never sent twice"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_an_answer_in_single_bytes_is_read(serve: Serve, chat_with: ChatWith, flavour: str) -> None:
    server = serve(flavour)
    server.fail(FAULTS["one byte at a time"])
    assert chat_with(server).stream(Question()).read() == "Hello, world"


def test_an_answer_that_is_too_long_is_refused(
    serve: Serve, chat_with: ChatWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("satchel.endpoints.chat.MAX_ANSWER_CHARS", 8)
    with pytest.raises(IncompleteAnswerError, match="exceeds 8 characters") as caught:
        chat_with(serve()).stream(Question()).read()
    assert caught.value.text == "Hello, "


def test_a_redirect_is_refused(serve: Serve, chat_with: ChatWith) -> None:
    server, other = serve(), serve()
    server.fail(redirects(f"{other.origin}/v1/chat/completions"))
    with pytest.raises(UnreachableError, match="redirects"):
        chat_with(server).stream(Question()).read()
    assert other.asked == []


def test_nobody_listening_is_told(recorder: InMemory) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # so that no other program listens there meanwhile
        address = parse_address(f"http://127.0.0.1:{held.getsockname()[1]}/v1")
        transport = HttpTransport(user_agent="t", proxies=Proxies(), recorder=recorder, read_timeout_s=1)
        chat = Chat(Endpoint(address, "tiny"), transport, lambda: "", AMPLE)
        with pytest.raises(UnreachableError, match=r"cannot connect to the endpoint at .* nothing listens"):
            chat.stream(Question()).read()


def test_an_answer_can_be_stopped(serve: Serve, chat_with: ChatWith, recorder: InMemory) -> None:
    answer = chat_with(serve()).stream(Question())
    assert next(answer) == "Hello"
    answer.close()
    assert recorder.ended[0].failure == STOPPED
    assert list(answer) == []


def test_a_forgotten_answer_ends_its_exchange(serve: Serve, chat_with: ChatWith, recorder: InMemory) -> None:
    answer = chat_with(serve()).stream(Question())
    next(answer)
    del answer
    gc.collect()
    assert [one.failure for one in recorder.ended] == [STOPPED]


# -- what is sent ------------------------------------------------------------------------------


def test_offline_nothing_is_asked(serve: Serve, chat_with: ChatWith, recorder: InMemory) -> None:
    server = serve()
    recorder.is_offline = True
    chat = chat_with(server)
    with pytest.raises(OfflineError, match="satchel is offline"):
        chat.stream(Question()).read()
    with pytest.raises(OfflineError):
        chat.models()
    assert (server.asked, recorder.begun) == ([], [])


@pytest.mark.parametrize(
    ("url", "limit"),
    [
        ("https://api.openai.com/v1", "max_completion_tokens"),
        ("https://r.openai.azure.com/openai/v1", "max_completion_tokens"),
        ("http://localhost:11434/v1", "max_tokens"),
        ("https://api.anthropic.com/v1", "max_tokens"),
    ],
)
def test_the_length_of_an_answer_is_limited(recorder: InMemory, url: str, limit: str) -> None:
    transport = HttpTransport(user_agent="t", proxies=Proxies(), recorder=recorder, read_timeout_s=1)
    chat = Chat(Endpoint(parse_address(url), "tiny"), transport, lambda: "", AMPLE)
    document = json.loads(chat.body(Question()))
    assert document[limit] == 100
    assert len({"max_tokens", "max_completion_tokens"} & document.keys()) == 1
