"""Requests from strangers: fake tokens, altered tickets, oversized bodies."""

import base64
import json
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.infra.provisioning.deployment import KEY, NOW
from tests.infra.serving.conftest import MakeService, Service
from tests.support.asgi import Call
from tests.support.loopback_issuer import shared_key

from satchel_infra.configuration import Access
from satchel_infra.serving.sign_ins import is_allowed
from satchel_infra.serving.tickets import (
    TICKET_CONTEXT,
    TTL_MS,
    Purpose,
    Ticket,
    TicketError,
    derive_key,
    open_ticket,
    seal,
)
from satchel_service.sign_in.verification import WRONG_SIGN_INS

TICKET_KEY: Final = derive_key(KEY, TICKET_CONTEXT, "https://issuer.example.org/")
TICKET: Final = Ticket(Purpose.CREATE, "auth0|ada", NOW, NOW + TTL_MS)


# -- tokens -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another-app"},
        {"iss": "https://issuer.example.org/"},
        {"exp": NOW // 1000 - 3600, "iat": NOW // 1000 - 7200},
        {"nonce": "n"},
        {"nonce": None},
        {"scope": "openid"},
        {"typ": "Bearer"},
        {"azp": "another-app"},
        {"sub": ""},
        {"sub": "ä"},
        {"sub": "x" * 256},
        {"header": {"typ": "at+jwt"}},
        {"header": {"alg": "none"}},
        {"header": {"kid": None, "alg": "HS256"}},
        {"key": shared_key("RS256", "other")},
    ],
    ids=lambda changes: (
        "-".join(f"{name}={value!r}"[:40] for name, value in changes.items() if name != "key") or "key"
    ),
)
def test_a_token_that_is_not_for_this_provisioner_is_refused(
    service: Service, changes: dict[str, Any]
) -> None:
    for ask in (service.request, service.remove):
        answer = ask(**changes)
        assert answer.problem in ("wrong-sign-in", "unavailable"), answer.body
    assert service.place.worlds == {} or not service.place.worlds["a"].accounts


def test_strangers_who_guess_do_not_keep_an_owner_out(service: Service) -> None:
    answers = [service.request("a.b.c").problem for _ in range(WRONG_SIGN_INS.burst + 2)]
    assert answers[0] == "wrong-sign-in"
    assert answers[-1] == "too-many"
    assert service.request().status == 202


def test_a_removal_takes_a_sign_in_of_the_last_five_minutes(service: Service) -> None:
    service.follow(service.request())
    old = service.place.now // 1000 - 6 * 60 - 60
    assert service.remove(auth_time=old).problem == "fresh-sign-in"
    assert service.remove(auth_time=None).problem == "fresh-sign-in"
    assert service.place.records().latest(service.owner()) is None
    assert service.remove().status == 202


def test_a_removal_uses_the_sign_in_up_also_at_another_provisioner(make_service: MakeService) -> None:
    first, second = make_service(), make_service()
    first.follow(first.request())
    token = first.id_token()
    first.follow(first.remove(token))
    first.follow(first.request())
    for each in (first, second):
        answer = each.remove(token)
        assert (answer.status, answer.problem) == (403, "wrong-sign-in")
    assert first.place.shards_with(first.owner()) == ["a"]


def test_the_sign_in_of_a_creation_begins_no_removal_and_no_other_creation(make_service: MakeService) -> None:
    first, second = make_service(), make_service()
    token = first.id_token()
    first.follow(first.request(token))
    for ask in (first.remove, second.remove, first.request, second.request):
        answer = ask(token)
        assert (answer.status, answer.problem) == (403, "wrong-sign-in")
    assert first.place.records().latest(first.owner()) is None
    assert first.follow(first.request())["state"] == "ready"


def test_a_second_factor_is_required_if_the_operator_says_so(make_service: MakeService) -> None:
    service = make_service(SATCHEL_OIDC_REQUIRE_MFA="true")
    assert service.call("GET", "/v1/sign-in").json()["requires_mfa"] is True
    assert service.request().problem == "second-factor"
    assert service.remove().problem == "second-factor"
    assert service.request(amr=["pwd", "otp"]).status == 202


def test_only_listed_accounts_get_a_cloud_and_a_former_one_may_still_remove_its_own(
    make_service: MakeService,
) -> None:
    former = make_service()
    former.follow(former.request())
    service = make_service(access=Access(frozenset({"bob"}), "groups", frozenset({"staff"})))
    assert service.request().problem == "not-owner"
    assert service.request(groups=["visitors"]).problem == "not-owner"
    assert service.request(sub="bob").status == 202
    assert service.request(sub="carol", groups=["x", "staff"]).status == 202
    assert service.follow(service.remove())["state"] == "gone"


