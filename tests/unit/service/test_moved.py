"""What an instance answers whose log is closed: where the cloud is, and nothing else."""

import asyncio
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from tests.support.asgi import Answer, Call, Loopback

from satchel_service.database import Database
from satchel_service.environment import Environment
from satchel_service.lifecycle import departure
from satchel_service.log.directory_store import LogDirectory
from satchel_service.log.format import Kind, WriterId
from satchel_service.log.handover import Link, MoveId, closing_payloads
from satchel_service.log.policy import DEFAULT
from satchel_service.log.reader import Opening
from satchel_service.log.threaded_store import ThreadedStore
from satchel_service.log.writer import Writer
from satchel_service.logs import JsonLog
from satchel_service.server.app import make_app
from satchel_service.settings import Settings
from satchel_service.storage.directory import DirectoryStorage
from satchel_wire.operations import OPERATIONS

MOVE = MoveId(b"m" * 16)
NEW = "https://new.example.org"
SHARE = "0123456789abcdef" * 2


class Closed:
    """A cloud in process whose log is closed. `ended` counts how often the instance asked to end."""

    def __init__(self, folder: Path, url: str, public_url: str = "") -> None:
        self._folder = folder
        self.ended = 0
        (folder / "db").mkdir()
        environ = {"SATCHEL_STORAGE": f"file:{folder}", "SATCHEL_DATABASE_DIR": str(folder / "db")}
        self._settings = Settings.read({**environ, "SATCHEL_PUBLIC_URL": public_url})
        self.write(Kind.IMAGE, (b"",), 1)
        self.write(Kind.CLOSING, closing_payloads(MOVE, url), 1)
        environment = Environment(
            self._settings, Database(), DirectoryStorage(folder, os.urandom), lambda: 0, os.urandom
        )
        self.loopback = Loopback(
            make_app(environment, JsonLog(BytesIO(), "info", lambda: datetime.now(UTC)), self._end)
        )

    def write(self, kind: Kind, payloads: tuple[bytes, ...], schema: int) -> None:
        """Write an entry to the log."""

        async def run() -> None:
            directory = LogDirectory(self._folder / "database", os.urandom)
            directory.prepare(0)
            store = ThreadedStore(directory)
            history = (await Opening(store, DEFAULT).run()).history
            await Writer(store, history, WriterId(os.urandom(16)), lambda: 0, DEFAULT).write(
                kind, schema, payloads
            )
            store.close()

        asyncio.run(run())

    def call(self, method: str, path: str, **headers: str) -> Answer:
        return self.loopback.call(Call(method, path, headers))

    def _end(self) -> None:
        self.ended += 1


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Closed]:
    cloud = Closed(tmp_path, NEW)
    with cloud.loopback:
        yield cloud


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/status"),
        ("GET", "/v1/capabilities"),
        ("POST", "/v1/pair"),
        ("PUT", f"/v1/uploads/{SHARE}/parts/1"),
        ("POST", f"/v1/shares/{SHARE}/open"),
        ("POST", f"/s/{SHARE}/report"),
        ("GET", f"/s/{SHARE}/raw"),
        ("GET", "/nowhere"),
        ("DELETE", "/"),
    ],
)
def test_every_request_of_a_program_gets_the_new_address(method: str, path: str, closed: Closed) -> None:
    answer = closed.call(method, path, authorization="Bearer x")
    assert (answer.status, answer.problem) == (410, "moved")
    assert answer.headers["location"] == NEW
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["detail"] == f"it is now at {NEW}"


def test_no_operation_is_served_but_health_and_pages(closed: Closed) -> None:
    answers = {
        operation.id: closed.call(operation.method, operation.route.format(id=SHARE, number=1, answer=SHARE))
        for operation in OPERATIONS
    }
    served = {name: answer.status for name, answer in answers.items() if answer.problem != "moved"}
    pages = {"share_page": 308, "report_page": 308, "request_page": 308}
    assert served == {"live": 200, "ready": 200, **pages}


@pytest.mark.parametrize("path", ["/", f"/s/{SHARE}", f"/s/{SHARE}/report", f"/r/{SHARE}"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_is_sent_to_the_same_page(method: str, path: str, closed: Closed) -> None:
    answer = closed.call(method, path)
    assert (answer.status, answer.headers["location"]) == (308, NEW + path)
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example.org",
        "/s//evil.example.org",
        "/s/%2F%2Fevil.example.org",
        "/s/..%2F..%2Fevil",
        "/s/x@evil.example.org",
        "/\\evil.example.org",
        f"/s/{SHARE.upper()}",
        f"/s/{SHARE}/",
        f"/s/{SHARE}%0d%0aSet-Cookie:a=b",
    ],
)
def test_no_other_path_is_redirected(path: str, closed: Closed) -> None:
    answer = closed.call("GET", path)
    assert answer.status in (404, 410)
    assert answer.headers.get("location", NEW) == NEW


def test_a_host_or_a_query_of_the_request_does_not_reach_the_redirect(closed: Closed) -> None:
    answer = closed.call("GET", f"/s/{SHARE}?next=https://evil.example.org", host="evil.example.org")
    assert answer.headers["location"] == f"{NEW}/s/{SHARE}"


def test_health_checks_succeed(closed: Closed) -> None:
    assert [closed.call("GET", path).status for path in ("/live", "/ready")] == [200, 200]


def test_a_browser_is_never_sent_from_tls_to_plain_http(tmp_path: Path) -> None:
    cloud = Closed(tmp_path, "http://127.0.0.1:8080", public_url="https://old.example.org")
    with cloud.loopback:
        assert cloud.call("GET", "/").status == 410


def test_without_a_known_address_nothing_is_redirected(tmp_path: Path) -> None:
    cloud = Closed(tmp_path, "")
    with cloud.loopback:
        answer = cloud.call("GET", "/")
    assert (answer.status, answer.problem) == (410, "moved")
    assert "location" not in answer.headers
    assert answer.json()["detail"] == "ask its operator for the new address"


def test_nothing_is_written_and_no_database_is_built(tmp_path: Path, closed: Closed) -> None:
    closed.call("POST", "/v1/pair")
    assert len(list((tmp_path / "database" / "log").iterdir())) == 2
    assert not list((tmp_path / "db").glob("*/*.db"))


def test_an_instance_ends_when_the_log_goes_on(closed: Closed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departure, "CONFIRM_AFTER_S", -1)
    assert closed.call("GET", "/v1/status").status == 410
    closed.write(Kind.OPENING, (Link(MOVE, 2, bytes(32)).encode(),), 1)
    answers = [closed.call("GET", "/v1/status") for _ in range(2)]
    assert {answer.problem for answer in answers} == {"unavailable"}
    assert closed.ended == 1
