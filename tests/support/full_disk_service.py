"""Use a cloud whose storage and local database are on one full file system. Run as a program:

    unshare --mount --map-root-user python -m tests.support.full_disk_service FOLDER

Prints the statuses of what the owner does then, as JSON.
"""

import json
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.integration.service.conftest import connecting
from tests.support.service import ServiceProcess

MIB: Final = 1024 * 1024
CANNOT_MOUNT: Final = 77


def main() -> None:
    """Run the scenario."""
    folder = Path(sys.argv[1])
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(disk)]
    if subprocess.run(mount, check=False).returncode:
        sys.exit(CANNOT_MOUNT)
    service = ServiceProcess(disk / "cloud")
    service.output, service.errors = folder / "out", folder / "err"
    with service, connecting() as connect:
        owner = connect(service)
        assert owner.pair(service.pairing_code).status == 201
        backups = [owner.backup(bytes([number]) * MIB) for number in range(3)]
        share = owner.share(b"body")
        with suppress(OSError), (disk / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))
        answers = {
            "upload": owner.announce("a" * 32, 10 * MIB).status,
            "delete": owner.call("DELETE", f"/v1/backups/{backups[0]}").status,
            "revoke share": owner.call("DELETE", f"/v1/shares/{share}").status,
            "list": owner.call("GET", "/v1/backups").status,
        }
        second = connect(service)
        answers["pair"] = second.pair(service.new_pairing_code()).status
        answers["revoke device"] = second.call("DELETE", f"/v1/devices/{owner.id}").status
        code, ids = service.new_pairing_code(), backups[:2]
        answers["erase"] = second.call("POST", "/v1/backups/erase", {"code": code, "backups": ids}).status
        answers["many deletions"] = max(
            second.call("POST", f"/v1/backups/{backups[2]}/undelete").status
            if number % 2
            else second.call("DELETE", f"/v1/backups/{backups[2]}").status
            for number in range(100)
        )
        assert service.restart().is_ready()
        answers["after a restart"] = second.call("GET", "/v1/backups").status
        (disk / "ballast").unlink()
        answers["backup with room"] = int(bool(second.backup(b"again")))
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
