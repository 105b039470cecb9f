"""Connecting and disconnecting real processes: codes work once, revocation is immediate, nothing remains."""

import json
from pathlib import Path

import pytest
from tests.integration.cloud.conftest import ROOT
from tests.support.device import Device
from tests.support.service import ServiceProcess, free_port
from tests.unit.cloud.conftest import LittleServer

from satchel.keys import RootSecret


def test_a_device_connects_with_the_code_that_the_cloud_printed(
    service: ServiceProcess, alone: Device
) -> None:
    made = alone.json("connect", f"{service.url}/", "--pair", service.pairing_code)
    assert set(made) == {"url", "device_id", "provisioner"}
    assert made["url"] == service.url
    (listed,) = alone.json("devices")["devices"]
    assert (listed["id"], listed["current"]) == (made["device_id"], True)


def test_a_wrong_code_is_refused_and_nothing_is_stored(service: ServiceProcess, alone: Device) -> None:
    assert "satchel devices add" in alone.run("connect", service.url, "--pair", "AAAA-BBBB-CCCC", code=4).said
    assert not (alone.home / "cloud.json").exists()
    alone.run("devices", code=4)


def test_a_code_works_once(service: ServiceProcess, device: Device, tmp_path: Path) -> None:
    other = Device(tmp_path / "other", ROOT)
    other.run("connect", service.url, "--pair", service.pairing_code, code=4)


def test_a_code_is_accepted_as_people_type_it(service: ServiceProcess, alone: Device) -> None:
    alone.run("connect", service.url, "--pair", f" {service.pairing_code.lower()} ")


def test_a_connected_device_cannot_connect_again(service: ServiceProcess, device: Device) -> None:
    ran = device.run("connect", service.url, "--pair", service.new_pairing_code(), code=2)
    assert "satchel disconnect" in ran.said


def test_connecting_needs_keys(service: ServiceProcess, tmp_path: Path) -> None:
    Device(tmp_path / "empty").run("connect", service.url, "--pair", service.pairing_code, code=3)


def test_an_unconnected_device_explains_how_to_connect(alone: Device) -> None:
    piece = alone.save(b"text")
    for arguments in (["devices"], ["shares"], ["share", piece], ["backup"], ["backups"], ["disconnect"]):
        assert "satchel connect" in alone.run(*arguments, code=4).said


@pytest.mark.parametrize("url", ["cloud.example.com", "http://192.0.2.1", "https://cloud.example.com/s/x"])
def test_an_address_that_cannot_be_a_cloud_is_refused_before_anything_is_sent(
    alone: Device, url: str
) -> None:
    alone.run("connect", url, "--pair", "AAAA-BBBB-CCCC", code=2)


def test_a_second_device_joins_with_a_code_from_the_first(
    service: ServiceProcess, device: Device, tmp_path: Path
) -> None:
    laptop = Device(tmp_path / "laptop", ROOT)
    added = device.json("devices", "add")
    assert added["url"] == service.url
    laptop.run("connect", service.url, "--pair", added["code"], "--label", "the laptop")
    labels = {each["label"]: each["current"] for each in device.json("devices")["devices"]}
    assert labels == {"desk": True, "the laptop": False}


def test_another_owners_device_reads_no_labels(
    service: ServiceProcess, device: Device, tmp_path: Path
) -> None:
    stranger = Device(tmp_path / "stranger", RootSecret(b"\x02" * 32))
    stranger.run("connect", service.url, "--pair", device.json("devices", "add")["code"], "--label", "theirs")
    assert {each["label"] for each in stranger.json("devices")["devices"]} == {"", "theirs"}


def test_a_revoked_device_is_refused(service: ServiceProcess, device: Device, tmp_path: Path) -> None:
    stolen = Device(tmp_path / "stolen", ROOT)
    made = stolen.json("connect", service.url, "--pair", device.json("devices", "add")["code"])
    piece = stolen.save(b"text")
    stolen.run("share", piece)
    device.run("devices", "revoke", made["device_id"][:12])
    for arguments in (["devices"], ["shares"], ["share", piece], ["backup"], ["backups"], ["devices", "add"]):
        assert "does not know this device" in stolen.run(*arguments, code=4).said
    device.run("devices")


