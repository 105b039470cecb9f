"""Debian's Firefox with the extension, driven by its own protocol, Marionette.

The key is pressed as the browser's own command for it, so that Firefox grants the tab to the extension as for a key.
"""

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any, Final, Self

PREFERENCES: Final[dict[str, str | int | bool]] = {
    "marionette.port": 0,
    "network.dns.localDomains": "site.test",
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.locale.requested": "en-US",
}
ID: Final = "satchel@satchel.invalid"
PRESS_KEY: Final = """
const keys = [...document.querySelectorAll("keyset key")].filter((key) => key.parentNode.id.startsWith("ext-keyset"));
keys[0].doCommand();
return keys.length;
"""
CLICK_BUTTON: Final = """
const [id] = arguments;
document.getElementById(`${id.replace(/[^a-z0-9]/g, "_")}-browser-action`).querySelector("toolbarbutton").click();
"""
POPUPS: Final = """
const panels = [...document.querySelectorAll(".webextension-popup-browser")].map((one) => one.currentURI.spec);
const windows = [...Services.wm.getEnumerator("navigator:browser")].map((one) => one.gBrowser.currentURI.spec);
return [...panels, ...windows].filter((address) => address.includes("popup.html"));
"""


class Firefox:
    """A Firefox with a new profile, and the extension in it."""

    def __init__(self, package: Path, folder: Path) -> None:
        profile = folder / "firefox"
        profile.mkdir()
        lines = (
            f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()
        )
        (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
        command = ["firefox-esr", "--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
        self._process = subprocess.Popen(
            [*command, "--profile", str(profile)],
            env={**os.environ, "HOME": str(folder)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._socket = socket.create_connection(("127.0.0.1", self._port(profile)), timeout=60)
        self._file = self._socket.makefile("rb")
        self._last = 0
        self._read()
        self.send("WebDriver:NewSession", capabilities={})
        self.send("Addon:Install", path=str(package), temporary=True)
        host = self.in_browser("return WebExtensionPolicy.getByID(arguments[0]).mozExtensionHostname", ID)
        self.open(f"moz-extension://{host}/popup.html")
        self._extension = self.tab

    # -- the owner ------------------------------------------------------------------------------

    def open(self, address: str) -> str:
        """Open an address in a new tab, and return the tab."""
        tab = self.send("WebDriver:NewWindow", type="tab")["handle"]
        self.switch_to(str(tab))
        self.send("WebDriver:Navigate", url=address)
        return str(tab)

    @property
    def tab(self) -> str:
        return str(self.send("WebDriver:GetWindowHandle")["value"])

    def switch_to(self, tab: str) -> None:
        """Bring a tab to the front."""
        self.send("WebDriver:SwitchToWindow", handle=tab, focus=True)

    def press_key(self) -> None:
        """Press the extension's key."""
        assert self.in_browser(PRESS_KEY) == 1

    def click_button(self) -> None:
        """Press the extension's button."""
        self.in_browser(CLICK_BUTTON, ID)

    def popups(self) -> list[str]:
        """Return the addresses of the extension's popups that are open."""
        found: list[str] = self.in_browser(POPUPS)
        return found

    def run(self, script: str, *arguments: object) -> Any:  # noqa: ANN401  any JSON value
        """Run a script in the page in front, and return its value."""
        return self.send("WebDriver:ExecuteScript", script=script, args=list(arguments))["value"]

    def ask_extension(self, message: dict[str, object]) -> dict[str, Any]:
        """Send what the popup sends, from a page of the extension, and return the state."""
        before = self.tab
        self.send("WebDriver:SwitchToWindow", handle=self._extension, focus=False)
        script = "browser.runtime.sendMessage(JSON.parse(arguments[0])).then((state) => arguments[1](JSON.stringify(state)))"
        answer = self.send(
            "WebDriver:ExecuteAsyncScript", script=script, args=[json.dumps(message)], sandbox=None
        )
        self.send("WebDriver:SwitchToWindow", handle=before, focus=False)
        state: dict[str, Any] = json.loads(answer["value"])
        return state

    # -- the protocol ---------------------------------------------------------------------------

    def in_browser(self, script: str, *arguments: object) -> Any:  # noqa: ANN401  any JSON value
        """Run a script in the browser's own window."""
        self.send("Marionette:SetContext", value="chrome")
        try:
            return self.run(script, *arguments)
        finally:
            self.send("Marionette:SetContext", value="content")

    def send(self, command: str, **parameters: object) -> Any:  # noqa: ANN401  any JSON value
        """Send a command, and return its result."""
        self._last += 1
        message = json.dumps([0, self._last, command, parameters]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._read()
        assert error is None, f"{command}: {error['message']}"
        return result

    def _read(self) -> Any:  # noqa: ANN401  any JSON value
        length = b""
        while (character := self._file.read(1)) != b":":
            length += character
        return json.loads(self._file.read(int(length)))

    def _port(self, profile: Path) -> int:
        path, deadline = profile / "MarionetteActivePort", time.monotonic() + 60
        while not path.exists() or not path.read_text():
            assert self._process.poll() is None, "Firefox has ended"
            assert time.monotonic() < deadline, "Firefox does not start"
            time.sleep(0.05)
        return int(path.read_text())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        self._socket.close()
        self._process.kill()
        self._process.wait(30)
