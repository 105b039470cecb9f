"""`satchel-service recover`: the database of an earlier moment, from the log of a cloud that keeps serving."""

import os
import subprocess
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import apsw
import urllib3
from tests.support.service import PROGRAM, ServiceProcess
from tests.support.storm import sender
from tests.support.wire_device import WireDevice

Done = subprocess.CompletedProcess[str]


def recover(storage_environ: Mapping[str, str], *arguments: str) -> Done:
    return subprocess.run(
        [PROGRAM, "recover", *arguments],
        env={**os.environ, **storage_environ},
        capture_output=True,
        text=True,
        check=False,
    )


def backups_in(folder: Path) -> set[str]:
    connection = apsw.Connection(str(folder / "cloud.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return {str(row[0]) for row in connection.execute("SELECT id FROM backups WHERE deleted IS NULL")}
    finally:
        connection.close()


def test_a_moment_before_a_deletion_is_recovered_while_the_service_runs(
    storage_environ: Mapping[str, str], tmp_path: Path
) -> None:
    with urllib3.PoolManager() as pool, ServiceProcess(tmp_path / "cloud", storage_environ) as service:
        device = WireDevice(sender(pool, service.url))
        assert device.pair(service.pairing_code).status == 201
        kept, deleted = device.backup(), device.backup(b"another")
        moment = datetime.now(UTC)
        threading.Event().wait(0.01)  # entries are dated to the millisecond
        assert device.call("DELETE", f"/v1/backups/{deleted}").status == 204
        done = recover(storage_environ, "--at", moment.isoformat(), "--into", str(tmp_path / "then"))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(str(tmp_path / "then" / "cloud.db"))
        assert backups_in(tmp_path / "then") == {kept, deleted}
        now = recover(storage_environ, "--into", str(tmp_path / "now"), "--at", datetime.now(UTC).isoformat())
        assert now.returncode == 0
        assert backups_in(tmp_path / "now") == {kept}
        assert device.backup(b"a third")


def test_a_failed_recovery_is_reported_in_one_line(
    storage_environ: Mapping[str, str], tmp_path: Path
) -> None:
    with ServiceProcess(tmp_path / "cloud", storage_environ):
        pass
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "cloud.db").write_bytes(b"")
    failures = {
        "is not a time": ("--at", "yesterday", "--into", str(tmp_path / "new")),
        "the log is empty": ("--at", "1999-01-01T00:00:00Z", "--into", str(tmp_path / "new")),
        "already exists": ("--at", "2100-01-01T00:00:00Z", "--into", str(tmp_path / "taken")),
    }
    for reason, arguments in failures.items():
        done = recover(storage_environ, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert reason in done.stderr
        assert len(done.stderr.splitlines()) == 1
