"""docs/guides/editors.md: configurations work in real editors where Debian has them, and the tables are complete."""

import json
import os
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest
from tests.support.device import PROGRAM, Device

from satchel.editor import bounded_input, desk, messages, proposals, secret_marks

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs/guides/editors.md").read_text()


def blocks(heading: str, language: str) -> list[str]:
    """Return the code of a section."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """A device with a Piece, whose program the editors find."""
    device = Device(tmp_path / "home")
    device.run("init")
    device.save(b"def parse_header(line):\n    return line\n", title="parse_header", language="python")
    device.environ["PATH"] = f"{PROGRAM.parent}:{device.environ['PATH']}"
    device.environ["HOME"] = str(tmp_path)
    return device


def run(device: Device, folder: Path, *words: str) -> str:
    """Run an editor without a terminal, and return what it printed."""
    done = subprocess.run(
        words, cwd=folder, env=device.environ, stdin=subprocess.DEVNULL, capture_output=True, timeout=240, check=False
    )  # fmt: skip
    return (done.stdout + done.stderr).decode(errors="replace")


NEOVIM: Final = """
vim.cmd("edit work.py")
vim.api.nvim_buf_set_lines(0, 0, -1, false, { "parse_h" })
local place = { textDocument = vim.lsp.util.make_text_document_params(), position = { line = 0, character = 7 } }
local label = ""
vim.wait(120000, function()
  if next(vim.lsp.buf_get_clients(0)) == nil then return false end
  for _, client in pairs(vim.lsp.buf_get_clients(0)) do
    if not client.initialized then return false end
  end
  for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/completion", place, 60000) or {}) do
    for _, item in ipairs((answer.result or {}).items or {}) do label = item.label end
  end
  return label ~= ""
end, 100)
io.stdout:write("offered: " .. label .. "\\n")
vim.cmd("qall!")
"""


@pytest.mark.tool("nvim")
def test_neovim_completes_a_piece_with_the_configuration(device: Device, tmp_path: Path) -> None:
    version = run(device, tmp_path, "nvim", "--version")
    numbers = re.search(r"v0\.(\d+)", version)
    assert numbers is not None
    modern, earlier = blocks("Neovim", "lua")
    (tmp_path / "init.lua").write_text(modern if int(numbers[1]) >= 11 else earlier)
    (tmp_path / "check.lua").write_text(NEOVIM)
    said = run(device, tmp_path, "nvim", "--headless", "-u", "init.lua", "-c", "luafile check.lua")
    assert "offered: parse_header" in said


EMACS: Final = """
(package-initialize)
(require 'lsp-mode)
(setq lsp-enable-file-watchers nil lsp-auto-guess-root t lsp-enable-snippet nil lsp-warn-no-matched-clients nil
      lsp-session-file (expand-file-name "session" default-directory) lsp-enabled-clients '(satchel))
(find-file "work.txt")
(insert "parse_h")
(lsp-workspace-folders-add default-directory)
(lsp)
(let ((deadline (+ (float-time) 120)) (label nil))
  (while (and (not label) (< (float-time) deadline))
    (accept-process-output nil 0.1)
    (ignore-errors
      (let* ((answer (lsp-request "textDocument/completion" (lsp--text-document-position-params)))
             (items (append (lsp-get answer :items) nil)))
        (when items (setq label (lsp-get (car items) :label))))))
  (princ (format "offered: %s\\n" label)))
(set-buffer-modified-p nil)
(kill-emacs)
"""


@pytest.mark.tool("emacs")
def test_emacs_completes_a_piece_with_the_configuration(device: Device, tmp_path: Path) -> None:
    locate = '(progn (package-initialize) (princ (locate-library "lsp-mode")))'
    if "lsp-mode.el" not in run(device, tmp_path, "emacs", "--batch", "--eval", locate):
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("needs lsp-mode: apt install elpa-lsp-mode")
    eglot, lsp_mode = blocks("Emacs", "elisp")
    assert '("satchel" "lsp")' in eglot
    (tmp_path / "check.el").write_text(lsp_mode + EMACS)
    assert "offered: parse_header" in run(device, tmp_path, "emacs", "--batch", "-l", "check.el")


def test_other_configurations_start_the_command() -> None:
    [helix] = blocks("Helix", "toml")
    configured = tomllib.loads(helix)
    server = configured["language-server"]["satchel"]
    assert (server["command"], server["args"]) == ("satchel", ["lsp"])
    assert "satchel" in configured["language"][0]["language-servers"]
    [zed] = blocks("Zed", "json")
    [binary] = [one["binary"] for one in json.loads(zed)["lsp"].values()]
    assert (binary["path"], binary["arguments"]) == ("satchel", ["lsp"])
    [jetbrains] = blocks("JetBrains", "json")
    template = json.loads(jetbrains)
    assert set(template) == {"id", "name", "programArgs", "fileTypeMappings"}
    assert template["programArgs"] == {"default": "satchel lsp"}
    assert all(set(one) == {"fileType", "languageId"} for one in template["fileTypeMappings"])


def test_every_command_option_and_limit_is_described() -> None:
    table = PAGE.partition("\n## Commands\n")[2]
    named = re.findall(r"^\| `(satchel\.\w+)` \|", table, re.MULTILINE)
    assert named == [messages.SAVE, messages.FIND_SIMILAR, messages.ALLOW, messages.SEARCH, messages.READ]
    options = PAGE.partition("\n## Options\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", options, re.MULTILINE) == ["meaning", "secrets"]
    assert desk.PATIENCE_S == 0.5
    assert (
        f"at most {proposals.MAX_OFFERED} Pieces of up to {proposals.MAX_INSERTED_BYTES // 1024} KiB" in PAGE
    )
    assert f"{proposals.MAX_ANSWER_BYTES // 1024} KiB in all" in PAGE
    assert f"more than {secret_marks.MAX_DOCUMENT_CHARS:,} characters" in PAGE
    assert f"at most {secret_marks.MAX_MARKS} places" in PAGE
    assert f"{bounded_input.MAX_MESSAGE_BYTES // 2**20} MiB" in PAGE
