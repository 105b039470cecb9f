"""What a cloud reveals about its sign-in, and the nonces that it gives to anyone."""

from tests.unit.service.conftest import InProcess, MakeCloud

from satchel_service.database import rows

ISSUER = {"SATCHEL_OIDC_ISSUER": "https://issuer.example.com/", "SATCHEL_OIDC_CLIENT_ID": "satchel"}


def test_a_cloud_without_an_issuer_has_no_sign_in(cloud: InProcess) -> None:
    for method, path in (("GET", "/v1/sign-in"), ("POST", "/v1/sign-in/nonce")):
        assert cloud.stranger.call(method, path).problem == "not-found"


def test_a_cloud_names_its_issuer_to_anyone(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(**ISSUER, SATCHEL_OIDC_ACR_VALUES="a b", SATCHEL_OIDC_REDIRECT_PORTS="8400")
    assert cloud.stranger.call("GET", "/v1/sign-in").json() == {
        "issuer": "https://issuer.example.com/",
        "client_id": "satchel",
        "audience": "satchel",
        "client_secret": None,
        "scopes": ["openid"],
        "acr_values": ["a", "b"],
        "requires_mfa": False,
        "needs_code": True,
        "max_age_s": 300,
        "redirect_ports": [8400],
    }


def test_an_owner_that_the_operator_has_set_needs_no_code(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(**ISSUER, SATCHEL_OWNER_SUBJECT="ada")
    assert cloud.stranger.call("GET", "/v1/sign-in").json()["needs_code"] is False


def test_strangers_who_request_nonces_add_one_key_and_no_rows(make_cloud: MakeCloud) -> None:
    cloud = make_cloud(**ISSUER)

    def stored() -> list[tuple[object, ...]]:
        return cloud.loopback.run(
            cloud.environment.database.read(
                lambda db: rows(db, "SELECT key FROM meta UNION ALL SELECT 'nonce' FROM nonces")
            )
        )

    first = cloud.stranger.call("POST", "/v1/sign-in/nonce")
    assert first.status == 201
    before = stored()
    nonces = {cloud.stranger.call("POST", "/v1/sign-in/nonce").json()["nonce"] for _ in range(50)}
    assert len(nonces) == 50
    assert stored() == before