def test_a_device_may_revoke_itself(device: Device) -> None:
    (me,) = device.json("devices")["devices"]
    assert "disconnect" in device.run("devices", "revoke", me["id"]).said
    device.run("devices", code=4)
    device.run("disconnect", "--yes")


def test_an_ambiguous_device_id_is_refused(device: Device) -> None:
    device.run("devices", "revoke", "zz", code=3)


def test_disconnecting_ends_the_token_and_keeps_the_pieces(service: ServiceProcess, device: Device) -> None:
    piece = device.save(b"text")
    token = device.vault.load_token()
    left = device.json("disconnect", "--yes")
    assert left["url"] == service.url
    assert not (device.home / "cloud.json").exists()
    assert not (device.home / "keys" / "token.json").exists()
    import urllib3

    answer = urllib3.request(
        "GET", f"{service.url}/v1/devices", headers={"Authorization": f"Bearer {token}"}, retries=False
    )
    assert answer.status == 401
    assert device.run("show", piece).stdout == b"text"
    device.run("connect", service.url, "--pair", service.new_pairing_code())


def test_erasing_needs_confirmation_and_leaves_no_objects(service: ServiceProcess, device: Device) -> None:
    link = device.run("share", device.save(b"text")).text
    device.run("backup")
    assert "--yes" in device.run("disconnect", "--erase-cloud", code=2).said
    made_by_device = device.json("devices", "add")["code"]
    assert "satchel-service pair" in device.run("disconnect", "--erase-cloud", "--yes", code=2).said
    device.run("disconnect", "--erase-cloud", "--yes", "--code", made_by_device, code=4)
    device.run("get", link)
    device.run("disconnect", "--erase-cloud", "--yes", "--code", service.new_pairing_code())
    device.run("get", link, code=3)
    sealed = [
        path for path in service.folder.rglob("*") if path.is_file() and path.read_bytes().startswith(b"age-")
    ]
    assert sealed == []
    device.run("shares", code=4)


def test_a_dead_cloud_can_be_forgotten(service: ServiceProcess, device: Device) -> None:
    service.kill()
    assert "cannot connect to the cloud" in device.run("disconnect", "--yes", code=6).said
    assert (device.home / "cloud.json").exists()
    device.run("disconnect", "--forget")
    device.run("devices", code=4)
    device.run("disconnect", "--forget", "--erase-cloud", code=2)


def test_a_damaged_connection_is_reported_and_can_be_forgotten(device: Device) -> None:
    path = device.home / "cloud.json"
    for damage in (b"", b"{}", json.dumps({**json.loads(path.read_bytes()), "format": "x"}).encode()):
        path.write_bytes(damage)
        assert "disconnect --forget" in device.run("devices", code=5).said
    device.run("disconnect", "--forget")


def test_an_unreachable_cloud_is_reported_quickly(alone: Device) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    assert "cannot connect to the cloud" in alone.run("connect", url, "--pair", "AAAA-BBBB-CCCC", code=6).said


def test_every_cloud_command_reports_an_unreachable_cloud(service: ServiceProcess, device: Device) -> None:
    piece = device.save(b"text")
    service.kill()
    for arguments in (["devices"], ["shares"], ["share", piece], ["devices", "add"]):
        assert "cannot connect to the cloud" in device.run(*arguments, code=6).said


def test_another_web_server_is_not_mistaken_for_a_cloud(alone: Device) -> None:
    """Another web server with an empty directory listing."""
    import http.server
    import threading

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        ran = alone.run("connect", f"http://127.0.0.1:{other.server_port}", "--pair", "A", code=6)
        other.shutdown()
        thread.join()
    assert "not a satchel cloud" in ran.said or "responded with status 501" in ran.said


def test_connecting_opens_one_connection(alone: Device) -> None:
    server = LittleServer()
    answers = {
        "/v1/capabilities": {"capabilities": []},
        "/v1/pair": {"device_id": "0" * 32, "token": "a-token"},
    }
    server.script = lambda seen: (200, {}, json.dumps(answers[seen.path]).encode())
    try:
        alone.run("connect", server.url, "--pair", "AAAA-BBBB-CCCC")
    finally:
        server.close()
    assert [each.path for each in server.seen] == ["/v1/capabilities", "/v1/pair"]
    assert server.connections == 1
