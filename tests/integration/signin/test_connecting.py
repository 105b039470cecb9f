"""Connecting by signing in: the real program, the real service, and a certified issuer."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import PROGRAM
from tests.integration.signin.conftest import TOKEN, SignedDevice, home_files, oidc_settings
from tests.oidc.issuer import SECOND_FACTOR, Issuer
from tests.oidc.user_agent import Person, UserAgent
from tests.support.service import ServiceProcess

STRANGER = Person("mallory")
MakeDevice = Callable[..., SignedDevice]


def test_the_first_sign_in_with_the_operators_code_owns_the_cloud(
    cloud: ServiceProcess, alone: SignedDevice
) -> None:
    made = alone.document("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code, "--label", "desk")
    assert made["subject"] == "ada"
    assert set(made) == {"url", "device_id", "subject", "provisioner"}
    account = alone.document("account")
    assert (account["subject"], account["owner_is_set_by_operator"]) == ("ada", False)
    assert [each["label"] for each in account["devices"]] == ["desk"]


def test_the_code_to_claim_a_cloud_is_asked_for_on_a_terminal(
    cloud: ServiceProcess, alone: SignedDevice
) -> None:
    said = alone.terminal("connect", cloud.url, answers=cloud.pairing_code)
    assert "no owner yet" in said
    assert "now owns this cloud" in said


def test_without_a_terminal_a_cloud_without_an_owner_is_not_claimed(
    cloud: ServiceProcess, alone: SignedDevice, provider: Issuer
) -> None:
    said = alone.command("connect", cloud.url, code=2)
    assert "--sign-in --pair CODE" in said
    assert "GET /auth" not in provider.requests(), "no browser is opened in vain"


def test_the_person_is_told_where_and_as_what_before_the_browser_opens(
    cloud: ServiceProcess, alone: SignedDevice, provider: Issuer
) -> None:
    said = alone.command("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code)
    before, _, after = said.partition("opening your browser")
    assert provider.url in before
    assert "'satchel'" in before
    assert "decrypts nothing" in before
    assert f"{provider.url}/auth?" in after


def test_further_devices_connect_without_a_code(
    cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice
) -> None:
    laptop = make_device("laptop")
    laptop.command("connect", cloud.url, "--label", "laptop")
    assert {each["label"] for each in device.document("devices")["devices"]} == {"desk", "laptop"}


def test_another_account_is_refused_and_nothing_is_stored(
    cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice
) -> None:
    other = make_device("other", STRANGER)
    assert "does not own the cloud" in other.command("connect", cloud.url, code=4)
    assert not (other.home / "cloud.json").exists()
    assert not (other.home / "account.json").exists()
    assert len(device.document("devices")["devices"]) == 1


def test_a_wrong_code_claims_nothing(cloud: ServiceProcess, alone: SignedDevice) -> None:
    alone.command("connect", cloud.url, "--sign-in", "--pair", "AAAA-BBBB-CCCC", code=4)
    assert not (alone.home / "cloud.json").exists()
    alone.command("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code)


def test_an_operators_code_makes_another_account_the_owner(
    cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice
) -> None:
    successor = make_device("successor", Person("grace"))
    successor.command("connect", cloud.url, "--sign-in", "--pair", cloud.new_pairing_code())
    assert successor.document("account")["subject"] == "grace"


def test_a_pairing_code_alone_opens_no_browser(
    cloud: ServiceProcess, alone: SignedDevice, provider: Issuer
) -> None:
    provider.reset()
    alone.command("connect", cloud.url, "--pair", cloud.pairing_code)
    assert [each for each in provider.requests() if "/auth" in each] == []
    assert alone.document("account")["subject"] is None


def test_a_cloud_without_an_issuer_asks_for_a_pairing_code(tmp_path: Path, alone: SignedDevice) -> None:
    with ServiceProcess(tmp_path / "plain") as plain:
        assert "a pairing code is needed" in alone.command("connect", plain.url, code=2)
        for arguments in (
            ["login", plain.url],
            ["connect", plain.url, "--sign-in"],
            ["connect", plain.url, "--device-flow"],
        ):
            assert "has no sign-in" in alone.command(*arguments, code=4)
        alone.terminal("connect", plain.url, answers=plain.pairing_code)
        assert alone.document("account")["issuer"] is None


# -- second factors -------------------------------------------------------------------------------------------


@pytest.fixture
def strict_cloud(tmp_path: Path, provider: Issuer) -> ServiceProcess:
    settings = oidc_settings(
        provider,
        SATCHEL_OIDC_REQUIRE_MFA="true",
        SATCHEL_OIDC_ACR_VALUES=SECOND_FACTOR,
        SATCHEL_OWNER_SUBJECT="ada",
    )
    return ServiceProcess(tmp_path / "strict", settings)


def test_a_second_factor_is_required_where_the_cloud_wants_one(
    strict_cloud: ServiceProcess, make_device: MakeDevice, provider: Issuer
) -> None:
    careless, careful = make_device("careless"), make_device("careful", Person(has_second_factor=True))
    provider.skip_second_factor()
    with strict_cloud as cloud:
        said = careless.command("connect", cloud.url, code=4)
        assert "requires a second factor" in said
        assert not (careless.home / "cloud.json").exists()
        assert "requires a second factor" in careful.command("connect", cloud.url)
        account = careful.document("account")
        assert (account["second_factor"], account["requires_second_factor"]) == (True, True)
        assert account["owner_is_set_by_operator"] is True


# -- login, then connect --------------------------------------------------------------------------------------


def test_a_login_makes_nothing_and_connect_uses_it_without_a_browser(
    cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice, provider: Issuer
) -> None:
    laptop = make_device("laptop")
    signed_in = laptop.document("login", cloud.url)
    assert (signed_in["subject"], signed_in["issuer"]) == ("ada", provider.url)
    assert len(device.document("devices")["devices"]) == 1, "signing in makes no device"
    assert not (laptop.home / "cloud.json").exists()
    assert "not connected" in laptop.command("account")
    provider.reset()
    laptop.command("connect", cloud.url, "--label", "laptop")
    assert [each for each in provider.requests() if "/auth" in each or "/token" in each] == []
    assert not (laptop.home / "sign-in.json").exists()


def test_a_login_works_once(cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice) -> None:
    laptop = make_device("laptop")
    laptop.command("login", cloud.url)
    kept = (laptop.home / "sign-in.json").read_bytes()
    laptop.command("connect", cloud.url)
    laptop.command("disconnect", "--yes")
    (laptop.home / "sign-in.json").write_bytes(kept)
    laptop.use(STRANGER)
    assert "has expired" in laptop.command("connect", cloud.url, code=4)


def test_a_login_as_another_account_connects_nothing(
    cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice
) -> None:
    other = make_device("other", STRANGER)
    other.command("login", cloud.url)
    assert "does not own the cloud" in other.command("connect", cloud.url, code=4)


# -- the device flow ------------------------------------------------------------------------------------------


def start(device: SignedDevice, *arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [PROGRAM, *arguments],
        env={**os.environ, **device.variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def read_until(process: "subprocess.Popen[bytes]", pattern: str) -> tuple[str, re.Match[str]]:
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line.decode()
        if found := re.search(pattern, said):
            return said, found
    raise AssertionError(said)


def test_the_device_flow_connects_without_a_browser(
    cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice, provider: Issuer
) -> None:
    provider.set_device_flow(interval_s=1)
    server = make_device("server")
    with start(server, "connect", cloud.url, "--device-flow", "--label", "server") as process:
        said, code = read_until(process, r"open (\S+)\nand enter the code (\S+)\n.+sent you")
        UserAgent().sign_in(f"{code[1]}?user_code={code[2]}")
        assert process.wait(timeout=60) == 0
    assert "opening your browser" not in said
    assert {each["label"] for each in device.document("devices")["devices"]} == {"desk", "server"}


def test_ctrl_c_ends_the_wait_for_the_browser(cloud: ServiceProcess, alone: SignedDevice) -> None:
    alone.variables["BROWSER"] = "true"  # a browser that opens nothing
    with start(alone, "connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code) as process:
        read_until(process, r"/auth\?")
        process.send_signal(2)
        assert process.wait(timeout=30) == 130
    assert not (alone.home / "cloud.json").exists()


INTERRUPTED_ELSEWHERE = """
import os, signal, threading
from satchel.outgoing.loopback import LoopbackListener

