"""The installed program: commands, settings, output, and HTTP over real sockets."""

import json
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.integration.service.conftest import PART_BYTES, Connect
from tests.integration.service.test_interruptions import part_headers
from tests.support.raw_http import RawConnection
from tests.support.service import PROGRAM, ServiceProcess
from tests.support.wire_device import PROOF, WireDevice, b64


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROGRAM, *arguments], env=env, capture_output=True, text=True, check=False, timeout=60
    )


def test_four_hundred_concurrent_openings_over_http_get_exactly_five_views(
    service: ServiceProcess, device: WireDevice, connect: Connect
) -> None:
    share = device.share(b"body", views=5)
    stranger = connect(service)
    with ThreadPoolExecutor(40) as threads:
        answers = list(threads.map(lambda _: stranger.open(share), range(400)))
    assert Counter(answer.status for answer in answers) == {200: 5, 410: 395}
    assert {answer.body for answer in answers if answer.status == 200} == {b"body"}


def test_a_pairing_code_can_be_created_while_the_service_runs_or_is_stopped(
    service: ServiceProcess, connect: Connect
) -> None:
    assert connect(service).pair(service.new_pairing_code()).status == 201
    service.stop()
    code = service.new_pairing_code()
    service.start()
    assert connect(service).pair(code).status == 201
    assert connect(service).pair(code).problem == "wrong-code"


def test_a_code_is_printed_until_a_device_is_connected(service: ServiceProcess, connect: Connect) -> None:
    first = service.pairing_code
    service.restart()
    second = service.pairing_code
    assert first != second
    assert connect(service).pair(first).status == 201
    before = service.errors.read_text()
    service.restart()
    assert service.errors.read_text() == before
    assert first not in service.output.read_text()


def test_every_line_of_the_log_is_a_json_object(service: ServiceProcess, device: WireDevice) -> None:
    device.backup()
    service.stop()
    entries = [json.loads(line) for line in service.output.read_text().splitlines()]
    assert {"server", "request"} == {entry["event"] for entry in entries}
    assert all({"time", "level"} <= entry.keys() for entry in entries)


def test_no_output_contains_a_secret(service: ServiceProcess, device: WireDevice, connect: Connect) -> None:
    code = service.pairing_code
    share = device.share(b"the sealed body", note=b64(b"the sealed note"))
    backup = device.backup(b"the sealed archive")
    stranger = connect(service)
    stranger.pair("GUES-SEDC-ODE0")
    stranger.open(share)
    stranger.open(share, bytes(32))
    stranger.call("GET", f"/s/{share}?q=query-string")
    stranger.call("GET", "/AGE-SECRET-KEY-1PATH")
    service.stop()
    log = service.output.read_text()
    assert log.count('"request"') >= 12
    hidden = [
        code, "GUES", device.token, "satchel_", b64(PROOF), b64(b"sealed label"), b64(b"the sealed note"),
        "sealed", share, backup, "query-string", "AGE-SECRET", "127.0.0.1:",
    ]  # fmt: skip
    for allowed in (f"http://127.0.0.1:{service.port}", "satchel_service.server.worker.Worker"):
        log = log.replace(allowed, "")
    found = [secret for secret in hidden if secret in log]
    assert found == []


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"PORT": "http"}, "PORT is 'http'"),
        ({"SATCHEL_STORAGE": "nonsense"}, "SATCHEL_STORAGE is 'nonsense'"),
        ({"SATCHEL_PUBLIC_URL": "me.example"}, "SATCHEL_PUBLIC_URL is 'me.example'"),
    ],
)
def test_an_invalid_setting_is_refused_in_one_line(env: dict[str, str], message: str) -> None:
    done = run(**env)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"satchel-service: {message}")
    assert done.stderr.count("\n") == 1


