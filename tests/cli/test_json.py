"""Every command prints one JSON document with stable fields."""

from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Cli

from satchel.cli.registry import COMMANDS
from satchel.memory import Event, MemoryStore

PIECE = {
    "id": str,
    "title": str,
    "language": (str, type(None)),
    "tags": list,
    "created": str,
    "updated": str,
    "size_bytes": int,
}

SUGGESTED = {"field": str, "value": str, "model": str, "is_taken": bool}

# Command lines (PIECE is an id, DIR an empty folder) and the fields promised in docs/guides/commands.md.
SHAPES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "save": (["save", "-"], {**PIECE, "is_new": bool, "suggested": [SUGGESTED]}),
    "list": (["list"], {"pieces": [PIECE], "has_more": bool}),
    "show": (["show", "PIECE"], {**PIECE, "content": str, "encoding": str, "media_type": str, "revision": int, "suggested": list}),
    "cat": (["cat", "PIECE"], {"pieces": [{"id": str, "title": str, "content": str, "encoding": str}]}),
    "edit": (["edit", "PIECE", "--title", "x"], {**PIECE, "revision": int, "is_changed": bool}),
    "tag": (["tag", "PIECE", "x"], PIECE),
    "history": (["history", "PIECE"], {"id": str, "revisions": [{"revision": int, "updated": str, "title": str, "suggested": list}]}),
    "search": (["search", "content"], {"pieces": [{**PIECE, "score": float, "snippet": str}], "corrections": list}),
    "rm": (["rm", "PIECE", "--yes"], {"removed": list}),
    "import": (["import", "DIR"], {"imported": int, "skipped": int, "problems": list, "kind": str, "skipped_because": dict}),
    "export": (["export", "DIR/x.zip"], {"path": str, "pieces": int, "size_bytes": int, "sealed": bool}),
    "recovery": (["recovery", "show"], {"words": str}),
    "schedule": (["schedule", "list"], {"schedules": list}),
    "status": (["status"], {"home": str, "store_id": str, "pieces": int, "keys": dict}),
    "doctor": (["doctor"], {"healthy": bool, "checks": [{"name": str, "verdict": str, "detail": str, "hint": str}]}),
    "settings": (["settings"], {"settings": [{"name": str, "value": str, "default": str, "is_default": bool}]}),
    "models": (["models"], {"models": [{"name": str, "version": int, "size_bytes": int, "is_installed": bool, "evaluation": str}]}),
    "similar": (["similar", "PIECE"], {"pieces": list}),
    "related": (["related", "PIECE"], {"links": list, "pieces": list}),
    "discover": (["discover", "DIR"], {"proposals": list}),
    "secrets": (["secrets"], {"secrets": [{"id": str, "line": (int, type(None)), "rule": str, "what": str}], "searched": int}),
    "suggest": (["suggest", "--all"], {"dry_run": bool, "checked": int, "changed": list, "failed": list, "missing": list}),
    "ask": (["ask", "what", "is", "this"], {"question": str, "answer": (str, type(None)), "is_complete": bool, "references": list, "prompt": type(None), "saved": type(None)}),
    "processing": (["processing"], {"endpoint": type(None), "offline": bool, "models": [{"name": str, "version": int, "runs": str, "where": str, "sends": str, "may_be_blended": bool, "only_here": (str, type(None))}]}),
    "endpoint": (["endpoint", "show"], {"endpoint": type(None)}),
    "recall": (["recall", "build"], {"episodes": [{"id": int, "start": str, "end": str, "title": str, "done": list, "outcome": str, "score": float, "reason": str, "evidence": {"done": list, "commands": list, "files": list}}], "summaries": list, "time": (dict, type(None)), "place": (str, type(None)), "topic": list, "waiting": int}),
    "standup": (["standup", "--since", "2026-01-01"], {"since": str, "repositories": [{"name": str, "commits": list, "episodes": [{"id": int, "title": str, "outcome": str}]}], "waiting": int}),
    "ledger": (["ledger"], {"entries": list}),
    "telemetry": (["telemetry"], {"is_on": bool, "endpoint": (str, type(None)), "sent": (str, type(None)), "crash_reports": int}),
    "crash": (["crash", "list"], {"reports": list}),
    "rewind": (["rewind", "--agent", "x", "--since", "1d"], {"agent": str, "is_done": bool, "pieces": list, "notes": int}),
    "memory": (["memory"], {"sources": [{"name": str, "on": bool, "events": int}], "exclusions": list, "size_bytes": int}),
    "run": (["run", "PIECE", "--print", "--shell", "sh"], {"id": str, "command": str, "shell": str, "values": dict}),
    "shell": (["shell", "zsh"], {"shell": str, "script": str}),
    "collection": (["collection", "add", "c", "PIECE"], {"collection": str, "pieces": [PIECE]}),
    "completion": (["completion", "bash"], {"shell": str, "script": str}),
    "init": (["init", "--home", "DIR/new"], {"home": str, "store_id": str}),
}  # fmt: skip
OFFLINE = set(SHAPES)


def check(value: Any, shape: Any, place: str = "$") -> None:  # noqa: ANN401  any JSON value
    if isinstance(shape, dict):
        assert isinstance(value, dict), place
        for name, inner in shape.items():
            assert name in value, f"{place}.{name}"
            check(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for number, each in enumerate(value):
            check(each, shape[0], f"{place}[{number}]")
    else:
        assert isinstance(value, shape), f"{place} is {value!r}"


@pytest.mark.parametrize("name", SHAPES)
def test_a_command_prints_one_document_with_its_fields(cli: Cli, tmp_path: Path, name: str) -> None:
    piece = cli.save("content", "--title", "title", "--language", "go", "--tag", "t")
    folder = tmp_path / "folder"
    folder.mkdir()
    with MemoryStore.create(cli.home) as memory:
        memory.add([Event("shell", 1_780_000_000_000, "make build", place="/home/ann/work", exit_code=0)])
    arguments, shape = SHAPES[name]
    line = [argument.replace("PIECE", piece).replace("DIR", str(folder)) for argument in arguments]
    answer = cli.process(*line, "--json", stdin=b"new content")
    assert answer.code == 0
    check(answer.document, shape)
    assert answer.err == ""


def test_every_offline_command_has_a_shape() -> None:
    from tests.cli.test_offline import NEEDS_A_CLOUD

    assert (
        set(COMMANDS) - NEEDS_A_CLOUD - {"copy", "read", "lsp", "mcp", "open", "pick"} == OFFLINE
    )  # they need a clipboard, an image, an editor, a client, a browser, and a terminal
