"""The extension in Firefox: several parts selected, waiting, pairing, saving, and a page that poses as the window."""

from pathlib import Path

import pytest
from tests.browser.extension.conftest import Started
from tests.browser.extension.firefox import Firefox
from tests.browser.extension.sites import CODE, Sites
from tests.browser.extension.test_hostile import IMPOSTOR
from tests.browser.extension.test_saving import pieces
from tests.support.waiting import wait_until

pytestmark = pytest.mark.tool("firefox-esr", "node", "npm")

SELECT_BOTH = """
getSelection().removeAllRanges();
for (const id of ["first", "code"]) {
  const range = document.createRange();
  range.selectNodeContents(document.getElementById(id));
  getSelection().addRange(range);
}
return getSelection().rangeCount;
"""
# Firefox keeps the line break at the end of a block of code.
TEXT = f"First paragraph.\n{CODE}\n"
PROOF = '{ public_key: "ab".repeat(32), signature: "cd".repeat(64), home: "/home" }'
TITLE = "return [...document.querySelectorAll('label')].find((one) => one.textContent === 'Title')?.control.value ?? ''"
SAVE = "[...document.querySelectorAll('button')].find((one) => one.textContent === 'Save').click()"


def test_a_selection_waits_is_paired_and_saved_in_firefox(
    built: Path, sites: Sites, start_window: Started, tmp_path: Path
) -> None:
    process = start_window()
    sites.pages["/"] = IMPOSTOR.replace(
        "window.heard = [];", f"window.heard = []; window.answer = () => ({PROOF});"
    )
    with Firefox(built / "satchel-firefox.xpi", tmp_path) as firefox:
        impostor = firefox.open(sites.url("/", host="127.0.0.1"))
        firefox.open(sites.url("/article?q=1&token=abc"))
        assert firefox.run(SELECT_BOTH) == 2
        firefox.press_key()
        wait_until(lambda: len(firefox.popups()) == 1)
        state = firefox.ask_extension({"do": "look"})
        assert [each["text"] for each in state["waiting"]] == [TEXT]
        assert (state["strangers"], state["isWindowOpen"]) == ([], False)
        assert firefox.run("return getSelection().rangeCount") == 2
        window = firefox.open(process.url)
        wait_until(lambda: len(firefox.ask_extension({"do": "look"})["strangers"]) == 1)
        [stranger] = firefox.ask_extension({"do": "look"})["strangers"]
        assert stranger["path"] == str(tmp_path / "home")
        state = firefox.ask_extension(
            {"do": "pair", "tabId": stranger["tabId"], "publicKey": stranger["publicKey"]}
        )
        # The other page tells that it is free about once a second, and that may have had it delivered first.
        assert state["outcome"]["message"] in {"shown", "paired"}
        assert state["waiting"] == []
        firefox.switch_to(window)
        wait_until(lambda: firefox.run(TITLE) == "How to add — Example")
        firefox.run(SAVE)
        wait_until(lambda: len(pieces(tmp_path / "home")) == 1)
        [(piece, text)] = pieces(tmp_path / "home")
        assert text == TEXT
        assert piece.source is not None
        assert piece.source.location == sites.url("/article?q=1")
        firefox.switch_to(impostor)
        heard = str(firefox.run("return window.heard"))
        assert "challenge" in heard
        assert "First paragraph" not in heard
