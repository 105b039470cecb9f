"""Clouds as processes: the installed program behind real sockets, with every byte of a path and header as sent."""

import os
import time
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.security.matrix.signing_in import claim
from tests.support.asgi import Answer
from tests.support.service import ServiceProcess
from tests.support.wire_device import WireDevice

from satchel_service.devices.codes import create_grant
from satchel_service.settings import Settings
from satchel_service.storage.opening import open_storage


class RawAnswer(NamedTuple):
    """A response with its headers as sent: in order, with repetitions."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def exchange(
    url: str, method: str, path: str, headers: Sequence[tuple[str, str]] = (), body: bytes | None = None
) -> RawAnswer:
    """Send one request on a connection of its own, nothing normalised."""
    connection = HTTPConnection(url.removeprefix("http://"), timeout=30)
    has_host = any(name.lower() == "host" for name, _ in headers)
    connection.putrequest(method, path, skip_host=has_host, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders(body)
    response = connection.getresponse()
    answer = RawAnswer(response.status, response.getheaders(), response.read())
    connection.close()
    return answer


class ProcessCloud:
    """A running service with the settings of `signing_in.issuer`, and a device on which the owner has just signed in."""

    def __init__(self, service: ServiceProcess) -> None:
        self.service = service
        self.url = self.origin = service.url
        self.devices: list[WireDevice] = []
        self.device = claim(self)
        self.devices.append(self.device)

    def now_s(self) -> int:
        """Return the cloud's time in seconds since 1970."""
        return time.time_ns() // 1_000_000_000

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        """Send one request of a device; one to a presigned URL goes to the bucket, without the token."""
        url, sent = self.url, [*headers.items()]
        if path.startswith("http"):
            target = urlsplit(path)
            url, path = f"http://{target.netloc}", f"{target.path}?{target.query}"
            sent = [(name, value) for name, value in sent if name != "Authorization"]
        status, found, content = exchange(url, method, path, sent, body)
        return Answer(status, {name.lower(): value for name, value in found}, content)

    def operators_code(self) -> str:
        """Return a new pairing code, as `satchel-service pair` makes it."""
        storage = open_storage(Settings.read(self.service.environ), os.urandom)
        storage.prepare()
        return create_grant(storage, os.urandom(8), time.time_ns() // 1_000_000).text

    def connect(self) -> WireDevice:
        """Connect another device."""
        device = WireDevice(self.send)
        assert device.pair(self.operators_code()).status == 201
        self.devices.append(device)
        return device

    @property
    def stranger(self) -> WireDevice:
        """Someone without a token."""
        return WireDevice(self.send)
