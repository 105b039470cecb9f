"""A server cannot make this device send parts to itself or to its own network."""

import socket

import pytest
from tests.support.recorders import InMemory
from tests.unit.cloud.conftest import LittleServer

from satchel.errors import RefusedError
from satchel.outgoing.address import Origin
from satchel.outgoing.failures import NoResponseError
from satchel.outgoing.reach import Reach, reach_of
from satchel.outgoing.transport import HttpTransport, Proxies, Request

PUBLIC = "93.184.215.14"


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        (PUBLIC, Reach.PUBLIC),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", Reach.PUBLIC),
        ("10.1.2.3", Reach.PRIVATE),
        ("172.16.0.1", Reach.PRIVATE),
        ("192.168.1.1", Reach.PRIVATE),
        ("100.64.0.1", Reach.PRIVATE),
        ("fd00::1", Reach.PRIVATE),
        ("::ffff:10.0.0.1", Reach.PRIVATE),
        ("64:ff9b::10.0.0.1", Reach.PRIVATE),
        ("64:ff9b:1::a00:1", Reach.PRIVATE),
        ("2002:a00:1::", Reach.PRIVATE),
        ("127.0.0.1", Reach.LOOPBACK),
        ("127.255.255.254", Reach.LOOPBACK),
        ("::1", Reach.LOOPBACK),
        ("::ffff:127.0.0.1", Reach.LOOPBACK),
        ("::127.0.0.1", Reach.LOOPBACK),
        ("64:ff9b::7f00:1", Reach.LOOPBACK),
        ("0.0.0.0", Reach.SPECIAL),
        ("0.1.2.3", Reach.SPECIAL),
        ("::", Reach.SPECIAL),
        ("::ffff:0.0.0.0", Reach.SPECIAL),
        ("169.254.169.254", Reach.SPECIAL),
        ("::ffff:169.254.169.254", Reach.SPECIAL),
        ("64:ff9b::a9fe:a9fe", Reach.SPECIAL),
        ("fe80::1", Reach.SPECIAL),
        ("fe80::1%eth0", Reach.SPECIAL),
        ("224.0.0.1", Reach.SPECIAL),
        ("255.255.255.255", Reach.SPECIAL),
        ("ff02::1", Reach.SPECIAL),
        ("64:ff9b::93.184.215.14", Reach.PUBLIC),
    ],
)
def test_addresses_are_judged_by_where_packets_end(address: str, reach: Reach) -> None:
    assert reach_of(address) is reach


HOSTS = {
    "cloud.example.com": [PUBLIC],
    "home.example.com": ["192.168.1.5"],
    "storage.example.com": ["127.0.0.1"],
    "mixed.example.com": [PUBLIC, "10.0.0.1"],
    "lan.example.com": ["10.0.0.1"],
    "metadata.example.com": ["169.254.169.254"],
    "mapped.example.com": ["::ffff:127.0.0.1"],
}


@pytest.fixture
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolve(host: str, port: int | None, *args: int, **settings: int) -> object:
        if host not in HOSTS or settings.get("flags"):
            return real(host, port, *args, **settings)
        return [found for each in HOSTS[host] for found in real(each, port, *args, **settings)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def put(url: str, named_by: str) -> None:
    transport = HttpTransport(user_agent="t", proxies=Proxies(), recorder=InMemory(), read_timeout_s=2.0)
    transport.send(Request("PUT", url, b"part", named_by=Origin.parse(named_by, allow_http=True)))


@pytest.mark.usefixtures("_names")
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "0.0.0.0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::]",
        "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "169.254.169.254", "10.0.0.1",
        "storage.example.com", "mixed.example.com", "lan.example.com", "metadata.example.com", "mapped.example.com",
    ],
)  # fmt: skip
def test_a_public_cloud_names_public_addresses_only(server: LittleServer, host: str) -> None:
    with pytest.raises(RefusedError, match="names"):
        put(f"http://{host}:{server.port}/part", "https://cloud.example.com")
    assert server.seen == []


@pytest.mark.usefixtures("_names")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "storage.example.com", "169.254.169.254", "metadata.example.com"]
)
def test_a_cloud_in_the_own_network_names_no_address_of_this_computer(
    server: LittleServer, host: str
) -> None:
    with pytest.raises(RefusedError, match="names"):
        put(f"http://{host}:{server.port}/part", "http://home.example.com")
    assert server.seen == []


@pytest.mark.usefixtures("_names")
@pytest.mark.parametrize("host", ["127.0.0.1", "storage.example.com"])
def test_a_cloud_on_this_computer_may_name_it(server: LittleServer, host: str) -> None:
    put(f"http://{host}:{server.port}/part", "http://127.0.0.1:9")
    assert server.seen[0].body == b"part"


@pytest.mark.usefixtures("_names")
def test_a_cloud_on_this_computer_may_not_name_special_addresses(server: LittleServer) -> None:
    with pytest.raises(RefusedError, match="a special address"):
        put("http://169.254.169.254/part", "http://127.0.0.1:9")


@pytest.mark.usefixtures("_names")
def test_a_proxy_is_not_asked_to_dial_such_an_address(server: LittleServer) -> None:
    transport = HttpTransport(
        user_agent="t", proxies=Proxies({"http": server.url}), recorder=InMemory(), read_timeout_s=2.0
    )
    for host in ("10.0.0.1", "0x0a000001", "169.254.169.254"):
        with pytest.raises(RefusedError, match="names"):
            transport.send(
                Request("PUT", f"http://{host}/x", b"x", named_by=Origin.parse("https://cloud.example.com"))
            )
    assert server.seen == []


@pytest.mark.usefixtures("_names")
def test_an_address_that_changes_after_the_check_gets_no_data(
    server: LittleServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [[PUBLIC], ["127.0.0.1"]]
    real = socket.getaddrinfo

    def rebind(host: str, port: int | None, *args: int, **settings: int) -> object:
        if host == "rebind.example.com" and not settings.get("flags"):
            return real((answers.pop(0) if len(answers) > 1 else answers[0])[0], port, *args, **settings)
        return real(host, port, *args, **settings)

    dialled: list[str] = []

    def dial(address: tuple[str, int], *_args: object, **_settings: object) -> None:
        dialled.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebind)
    monkeypatch.setattr("urllib3.util.connection.create_connection", dial)
    with pytest.raises(NoResponseError):
        put(f"http://rebind.example.com:{server.port}/part", "https://cloud.example.com")
    assert dialled == [PUBLIC], "only an address that was checked is dialled"
    assert server.seen == []
