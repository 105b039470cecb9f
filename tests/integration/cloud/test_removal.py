"""Removing a Piece names the links that still show it, and revokes them on request."""

from tests.support.device import Device
from tests.support.service import ServiceProcess


def test_live_links_of_a_removed_piece_are_named_and_revoked(service: ServiceProcess, device: Device) -> None:
    first, second = device.save(b"first"), device.save(b"second")
    link, other = device.run("share", first).text, device.run("share", second).text
    said = device.run("rm", first, "--yes")
    share = link.partition("/s/")[2][:8]
    assert f"satchel shares revoke {share}" in said.said
    assert "backups" in said.said
    device.run("get", link)
    assert device.json("rm", second, "--yes", "--revoke")["revoked"] == [other.partition("/s/")[2][:32]]
    device.run("get", other, code=3)


def test_an_unreachable_cloud_does_not_keep_a_piece(service: ServiceProcess, device: Device) -> None:
    piece = device.save(b"text")
    service.kill()
    assert "satchel shares" in device.run("rm", piece, "--yes").said
    device.run("show", piece, code=3)


def test_links_that_cannot_be_revoked_are_an_error_with_its_cause(
    service: ServiceProcess, device: Device
) -> None:
    first, second = device.save(b"first"), device.save(b"second")
    (listed,) = device.json("devices")["devices"]
    device.run("devices", "revoke", listed["id"])
    refused = device.run("rm", first, "--yes", "--revoke", code=4).said
    assert "the links were not all revoked: the cloud does not know this device" in refused
    service.kill()
    assert "not all revoked: cannot connect" in device.run("rm", second, "--yes", "--revoke", code=6).said


def test_options_for_a_cloud_are_refused_where_there_is_none(alone: Device) -> None:
    piece = alone.save(b"text")
    for arguments in (["rm", piece, "--yes", "--revoke"], ["account", "--change-owner", "--yes"]):
        assert "not connected to a cloud" in alone.run(*arguments, code=4).said
    alone.run("show", piece)


def test_a_code_is_only_for_erasing(device: Device) -> None:
    for arguments in (["--yes"], ["--forget"]):
        said = device.run("disconnect", "--code", "K7QF-M2XD", *arguments, code=2).said
        assert "--code is for --erase-cloud only" in said
    device.run("devices")


def test_disconnecting_tells_what_stays(service: ServiceProcess, device: Device) -> None:
    device.run("share", device.save(b"text"))
    assert "1 live link" in device.run("disconnect", code=2).said
    assert "1 live link" in device.run("disconnect", "--yes").said