def test_the_service_reports_a_read_only_storage_and_exits(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    done = run(SATCHEL_STORAGE=f"file:{tmp_path / 'file'}/cloud", SATCHEL_BIND="127.0.0.1", PORT="0")
    assert done.returncode != 0
    assert "satchel-service: cannot start: the directory failed: " in done.stderr


def test_wrong_usage_shows_the_usage() -> None:
    done = run("frobnicate")
    assert done.returncode == 2
    assert done.stderr == run("--help").stdout


def test_the_served_and_the_printed_openapi_document_are_equal(
    service: ServiceProcess, connect: Connect
) -> None:
    served = connect(service).call("GET", "/v1/openapi.json")
    assert served.body.decode() == run("openapi").stdout


def test_files_are_readable_only_by_the_service(service: ServiceProcess, device: WireDevice) -> None:
    device.backup()
    modes = {path: path.stat().st_mode & 0o077 for path in service.folder.rglob("*")}
    assert {path: mode for path, mode in modes.items() if mode} == {}


def test_a_refusal_reaches_a_client_that_is_still_sending(
    service: ServiceProcess, device: WireDevice, connect: Connect
) -> None:
    upload = device.new_id()
    device.announce(upload, PART_BYTES)
    revoked = connect(service)
    revoked.token = "satchel_revoked"
    for _ in range(5):
        answer = revoked.call("PUT", f"/v1/uploads/{upload}/parts/1", body=bytes(PART_BYTES))
        assert answer.problem == "not-signed-in"


def test_a_client_that_expects_100_continue_is_refused_before_it_sends(
    service: ServiceProcess, device: WireDevice
) -> None:
    with RawConnection(service.url) as connection:
        headers = part_headers(device, PART_BYTES) | {"Expect": "100-continue"}
        connection.send_head("PUT", f"/v1/uploads/{'0' * 32}/parts/1", headers)
        assert connection.receive().startswith(b"HTTP/1.1 404 ")


def test_a_client_that_expects_100_continue_gets_it(service: ServiceProcess, device: WireDevice) -> None:
    upload = device.new_id()
    device.announce(upload, 1000)
    with RawConnection(service.url) as connection:
        headers = part_headers(device, 1000) | {"Expect": "100-continue"}
        connection.send_head("PUT", f"/v1/uploads/{upload}/parts/1", headers)
        assert connection.receive_head() == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.send(bytes(1000))
        assert connection.receive().startswith(b"HTTP/1.1 204 ")


def test_an_over_long_chunked_message_is_refused(service: ServiceProcess) -> None:
    with RawConnection(service.url) as connection:
        connection.send_head(
            "POST", "/v1/pair", {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
        )
        chunk = b"10000\r\n" + bytes(0x10000) + b"\r\n"
        connection.send(chunk * 3)
        assert connection.receive_head().startswith(b"HTTP/1.1 413 ")


def test_parts_over_one_connection_reuse_it(service: ServiceProcess, device: WireDevice) -> None:
    data = bytes(3 * PART_BYTES)
    device.backup(data)
    service.stop()
    assert '"status":5' not in service.output.read_text()


@pytest.mark.slow
def test_memory_stays_flat_for_a_long_archive(service: ServiceProcess, device: WireDevice) -> None:
    def peak_mib() -> float:
        assert service.process is not None
        (worker,) = (
            Path(f"/proc/{service.process.pid}/task/{service.process.pid}/children").read_text().split()
        )
        status = Path(f"/proc/{worker}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    piece = bytes(PART_BYTES)
    upload = device.new_id()
    parts = device.announce(upload, 64 * PART_BYTES).json()["parts"]
    for part in parts:
        assert device.call("PUT", part["url"], body=piece).status == 204
    device.call("POST", f"/v1/uploads/{upload}/complete")
    device.call("PUT", f"/v1/backups/{upload}", {"summary": ""})
    with RawConnection(service.url) as download:
        headers = {"Authorization": f"Bearer {device.token}", "Connection": "close"}
        download.send_head("GET", f"/v1/archives/{upload}", headers)
        assert len(download.receive()) > 64 * PART_BYTES
    assert peak_mib() < 100


def test_a_connection_without_a_request_is_closed(service: ServiceProcess) -> None:
    with RawConnection(service.url) as silent, RawConnection(service.url) as endless:
        endless.send(b"GET /live HTTP/1.1\r\nHost: cloud.test\r\n")
        assert silent.receive() == b""  # RawConnection itself gives up after 30 s, with an error
        assert endless.receive() == b""
