"""A later service starts from the storage of an earlier one, loses nothing, and its new features work."""

import json
import shutil
from pathlib import Path

import pytest
from tests.golden.clouds.make import BACKUP, BODY
from tests.integration.service.conftest import connecting
from tests.support.service import ServiceProcess

HERE = Path(__file__).parent
VERSIONS = ("v1",)
NO_EXPIRY = {"SATCHEL_SHARE_RETENTION_S": str(100 * 365 * 86400)}  # the golden shares ended long ago


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
        card = {"title": "new in version 2"}
        changed = device.call("PATCH", f"/v1/shares/{ids['live']}", {"version": 1, "card": card})
        assert changed.json()["card"] == card
        assert device.open(device.share(BODY)).body == BODY
