"""The service under socket activation: it starts at the first connection, ends when idle, and loses no request."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pytest
from tests.support.activation import ActivatedService, Address, ask, connect, environ_for, listen, sender
from tests.support.service import CODE, PROGRAM, free_port
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

pytestmark = pytest.mark.slow

BURST: Final = 50
IDLE_S: Final = 1
LATE_S: Final = 20.0
QUEUE: Final = 150  # more than asyncio's own backlog of 100
FORWARDED: Final = {"X_Forwarded_For": "203.0.113.9"}


@pytest.fixture(params=["unix", "tcp"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Address:
    """An address that nothing listens on yet."""
    return str(tmp_path / "cloud.sock") if request.param == "unix" else ("127.0.0.1", free_port())


@contextmanager
def activated(address: Address, folder: Path, **settings: str) -> Iterator[ActivatedService]:
    """Start a cloud at the first connection to an address, and again after each end."""
    environ = environ_for(folder, **settings)
    with ActivatedService(listen(address), environ, folder / "errors") as service:
        yield service


def wake(address: Address) -> None:
    with connect(address) as first:
        assert ask(first).startswith(b"HTTP/1.1 200 ")


def paired(service: ActivatedService, address: Address, **added: str) -> WireDevice:
    """Return a device that pairs with the code of the service's first start."""
    device = WireDevice(sender(address, **added))
    assert device.call("GET", "/live").status == 200
    assert device.pair(CODE.findall(service.errors.read_text())[0]).status == 201
    return device


def test_the_waiting_request_is_served_and_the_settings_of_the_address_are_ignored(
    address: Address, tmp_path: Path
) -> None:
    ignored = free_port()
    with activated(address, tmp_path, SATCHEL_BIND="127.0.0.1", PORT=str(ignored)) as service:
        with connect(address) as connection:
            assert ask(connection, "/ready").startswith(b"HTTP/1.1 200 ")
        with pytest.raises(ConnectionRefusedError):
            connect(("127.0.0.1", ignored))
        assert service.exits == []


@pytest.mark.tool("systemd-socket-activate")
def test_systemd_passes_the_socket_to_the_service(address: Address, tmp_path: Path) -> None:
    where = address if isinstance(address, str) else f"{address[0]}:{address[1]}"
    environ = environ_for(tmp_path)
    names = [f"--setenv={name}" for name in environ if name.startswith(("SATCHEL_", "LC_"))]
    program = shutil.which("systemd-socket-activate") or ""
    activator = subprocess.Popen(
        [program, f"--listen={where}", *names, PROGRAM], env=environ, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: accepts(address))
        with connect(address) as connection:
            assert ask(connection, "/ready").startswith(b"HTTP/1.1 200 ")
    finally:
        activator.terminate()
        assert activator.wait(LATE_S) == 0


def accepts(address: Address) -> bool:
    try:
        connect(address).close()
    except OSError:
        return False
    return True


