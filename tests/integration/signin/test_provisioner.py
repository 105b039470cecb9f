"""Connecting at a provisioner: the real program and clouds, a certified issuer, and a provisioner that speaks the wire."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.integration.signin.conftest import TOKEN, SignedDevice, home_files
from tests.integration.signin.test_connecting import read_until, start
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person, UserAgent
from tests.support.provisioner import TestProvisioner, name_of, problem
from tests.support.service import PROGRAM, ServiceProcess

from satchel.keys import Vault

MakeDevice = Callable[..., SignedDevice]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries follow each other at once."""
    clock = SimpleNamespace(sleep=lambda _: None, monotonic=time.monotonic)
    monkeypatch.setattr("satchel.cloud.connection.time", clock)


@pytest.fixture
def provisioner(tmp_path: Path, provider: Issuer) -> Iterator[TestProvisioner]:
    with TestProvisioner(tmp_path / "clouds", provider.url) as running:
        yield running


@pytest.fixture
def connected(alone: SignedDevice, provisioner: TestProvisioner) -> SignedDevice:
    alone.command("connect", provisioner.url, "--label", "desk")
    return alone


def forms(issuer: Issuer) -> list[str]:
    """Return the requests with which a person answered the issuer."""
    return [each for each in issuer.requests() if each.startswith("POST /interaction")]


def test_connecting_makes_a_cloud_and_says_what_happens(
    alone: SignedDevice, provisioner: TestProvisioner, provider: Issuer
) -> None:
    said = alone.command("connect", provisioner.url, "--label", "desk")
    before, _, after = said.partition("opening your browser")
    assert "makes a cloud of your own" in before
    assert provider.url in before
    assert "decrypts nothing" in before
    assert "step 1 of 2" in after
    assert provisioner.clouds["ada"].url in after
    assert len(alone.desktop.opened) == 2
    alone.save("kept\n", "--title", "a Piece")
    alone.command("backup")
    alone.command("verify")


def test_the_second_sign_in_asks_for_no_password(
    alone: SignedDevice, provisioner: TestProvisioner, provider: Issuer
) -> None:
    """One user agent with cookies, as a real browser. The issuer asks native programs for consent each time (RFC 8252)."""
    alone.desktop.keeps_cookies = True
    alone.command("connect", provisioner.url)
    assert len(alone.desktop.opened) == 2
    assert len(forms(provider)) == len(["password", "consent", "consent"])


def test_the_device_flow_announces_its_second_code(
    alone: SignedDevice, provisioner: TestProvisioner, provider: Issuer
) -> None:
    provider.set_device_flow(interval_s=1)
    said = ""
    with start(alone, "connect", provisioner.url, "--device-flow") as process:
        for _ in range(2):
            more, code = read_until(process, r"open (\S+)\nand enter the code (\S+)\n.+sent you")
            UserAgent().sign_in(f"{code[1]}?user_code={code[2]}")
            said += more
        assert process.wait(timeout=60) == 0
    assert "you enter a second code" in said
    assert "browser opens" not in said


def test_a_cloud_that_fails_after_its_provisioner_promises_no_repetition_without_a_browser(
    connected: SignedDevice, provisioner: TestProvisioner, make_device: MakeDevice, provider: Issuer
) -> None:
    """The cloud reads new keys of the issuer once a minute; the provisioner asks for a sign-in each time."""
    provider.rotate_keys()
    laptop = make_device("laptop")
    said = laptop.command("connect", provisioner.url, code=6)
    assert provisioner.clouds["ada"].url in said
    assert "without a browser" not in said
    laptop.command("connect", provisioner.url, code=6)
    assert len(laptop.desktop.opened) == 3, "the sign-in at the cloud is kept"
    connected.command("backups")


def test_the_answer_is_one_document(alone: SignedDevice, provisioner: TestProvisioner) -> None:
    made = alone.document("connect", provisioner.url)
    assert set(made) == {"url", "device_id", "provisioner", "subject"}
    assert (made["url"], made["provisioner"]) == (provisioner.clouds["ada"].url, provisioner.url)
    assert made["subject"] == "ada"


def test_every_device_of_an_account_joins_the_same_cloud(
    connected: SignedDevice, provisioner: TestProvisioner, make_device: MakeDevice
) -> None:
    laptop = make_device("laptop")
    made = laptop.document("connect", provisioner.url, "--label", "laptop")
    assert made["url"] == connected.document("account")["url"]
    assert {each["label"] for each in connected.document("devices")["devices"]} == {"desk", "laptop"}
    connected.command("disconnect", "--yes")
    assert connected.document("connect", provisioner.url)["url"] == made["url"]
    other = make_device("other", Person("mallory"))
    assert other.document("connect", provisioner.url)["url"] != made["url"]