def interrupt():
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Event().wait(0.2)
    os.kill(os.getpid(), signal.SIGINT)

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # in this thread, and in those that it starts
with LoopbackListener(ports=(), path="/", is_expected=bool) as listener:
    threading.Thread(target=interrupt, daemon=True).start()
    listener.wait(300)
"""


def test_ctrl_c_that_does_not_wake_the_main_thread_ends_the_wait_too() -> None:
    """The signal goes to another thread, which leaves the main one as if it had come just before the wait."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_ELSEWHERE], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr.endswith("KeyboardInterrupt\n")


# -- keys, clocks, and other issuers --------------------------------------------------------------------------


def test_a_sign_in_that_the_cloud_cannot_check_yet_is_not_lost(
    cloud: ServiceProcess, device: SignedDevice, make_device: MakeDevice, provider: Issuer
) -> None:
    """The cloud reads new keys of the issuer once a minute. The next attempt needs no browser."""
    provider.rotate_keys()
    laptop = make_device("laptop")
    said = laptop.command("connect", cloud.url, code=6)
    assert "try again" in said
    assert "without a browser" in said
    laptop.command("connect", cloud.url, code=6)
    assert len(laptop.desktop.opened) == 1
    device.command("backups")


@pytest.mark.parametrize("offset_s", [-45, 45])
def test_a_clock_of_the_issuer_that_is_slightly_wrong_does_not_matter(
    cloud: ServiceProcess, device: SignedDevice, provider: Issuer, offset_s: int
) -> None:
    provider.set_clock(offset_s)
    device.command("login")


