"""`account`, `logout`, refresh tokens, and what disconnecting leaves."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.integration.signin.conftest import SignedDevice, home_files
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person
from tests.support.file_keyring import held_in
from tests.support.service import ServiceProcess

MakeDevice = Callable[..., SignedDevice]


@pytest.fixture
def offline_cloud(cloud: ServiceProcess) -> ServiceProcess:
    """A cloud that asks its issuer for refresh tokens."""
    cloud.kill()
    return cloud.set(SATCHEL_OIDC_SCOPES="openid offline_access").start()


@pytest.fixture
def keeper(offline_cloud: ServiceProcess, make_device: MakeDevice) -> SignedDevice:
    """A connected device with a keyring that holds a refresh token."""
    device = make_device(has_keyring=True)
    device.command("connect", offline_cloud.url, "--sign-in", "--pair", offline_cloud.pairing_code)
    return device


def refresh_tokens(device: SignedDevice) -> list[str]:
    return [value for name, value in held_in(device.keyring_file).items() if "/refresh/" in name]


def test_the_account_names_issuer_subject_second_factor_and_devices(
    device: SignedDevice, provider: Issuer
) -> None:
    account = device.document("account")
    assert set(account) == {
        "url", "issuer", "subject", "owner_is_set_by_operator", "requires_second_factor", "second_factor",
        "fresh_until", "signed_in", "refresh_token", "devices", "provisioner",
    }  # fmt: skip
    assert (account["issuer"], account["subject"], account["second_factor"]) == (provider.url, "ada", False)
    assert account["fresh_until"] is not None
    said = device.command("account")
    assert f"issuer\t{provider.url}" in said
    assert "only your recovery words do" in said


def test_somebody_who_never_signed_in_is_told_how(alone: SignedDevice) -> None:
    assert "satchel login URL" in alone.command("account", code=4)
    alone.command("logout", code=4)
    alone.command("login", code=2)


def test_a_refresh_token_is_in_the_keyring_and_nowhere_else(keeper: SignedDevice) -> None:
    (token,) = refresh_tokens(keeper)
    assert token not in home_files(keeper)
    assert keeper.document("account")["refresh_token"] is True


def test_refreshing_asks_the_issuer_and_rotates_the_token(keeper: SignedDevice, provider: Issuer) -> None:
    before = refresh_tokens(keeper)
    provider.reset()
    keeper.command("account", "--refresh")
    assert provider.requests().count("POST /token") == 1
    after = refresh_tokens(keeper)
    assert len(after) == 1
    assert before != after


def test_a_stolen_refresh_token_is_noticed(keeper: SignedDevice, provider: Issuer, tmp_path: Path) -> None:
    stolen = keeper.keyring_file.read_text()
    account = (keeper.home / "account.json").read_text()
    keeper.command("account", "--refresh")
    keeper.keyring_file.write_text(stolen)
    (keeper.home / "account.json").write_text(account)
    assert "used, expired or revoked" in keeper.command("account", "--refresh", code=4)
    assert refresh_tokens(keeper) == []
    keeper.command("account", "--refresh", code=3)


def test_without_a_keyring_the_refresh_token_is_not_kept_and_that_is_said(
    offline_cloud: ServiceProcess, make_device: MakeDevice
) -> None:
    device = make_device("plain")
    said = device.command("connect", offline_cloud.url, "--sign-in", "--pair", offline_cloud.pairing_code)
    assert "refresh token was not kept: the keyring is switched off" in said
    assert device.document("account")["refresh_token"] is False


def test_no_command_but_refresh_and_logout_uses_the_refresh_token(
    keeper: SignedDevice, provider: Issuer, tmp_path: Path
) -> None:
    piece = keeper.save("text")
    provider.reset()
    before = refresh_tokens(keeper)
    for line in (
        ["list"], ["search", "text"], ["show", piece], ["status"], ["doctor"], ["backup"], ["backups"], ["verify"],
        ["sync"], ["devices"], ["devices", "add"], ["account"], ["share", piece], ["shares"], ["status"],
        ["schedule", "list"], ["export", str(tmp_path / "out.zip")],
    ):  # fmt: skip
        ran = keeper.run(*line)
        assert ran.code in {0, 1}, f"{line}: {ran.err}"
    assert provider.requests() == [], "no other command contacts the issuer at all"
    assert refresh_tokens(keeper) == before


def test_logging_out_revokes_the_refresh_token_and_leaves_the_device_connected(
    keeper: SignedDevice, provider: Issuer
) -> None:
    provider.reset()
    out = keeper.document("logout")
    assert out == {"issuer": provider.url, "subject": "ada", "revoked": True, "connected": True}
    assert "POST /token/revocation" in provider.requests()
    assert refresh_tokens(keeper) == []
    assert not (keeper.home / "account.json").exists()
    keeper.command("backups")


def test_logging_out_forgets_even_if_the_issuer_is_down(keeper: SignedDevice, provider: Issuer) -> None:
    provider.fail({"/token/revocation": 503})
    assert "could not revoke" in keeper.command("logout", code=6)
    assert refresh_tokens(keeper) == []
    assert not (keeper.home / "account.json").exists()


def test_logging_out_tells_a_refusal_from_a_failure_to_reach_the_issuer(
    keeper: SignedDevice,
) -> None:
    account = keeper.home / "account.json"
    document = json.loads(account.read_text())
    account.write_text(json.dumps({**document, "client_id": "nobody"}))
    assert "could not revoke" in keeper.command("logout", code=4)
    assert refresh_tokens(keeper) == []


def test_an_issuer_that_cannot_revoke_is_told(keeper: SignedDevice, provider: Issuer) -> None:
    provider.change_metadata(revocation_endpoint=None)
    assert "cannot revoke refresh tokens" in keeper.command("logout")


def test_disconnecting_leaves_the_pieces_and_the_account(device: SignedDevice, cloud: ServiceProcess) -> None:
    device.save("text")
    said = device.command("disconnect", "--yes")
    assert "satchel logout forgets it" in said
    assert (device.home / "account.json").exists()
    assert len(device.ok("list").lines) == 1
    assert "not connected" in device.command("account")
    assert "stays connected" not in device.command("logout")


def test_two_people_on_two_devices_see_the_same_owner(
    cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice
) -> None:
    laptop = make_device("laptop", Person("ada", has_second_factor=True))
    laptop.command("connect", cloud.url)
    assert laptop.document("account")["second_factor"] is True
    assert device.document("account")["second_factor"] is False
    assert laptop.document("account")["subject"] == device.document("account")["subject"]
