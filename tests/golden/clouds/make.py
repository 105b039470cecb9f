"""Makes the golden cloud of the current version in a new folder: run as a program, once for each version.

    python -m tests.golden.clouds.make FOLDER

`storage` is what a cloud on a directory kept when it was stopped; `expected.json` says what it holds. What was made
once is never made again: a later service must go on from it as it is.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.integration.service.conftest import connecting
from tests.support.service import ServiceProcess
from tests.support.wire_device import WireDevice, b64

BACKUP: Final = b"a sealed archive"
BODY: Final = b"a sealed body"
PASSWORD: Final = {"salt": b64(bytes(range(16))), "log_n": 16}


def main() -> None:
    """Make the cloud of this version."""
    target = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as name, connecting() as connect:
        service = ServiceProcess(Path(name) / "cloud")
        with service:
            device = connect(service)
            assert device.pair(service.pairing_code).status == 201
            held = fill(device)
            service.stop()
        shutil.copytree(service.folder, target / "storage")
    expected = {"token": device.token, "device": device.id, **held}
    (target / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")


def fill(device: WireDevice) -> dict[str, str]:
    """One of everything that a cloud of version 1 can hold; the ids by what they are."""
    held = {
        "backup": device.backup(BACKUP),
        "live": device.share(BODY, note=b64(b"a sealed note")),
        "locked": device.share(BODY, password=PASSWORD, views=5),
        "used-up": device.share(BODY, views=1),
        "revoked": device.share(BODY),
    }
    assert device.open(held["live"]).status == 200
    assert device.open(held["used-up"]).status == 200
    assert device.call("DELETE", f"/v1/shares/{held['revoked']}").status == 204
    return held


if __name__ == "__main__":
    main()
