"""`satchel-service recover`: the database of an earlier moment, from the log of a cloud that goes on serving."""

import os
import subprocess
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import apsw
import urllib3
from tests.support.service import PROGRAM, ServiceProcess
from tests.support.storm import sending
from tests.support.wire_device import WireDevice

Done = subprocess.CompletedProcess[str]


def recover(place: Mapping[str, str], *arguments: str) -> Done:
    return subprocess.run(
        [PROGRAM, "recover", *arguments],
        env={**os.environ, **place},
        capture_output=True,
        text=True,
        check=False,
    )


def backups_in(folder: Path) -> set[str]:
    connection = apsw.Connection(str(folder / "cloud.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return {str(row[0]) for row in connection.execute("SELECT id FROM backups")}
    finally:
        connection.close()


def test_a_moment_before_a_deletion_is_recovered_while_the_service_runs(
    place: Mapping[str, str], tmp_path: Path
) -> None:
    with urllib3.PoolManager() as pool, ServiceProcess(tmp_path / "cloud", place) as service:
        device = WireDevice(sending(pool, service.url))
        assert device.pair(service.pairing_code).status == 201
        kept, deleted = device.backup(), device.backup(b"another")
        moment = datetime.now(UTC)
        threading.Event().wait(0.01)  # entries are dated to the millisecond
        assert device.call("DELETE", f"/v1/backups/{deleted}").status == 204
        done = recover(place, "--at", moment.isoformat(), "--into", str(tmp_path / "then"))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(str(tmp_path / "then" / "cloud.db"))
        assert backups_in(tmp_path / "then") == {kept, deleted}
        now = recover(place, "--into", str(tmp_path / "now"), "--at", datetime.now(UTC).isoformat())
        assert now.returncode == 0
        assert backups_in(tmp_path / "now") == {kept}
        assert device.backup(b"a third")


def test_what_cannot_be_recovered_is_said_in_one_line(place: Mapping[str, str], tmp_path: Path) -> None:
    with ServiceProcess(tmp_path / "cloud", place):
        pass
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "cloud.db").write_bytes(b"")
    refused = {
        "no time": ("--at", "yesterday", "--into", str(tmp_path / "new")),
        "had nothing": ("--at", "1999-01-01T00:00:00Z", "--into", str(tmp_path / "new")),
        "exists already": ("--at", "2100-01-01T00:00:00Z", "--into", str(tmp_path / "taken")),
    }
    for reason, arguments in refused.items():
        done = recover(place, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert reason in done.stderr
        assert len(done.stderr.splitlines()) == 1
