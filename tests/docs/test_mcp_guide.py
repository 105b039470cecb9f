"""docs/guides/mcp.md: every configuration starts a server that answers, and every tool is described."""

import json
import re
from pathlib import Path
from typing import Any, Final, get_args

import pytest
from tests.support.agents import RawClient
from tests.support.device import Device

from satchel.agents.budget import DEFAULT_TOKENS, MOST_TOKENS
from satchel.agents.rewinding.taking_back import Outcome
from satchel.agents.server import DRAIN_S, MOST_LINE_BYTES, MOST_PENDING
from satchel.agents.tools import TOOLS

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs/guides/mcp.md").read_text()
CONFIGURATIONS: Final = {
    heading: json.loads(block)
    for heading, block in re.findall(
        r"^### ([^\n]+)\n(?:(?!^###).)*?^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL
    )
}


_TEXTS: Final = {"type": "array", "items": {"type": "string"}}
_VARIABLES: Final = {"type": "object", "additionalProperties": {"type": "string"}}
_PROGRAM: Final = {"command": {"type": "string"}, "args": _TEXTS, "env": _VARIABLES}


def _shape(name: str, required: list[str], **more: object) -> dict[str, Any]:
    server = {
        "type": "object",
        "required": required,
        "properties": {**_PROGRAM, **more},
        "additionalProperties": False,
    }
    servers = {"type": "object", "additionalProperties": server}
    return {
        "type": "object",
        "required": [name],
        "properties": {name: servers},
        "additionalProperties": False,
    }


SHAPES: Final = {
    # code.claude.com/docs/en/mcp
    "Claude Code": _shape("mcpServers", ["command"], type={"const": "stdio"}),
    # modelcontextprotocol.io/docs/develop/connect-local-servers
    "Claude Desktop": _shape("mcpServers", ["command"]),
    # mcpStdioServerSchema in microsoft/vscode, src/vs/workbench/contrib/mcp/common/mcpConfiguration.ts; it requires
    # nothing, and without a command no server starts
    "VS Code": _shape(
        "servers",
        ["command"],
        type={"enum": ["stdio"]},
        cwd={"type": "string"},
        envFile={"type": "string"},
        dev={"type": "object"},
    ),
    # the schema vscode://schemas/mcp-config in the program, which allows no type; cursor.com/docs/mcp
    "Cursor": _shape("mcpServers", ["command"], envFile={"type": "string"}, enabledTools=_TEXTS),
    # ContextServerSettingsContent and ContextServerCommand in zed-industries/zed; zed.dev/docs/ai/mcp
    "Zed": _shape(
        "context_servers",
        ["command"],
        timeout={"type": "integer"},
        enabled={"type": "boolean"},
        remote={"type": "boolean"},
    ),
}
"""The fields of a server that a client starts, as its source or documentation had them in November 2026."""


@pytest.mark.parametrize("client", CONFIGURATIONS)
def test_a_configuration_has_the_shape_that_the_client_expects(client: str) -> None:
    # takes two seconds, and every worker of a run collects this module
    import jsonschema  # type: ignore[import-untyped]

    jsonschema.validate(CONFIGURATIONS[client], SHAPES[client])
    broken = json.loads(json.dumps(CONFIGURATIONS[client]).replace('"command"', '"cmd"'))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, SHAPES[client])


def server_of(configuration: dict[str, Any]) -> dict[str, Any]:
    """Return what a configuration says of the server named satchel."""
    [servers] = configuration.values()
    assert list(servers) == ["satchel"]
    server: dict[str, Any] = servers["satchel"]
    return server


def test_every_client_has_a_configuration() -> None:
    assert list(CONFIGURATIONS) == ["Claude Code", "Claude Desktop", "VS Code", "Cursor", "Zed"]
    names = {server_of(one)["args"][-1] for one in CONFIGURATIONS.values()}
    assert len(names) == len(CONFIGURATIONS)


@pytest.mark.parametrize("client", CONFIGURATIONS)
def test_a_configuration_starts_a_server_that_answers(tmp_path: Path, client: str) -> None:
    device = Device(tmp_path / "home")
    device.run("init")
    server = server_of(CONFIGURATIONS[client])
    assert (server["command"], server["args"][0]) == ("satchel", "mcp")
    with RawClient(device, *server["args"][1:]) as raw:
        raw.greet()
        raw.ask("tools/list")
        assert len(raw.answer()["result"]["tools"]) == sum(tool.kind == "read" for tool in TOOLS)


def test_every_tool_and_limit_is_described() -> None:
    table = PAGE.partition("## What an agent can do")[2].partition("\n\n##")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [tool.name for tool in TOOLS]
    assert len(TOOLS) == 6
    outcomes = PAGE.partition("| outcome |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", outcomes, re.MULTILINE) == list(get_args(Outcome))
    assert f"{DEFAULT_TOKENS:,} unless" in PAGE
    assert f"never above {MOST_TOKENS:,}" in PAGE
    assert f"up to {MOST_PENDING} requests" in PAGE
    assert f"{MOST_LINE_BYTES // 2**20} MiB" in PAGE
    assert f"up to {DRAIN_S:.0f} seconds" in PAGE
