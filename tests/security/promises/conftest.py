"""Two clouds of two owners, and bucket servers."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import urllib3
from tests.support.buckets import gcs, moto_server
from tests.support.gcs_fake import GcsFake
from tests.support.s3_servers import S3Server
from tests.support.service import ServiceProcess
from tests.support.storm import sender
from tests.support.wire_device import WireDevice

__all__ = ["gcs", "moto_server"]


class Owner(NamedTuple):
    """An owner's cloud, a device of it, and a device without a token."""

    service: ServiceProcess
    device: WireDevice
    stranger: WireDevice


@pytest.fixture
def owners(tmp_path: Path) -> Iterator[tuple[Owner, Owner]]:
    """Return two owners, each with a cloud and a connected device."""
    with (
        urllib3.PoolManager() as pool,
        ServiceProcess(tmp_path / "first") as first,
        ServiceProcess(tmp_path / "second") as second,
    ):
        made = []
        for service in (first, second):
            device = WireDevice(sender(pool, service.url))
            assert device.pair(service.pairing_code).status == 201
            made.append(Owner(service, device, WireDevice(sender(pool, service.url))))
        yield made[0], made[1]


@pytest.fixture(params=["gcs", "moto_server"])
def bucket(request: pytest.FixtureRequest) -> GcsFake | S3Server:
    """Return a server with a bucket."""
    server: GcsFake | S3Server = request.getfixturevalue(request.param)
    return server