def test_account_and_status_show_the_provisioner(
    connected: SignedDevice, provisioner: TestProvisioner
) -> None:
    assert connected.document("account")["provisioner"] == provisioner.url
    assert f"made by\t{provisioner.url}" in connected.command("account")
    for arguments in (["status"], ["status", "--offline"]):
        ran = connected.run(*arguments, "--json")
        assert json.loads(ran.text)["cloud"]["provisioner"] == provisioner.url
        assert f"made by\t{provisioner.url}" in connected.run(*arguments).text


@pytest.mark.parametrize(
    "arguments", [["--pair", "AAAA-BBBB-CCCC"], ["--sign-in", "--pair", "AAAA-BBBB-CCCC"]]
)
def test_a_pairing_code_is_not_sent_to_a_provisioner(
    alone: SignedDevice, provisioner: TestProvisioner, arguments: list[str]
) -> None:
    said = alone.command("connect", provisioner.url, *arguments, code=2)
    assert "takes no pairing code" in said
    assert [(method, path) for method, path, _, _ in provisioner.seen] == [("GET", "/v1/capabilities")]


def test_a_login_at_a_provisioner_leads_to_connect(alone: SignedDevice, provisioner: TestProvisioner) -> None:
    assert f"satchel connect {provisioner.url}" in alone.command("login", provisioner.url, code=2)


def test_a_domain_is_only_for_provisioners(
    connected: SignedDevice, provisioner: TestProvisioner, make_device: MakeDevice
) -> None:
    laptop = make_device("laptop")
    url = provisioner.clouds["ada"].url
    assert "not a provisioner" in laptop.command("connect", url, "--domain", "example.org", code=2)
    laptop.command("connect", url)
    assert laptop.document("account")["provisioner"] is None


# -- interruptions --------------------------------------------------------------------------------------------


def test_a_creation_that_stops_goes_on_when_the_command_runs_again(
    alone: SignedDevice, provisioner: TestProvisioner
) -> None:
    provisioner.refuse = lambda path: problem("unavailable", 503) if path == "/v1/clouds/advance" else None
    said = alone.command("connect", provisioner.url, code=6)
    assert "it continues" in said
    assert not (alone.home / "cloud.json").exists()
    provisioner.refuse = lambda _: None
    alone.command("connect", provisioner.url)
    assert list(provisioner.clouds) == ["ada"]


def test_ctrl_c_loses_nothing(alone: SignedDevice, provisioner: TestProvisioner) -> None:
    provisioner.steps = 100_000
    with start(alone, "connect", provisioner.url) as process:
        read_until(process, r"step 2 of")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)  # reads on: further steps may fill the pipe
    assert process.returncode == 130
    assert not (alone.home / "cloud.json").exists()
    provisioner.steps = 1
    alone.command("connect", provisioner.url)


def test_a_kill_during_the_removal_loses_nothing(
    connected: SignedDevice, provisioner: TestProvisioner
) -> None:
    provisioner.steps = 100_000
    with start(connected, "disconnect", "--erase-cloud", "--yes") as process:
        read_until(process, r"step 2 of")
        process.kill()
    assert (connected.home / "cloud.json").exists()
    provisioner.steps = 1
    connected.command("disconnect", "--erase-cloud", "--yes")
    assert provisioner.clouds == {}
    assert not (connected.home / "cloud.json").exists()


def test_a_failure_is_told_in_one_line(alone: SignedDevice, provisioner: TestProvisioner) -> None:
    provisioner.alter = lambda _, answer: {**answer, "state": "failed", "detail": "no\nroom \x1b[2J"}
    said = alone.command("connect", provisioner.url, code=1)
    assert "reports a failure: no room" in said
    assert not (alone.home / "cloud.json").exists()


def test_an_earlier_removal_is_finished_first(alone: SignedDevice, provisioner: TestProvisioner) -> None:
    states = iter(["removing", "gone"])
    provisioner.alter = lambda _, answer: {**answer, "state": next(states)}
    assert "run the command again" in alone.command("connect", provisioner.url, code=4)
    provisioner.alter = lambda _, answer: answer
    alone.command("connect", provisioner.url)


# -- erasing --------------------------------------------------------------------------------------------------


def test_erasing_takes_the_cloud_down_and_leaves_the_store(
    connected: SignedDevice, provisioner: TestProvisioner
) -> None:
    piece = connected.save("kept\n", "--title", "a Piece")
    connected.command("backup")
    url, opened = provisioner.clouds["ada"].url, len(connected.desktop.opened)
    said = connected.command("disconnect", "--erase-cloud", "--yes")
    assert f"removed the cloud {url}; its backups and shares are gone for good" in said
    assert "its address first, then its data" in said
    assert provisioner.clouds == {}
    assert len(connected.desktop.opened) == opened + 1
    assert not (connected.home / "cloud.json").exists()
    assert connected.json("show", piece)["content"] == "kept\n"
    connected.command("connect", provisioner.url)
    assert connected.document("backups")["backups"] == []


