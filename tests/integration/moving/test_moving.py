"""A real cloud moves between real storages, with both services as processes."""

import json
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest
import urllib3
from tests.integration.moving.conftest import Move
from tests.support.s3_servers import moto
from tests.support.waiting import wait_until

from satchel_wire.problems import ProblemCode


def fetch(url: str, method: str = "GET") -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, url, redirect=False, retries=False, timeout=10.0)


def test_a_running_cloud_moves_and_its_old_service_sends_everyone_to_the_new_one(moving: Move) -> None:
    done = moving.run()
    assert "start its service now" in done.stdout
    assert moving.run().stdout == done.stdout, "it is done"
    assert "already open in the new storage" in moving.run("--undo", code=1).stderr
    moving.restart_old()
    moving.new.start()
    moving.check_contents(moving.new)

    device = moving.at(moving.old)
    logged = len(moving.old.output.read_text().splitlines())
    for method, path in (
        ("GET", "/v1/status"),
        ("POST", "/v1/pairings"),
        ("GET", "/v1/nowhere"),
        ("GET", "/assets/a"),
    ):
        answer = device.call(method, path)
        assert (answer.status, answer.problem) == (ProblemCode.MOVED.status, "moved"), path
        assert answer.headers["location"] == moving.new.url
        assert moving.new.url in answer.json()["detail"]
    share = moving.ids["live"]
    for path in ("/", f"/s/{share}", f"/s/{share}/report"):
        for method in ("GET", "HEAD"):
            redirect = fetch(moving.old.url + path, method)
            assert (redirect.status, redirect.headers["location"]) == (308, moving.new.url + path)
            assert redirect.headers["cache-control"] == "no-store"
    assert fetch(f"{moving.new.url}/s/{share}").status == 200
    assert {fetch(moving.old.url + path).status for path in ("/live", "/ready")} == {200}
    lines = moving.old.output.read_text().splitlines()[logged:]
    operations = {json.loads(line).get("operation") for line in lines}
    assert {"share_page", "front_page", "show_status"} <= operations


def test_what_is_acknowledged_while_the_cloud_moves_is_in_the_new_one(moving: Move) -> None:
    acknowledged: list[str] = []
    device = moving.at(moving.old)

    def write_until_refused() -> None:
        with suppress(AssertionError, KeyError, urllib3.exceptions.HTTPError):  # the first refusal
            while True:
                acknowledged.append(device.share())

    writer = Thread(target=write_until_refused)
    writer.start()
    wait_until(lambda: len(acknowledged) > 5)
    moving.run()
    writer.join(30)
    assert not writer.is_alive(), "the old cloud still acknowledges"
    moving.new.start()
    kept = {share["id"] for share in moving.at(moving.new).call("GET", "/v1/shares").json()["shares"]}
    assert set(acknowledged) <= kept


def test_a_cloud_moves_to_s3_and_back(moving: Move, tmp_path: Path) -> None:
    with moto(tmp_path) as server:
        bucket = {**server.environ("moved"), "SATCHEL_S3_PUBLIC_ENDPOINT": "none"}
        moving.new.set(**bucket)
        settings = tmp_path / "new.env"
        settings.write_text("".join(f"{name}={value}\n" for name, value in bucket.items()))
        moving.options = ["--settings", str(settings)]
        moving.run()
        moving.new.start()
        moving.check_contents(moving.new)
        added = moving.at(moving.new).backup(b"added after the move")

        back = Move(moving.new, moving.old, moving.device, moving.ids, moving.connect)
        here = tmp_path / "old.env"
        here.write_text("SATCHEL_S3_ENDPOINT=\n")
        back.options = ["--settings", str(here)]
        back.run()
    moving.old.kill()
    moving.old.start()
    moving.check_contents(moving.old)
    assert moving.at(moving.old).call("GET", f"/v1/archives/{added}").body == b"added after the move"


def test_a_service_started_too_early_refuses_and_the_old_one_goes_on_after_an_undo(moving: Move) -> None:
    moving.new.folder.mkdir()
    blocked = moving.new.folder / "blobs"
    blocked.mkdir(mode=0o500)
    (blocked / "archives").write_text("in the way")
    moving.run(code=6)
    with pytest.raises(RuntimeError, match="reserved for a cloud that is being moved here"):
        moving.new.start()
    moving.run("--undo")
    moving.run("--undo")
    moving.restart_old()  # the entry that ends an undo fences the running service
    moving.check_contents(moving.old)