@pytest.mark.parametrize("offset_s", [-7200, 7200])
def test_a_clock_of_the_issuer_that_is_hours_off_is_named(
    cloud: ServiceProcess, device: SignedDevice, provider: Issuer, offset_s: int
) -> None:
    provider.set_clock(offset_s)
    said = device.command("login", code=4)
    assert "the clocks of the issuer and the cloud differ" in said


@pytest.mark.parametrize(
    ("failures", "code"), [({"/.well-known/openid-configuration": 503}, 6), ({"/token": 500}, 6)]
)
def test_an_issuer_that_fails_is_reported(
    cloud: ServiceProcess, alone: SignedDevice, provider: Issuer, failures: dict[str, int], code: int
) -> None:
    provider.fail(failures)
    said = alone.command("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code, code=code)
    assert f"the issuer '{provider.url}'" in said


def test_a_person_who_cancels_connects_nothing(cloud: ServiceProcess, alone: SignedDevice) -> None:
    alone.use(Person(refuses=True))
    said = alone.command("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code, code=4)
    assert "denied or cancelled" in said
    alone.use(Person())
    alone.command("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code)


def test_nothing_secret_of_a_sign_in_is_shown_or_stays(
    cloud: ServiceProcess, alone: SignedDevice, provider: Issuer
) -> None:
    said = alone.command("connect", cloud.url, "--sign-in", "--pair", cloud.pairing_code, "--debug")
    for text in (said, home_files(alone), cloud.log()):
        for secret in (TOKEN, r"code_verifier", r"[?&]code="):
            assert re.search(secret, text) is None
