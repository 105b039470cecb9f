"""The endpoint as an application: it accepts documents that hold to the schema, and no others."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from tests.support.asgi import Answer, Call, Loopback

from satchel_infra.errors import UnavailableError
from satchel_infra.telemetry.application import Counting, make_application
from satchel_infra.telemetry.counts import Counts
from satchel_infra.telemetry.server import read_settings
from satchel_service.logs import JsonLog
from satchel_service.web.middleware import RequestObserver
from satchel_wire.telemetry import MAX_DOCUMENT_BYTES, MAX_REPORT_BYTES

GOLDEN: Final = Path(__file__).parents[2] / "golden/telemetry"
NOW: Final = datetime(2026, 11, 30, tzinfo=UTC)
BODIES: Final = {
    "/v1/telemetry": (GOLDEN / "telemetry-1.json").read_bytes(),
    "/v1/crash-reports": (GOLDEN / "crash-1.json").read_bytes(),
}


@dataclass
class Served:
    """An endpoint in this process."""

    loopback: Loopback
    counts: Counts
    log: io.BytesIO

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        sent = {"content-type": "application/json", "content-length": str(len(body)), **headers}
        return self.loopback.call(Call("POST", path, sent, (body,)))


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    log = io.BytesIO()
    with Counts.open(tmp_path) as counts:
        app = make_application(Counting(counts, lambda: NOW))
        json_log = JsonLog(log, "info", lambda: NOW)
        observed = RequestObserver(app, json_log, read_settings({}), (UnavailableError,))
        with Loopback(observed) as loopback:
            yield Served(loopback, counts, log)


@pytest.mark.parametrize("path", BODIES)
def test_a_golden_document_is_counted(served: Served, path: str) -> None:
    answer = served.post(path, BODIES[path])
    assert (answer.status, answer.body) == (204, b"")
    month = served.counts.month("2026-11")
    assert month is not None
    assert month.documents + month.reports == 1


def test_the_order_of_fields_and_blanks_do_not_matter(served: Served) -> None:
    document = json.loads(BODIES["/v1/telemetry"])
    compact = json.dumps(dict(reversed(document.items()))).encode()
    assert served.post("/v1/telemetry", compact).status == 204


def changed(path: str, **changes: Any) -> bytes:  # noqa: ANN401  any JSON value
    return json.dumps({**json.loads(BODIES[path]), **changes}).encode()


EXCEPTION: Final = json.loads(BODIES["/v1/crash-reports"])["exceptions"][0]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/telemetry", changed("/v1/telemetry", note="hello")),
        ("/v1/telemetry", changed("/v1/telemetry", format="satchel-telemetry/2")),
        ("/v1/telemetry", changed("/v1/telemetry", id="zq-ann")),
        ("/v1/telemetry", changed("/v1/telemetry", id="00" * 16 + "\n")),
        ("/v1/telemetry", changed("/v1/telemetry", day="2026-02-31")),
        ("/v1/telemetry", changed("/v1/telemetry", day="2026-11-30T12:00:00Z")),
        ("/v1/telemetry", changed("/v1/telemetry", satchel="0.1.0+zq-ann")),
        ("/v1/telemetry", changed("/v1/telemetry", satchel="0.1.0\n")),
        ("/v1/telemetry", changed("/v1/telemetry", python="3.12.4")),
        ("/v1/telemetry", changed("/v1/telemetry", system="haiku")),
        ("/v1/telemetry", changed("/v1/telemetry", extras=["ocr", "models"])),
        ("/v1/telemetry", changed("/v1/telemetry", extras=["models", "models"])),
        ("/v1/telemetry", changed("/v1/telemetry", days=3)),
        ("/v1/telemetry", changed("/v1/telemetry", days=True)),
        ("/v1/telemetry", changed("/v1/telemetry", commands={"list": 37})),
        ("/v1/telemetry", changed("/v1/telemetry", commands={"list -a": 1})),
        ("/v1/telemetry", changed("/v1/telemetry", commands={"list\n": 1})),
        ("/v1/telemetry", changed("/v1/telemetry", commands={f"c{n}": 1 for n in range(101)})),
        ("/v1/telemetry", changed("/v1/telemetry", outcomes={"-1": 1})),
        ("/v1/telemetry", changed("/v1/telemetry", sizes={"pieces": 1234, "store_mib": 1})),
        ("/v1/telemetry", changed("/v1/telemetry", sizes={"pieces": 1000})),
        ("/v1/crash-reports", changed("/v1/crash-reports", exceptions=[])),
        ("/v1/crash-reports", changed("/v1/crash-reports", exceptions=[EXCEPTION] * 13)),
        ("/v1/crash-reports", changed("/v1/crash-reports", command="list --all")),
        ("/v1/crash-reports", changed("/v1/crash-reports", message="hello")),
        ("/v1/crash-reports", changed("/v1/crash-reports", exceptions=[{**EXCEPTION, "type": "it's"}])),
        ("/v1/crash-reports", changed("/v1/crash-reports", exceptions=[{**EXCEPTION, "frames": ["/home/zq-ann:f:1"]}])),
        ("/v1/crash-reports", changed("/v1/crash-reports", exceptions=[{**EXCEPTION, "frames": ["os:f:1"]}])),
        ("/v1/crash-reports", changed("/v1/crash-reports", exceptions=[{**EXCEPTION, "others": -1}])),
        ("/v1/crash-reports", BODIES["/v1/telemetry"]),
        ("/v1/telemetry", BODIES["/v1/crash-reports"]),
        ("/v1/telemetry", b"[]"),
        ("/v1/telemetry", b"{"),
        ("/v1/telemetry", b"[" * 10_000),
        ("/v1/telemetry", b"\xff"),
        ("/v1/telemetry", b""),
    ],
)  # fmt: skip
def test_anything_else_is_refused_without_quoting_it(served: Served, path: str, body: bytes) -> None:
    answer = served.post(path, body)
    assert answer.status in (400, 422)
    assert answer.problem in ("invalid", "bad-request")
    assert not [text for text in (b"hello", b"zq-ann", b"haiku", b"it's", b"list -a") if text in answer.body]
    assert served.counts.months() == []


@pytest.mark.parametrize(
    ("path", "most"), [("/v1/telemetry", MAX_DOCUMENT_BYTES), ("/v1/crash-reports", MAX_REPORT_BYTES)]
)
def test_bodies_are_bounded(served: Served, path: str, most: int) -> None:
    padded = BODIES[path] + b" " * (most - len(BODIES[path]))
    assert served.post(path, padded).status == 204
    assert served.post(path, padded + b" ").status == 413
    answer = served.loopback.call(
        Call("POST", path, {"content-type": "application/json"}, [b" " * 4096] * 40)
    )
    assert answer.status == 413


def test_other_types_encodings_methods_and_paths_are_refused(served: Served) -> None:
    body = BODIES["/v1/telemetry"]
    assert served.post("/v1/telemetry", body, **{"content-type": "text/plain"}).status == 415
    assert served.post("/v1/telemetry", body, **{"content-encoding": "gzip"}).status == 415
    for method, path in (
        ("GET", "/v1/telemetry"),
        ("PUT", "/v1/telemetry"),
        ("POST", "/"),
        ("POST", "/live"),
    ):
        assert served.loopback.call(Call(method, path)).status == 405
    for path in ("/v1/backups", "/v1/pair", "/s/00", "/v1/openapi.json", "/v1/telemetry/", "/metrics"):
        assert served.loopback.call(Call("GET", path)).status in (404, 405)


def test_it_says_what_it_is(served: Served) -> None:
    assert served.loopback.call(Call("GET", "/v1/capabilities")).json() == {"capabilities": ["telemetry"]}
    assert served.loopback.call(Call("GET", "/live")).json() == {"ok": True}
    assert served.loopback.call(Call("GET", "/ready")).json() == {"ok": True}
    page = served.loopback.call(Call("GET", "/"))
    assert b"satchel telemetry send" in page.body


def test_counts_that_cannot_be_used_are_a_problem_and_the_process_goes_on(served: Served) -> None:
    served.counts.close()
    answer = served.post("/v1/telemetry", BODIES["/v1/telemetry"])
    assert (answer.status, answer.problem) == (503, "unavailable")
    assert served.loopback.call(Call("GET", "/ready")).status == 503
    assert served.loopback.call(Call("GET", "/live")).status == 200


def test_the_log_has_neither_body_nor_address(served: Served) -> None:
    served.post(
        "/v1/telemetry",
        BODIES["/v1/telemetry"],
        **{"user-agent": "satchel/zq", "x-forwarded-for": "192.0.2.7"},
    )
    served.post("/v1/telemetry", changed("/v1/telemetry", id="zq"))
    log = served.log.getvalue().decode()
    assert [json.loads(line)["operation"] for line in log.splitlines()] == ["count_document"] * 2
    assert not [text for text in ("000102030405", "192.0.2.7", "zq", "macos") if text in log]
