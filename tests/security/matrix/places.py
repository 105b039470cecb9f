"""Where an operator puts two clouds: directories of one parent, or prefixes of one bucket, as close as names allow."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.security.matrix.clouds import all_files
from tests.security.matrix.processes import ProcessCloud
from tests.security.matrix.signing_in import issuer
from tests.support.s3_servers import S3Server
from tests.support.service import ServiceProcess
from tests.support.waiting import wait_until

HOUR_S: Final = 3600
QUIET_S: Final = 20
"""How long nothing is written after `settle`."""


class Place(NamedTuple):
    """The names of two places in one directory or bucket."""

    is_bucket: bool
    anna: str
    ben: str


PLACES: Final[Mapping[str, Place]] = {
    "directories": Place(False, "anna", "anna2"),
    "prefixes": Place(True, "clouds/anna", "clouds/anna2"),
    "a prefix below the other": Place(True, "shared/anna", "shared"),
}


class Neighbours(NamedTuple):
    """Two running clouds of two owners."""

    place: Place
    anna: ProcessCloud
    ben: ProcessCloud
    server: S3Server

    def settle(self) -> None:
        """Let no request write anything that an earlier one has left.

        Counts of refused attempts are written once they have waited for a minute, or at the end of an hour.
        """
        wait_until(lambda: time.time() % HOUR_S < HOUR_S - QUIET_S)
        for cloud in (self.anna, self.ben):
            assert cloud.device.call("GET", "/v1/audit").status == 200  # which writes the counts

    def stored(self, name: str) -> Mapping[str, str]:
        """Return what is stored for one cloud, by name: files, or objects and unfinished uploads."""
        if not self.place.is_bucket:
            return all_files(getattr(self, name).service.folder)
        return in_bucket(self.server, getattr(self.place, name), self._below(name))

    def _below(self, name: str) -> str:
        other = self.place.ben if name == "anna" else self.place.anna
        return f"{other}/" if other.startswith(f"{getattr(self.place, name)}/") else ""


def in_bucket(server: S3Server, prefix: str, without: str) -> dict[str, str]:
    """Return the objects and unfinished uploads under a prefix, except those under another."""
    client = server.client()
    listed = client.list_objects_v2(Bucket=server.bucket, Prefix=f"{prefix}/").get("Contents", [])
    found = {str(item.get("Key")): str(item.get("ETag")) for item in listed}
    begun = client.list_multipart_uploads(Bucket=server.bucket).get("Uploads", [])
    found |= {f"{item.get('Key')} of {item.get('UploadId')}": "begun" for item in begun}
    return {
        key: tag
        for key, tag in found.items()
        if key.startswith(f"{prefix}/") and not (without and key.startswith(without))
    }


@contextmanager
def neighbours(place: Place, folder: Path, server: S3Server) -> Iterator[Neighbours]:
    """Run two clouds side by side. They also share the directory of their local databases."""

    def settings(name: str) -> dict[str, str]:
        own = dict(server.environ(name)) if place.is_bucket else {}
        return {"SATCHEL_DATABASE_DIR": str(folder / "local"), **issuer().settings, **own}

    (folder / "local").mkdir(parents=True)
    with (
        ServiceProcess(folder / place.anna.replace("/", "-"), settings(place.anna)) as anna,
        ServiceProcess(folder / place.ben.replace("/", "-"), settings(place.ben)) as ben,
    ):
        yield Neighbours(place, ProcessCloud(anna), ProcessCloud(ben), server)
