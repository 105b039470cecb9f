"""The window stays on loopback: what the kernel saw of it, and that it needs no other network."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from tests.support.device import Device
from tests.support.window import HOST, Page, WindowProcess

from satchel.keys import RootSecret
from satchel.memory import Event, MemoryStore
from satchel.window.operations import OPERATIONS

ROOT: Final = Path(__file__).parents[3]
SCREENSHOT: Final = ROOT / "tests/unit/models/ocr/images/plain.jpg"
CHALLENGE: Final = "5c" * 32
DRAFT: Final[dict[str, Any]] = {
    "id": "1f" * 16, "version": 1, "piece": None, "base": 0, "title": "", "description": "", "language": "", "tags": [],
    "links": [], "texts": [{"number": 0, "name": "", "text": "typed"}], "source": "", "typed": "2026-11-30T12:00:00.000Z",
}  # fmt: skip
TEXT: Final = "import requests\n\ndef parse_header(line):\n    return requests.get(line)\n"

NEEDS_A_CLOUD: Final = {
    "publish_share", "shares", "share_link", "share_reports", "update_share", "rearm_share", "revoke_share",
    "requests", "make_request", "request_link", "take_answers", "revoke_request",
    "backups", "calendar", "set_retention", "delete_backups", "undelete_backups", "start_connect", "start_sign_in",
    "start_disconnect", "sign_out", "devices", "start_add_device", "start_revoke_device", "audit_log",
}  # fmt: skip
NEEDS_A_SCHEDULER: Final = {"preview_schedule", "add_schedule", "remove_schedule"}
NEEDS_AN_OBJECT: Final = {"cancel_job", "ledger_text", "forget_ledger", "unlock", "accept_suggestion", "refuse_suggestion"}  # fmt: skip
"""Operations on a running job, an entry of the ledger, a passphrase or a suggestion, which are not sure to be here."""

# Brings the loopback interface of a new network namespace up, and drives a window there.
IN_A_NAMESPACE: Final = """
import fcntl, json, socket, struct, sys
from pathlib import Path
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))  # SIOCSIFFLAGS, IFF_UP | IFF_RUNNING
from tests.integration.window.test_loopback import device_in, drive
from tests.support.window import WindowProcess
folder = Path(sys.argv[1])
with WindowProcess(device_in(folder)) as window:
    print(json.dumps(sorted(drive(window, folder))))
