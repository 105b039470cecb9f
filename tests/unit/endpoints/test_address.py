"""Addresses of endpoints: the forms that people copy, and those that are refused."""

import pytest

from satchel.endpoints.address import WELL_KNOWN, parse_address
from satchel.errors import UsageError

AZURE = "https://r.openai.azure.com/openai/deployments/gpt"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("https://API.openai.com/v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1"),
        ("https://api.anthropic.com/v1/messages", "https://api.anthropic.com/v1"),
        ("http://127.0.0.1:11434", "http://127.0.0.1:11434/v1"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1"),
        ("https://gateway.example.com/llm/openai/v1", "https://gateway.example.com/llm/openai/v1"),
        ("https://r.openai.azure.com", "https://r.openai.azure.com/openai/v1"),
        (f"{AZURE}/chat/completions?api-version=2024-10-21", AZURE),
    ],
)
def test_addresses_are_normalized(text: str, url: str) -> None:
    assert parse_address(text).url == url


@pytest.mark.parametrize("name", WELL_KNOWN)
def test_names_stand_for_addresses(name: str) -> None:
    address = parse_address(name.upper())
    assert (address.name, address.url, address.protocol) == (
        name,
        WELL_KNOWN[name].url,
        WELL_KNOWN[name].protocol,
    )


def test_the_protocol_follows_from_the_host() -> None:
    assert parse_address("https://api.anthropic.com").protocol == "anthropic"
    assert parse_address("https://llm.example.com").protocol == "openai"
    assert parse_address("https://llm.example.com", "anthropic").protocol == "anthropic"


def test_a_deployment_of_azure_names_its_model_and_version() -> None:
    address = parse_address(AZURE, api_version="2024-10-21")
    assert (address.is_azure, address.deployment, address.api_version) == (True, "gpt", "2024-10-21")
    with pytest.raises(UsageError, match="needs a version"):
        parse_address(AZURE)


@pytest.mark.parametrize(
    "text",
    [
        "", "ollamas", "api.openai.com", "ftp://h/v1", "https://", "https:///v1", "https://h/v1#x", "https://h/ x",
        "https://h/v1\r\nX: y", "https://h/../x?a=b", "https://ü.example/v1", "https://h:99999/v1", "https://[::1/v1",
        "https://h/" + "x" * 1000,
    ],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_address(text)


@pytest.mark.parametrize(
    "text", ["https://me:sk-hidden@h/v1", "https://sk-hidden@h/v1", "https://h/v1?key=sk-hidden", "https://h/v1?api-version=sk hidden"]
)  # fmt: skip
def test_credentials_in_an_address_are_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_address(text)
    assert "hidden" not in caught.value.message + caught.value.hint


def test_a_connection_without_tls_leaves_this_computer_only_if_allowed() -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        parse_address("http://llm.example.com/v1")
    assert parse_address("http://llm.example.com/v1", allow_http=True).url == "http://llm.example.com/v1"
