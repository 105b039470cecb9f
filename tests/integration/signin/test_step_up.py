"""Commands that need a fresh sign-in: on a terminal they sign in and go on, elsewhere they stop with exit code 4."""

from collections.abc import Callable

import pytest
from tests.integration.signin.conftest import SignedDevice
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person
from tests.support.service import ServiceProcess

MakeDevice = Callable[..., SignedDevice]
ASKED = "wants you to sign in again"


@pytest.fixture
def paired(cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice) -> SignedDevice:
    """A device that a pairing code connected, so it has no fresh sign-in."""
    laptop = make_device("laptop")
    laptop.command("connect", cloud.url, "--pair", cloud.new_pairing_code(), "--label", "laptop")
    return laptop


def test_adding_a_device(paired: SignedDevice) -> None:
    said = paired.command("devices", "add", code=4)
    assert "there is no terminal to sign in on" in said
    assert "satchel login" in said
    said = paired.terminal("devices", "add")
    assert ASKED in said
    assert "valid until" in said
    assert ASKED not in paired.terminal("devices", "add"), "the sign-in stays fresh for some minutes"


def test_revoking_another_device(paired: SignedDevice, device: SignedDevice) -> None:
    desk = next(each for each in paired.document("devices")["devices"] if each["label"] == "desk")
    paired.command("devices", "revoke", desk["id"], code=4)
    device.command("devices")
    assert ASKED in paired.terminal("devices", "revoke", desk["id"])
    device.command("devices", code=4)


def test_revoking_itself_needs_no_sign_in(paired: SignedDevice) -> None:
    own = next(each for each in paired.document("devices")["devices"] if each["current"])
    paired.command("devices", "revoke", own["id"])


def test_erasing_a_backup_at_once(cloud: ServiceProcess, paired: SignedDevice) -> None:
    paired.save("text")
    backups = [paired.document("backup")["id"] for _ in range(3) if paired.save("more")]
    paired.command("backups", "delete", backups[0], "--now", code=4)
    assert ASKED in paired.terminal("backups", "delete", backups[0], "--now")
    paired.command("backups", "delete", backups[1], "--now", "--code", cloud.new_pairing_code())
    assert [each["id"] for each in paired.document("backups")["backups"]] == [backups[2]]
    assert paired.document("backups", "--deleted")["deleted"] == []


def test_erasing_the_cloud_and_proving_it(cloud: ServiceProcess, paired: SignedDevice) -> None:
    paired.save("text")
    paired.command("backup")
    paired.command("disconnect", "--erase-cloud", "--yes", code=4)
    assert (paired.home / "cloud.json").exists()
    said = paired.terminal("disconnect", "--erase-cloud", "--yes")
    assert ASKED in said
    assert "a listing of its storage is empty" in said
    assert not (paired.home / "cloud.json").exists()
    assert paired.ok("list").lines, "the Pieces stay"


def test_erasing_the_cloud_with_an_operators_code(
    cloud: ServiceProcess, paired: SignedDevice, provider: Issuer
) -> None:
    provider.reset()
    erased = paired.document("disconnect", "--erase-cloud", "--yes", "--code", cloud.new_pairing_code())
    assert erased["remaining_objects"] == 0
    assert "GET /auth" not in provider.requests()


def test_changing_the_owner(
    cloud: ServiceProcess, device: SignedDevice, paired: SignedDevice, make_device: MakeDevice
) -> None:
    """The present owner signs in first, then the next one, in the same terminal."""
    paired.use(Person("ada"), Person("grace"))
    said = paired.terminal("account", "--change-owner", "--yes")
    assert "now sign in as the new owner" in said
    assert paired.document("account")["subject"] == "grace"
    assert "does not own the cloud" in make_device("third").command("connect", cloud.url, code=4)
    make_device("fourth", Person("grace")).command("connect", cloud.url)


def test_a_stranger_cannot_become_the_owner(cloud: ServiceProcess, paired: SignedDevice) -> None:
    paired.use(Person("mallory"))
    said = paired.terminal("account", "--change-owner", "--yes", code=4)
    assert "does not own the cloud" in said
    assert paired.document("account")["subject"] == "ada"


def test_an_owner_set_by_the_operator_cannot_be_changed(cloud: ServiceProcess, device: SignedDevice) -> None:
    cloud.kill()
    cloud.set(SATCHEL_OWNER_SUBJECT="ada").start()
    device.use(Person("ada"), Person("grace"))
    device.command("login")
    said = device.terminal("account", "--change-owner", "--yes", code=1)
    assert "SATCHEL_OWNER_SUBJECT" in said


def test_a_fresh_sign_in_can_be_made_beforehand(paired: SignedDevice) -> None:
    """For scripts and computers without a terminal of their own."""
    signed_in = paired.document("login")
    assert signed_in["until"]
    assert len(paired.document("devices", "add")["code"]) > 8


def test_another_account_does_not_count(paired: SignedDevice) -> None:
    paired.use(Person("mallory"))
    assert "does not own the cloud" in paired.command("login", code=4)
    paired.command("devices", "add", code=4)