"""


def device_in(folder: Path) -> Device:
    """Return a device with a memory."""
    device = Device(folder / "home", RootSecret(b"\x31" * 32))
    with MemoryStore.create(device.home) as memory:
        memory.add([Event("shell", 1_760_000_000_000, "make test")])
    return device


def drive(window: WindowProcess, folder: Path) -> set[str]:
    """Do in a window everything that needs no cloud, and return the names of the operations."""
    page = window.page()
    with page.events():
        return set(_done(page, folder))


def _done(page: Page, folder: Path) -> Iterator[str]:
    def ask(operation: str, status: int = 200, **request: Any) -> Any:  # noqa: ANN401  any JSON value
        used.append(operation)
        answer = page.ask(operation, status, **request)
        if operation.startswith(("start_", "preview_restore", "undo_")):
            answer = page.finished(answer)
            used.append("job")
            assert answer["state"] == "done", answer["problem"]
        return answer

    used: list[str] = ["upload"]
    target = str(folder / "satchel.age")
    piece = ask("add_piece", text=TEXT, tags=["http"])["piece"]["id"]
    ask("add_piece", files=[{"upload": page.upload(b"other\n"), "name": "a.txt"}], again=True)
    for query in (
        {},
        {"query": "pars"},
        {"query": "parse header", "by_meaning": True},
        {"query": "parse", "kind": "code"},
    ):
        ask("find", **query)
    for operation in (
        "hello",
        "filters",
        "jobs",
        "import_kinds",
        "protection",
        "settings",
        "cloud",
        "processing",
    ):
        ask(operation)
    for operation in (
        "telemetry",
        "memory_sources",
        "schedules",
        "timeline",
        "ledger",
        "verify_ledger",
        "statistics",
    ):
        ask(operation)
    ask("set_telemetry", is_on=False)
    for operation in ("read_piece", "history", "similar", "related", "suggestions", "check_share"):
        ask(operation, id=piece)
    ask("edit_piece", id=piece, base=1, title="new title")
    ask("compare", id=piece, before=1, after=2)
    ask("restore_revision", id=piece, revision=1, base=2)
    ask("suggest_tags", prefix="ht")
    page.send("/api/read_file", json.dumps({"id": piece, "number": 0, "revision": 1}).encode())
    used.append("read_file")
    ask("propose", text=TEXT)
    ask("read_image", upload=page.upload(SCREENSHOT.read_bytes()))
    ask("set_memory", source="files", is_on=True, places=[str(folder)])
    ask("pause_memory", duration="1h")
    ask("prove_window", challenge=CHALLENGE)
    ask("set_preference", name="theme", value="dark")
    ask("keep_draft", draft=DRAFT)
    ask("drafts")
    ask("read_draft", id=DRAFT["id"])
    ask("drop_draft", id=DRAFT["id"], version=1)
    ask("preview_forget_memory", matching="nothing like it")
    ask("forget_memory", matching="nothing like it")
    ask("preview_import", files=[{"upload": page.upload(TEXT.encode()), "name": "b.py"}])
    ask("start_import", files=[{"upload": page.upload(TEXT.encode()), "name": "b.py"}])
    ask("set_setting", name="list.limit", value="30")
    ask("set_processing", model="titles", how="local")
    ask("start_backup", to_file=target, with_memory=True)
    ask("start_verify", from_file=target)
    ask("backup_pieces", from_file=target)
    ask("preview_restore", how="replace", from_file=target, with_memory=True)
    ask("start_restore", how="replace", from_file=target, with_memory=True)
    ask("undo_restore")
    ask("remove_pieces", ids=[piece])
    yield from used


@pytest.mark.tool("strace")
def test_a_window_binds_and_dials_nothing_but_loopback(tmp_path: Path) -> None:
    log = tmp_path / "trace"
    trace = ["strace", "-f", "-qq", "-A", "--seccomp-bpf", "-o", str(log), "-e", "trace=%network", "--"]
    with WindowProcess(device_in(tmp_path), port=0, prefix=trace) as window:
        used = drive(window, tmp_path)
        port = window.port
    assert len(used) > 40
    calls = log.read_text().splitlines()
    listening = {found[1] for call in calls if (found := re.search(r"\blisten\((\d+),", call))}
    internet = [call for call in calls if re.search(r"AF_INET6?\b", call)]
    dialled = [call for call in internet if re.search(r"\b(connect|sendto|sendmsg|sendmmsg)\(", call)]
    assert len(listening) == 1
    assert any("TCP_NODELAY" in call for call in calls), "else an answer waits 40 ms for an acknowledgement"
    assert dialled == []
    addresses = set(re.findall(r'inet_(?:addr\(|pton\(AF_INET6, )"([^"]+)"', "\n".join(internet)))
    assert HOST in addresses
    assert addresses <= {HOST, "::1"}, (
        "a library that reads images tries whether there is IPv6, without listening"
    )
    assert any(f'htons(0), sin_addr=inet_addr("{HOST}")' in call for call in internet), (
        f"it serves port {port}"
    )


@pytest.mark.tool("unshare")
def test_a_window_needs_no_network_but_loopback(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-n", "true"], check=False).returncode:
        pytest.skip("this user cannot create a network namespace")
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-c", IN_A_NAMESPACE, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, cwd=ROOT, capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert len(json.loads(done.stdout)) > 40


def test_every_operation_is_driven_here_or_needs_what_is_not_here() -> None:
    source = Path(__file__).read_text()
    driven = set(re.findall(r'"([a-z_]+)"', source.partition("def _done")[2].partition("@pytest")[0]))
    names = {operation.name for operation in OPERATIONS}
    left = NEEDS_A_CLOUD | NEEDS_A_SCHEDULER | NEEDS_AN_OBJECT
    assert left <= names
    assert names - driven == left, names - driven - left