@pytest.mark.parametrize(
    "value", [None, "staffs", ["x"], {"staff": 1}, 1, True, [["staff"]], ["staff"] * 1001]
)
def test_a_claim_of_another_form_allows_nothing(value: object) -> None:
    access = Access(frozenset(), "groups", frozenset({"staff"}))
    assert not is_allowed(access, {"sub": "ada", "groups": value})
    assert is_allowed(access, {"sub": "ada", "groups": "staff"})


# -- tickets ----------------------------------------------------------------------------------------------


@given(
    st.sampled_from(Purpose),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=255),
    st.integers(0, 2**53),
    st.integers(0, 10**6),
)
def test_a_ticket_says_what_was_sealed(purpose: Purpose, subject: str, asked: int, removal: int) -> None:
    ticket = Ticket(purpose, subject, asked, NOW + 1, removal)
    text = seal(TICKET_KEY, ticket)
    assert len(text) <= 2048
    assert open_ticket(TICKET_KEY, text, NOW) == ticket


@given(st.data())
@settings(max_examples=300)
def test_a_changed_ticket_is_refused(data: st.DataObject) -> None:
    text = seal(TICKET_KEY, TICKET)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(max_codepoint=255).filter(lambda each: each != text[place]))
    with pytest.raises(TicketError):
        open_ticket(TICKET_KEY, text[:place] + letter + text[place + 1 :], NOW)


@given(
    st.text(max_size=3000)
    | st.binary(max_size=2000).map(lambda data: base64.urlsafe_b64encode(data).decode())
)
def test_any_other_text_is_no_ticket(text: str) -> None:
    with pytest.raises(TicketError):
        open_ticket(TICKET_KEY, text, NOW)


@pytest.mark.parametrize("now", [NOW + TTL_MS, NOW + 2 * TTL_MS, NOW - 10 * TTL_MS])
def test_a_ticket_is_good_for_an_hour(now: int) -> None:
    open_ticket(TICKET_KEY, seal(TICKET_KEY, TICKET), NOW + TTL_MS - 1)
    with pytest.raises(TicketError):
        open_ticket(TICKET_KEY, seal(TICKET_KEY, TICKET), now)


@pytest.mark.parametrize("key", [derive_key(KEY, TICKET_CONTEXT, "https://issuer.example.org"), bytes(32)])
def test_a_ticket_of_another_provisioner_or_issuer_is_refused(key: bytes) -> None:
    with pytest.raises(TicketError):
        open_ticket(TICKET_KEY, seal(key, TICKET), NOW)


def test_a_ticket_is_not_shown() -> None:
    assert "ada" not in repr(TICKET)


def test_a_wrong_ticket_is_not_signed_in(service: Service) -> None:
    for text in ("x", seal(bytes(32), TICKET), "A" * 2048):
        answer = service.advance(text)
        assert (answer.status, answer.problem) == (401, "not-signed-in")
    assert service.advance("A" * 2049).problem == "invalid"


# -- requests ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/clouds", "/v1/clouds/removal", "/v1/clouds/advance"])
def test_bodies_are_bounded_and_strict(service: Service, path: str) -> None:
    assert service.call("POST", path, {"id_token": "x" * 30_000}).problem == "too-large"
    assert service.call("POST", path, {"id_token": "x", "nonce": "n", "other": 1}).problem == "invalid"
    assert service.call("POST", path, []).problem == "invalid"
    wrong = service.loopback.call(Call("POST", path, {"content-type": "application/json"}, (b"{",)))
    assert wrong.problem == "bad-request"
    assert (
        service.loopback.call(Call("POST", path, {"content-type": "text/plain"}, (b"{}",))).problem
        == "wrong-type"
    )
    assert service.call("DELETE", path).problem == "method-not-allowed"


def test_two_hosts_are_refused(service: Service) -> None:
    answer = service.loopback.call(Call("GET", "/live", more_headers=[("host", "x")]))
    assert answer.problem == "bad-request"


NAMES: Final = st.text().filter(lambda name: name not in ("ticket", "id_token", "nonce"))
"""Hypothesis also tries the words that it finds in the code, and {"ticket": "x"} is a message."""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
        max_leaves=8,
    )
)
@settings(max_examples=40)
def test_any_other_json_is_refused_as_a_message(value: object) -> None:
    import msgspec

    from satchel_wire.provisioning import AdvanceRequest, CloudRequest

    for kind in (AdvanceRequest, CloudRequest):
        with pytest.raises((msgspec.ValidationError, msgspec.DecodeError, UnicodeEncodeError)):
            msgspec.json.decode(json.dumps(value).encode(), type=kind)
