"""A store behind a faulty connection, and the same store without it."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from tests.support.buckets import gcs, moto_server
from tests.support.fault_proxy import FaultProxy
from tests.support.gcs_fake import GcsFake
from tests.support.s3_servers import S3Server

from satchel_service.storage.buckets import Retrying
from satchel_service.storage.gcs import GcsStorage
from satchel_service.storage.s3 import S3Storage

__all__ = ["gcs", "moto_server"]


@dataclass
class Wired:
    """`storage` goes through `proxy`, `truth` bypasses it; `pauses` are those before the retries of `storage`."""

    storage: S3Storage | GcsStorage
    truth: S3Storage | GcsStorage
    proxy: FaultProxy
    write_method: str
    pauses: list[float] = field(default_factory=list)


def wire(server: S3Server | GcsFake, proxy: FaultProxy) -> Wired:
    """A store in an unused prefix of a server's bucket."""
    prefix, pauses = f"{secrets.token_hex(8)}/", list[float]()
    retrying = Retrying(pauses.append, draw=lambda: 0.5)
    truth = server.storage(prefix)
    if isinstance(server, GcsFake):
        storage = server.storage(prefix, endpoint=proxy.url, retrying=retrying)
        return Wired(storage, truth, proxy, "POST", pauses)
    return Wired(server.at(proxy.url).storage(prefix, retrying=retrying), truth, proxy, "PUT", pauses)


@pytest.fixture(params=["moto_server", "gcs"], ids=["moto", "gcs"])
def wired(request: pytest.FixtureRequest) -> Iterator[Wired]:
    """Each kind of bucket."""
    server: S3Server | GcsFake = request.getfixturevalue(request.param)
    with FaultProxy(server.endpoint) as proxy:
        wired = wire(server, proxy)
        yield wired
        wired.storage.close()
        wired.truth.close()
