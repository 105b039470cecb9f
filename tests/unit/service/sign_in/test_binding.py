"""A sign-in is bound to the address of the server that the device signs in at."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.asgi import Answer, Call
from tests.support.wire_device import WireDevice
from tests.unit.service.sign_in.conftest import MakeSignIn, SigningIn

from satchel.outgoing.address import Origin
from satchel_service.settings import Settings
from satchel_wire.binding import bind_nonce, canonical_origin

VECTORS: Final[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "vectors/sign-in/vectors.json").read_text()
)
ADDRESS: Final = "https://cloud.example.com"
OTHERS: Final = (
    "https://evil.example.com",
    "http://cloud.example.com",
    "https://cloud.example.com:8443",
    "https://cloud.example.com.",
    "https://cloud.example.comm",
    "https://cloud.example.com/",
    "https://CLOUD.example.com",
    "cloud.example.com",
    "",
)


@pytest.mark.parametrize("vector", VECTORS["nonces"], ids=lambda vector: vector["origin"])
def test_bound_nonces_have_their_vectors(vector: dict[str, str]) -> None:
    assert bind_nonce(vector["origin"], vector["nonce"]) == vector["bound"]


@pytest.mark.parametrize("vector", VECTORS["origins"], ids=lambda vector: vector["written"])
def test_devices_and_servers_write_an_origin_alike(vector: dict[str, str]) -> None:
    assert canonical_origin(vector["written"]) == vector["origin"]
    assert str(Origin.parse(vector["written"], allow_http=True)) == vector["origin"]
    for written in (vector["written"], vector["written"] + "/"):
        assert Settings.read({"SATCHEL_PUBLIC_URL": written}).public_url == vector["origin"]


@given(
    st.sampled_from(["http", "https", "HTTPS"]),
    st.from_regex(r"[A-Za-z0-9]{1,5}(\.[A-Za-z0-9]{1,5}){0,2}|\[[0-9a-fA-F]{1,4}::1\]", fullmatch=True),
    st.none() | st.integers(1, 65_535),
)
def test_any_origin_is_written_alike(scheme: str, host: str, port: int | None) -> None:
    written = f"{scheme}://{host}" + ("" if port is None else f":{port}")
    assert canonical_origin(written) == str(Origin.parse(written, allow_http=True))


@pytest.mark.parametrize(
    "text", ["", "cloud.example.com", "ftp://x", "https://", "https://x:0", "https://x:65536", "https://x/y"]
)
def test_what_is_no_origin_has_no_form(text: str) -> None:
    assert canonical_origin(text) == ""


def refusal(answer: Answer) -> str:
    assert (answer.status, answer.problem) == (403, "wrong-sign-in"), answer.body
    return str(answer.json()["detail"])


@pytest.fixture
def published(make_sign_in: MakeSignIn) -> SigningIn:
    """A cloud that knows its address, and its owner."""
    signing_in = make_sign_in(SATCHEL_PUBLIC_URL="HTTPS://Cloud.example.com:443/")
    signing_in.nonces.origin = ADDRESS
    signing_in.claim()
    return signing_in


@pytest.mark.parametrize("origin", OTHERS)
def test_a_token_that_was_made_for_another_address_is_refused(published: SigningIn, origin: str) -> None:
    device = published.device(published.sign_in())
    nonce = published.server_nonce()
    relayed = {"id_token": published.issuer.id_token(nonce=bind_nonce(origin, nonce)), "nonce": nonce}
    for method, path in (("POST", "/v1/sign-in"), ("POST", "/v1/sign-in/fresh"), ("PUT", "/v1/owner")):
        assert "another address" in refusal(device.call(method, path, relayed))
    honest = {"id_token": published.issuer.id_token(nonce=bind_nonce(ADDRESS, nonce)), "nonce": nonce}
    assert published.cloud.stranger.call("POST", "/v1/sign-in", honest).status == 201, (
        "the nonce is not used up"
    )


def test_a_token_for_the_bare_nonce_is_refused(published: SigningIn) -> None:
    nonce = published.server_nonce()
    bare = {"id_token": published.issuer.id_token(nonce=nonce), "nonce": nonce}
    assert "another address" in refusal(published.cloud.stranger.call("POST", "/v1/sign-in", bare))


def test_a_token_is_refused_beside_another_nonce(published: SigningIn) -> None:
    token = published.id_token()
    message = {"id_token": token, "nonce": published.server_nonce()}
    assert refusal(published.cloud.stranger.call("POST", "/v1/sign-in", message)).startswith("nonce")
    assert published.sign_in(token).status == 201


def test_a_nonce_that_is_no_text_in_utf_8_is_refused(published: SigningIn) -> None:
    message = {"id_token": published.issuer.id_token(nonce="\ud800"), "nonce": published.server_nonce()}
    assert "another address" in refusal(published.cloud.stranger.call("POST", "/v1/sign-in", message))


def test_the_nonce_is_required(published: SigningIn) -> None:
    device = published.device(published.sign_in())
    message = {"id_token": published.id_token()}
    for method, path in (("POST", "/v1/sign-in"), ("POST", "/v1/sign-in/fresh"), ("PUT", "/v1/owner")):
        assert device.call(method, path, message).problem == "invalid"


def sent_to(signing_in: SigningIn, host: str, message: Mapping[str, Any]) -> Answer:
    """Send a sign-in with another Host."""

    def send(method: str, path: str, headers: Any, body: bytes | None) -> Answer:  # noqa: ANN401
        return signing_in.cloud.loopback.call(Call(method, path, {**headers, "host": host}, [body or b""]))

    return WireDevice(send).call("POST", "/v1/sign-in", message)


def test_the_host_of_a_request_does_not_matter_where_the_address_is_set(published: SigningIn) -> None:
    nonce = published.server_nonce()
    evil = published.issuer.id_token(nonce=bind_nonce("http://evil.example.com", nonce))
    refusal(sent_to(published, "evil.example.com", {"id_token": evil, "nonce": nonce}))
    assert sent_to(published, "evil.example.com", published.proof()).status == 201


@pytest.mark.parametrize("host", ["cloud.test", "CLOUD.test", "cloud.test:80"])
def test_without_the_setting_the_host_of_the_request_is_the_address(signing_in: SigningIn, host: str) -> None:
    signing_in.claim()
    assert sent_to(signing_in, host, signing_in.proof()).status == 201
    assert "another address" in refusal(sent_to(signing_in, "other.test", signing_in.proof()))
    refusal(sent_to(signing_in, 'a"b', signing_in.proof()))
