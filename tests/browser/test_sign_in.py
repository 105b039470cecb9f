"""`satchel connect` with real Chromium at the certified provider, from the printed address to the closed window."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.cli.conftest import PROGRAM, Cli
from tests.oidc.issuer import SECOND_FACTOR, Issuer
from tests.oidc.user_agent import CODE, PASSWORD
from tests.support.service import ServiceProcess


@pytest.fixture
def cloud(tmp_path: Path, provider: Issuer) -> Iterator[ServiceProcess]:
    settings = {
        "SATCHEL_OIDC_ISSUER": provider.url,
        "SATCHEL_OIDC_CLIENT_ID": "satchel",
        "SATCHEL_OIDC_ACR_VALUES": SECOND_FACTOR,
        "SATCHEL_OIDC_REQUIRE_MFA": "true",
    }
    with ServiceProcess(tmp_path / "cloud", settings) as running:
        yield running


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_the_owner_connects_with_a_browser_and_a_second_factor(
    cloud: ServiceProcess, provider: Issuer, page: Page, tmp_path: Path
) -> None:
    cli = Cli(tmp_path / "home")
    cli.ok("init")
    opened, browser = tmp_path / "opened", tmp_path / "browser.sh"
    os.mkfifo(opened)
    browser.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$1\" > {opened}\n")
    browser.chmod(0o700)
    command = [
        str(PROGRAM),
        "connect",
        cloud.url,
        "--sign-in",
        "--pair",
        cloud.pairing_code,
        "--label",
        "desk",
    ]
    environ = {**os.environ, **cli.variables, "BROWSER": f"{browser} %s"}
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE) as process:
        page.goto(opened.read_text().strip())
        page.get_by_label("Name").fill("ada")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Code of the second factor").fill(CODE)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Allow").click()
        expect(page.get_by_role("heading", name="You can close this window")).to_be_visible()
        assert page.url.startswith("http://127.0.0.1:")
        assert page.evaluate("document.scripts.length") == 0
        assert process.wait(timeout=60) == 0, process.stderr and process.stderr.read().decode()
    account = cli.json("account")
    assert (account["issuer"], account["subject"], account["second_factor"]) == (provider.url, "ada", True)
