"""Settings of sign-in: invalid ones and combinations are refused at the start with one line."""

import pytest

from satchel_service.settings import Settings, SettingsError

ISSUER = {"SATCHEL_OIDC_ISSUER": "https://issuer.example.com", "SATCHEL_OIDC_CLIENT_ID": "satchel"}


def test_without_an_issuer_there_is_no_sign_in() -> None:
    settings = Settings.read({})
    assert (settings.oidc_issuer, settings.oidc_client_id, settings.oidc_scopes) == ("", "", ("openid",))


def test_the_audience_is_the_client_id_unless_set() -> None:
    assert Settings.read(ISSUER).oidc_audience == "satchel"
    assert Settings.read({**ISSUER, "SATCHEL_OIDC_AUDIENCE": "api"}).oidc_audience == "api"


@pytest.mark.parametrize(
    "issuer",
    [
        "https://tenant.eu.auth0.com/",
        "https://Issuer.example.com:8443/realms/Main",
        "http://127.0.0.1:9000",
        "http://localhost/realm/",
        "http://[::1]:8080",
    ],
)
def test_an_issuer_is_kept_exactly(issuer: str) -> None:
    assert Settings.read({**ISSUER, "SATCHEL_OIDC_ISSUER": issuer}).oidc_issuer == issuer


@pytest.mark.parametrize(
    "issuer",
    [
        "issuer.example.com",
        "http://issuer.example.com",
        "http://127.0.0.1.example.com",
        "https://user@issuer.example.com",
        "https://issuer.example.com?x",
        "https://issuer.example.com/#x",
        "https://issuer.example.com/a b",
        "https://issuer.example.com:99999",
        "https://",
        "ftp://issuer.example.com",
        " https://issuer.example.com",
        "https://issuer.example.com\n",
        "https://issuer.example.com/" + "x" * 500,
    ],
)
def test_an_issuer_that_is_no_secure_address_is_refused(issuer: str) -> None:
    with pytest.raises(SettingsError, match="SATCHEL_OIDC_ISSUER is "):
        Settings.read({**ISSUER, "SATCHEL_OIDC_ISSUER": issuer})


@pytest.mark.parametrize(
    ("env", "value"),
    [
        ("SATCHEL_OIDC_CLIENT_ID", "a\tb"),
        ("SATCHEL_OIDC_CLIENT_ID", "ä"),
        ("SATCHEL_OIDC_CLIENT_ID", "x" * 501),
        ("SATCHEL_OIDC_AUDIENCE", " x"),
        ("SATCHEL_OIDC_SCOPES", "profile"),
        ("SATCHEL_OIDC_SCOPES", 'openid "'),
        ("SATCHEL_OIDC_ACR_VALUES", "x" * 201),
        ("SATCHEL_OIDC_ACR_VALUES", "x " * 21),
        ("SATCHEL_OIDC_REQUIRE_MFA", "yes"),
        ("SATCHEL_OIDC_REDIRECT_PORTS", "0"),
        ("SATCHEL_OIDC_REDIRECT_PORTS", "65536"),
        ("SATCHEL_OIDC_REDIRECT_PORTS", "8080,x"),
        ("SATCHEL_OIDC_REDIRECT_PORTS", ",".join(map(str, range(1, 12)))),
        ("SATCHEL_OWNER_SUBJECT", "x" * 256),
    ],
)
def test_an_invalid_value_is_refused(env: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{env} is "):
        Settings.read({**ISSUER, env: value})


@pytest.mark.parametrize(
    ("env", "value"),
    [
        ("SATCHEL_OIDC_CLIENT_ID", "satchel"),
        ("SATCHEL_OIDC_AUDIENCE", "satchel"),
        ("SATCHEL_OIDC_CLIENT_SECRET", "x"),
        ("SATCHEL_OIDC_SCOPES", "openid email"),
        ("SATCHEL_OIDC_ACR_VALUES", "mfa"),
        ("SATCHEL_OIDC_REQUIRE_MFA", "true"),
        ("SATCHEL_OIDC_REDIRECT_PORTS", "8400"),
        ("SATCHEL_OIDC_CA_BUNDLE", "/etc/ca.pem"),
        ("SATCHEL_OWNER_SUBJECT", "auth0|1"),
    ],
)
def test_a_setting_of_sign_in_without_an_issuer_is_refused(env: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{env} is set, but SATCHEL_OIDC_ISSUER is not"):
        Settings.read({env: value})


def test_an_issuer_without_a_client_id_is_refused() -> None:
    with pytest.raises(SettingsError, match="SATCHEL_OIDC_CLIENT_ID"):
        Settings.read({"SATCHEL_OIDC_ISSUER": "https://issuer.example.com"})


def test_words_and_ports_are_lists() -> None:
    settings = Settings.read(
        {
            **ISSUER,
            "SATCHEL_OIDC_SCOPES": "openid  profile",
            "SATCHEL_OIDC_ACR_VALUES": "urn:a urn:b",
            "SATCHEL_OIDC_REDIRECT_PORTS": "8400, 8401",
            "SATCHEL_OIDC_REQUIRE_MFA": "TRUE",
        }
    )
    assert settings.oidc_scopes == ("openid", "profile")
    assert settings.oidc_acr_values == ("urn:a", "urn:b")
    assert settings.oidc_redirect_ports == (8400, 8401)
    assert settings.oidc_require_mfa
