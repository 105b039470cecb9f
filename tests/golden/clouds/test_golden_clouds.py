"""A later service starts from the storage of an earlier one, loses nothing, and its new features work."""

import json
import shutil
from pathlib import Path

import pytest
from tests.golden.clouds.make import ANSWER, BACKUP, BODY, CARD, FAR, fill_requests
from tests.integration.service.conftest import connecting
from tests.support.audit_log import read_log
from tests.support.service import ServiceProcess
from tests.support.wire_device import PROOF, WireDevice, b64

HERE = Path(__file__).parent
VERSIONS = ("v1", "v2", "v3", "v5", "v6")
CENTURY_S = str(100 * 365 * 86400)
NO_EXPIRY = {
    "SATCHEL_SHARE_RETENTION_S": CENTURY_S,
    "SATCHEL_REQUEST_RETENTION_S": CENTURY_S,
    "SATCHEL_AUDIT_RETENTION_S": CENTURY_S,
}  # all are old


@pytest.mark.parametrize("version", VERSIONS)
def test_a_cloud_of_an_earlier_version_keeps_working(version: str, tmp_path: Path) -> None:
    ids = json.loads((HERE / version / "expected.json").read_text())
    shutil.copytree(HERE / version / "storage", tmp_path / "cloud")
    with ServiceProcess(tmp_path / "cloud", NO_EXPIRY) as service, connecting() as connect:
        device = connect(service)
        device.token = ids["token"]
        assert device.call("GET", f"/v1/archives/{ids['backup']}").body == BACKUP
        assert device.open(ids["live"]).body == device.open(ids["locked"]).body == BODY
        shares = {share["id"]: share for share in device.call("GET", "/v1/shares").json()["shares"]}
        assert {name: shares[ids[name]]["state"] for name in ("live", "locked", "used-up", "revoked")} == {
            "live": "live",
            "locked": "live",
            "used-up": "used-up",
            "revoked": "revoked",
        }
        assert (shares[ids["live"]]["opened"], shares[ids["locked"]]["opened"]) == (2, 1)
        check_version_2(device, ids)
        check_version_5(device, ids)
        check_version_6(device, ids if "request" in ids else fill_requests(device))
        card = {"title": "new in version 2"}
        changed = device.call("PATCH", f"/v1/shares/{ids['live']}", {"version": 1, "card": card})
        assert changed.json()["card"] == card
        assert device.open(device.share(BODY)).body == BODY


def check_version_2(device: WireDevice, ids: dict[str, str]) -> None:
    """Check what a cloud of version 1 cannot hold."""
    if "card" not in ids:
        return
    listed = {each["id"]: each["expires"] for each in device.call("GET", "/v1/backups").json()["backups"]}
    assert listed == {
        ids["backup"]: None,
        ids["default-expiry"]: None,  # nobody asked for it: see `VERSION_3` of the schema
        ids["chosen-expiry"]: FAR,
    }
    shown = device.call("GET", f"/v1/shares/{ids['card']}").json()
    assert (shown["card"], shown["reports"]) == (CARD, 1)
    page = device.call("GET", f"/s/{ids['card']}").body
    assert str(CARD["title"]).encode() in page
    assert device.call("DELETE", f"/v1/backups/{ids['backup']}").status == 204
    assert device.call("POST", f"/v1/backups/{ids['backup']}/undelete").status == 200


def check_version_5(device: WireDevice, ids: dict[str, str]) -> None:
    """Check that the audit log goes on from what a device saw of it; an earlier cloud begins one."""
    found = {entry["number"]: entry for entry in read_log(device)}
    assert found[1]["event"] == "service-changed"
    if "audit-number" in ids:
        assert found[int(ids["audit-number"])]["sha256"] == ids["audit-sha256"]
        other = WireDevice(device._send, ids["revoked-token"])
        assert other.call("GET", "/v1/devices").problem == "not-signed-in"


def check_version_6(device: WireDevice, ids: dict[str, str]) -> None:
    """Check that a request takes answers, and that what waits can be taken."""
    request = device.call("GET", f"/v1/requests/{ids['request']}").json()
    assert (request["state"], request["answers"]) == ("live", 3)
    assert {each["id"]: "taken" in each for each in request["received"]} == {
        ids["waiting"]: False,
        ids["taken"]: True,
    }
    answers = f"/v1/requests/{ids['request']}/answers"
    assert device.call("GET", f"{answers}/{ids['waiting']}").body == ANSWER
    sent = device.call(
        "PUT", f"{answers}/{device.new_id()}", body=ANSWER, headers={"Satchel-Proof": b64(PROOF)}
    )
    assert sent.status == 200