def test_systemd_is_told_when_the_service_has_started(tmp_path: Path) -> None:
    address = str(tmp_path / "cloud.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notices:
        notices.bind(str(tmp_path / "notices"))
        notices.settimeout(LATE_S)
        with (
            activated(address, tmp_path, NOTIFY_SOCKET=str(tmp_path / "notices")),
            connect(address) as client,
        ):
            assert b"READY=1" in notices.recv(4096).splitlines()
            assert ask(client).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(("trusted", "recorded"), [("unix", "203.0.113.9"), ("10.0.0.0/8", "unix")])
def test_the_address_that_a_proxy_reports_over_a_unix_socket_counts_if_it_is_trusted(
    trusted: str, recorded: str, tmp_path: Path
) -> None:
    address = str(tmp_path / "cloud.sock")
    settings = {"SATCHEL_AUDIT_ADDRESSES": "true", "SATCHEL_TRUSTED_PROXIES": trusted}
    with activated(address, tmp_path, **settings) as service:
        device = paired(service, address, **FORWARDED)
        entries = device.call("GET", "/v1/audit").json()["entries"]
    assert recorded in {entry.get("address") for entry in entries}
    assert {entry.get("address") for entry in entries} <= {recorded, None}


def test_an_idle_service_ends_with_code_0_and_the_next_one_has_its_data(
    address: Address, tmp_path: Path
) -> None:
    with activated(address, tmp_path, SATCHEL_IDLE_EXIT_S=str(IDLE_S)) as service:
        device = paired(service, address)
        share = device.share(b"body", views=2)
        assert device.open(share).status == 200
        wait_until(lambda: bool(service.exits) and sleeps(service))
        assert list((tmp_path / "local").iterdir()) == []
        assert device.open(share).body == b"body"
        assert device.open(share).problem == "used-up"
        assert set(service.exits) == {0}


def sleeps(service: ActivatedService) -> bool:
    """Whether the latest run has ended; on a busy machine, earlier ones may have been idle between two requests."""
    return service.process is not None and service.process.poll() is not None


def test_strangers_keep_a_service_awake_only_briefly(tmp_path: Path) -> None:
    """Both services have an hour. One answers only strangers; a device has used the other."""
    folders = {name: tmp_path / name for name in ("strangers", "used")}
    addresses = {name: str(tmp_path / f"{name}.sock") for name in folders}
    with ExitStack() as stack:
        services = {}
        for name, folder in folders.items():
            folder.mkdir()
            made = activated(addresses[name], folder, SATCHEL_IDLE_EXIT_S="3600")
            services[name] = stack.enter_context(made)
        share = paired(services["used"], addresses["used"]).share(b"body")
        stranger = WireDevice(sender(addresses["strangers"]), "A" * 43)
        for path in ("/", "/ready", "/v1/capabilities", "/v1/backups"):
            stranger.call("GET", path)
        assert stranger.open(share).status == 404
        wait_until(lambda: services["strangers"].exits == [0], timeout_s=LATE_S)
        assert services["used"].exits == []
        assert WireDevice(sender(addresses["used"])).open(share).status == 200


def test_idle_and_silent_connections_do_not_keep_the_service_awake(address: Address, tmp_path: Path) -> None:
    with activated(address, tmp_path, SATCHEL_IDLE_EXIT_S=str(IDLE_S)) as service, ExitStack() as stack:
        silent, idle = (stack.enter_context(connect(address)) for _ in range(2))
        idle.sendall(b"GET /live HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(65536).startswith(b"HTTP/1.1 200 ")
        wait_until(lambda: service.exits == [0])
        assert silent.recv(65536) == b""


def test_every_request_of_a_burst_at_the_time_of_the_end_is_answered(
    address: Address, tmp_path: Path
) -> None:
    """Each burst begins before the service may end, and lasts until after that."""
    with (
        activated(address, tmp_path, SATCHEL_IDLE_EXIT_S=str(IDLE_S)) as service,
        ThreadPoolExecutor(BURST) as pool,
    ):
        wake(address)
        for early_s in (0.0, -0.2, -0.5):
            begin_s = time.monotonic() + IDLE_S + early_s
            answers = pool.map(
                lambda number, begin_s=begin_s: ask_at(address, begin_s + number * 0.02), range(BURST)
            )
            assert [answer[:13] for answer in answers] == [b"HTTP/1.1 200 "] * BURST
        wait_until(lambda: bool(service.exits))
        answers = pool.map(lambda _: ask_at(address, 0.0), range(BURST))
        assert [answer[:13] for answer in answers] == [b"HTTP/1.1 200 "] * BURST
        assert set(service.exits) == {0}


def ask_at(address: Address, at_s: float) -> bytes:
    """Send a request at a time of the monotonic clock."""
    time.sleep(max(0.0, at_s - time.monotonic()))
    with connect(address, LATE_S) as connection:
        return ask(connection)


def test_every_request_that_arrives_while_the_service_stops_is_answered(
    address: Address, tmp_path: Path
) -> None:
    with activated(address, tmp_path) as service, ThreadPoolExecutor(BURST) as pool:
        wake(address)
        began_s = time.monotonic()
        answers = pool.map(lambda number: ask_at(address, began_s + number * 0.01), range(BURST))
        assert service.process is not None
        service.process.terminate()
        assert [answer[:13] for answer in answers] == [b"HTTP/1.1 200 "] * BURST
        wait_until(lambda: service.exits == [0])


def test_more_connections_than_asyncio_queues_wait_for_a_busy_service(tmp_path: Path) -> None:
    address = str(tmp_path / "cloud.sock")
    with activated(address, tmp_path) as service, ExitStack() as stack:
        wake(address)
        assert service.process is not None
        with paused(worker_of(service.process.pid)):
            waiting = [stack.enter_context(connect(address, timeout_s=0.0)) for _ in range(QUEUE)]
        waiting[-1].settimeout(LATE_S)
        assert ask(waiting[-1]).startswith(b"HTTP/1.1 200 ")


def worker_of(supervisor: int) -> int:
    return int(Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()[0])


@contextmanager
def paused(pid: int) -> Iterator[None]:
    """Keep a process from running."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
