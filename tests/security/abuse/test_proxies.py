"""The service behind nginx and Caddy: the pair reads every request in the same way, so that none is smuggled through."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import urllib3
from tests.security.abuse.conftest import AttackedCloud, Clouds
from tests.support.http_shapes import ANSWERED_ONCE, REFUSED
from tests.support.proxies import Proxy, caddy, nginx
from tests.support.raw_http import RawConnection
from tests.support.waiting import wait_until

SHAPES = {**REFUSED, **ANSWERED_ONCE}
FRONTS = [
    pytest.param("nginx", marks=pytest.mark.tool("nginx")),
    pytest.param("nginx that buffers", marks=pytest.mark.tool("nginx")),
    pytest.param("caddy", marks=pytest.mark.tool("caddy")),
]
VICTIMS = 40


@pytest.fixture(params=FRONTS)
def pair(
    request: pytest.FixtureRequest, clouds: Clouds, tmp_path: Path
) -> Iterator[tuple[Proxy, AttackedCloud]]:
    """A proxy and the cloud behind it."""
    cloud = clouds.start()
    with ExitStack() as stack:
        if request.param == "caddy":
            yield stack.enter_context(caddy(tmp_path, cloud.service.port)), cloud
        else:
            is_buffering = request.param != "nginx"
            yield stack.enter_context(nginx(tmp_path, cloud.service.port, is_buffering=is_buffering)), cloud


def send(url: str, data: bytes) -> bytes:
    """Send one shape and return everything received until the proxy closes the connection."""
    with RawConnection(url) as connection:
        connection.send(data)
        return connection.receive()


def test_no_shape_smuggles_a_request_through_a_proxy(pair: tuple[Proxy, AttackedCloud]) -> None:
    """The cloud gets only requests that the proxy has sent, and other clients get their own responses."""
    proxy, cloud = pair
    expected = cloud.stranger.call("GET", "/v1/capabilities").body
    wait_until(lambda: proxy.forwarded() > 0 and is_logged(cloud, "capabilities"))
    arrived_before, forwarded_before = len(cloud.entries("request", "refused")), proxy.forwarded()
    with urllib3.PoolManager(maxsize=4) as pool, ThreadPoolExecutor(64) as threads:
        sent = [threads.submit(send, proxy.url, data) for data in SHAPES.values()]
        victims = [pool.request("GET", f"{proxy.url}/v1/capabilities", timeout=30.0) for _ in range(VICTIMS)]
        for each in sent:
            each.result()
        victims += [pool.request("GET", f"{proxy.url}/v1/capabilities", timeout=30.0) for _ in range(VICTIMS)]
    assert [victim.data for victim in victims if victim.data != expected] == []

    def arrived() -> int:
        return len(cloud.entries("request", "refused")) - arrived_before

    wait_until(lambda: 2 * VICTIMS < arrived() <= proxy.forwarded() - forwarded_before)
    cloud.check()


def is_logged(cloud: AttackedCloud, operation: str) -> bool:
    """Whether the cloud has served an operation; it logs a request once its response is sent."""
    return any(entry["operation"] == operation for entry in cloud.entries("request"))
