"""Create the golden cloud of the current version in a new folder. Run once for each version:

    python -m tests.golden.clouds.make FOLDER

With PYTHONPATH naming the packages of an earlier release, the service of that release makes it. `storage` is the directory of a stopped cloud; `expected.json` lists its contents. A golden cloud is never created
again: later services must start from it unchanged.
"""

import hashlib
import json
import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from tests.integration.service.conftest import connecting
from tests.support.audit_log import read_log
from tests.support.service import ServiceProcess
from tests.support.wire_device import PROOF, WireDevice, b64

BACKUP: Final = b"a sealed archive"
BODY: Final = b"a sealed body"
ANSWER: Final = b"a sealed answer"
CARD: Final[dict[str, str | int]] = {"title": "a golden title", "lines": 3}
FAR: Final = "2099-01-01T00:00:00Z"
SERVICE: Final = "import sys; from satchel_service.main import main; sys.exit(main())"
PASSWORD: Final = {"salt": b64(bytes(range(16))), "log_n": 16}


def main() -> None:
    """Create the golden cloud."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name, connecting() as connect:
        sources = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        service = ServiceProcess(Path(name) / "cloud", sources, command=(sys.executable, "-c", SERVICE))
        with service:
            device = connect(service)
            assert device.pair(service.pairing_code).status == 201
            ids = fill(device) | fill_requests(device) | fill_audit_log(device, connect(service))
            service.stop()
        shutil.copytree(service.folder, target / "storage", ignore=shutil.ignore_patterns("reserve"))
    expected = {"token": device.token, "device": device.id, **ids}
    (target / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


def fill(device: WireDevice) -> dict[str, str]:
    """Store one of everything that a cloud of version 3 can hold; return the ids by kind."""
    in_30_days = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0).isoformat()
    ids = {
        "backup": device.backup(BACKUP),
        "default-expiry": device.backup(BACKUP, expires=in_30_days),
        "chosen-expiry": device.backup(BACKUP, expires=FAR),
        "card": device.share(BODY, card=CARD),
        "live": device.share(BODY, note=b64(b"a sealed note")),
        "locked": device.share(BODY, password=PASSWORD, views=5),
        "used-up": device.share(BODY, views=1),
        "revoked": device.share(BODY),
    }
    assert device.open(ids["live"]).status == 200
    assert device.open(ids["used-up"]).status == 200
    assert device.call("DELETE", f"/v1/shares/{ids['revoked']}").status == 204
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    report = device.call("POST", f"/s/{ids['card']}/report", body=b"reason=other&text=golden", headers=form)
    assert report.status == 200
    # since version 3, an expiry of 30 days is the owner's choice, and the golden backup must not end
    changed = device.call("PATCH", f"/v1/backups/{ids['default-expiry']}", {"expires": None})
    assert changed.status == 200
    return ids


def fill_requests(device: WireDevice) -> dict[str, str]:
    """Add what a cloud of version 6 can hold; return the ids of a request, of an answer that waits and of a taken one."""
    ids = {name: device.new_id() for name in ("request", "waiting", "taken")}
    proof_sha256 = b64(hashlib.sha256(PROOF).digest())
    terms = {
        "proof_sha256": proof_sha256,
        "sheet": b64(b"a sealed sheet"),
        "answers": 3,
        "answer_bytes": 1000,
    }
    path = f"/v1/requests/{ids['request']}"
    assert device.call("PUT", path, terms).status == 200
    for name in ("waiting", "taken"):
        sent = device.call(
            "PUT", f"{path}/answers/{ids[name]}", body=ANSWER, headers={"Satchel-Proof": b64(PROOF)}
        )
        assert sent.status == 200
    assert device.call("DELETE", f"{path}/answers/{ids['taken']}").status == 204
    return ids


def fill_audit_log(device: WireDevice, other: WireDevice) -> dict[str, str]:
    """Add what a cloud of version 5 can hold; return the latest entry of its audit log."""
    assert other.pair(device.call("POST", "/v1/pairings").json()["code"]).status == 201
    assert device.call("DELETE", f"/v1/devices/{other.id}").status == 204
    assert other.call("GET", "/v1/devices").status == 401
    assert device.call("POST", "/v1/pairings").status == 201
    latest = read_log(device)[-1]
    return {
        "audit-number": str(latest["number"]),
        "audit-sha256": latest["sha256"],
        "revoked-token": other.token,
    }


if __name__ == "__main__":
    main()
