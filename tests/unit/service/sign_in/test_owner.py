"""Who may sign in: the owner, whom the operator or the first sign-in with a code names."""

import pytest
from tests.unit.service.sign_in.conftest import MakeSignIn, SigningIn

from satchel_service.problems import ProblemError
from satchel_service.sign_in.accounts import Account
from satchel_service.sign_in.owners import Owner, becomes_owner


def test_the_first_sign_in_needs_a_code_of_the_operator_and_claims_the_cloud(signing_in: SigningIn) -> None:
    assert signing_in.sign_in().problem == "wrong-code"
    answer = signing_in.sign_in(code=signing_in.cloud.operators_code())
    assert answer.status == 201
    assert (answer.json()["subject"], answer.json()["claimed"]) == ("ada", True)
    assert signing_in.cloud.stranger.call("GET", "/v1/sign-in").json()["needs_code"] is False
    again = signing_in.sign_in()
    assert (again.status, again.json()["claimed"]) == (201, False)
    assert signing_in.device(again).call("GET", "/v1/status").status == 200


def test_another_account_is_refused(signing_in: SigningIn) -> None:
    signing_in.claim()
    assert signing_in.sign_in(sub="eve").problem == "not-owner"


def test_a_code_that_a_device_made_does_not_claim_the_cloud(signing_in: SigningIn) -> None:
    device = signing_in.claim()
    code = device.call("POST", "/v1/pairings").json()["code"]
    assert signing_in.sign_in(code=code, sub="eve").problem == "wrong-code"


def test_a_wrong_code_is_refused_and_the_token_can_be_sent_again(signing_in: SigningIn) -> None:
    token = signing_in.id_token()
    assert signing_in.sign_in(token, code="AAAA-AAAA-AAAA").problem == "wrong-code"
    assert signing_in.sign_in(token, code=signing_in.cloud.operators_code()).status == 201


def test_a_wrong_token_leaves_the_code(signing_in: SigningIn) -> None:
    code = signing_in.cloud.operators_code()
    assert signing_in.sign_in(code=code, aud="another").problem == "wrong-sign-in"
    assert signing_in.sign_in(code=code).status == 201
    assert signing_in.sign_in(code=code).problem == "wrong-code", "it is used up now"


def test_a_code_of_the_operator_makes_another_account_the_owner(signing_in: SigningIn) -> None:
    signing_in.claim()
    assert signing_in.claim(sub="grace").call("GET", "/v1/account").json()["subject"] == "grace"
    assert signing_in.sign_in().problem == "not-owner"
    assert signing_in.sign_in(sub="grace").status == 201


def test_the_subject_that_the_operator_sets_wins(make_sign_in: MakeSignIn) -> None:
    signing_in = make_sign_in(SATCHEL_OWNER_SUBJECT="ada")
    assert signing_in.sign_in(sub="eve").problem == "not-owner"
    code = signing_in.cloud.operators_code()
    assert signing_in.sign_in(code=code, sub="eve").problem == "not-owner", "not even with a code"
    answer = signing_in.sign_in()
    assert (answer.status, answer.json()["claimed"]) == (201, False)
    account = signing_in.device(answer).call("GET", "/v1/account").json()
    assert (account["subject"], account["owner_is_set_by_operator"]) == ("ada", True)


def test_a_code_that_revokes_others_leaves_only_the_device_that_signs_in(signing_in: SigningIn) -> None:
    from satchel_service.devices.codes import create_grant

    cloud = signing_in.cloud
    first, second = signing_in.claim(), signing_in.device(signing_in.sign_in())
    grant = create_grant(
        cloud.environment.storage, cloud.environment.entropy(8), cloud.clock(), revokes_others=True
    )
    assert signing_in.step_up(second, code=grant.text).status == 200
    listed = second.call("GET", "/v1/devices").json()["devices"]
    assert [each["id"] for each in listed] == [second.id]
    assert (
        first.call("GET", "/v1/status").problem
        == cloud.device.call("GET", "/v1/status").problem
        == "not-signed-in"
    )


def test_a_code_adds_a_device_beyond_the_limit(make_sign_in: MakeSignIn) -> None:
    signing_in = make_sign_in(SATCHEL_DEVICES="1")
    signing_in.claim()
    assert signing_in.sign_in().problem == "quota"
    assert signing_in.sign_in(code=signing_in.cloud.operators_code()).status == 201


def test_the_owner_passes_the_cloud_on(signing_in: SigningIn) -> None:
    device = signing_in.claim()
    signing_in.cloud.clock.advance(minutes=6)

    def pass_on() -> str:
        answer = device.call("PUT", "/v1/owner", signing_in.proof(sub="grace"))
        return answer.problem or str(answer.json()["subject"])

    assert pass_on() == "fresh-sign-in"
    assert signing_in.step_up(device).status == 200
    assert pass_on() == "grace"
    assert signing_in.sign_in().problem == "not-owner"
    assert device.call("POST", "/v1/pairings").status == 201, "the new owner has just signed in on it"


def test_an_owner_set_by_the_operator_cannot_be_passed_on(make_sign_in: MakeSignIn) -> None:
    signing_in = make_sign_in(SATCHEL_OWNER_SUBJECT="ada")
    device = signing_in.device(signing_in.sign_in())
    answer = device.call("PUT", "/v1/owner", signing_in.proof(sub="grace"))
    assert answer.problem == "conflict"


def test_a_nonce_works_once(signing_in: SigningIn) -> None:
    token = signing_in.id_token()
    assert signing_in.sign_in(token, code=signing_in.cloud.operators_code()).status == 201
    assert signing_in.sign_in(token).problem == "wrong-sign-in"


def test_of_two_sign_ins_with_one_nonce_at_once_one_wins(signing_in: SigningIn) -> None:
    import json

    from tests.support.asgi import Call

    signing_in.claim()
    token = signing_in.id_token()
    body = json.dumps(signing_in.proof(token)).encode()
    call = Call("POST", "/v1/sign-in", {"content-type": "application/json"}, [body])
    answers = signing_in.cloud.loopback.race([call] * 5)
    assert sorted(answer.status for answer in answers) == [201, 403, 403, 403, 403]


ADA, EVE = Account("https://issuer.example.com", "ada"), Account("https://issuer.example.com", "eve")
ADA_ELSEWHERE = Account("https://other.example.com", "ada")
RULES = [
    (ADA, Owner(None, False), False, "wrong-code"),
    (ADA, Owner(None, False), True, True),
    (ADA, Owner(ADA, False), False, False),
    (ADA, Owner(ADA, False), True, False),
    (EVE, Owner(ADA, False), False, "not-owner"),
    (EVE, Owner(ADA, False), True, True),
    (ADA_ELSEWHERE, Owner(ADA, False), False, "not-owner"),
    (ADA, Owner(ADA, True), False, False),
    (EVE, Owner(ADA, True), False, "not-owner"),
    (EVE, Owner(ADA, True), True, "not-owner"),
]


@pytest.mark.parametrize(("account", "owner", "has_code", "expected"), RULES)
def test_the_rules_of_the_owner(account: Account, owner: Owner, has_code: bool, expected: bool | str) -> None:
    try:
        found: bool | str = becomes_owner(account, owner, has_code=has_code)
    except ProblemError as problem:
        found = problem.code.code
    assert found == expected


def test_the_digest_of_an_account_depends_on_both_parts() -> None:
    assert (
        len(
            {
                account.digest
                for account in (ADA, EVE, ADA_ELSEWHERE, Account("https://issuer.example.coma", "da"))
            }
        )
        == 4
    )
