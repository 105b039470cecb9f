"""Sign-in from the window at a certified provider, the second factor for what needs a fresh one, and the passphrase."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.reader import Reader
from tests.browser.window.conftest import Opener, add
from tests.oidc.issuer import SECOND_FACTOR, Issuer
from tests.oidc.user_agent import CODE, PASSWORD
from tests.support.device import Device
from tests.support.service import ServiceProcess
from tests.support.window import WindowProcess

from satchel.keys import RootSecret, Vault
from satchel.store import Store

pytestmark = pytest.mark.slow

PASSPHRASE: Final = "correct horse battery staple"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipe with the address that satchel opens in the browser."""
    path = tmp_path_factory.mktemp("browser") / "opened"
    os.mkfifo(path)
    return path


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory, running_provider: Issuer) -> Iterator[ServiceProcess]:
    settings = {
        "SATCHEL_OIDC_ISSUER": running_provider.url,
        "SATCHEL_OIDC_CLIENT_ID": "satchel",
        "SATCHEL_OIDC_ACR_VALUES": SECOND_FACTOR,
        "SATCHEL_OIDC_REQUIRE_MFA": "true",
    }
    with ServiceProcess(tmp_path_factory.mktemp("cloud"), settings) as running:
        yield running


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory, opened: Path) -> Device:
    browser = opened.with_name("browser.sh")
    browser.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$1\" > {opened}\n")
    browser.chmod(0o700)
    environ = {"BROWSER": f"{browser} %s"}
    return Device(tmp_path_factory.mktemp("window") / "home", RootSecret(bytes(range(32))), environ)


@pytest.fixture(scope="module")
def pieces() -> dict[str, str]:
    return {}


def sign_in(reader: Reader, opened: Path) -> None:
    """Sign in with a second factor in the tab that satchel opens; the issuer may know the person already."""
    tab = reader.context.new_page()
    tab.goto(opened.read_text().strip())
    password, allow = tab.get_by_label("Password"), tab.get_by_role("button", name="Allow")
    if password.or_(allow).first.get_attribute("type") == "password":
        tab.get_by_label("Name").fill("ada")
        password.fill(PASSWORD)
        tab.get_by_label("Code of the second factor").fill(CODE)
        tab.get_by_role("button", name="Sign in").click()
    allow.click()
    expect(tab.get_by_role("heading", name="You can close this window")).to_be_visible()
    tab.close()


def test_the_owner_signs_in_and_again_for_what_needs_it(
    open_window: Opener, cloud: ServiceProcess, device: Device, opened: Path, running_provider: Issuer
) -> None:
    with open_window("/settings") as reader:
        reader.expected |= {"status of 404"}  # the issuer has no icon
        page = reader.page
        page.get_by_role("textbox", name="Address").fill(cloud.url)
        page.get_by_label("Pairing code").fill(cloud.pairing_code)
        page.get_by_label("Sign in with my account").check()
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.locator(".job a")).to_have_attribute(
            "href", re.compile("^" + re.escape(running_provider.url)), timeout=30_000
        )
        reader.screenshot("window-sign-in", full=False)
        sign_in(reader, opened)
        expect(page.locator(".fact-list").first).to_contain_text("ada", timeout=30_000)
        assert device.json("account")["subject"] == "ada"
        device.run("disconnect", "--yes")
        device.run("connect", cloud.url, "--pair", cloud.new_pairing_code(), "--label", "desk")
        page.goto(page.url.replace("/settings", "/devices"))
        page.get_by_role("button", name="Add a device").click()
        sign_in(reader, opened)
        expect(page.get_by_role("dialog").locator("code").first).to_contain_text(" --pair ", timeout=30_000)


def test_the_passphrase_is_asked_for_once(tmp_path: Path, chromium: Browser) -> None:
    home = tmp_path / "home"
    Store.create(home).close()
    Vault(home, use_keyring=False).create(RootSecret(bytes(range(32))), PASSPHRASE, use_keyring=False)
    device = Device(home)
    add(home, "under a passphrase\n")
    file = tmp_path / "backup.satchel"
    with WindowProcess(device) as window, Reader.create(chromium) as reader:
        reader.expected |= {"status of 423", "status of 422"}
        page = reader.page
        page.goto(window.url)
        page.locator(".piece-row:visible").first.wait_for()
        page.get_by_role("link", name="Backups").click()
        page.get_by_role("button", name="Back up to a file").click()
        page.get_by_label("Path on this device").fill(str(file))
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog", name="The keys are locked")
        dialog.get_by_label("Passphrase").fill("not it")
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("alert")).to_contain_text("This passphrase is wrong", timeout=30_000)
        reader.screenshot("window-passphrase", full=False)
        page.keyboard.type(PASSPHRASE)
        page.keyboard.press("Enter")
        expect(page.get_by_text("1 Piece backed up").first).to_be_visible()
        assert file.exists()
        expect(page.get_by_text("Piece backed up")).to_have_count(0)  # it goes after some seconds
        page.get_by_role("button", name="Back up to a file").click()
        page.get_by_label("Path on this device").fill(str(file))
        page.keyboard.press("Enter")
        expect(page.get_by_text("1 Piece backed up").first).to_be_visible()
        expect(dialog).to_have_count(0)
        reader.assert_no_violations()


def test_closing_the_passphrase_dialog_ends_what_asked_for_it(tmp_path: Path, chromium: Browser) -> None:
    home = tmp_path / "home"
    Store.create(home).close()
    Vault(home, use_keyring=False).create(RootSecret(bytes(range(32))), PASSPHRASE, use_keyring=False)
    with WindowProcess(Device(home)) as window, Reader.create(chromium) as reader:
        reader.expected |= {"status of 423"}
        page = reader.page
        page.goto(window.url)
        page.get_by_role("link", name="Backups").click()
        page.get_by_role("button", name="Back up to a file").click()
        page.get_by_label("Path on this device").fill(str(tmp_path / "backup.satchel"))
        page.keyboard.press("Enter")
        page.get_by_role("dialog", name="The keys are locked").get_by_label("Passphrase").wait_for()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.get_by_role("button", name="Stop")).to_have_count(0)
        reader.assert_no_violations()
