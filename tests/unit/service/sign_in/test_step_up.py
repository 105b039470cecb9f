"""Step-up: what only the owner may do needs a sign-in on the same device within the last five minutes."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.asgi import Answer
from tests.support.wire_device import WireDevice
from tests.unit.service.conftest import InProcess
from tests.unit.service.sign_in.conftest import MakeSignIn, SigningIn

from satchel_service.callers import require_device
from satchel_service.cloud import Cloud
from satchel_service.problems import ProblemError
from satchel_service.sign_in.accounts import Account
from satchel_service.sign_in.owners import Owner
from satchel_service.sign_in.step_up import LatestSignIn
from satchel_wire.capabilities import HEADER
from satchel_wire.messages import FreshSignInRequest, OwnerRequest

CAPABLE = {HEADER: "sign-in"}


def make_code(_: SigningIn, device: WireDevice) -> Answer:
    return device.call("POST", "/v1/pairings")


def revoke_another(signing_in: SigningIn, device: WireDevice) -> Answer:
    other = signing_in.device(signing_in.sign_in())
    return device.call("DELETE", f"/v1/devices/{other.id}")


def erase_backups(_: SigningIn, device: WireDevice) -> Answer:
    return device.call("POST", "/v1/backups/erase", {"backups": [device.backup()]})


def erase_cloud(_: SigningIn, device: WireDevice) -> Answer:
    return device.call("POST", "/v1/cloud/erase", {}, headers=CAPABLE)


def set_owner(signing_in: SigningIn, device: WireDevice) -> Answer:
    return device.call("PUT", "/v1/owner", signing_in.proof(sub="grace"))


ACTS = [make_code, revoke_another, erase_backups, erase_cloud, set_owner]
Act = Callable[[SigningIn, WireDevice], Answer]


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_it_needs_a_sign_in_on_this_device_within_five_minutes(signing_in: SigningIn, act: Act) -> None:
    device, other = signing_in.claim(), signing_in.device(signing_in.sign_in())
    signing_in.cloud.clock.advance(minutes=5)
    assert signing_in.step_up(other).status == 200, "on another device"
    assert act(signing_in, device).problem == "fresh-sign-in"
    assert signing_in.step_up(device, amr=[]).status == 200
    signing_in.cloud.clock.advance(minutes=4, seconds=59)
    assert act(signing_in, device).status < 300


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_paired_device_needs_it_as_well(signing_in: SigningIn, act: Act) -> None:
    paired = signing_in.cloud.device
    if act is not revoke_another:
        assert act(signing_in, paired).problem == "fresh-sign-in", "the cloud has no owner yet"
    signing_in.claim()
    assert act(signing_in, paired).problem == "fresh-sign-in"


def test_without_an_issuer_nothing_needs_it(cloud: InProcess) -> None:
    assert cloud.device.call("POST", "/v1/pairings").status == 201
    other = WireDevice(cloud.stranger._send)
    other.pair(cloud.operators_code())
    assert cloud.device.call("DELETE", f"/v1/devices/{other.id}").status == 204
    assert cloud.device.call("POST", "/v1/backups/erase", {"backups": ["0" * 32]}).problem == "wrong-code"
    assert cloud.device.call("POST", "/v1/cloud/erase", {}).problem == "wrong-code"
    for method, path in (("POST", "/v1/sign-in"), ("POST", "/v1/sign-in/fresh"), ("PUT", "/v1/owner")):
        assert cloud.device.call(method, path, {"id_token": "a.b.c", "nonce": "n"}).problem == "not-found"
    assert cloud.device.call("GET", "/v1/account").json() == {
        "issuer": None,
        "subject": None,
        "owner_is_set_by_operator": False,
        "requires_mfa": False,
        "fresh_until": None,
        "mfa": None,
    }


def test_a_device_disconnects_itself_without_it(signing_in: SigningIn) -> None:
    device = signing_in.claim()
    signing_in.cloud.clock.advance(hours=1)
    assert device.call("DELETE", f"/v1/devices/{device.id}").status == 204


def test_a_code_of_the_operator_erases_without_it(signing_in: SigningIn) -> None:
    device = signing_in.cloud.device
    message = {"code": signing_in.cloud.operators_code(), "backups": [device.backup()]}
    assert device.call("POST", "/v1/backups/erase", message).status == 204
    message = {"code": signing_in.cloud.operators_code()}
    assert device.call("POST", "/v1/cloud/erase", message, headers=CAPABLE).status == 200


def test_it_lasts_from_the_sign_in_and_not_from_the_request(signing_in: SigningIn) -> None:
    device = signing_in.claim()
    now = signing_in.cloud.clock() // 1000
    answer = signing_in.step_up(device, auth_time=now - 200)
    assert datetime.fromisoformat(answer.json()["until"]).timestamp() == now + 100
    assert signing_in.step_up(device, auth_time=now - 301).problem == "wrong-sign-in"
    assert signing_in.step_up(device, auth_time=None).problem == "wrong-sign-in"


def test_a_new_device_needs_a_sign_in_of_the_last_five_minutes(signing_in: SigningIn) -> None:
    signing_in.claim()
    now = signing_in.cloud.clock() // 1000
    assert signing_in.sign_in(auth_time=now - 359).status == 201, "with a minute of leeway"
    assert signing_in.sign_in(auth_time=now - 361).problem == "wrong-sign-in"
    assert signing_in.sign_in(auth_time=None).problem == "wrong-sign-in"
    assert signing_in.sign_in(auth_time=now + 59).status == 201
    assert signing_in.sign_in(auth_time=now + 61).problem == "wrong-sign-in"


def test_the_account_shows_until_when(signing_in: SigningIn) -> None:
    device = signing_in.claim(amr=["mfa"])
    shown = device.call("GET", "/v1/account").json()
    assert (shown["issuer"], shown["subject"], shown["mfa"]) == (signing_in.issuer.url, "ada", True)
    assert shown["fresh_until"] is not None
    signing_in.cloud.clock.advance(minutes=6)
    assert device.call("GET", "/v1/account").json()["fresh_until"] is None
    assert signing_in.cloud.device.call("GET", "/v1/account").json()["mfa"] is None


def test_another_account_cannot_step_up(signing_in: SigningIn) -> None:
    device = signing_in.claim()
    signing_in.cloud.clock.advance(minutes=6)
    assert signing_in.step_up(device, sub="eve").problem == "not-owner"
    assert make_code(signing_in, device).problem == "fresh-sign-in"


def test_a_sign_in_of_the_former_owner_does_not_count(signing_in: SigningIn) -> None:
    device = signing_in.claim()
    signing_in.claim(sub="grace")
    assert make_code(signing_in, device).problem == "fresh-sign-in"


def test_where_a_second_factor_is_required_a_sign_in_without_one_does_not_count(
    make_sign_in: MakeSignIn,
) -> None:
    signing_in = make_sign_in(SATCHEL_OIDC_REQUIRE_MFA="true")
    device = signing_in.claim(amr=["pwd", "otp"])
    assert make_code(signing_in, device).status == 201
    assert signing_in.step_up(device, amr=["pwd"]).problem == "second-factor"
    assert signing_in.sign_in(amr=["pwd"]).problem == "second-factor"
    assert signing_in.sign_in(amr=["pwd"], code=signing_in.cloud.operators_code()).problem == "second-factor"


def test_a_device_that_is_revoked_meanwhile_neither_steps_up_nor_changes_the_owner(
    signing_in: SigningIn,
) -> None:
    signing_in.claim()
    core, gone, loopback = Cloud(signing_in.cloud.environment).sign_in, "e" * 32, signing_in.cloud.loopback
    fresh = msgspec.convert(signing_in.proof(), FreshSignInRequest)
    passing = msgspec.convert(signing_in.proof(sub="eve"), OwnerRequest)
    with pytest.raises(ProblemError, match="not-signed-in"):
        loopback.run(core.step_up(fresh, signing_in.origin, by=gone))
    with pytest.raises(ProblemError, match="not-signed-in"):
        loopback.run(core.set_owner(passing, signing_in.origin, by=gone))
    assert signing_in.sign_in().status == 201, "the owner is the same"


def test_a_revoked_device_cannot_make_a_code_with_its_fresh_sign_in(signing_in: SigningIn) -> None:
    device = signing_in.claim()
    other = signing_in.device(signing_in.sign_in())
    assert other.call("DELETE", f"/v1/devices/{device.id}").status == 204
    assert make_code(signing_in, device).problem == "not-signed-in"
    read = signing_in.cloud.environment.database.read
    with pytest.raises(ProblemError, match="not-signed-in"):
        signing_in.cloud.loopback.run(read(lambda db: require_device(db, device.id)))
    assert asyncio.iscoroutinefunction(Cloud(signing_in.cloud.environment).sign_in.step_up)


ADA = Account("https://issuer.example.com", "ada")
MINUTES_5 = 5 * 60 * 1000
NOW = 1_800_000_000_000


@given(st.integers(-2 * MINUTES_5, 2 * MINUTES_5), st.booleans(), st.booleans())
def test_a_sign_in_is_fresh_for_five_minutes(
    age_ms: int, has_second_factor: bool, requires_mfa: bool
) -> None:
    latest = LatestSignIn(NOW - age_ms, has_second_factor, ADA.digest)
    until = latest.fresh_until(Owner(ADA, False), requires_mfa=requires_mfa, now=NOW)
    is_recent = -60_000 <= age_ms < MINUTES_5
    assert (until is not None) == (is_recent and (has_second_factor or not requires_mfa))
    assert until is None or until == NOW - age_ms + MINUTES_5


@pytest.mark.parametrize(
    "other",
    [
        None,
        Account("https://issuer.example.com", "eve"),
        Account("https://other.example.com", "ada"),
        Account("https://issuer.example.co", "mada"),
    ],
)
def test_a_sign_in_of_any_other_account_is_never_fresh(other: Account | None) -> None:
    latest = LatestSignIn(NOW, True, ADA.digest)
    assert latest.fresh_until(Owner(other, False), requires_mfa=False, now=NOW) is None