def test_erasing_asks_first(connected: SignedDevice, provisioner: TestProvisioner) -> None:
    assert "cancelled" in connected.terminal("disconnect", "--erase-cloud", answers="n", code=2)
    assert "no terminal to ask on" in connected.command("disconnect", "--erase-cloud", code=2)
    assert "takes no code" in connected.command("disconnect", "--erase-cloud", "--code", "X", code=2)
    assert "ada" in provisioner.clouds


def test_a_cloud_that_has_moved_is_not_taken_down_at_its_old_address(
    connected: SignedDevice, provisioner: TestProvisioner, tmp_path: Path
) -> None:
    """The provisioner would remove only what the cloud has left behind, and the data would live on."""
    old = provisioner.clouds["ada"]
    with ServiceProcess(tmp_path / "new") as new:
        url = new.url
    old.stop()
    storage = f"file:{tmp_path / 'moved'}"
    subprocess.run([PROGRAM, "move", "--to", storage, "--url", url], env=old.environ, check=True)
    old.start()
    said = connected.command("disconnect", "--erase-cloud", "--yes", code=4)
    assert f"has moved to {url}; nothing was deleted" in said
    assert [path for _, path, _, _ in provisioner.seen if path == "/v1/clouds/removal"] == []
    assert (connected.home / "cloud.json").exists()


def test_erasing_goes_on_after_a_kill(connected: SignedDevice, provisioner: TestProvisioner) -> None:
    provisioner.refuse = lambda path: problem("unavailable", 503) if path == "/v1/clouds/advance" else None
    connected.command("disconnect", "--erase-cloud", "--yes", code=6)
    assert (connected.home / "cloud.json").exists()
    provisioner.refuse = lambda _: None
    provisioner.clouds["ada"].kill()  # a removal begins with the access
    connected.command("disconnect", "--erase-cloud", "--yes")
    assert not (connected.home / "cloud.json").exists()


def test_a_cloud_that_is_gone_is_forgotten(connected: SignedDevice, provisioner: TestProvisioner) -> None:
    provisioner.clouds.pop("ada").kill()
    assert "was already removed" in connected.command("disconnect", "--erase-cloud", "--yes")
    assert not (connected.home / "cloud.json").exists()


def test_without_the_provisioner_nothing_is_deleted(
    connected: SignedDevice, provisioner: TestProvisioner
) -> None:
    provisioner.stop()
    assert "nothing was deleted" in connected.command("disconnect", "--erase-cloud", "--yes", code=6)
    assert (connected.home / "cloud.json").exists()
    connected.command("backups")


def test_another_account_removes_nothing(
    connected: SignedDevice, provisioner: TestProvisioner, make_device: MakeDevice
) -> None:
    make_device("other", Person("mallory")).command("connect", provisioner.url)
    connected.use(Person("mallory"))
    said = connected.command("disconnect", "--erase-cloud", "--yes", code=4)
    assert "you signed in as 'mallory', but the cloud belongs to 'ada'; nothing was deleted" in said
    assert set(provisioner.clouds) == {"ada", "mallory"}
    assert [path for _, path, _, _ in provisioner.seen if path == "/v1/clouds/removal"] == []


def test_a_provisioner_that_only_says_it_is_gone_is_not_believed(
    connected: SignedDevice, provisioner: TestProvisioner
) -> None:
    provisioner.alter = lambda _, answer: {**answer, "state": "gone"}
    assert "still serves" in connected.command("disconnect", "--erase-cloud", "--yes", code=1)
    assert (connected.home / "cloud.json").exists()


# -- what the provisioner gets --------------------------------------------------------------------------------


def test_the_provisioner_gets_no_token_key_or_piece(
    connected: SignedDevice, provisioner: TestProvisioner
) -> None:
    connected.save("a canary of 1234\n", "--title", "a canary of 5678")
    connected.command("backup")
    token = Vault(connected.home, use_keyring=False).load_token()
    words = connected.ok("recovery", "show").out.split()
    connected.command("disconnect", "--erase-cloud", "--yes")
    sent = [
        json.dumps([method, path, headers]).encode() + body
        for method, path, headers, body in provisioner.seen
    ]
    for each in sent:
        assert b"authorization" not in each.lower()
        assert b"cookie" not in each.lower()
        for secret in (token.encode(), b"a canary of", *(word for word in words if len(word) > 6)):
            assert secret not in each
    assert TOKEN.search(home_files(connected)) is None


def body_fields(body: bytes) -> set[str]:
    document: dict[str, Any] = json.loads(body or b"{}")
    return set(document)


def test_each_request_has_its_documented_fields_only(
    connected: SignedDevice, provisioner: TestProvisioner
) -> None:
    connected.command("disconnect", "--erase-cloud", "--yes")
    assert {(path, *sorted(body_fields(body))) for _, path, _, body in provisioner.seen} == {
        ("/v1/capabilities",),
        ("/v1/sign-in",),
        ("/v1/sign-in/nonce",),
        ("/v1/clouds", "id_token", "nonce"),
        ("/v1/clouds/removal", "id_token", "nonce"),
        ("/v1/clouds/advance", "ticket"),
    }
    assert name_of("ada") not in str(provisioner.seen)
