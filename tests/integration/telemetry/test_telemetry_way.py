"""From a person's `satchel telemetry send` to an organisation's report, over real processes and sockets."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from unittest import mock

import pytest
from tests.cli.conftest import Cli
from tests.support.service import ServiceProcess
from tests.support.telemetry_endpoint import EndpointProcess

from satchel.ledger import Entry, Ledger
from satchel.store import Store
from satchel_infra.telemetry.counts import Counts

ALLOWED: Final = {"DO_NOT_TRACK": "", "CI": ""}
SECRET: Final = "Zq-hunter2-Zq"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EndpointProcess]:
    with EndpointProcess(tmp_path_factory.mktemp("endpoint") / "counts") as running:
        yield running


@pytest.fixture
def cli(tmp_path: Path, endpoint: EndpointProcess) -> Cli:
    made = Cli(tmp_path / "home")
    made.ok("init")
    made.save(SECRET, "--title", SECRET)
    made.ok("telemetry", "on")
    made.ok("telemetry", "endpoint", endpoint.url)
    made.ok("search", SECRET)
    return made


def entries(cli: Cli, kind: str) -> list[Entry]:
    with Ledger.open(cli.home) as ledger:
        ledger.verify()
        return [entry for entry in ledger.entries() if entry.sent.kind == kind]


def send(cli: Cli, *arguments: str, answers: tuple[tuple[str, str], ...] = ()) -> tuple[int, str]:
    code, said = cli.talk(*arguments, answers=answers, variables=ALLOWED)
    return code, said.replace("\r\n", "\n")


def documents(endpoint: EndpointProcess) -> int:
    """Return how many documents the endpoint has counted in all."""
    with Counts.open(endpoint.directory) as counts:
        return sum(month.documents for name in counts.months() if (month := counts.month(name)))


def test_what_was_shown_is_sent_recorded_and_counted(cli: Cli, endpoint: EndpointProcess) -> None:
    before = documents(endpoint)
    shown = cli.ok("telemetry", "show").out
    assert send(cli, "telemetry", "send") == (0, f"sent {len(shown):,} bytes to {endpoint.url}\n")
    [entry] = entries(cli, "telemetry")
    assert (entry.text, entry.sent.why, entry.sent.origin) == (shown, "satchel telemetry send", endpoint.url)
    assert SECRET.encode() not in shown
    assert documents(endpoint) == before + 1
    code, said = send(cli, "telemetry", "send")
    assert (code, "already sent today" in said) == (4, True)
    assert json.loads(cli.ok("telemetry", "show").text)["commands"] == {}


def test_a_crash_report_is_shown_asked_about_sent_and_deleted(cli: Cli, endpoint: EndpointProcess) -> None:
    with mock.patch.object(Store, "count", side_effect=ValueError(SECRET)):
        cli.run("status")
    shown = cli.ok("crash", "show").text
    question = f"Send this, and nothing else, to {endpoint.url}? [y/N] "
    code, said = send(cli, "crash", "send", answers=((question, "n"),))
    assert (code, shown in said) == (4, True)
    assert not (cli.home / "ledger.db").exists()
    code, said = send(cli, "crash", "send", answers=((question, "y"),))
    assert (code, shown in said, said.endswith(f"sent report 1 to {endpoint.url}\n")) == (0, True, True)
    [entry] = entries(cli, "crash-report")
    assert (entry.text, SECRET in shown) == (shown.encode(), False)
    assert cli.json("crash", "list") == {"reports": []}
    assert re.search(r"ValueError at satchel\.\S+:\d+, satchel \d\S+ status +1\n", endpoint.report())


def test_the_endpoint_keeps_nothing_of_the_device(cli: Cli, endpoint: EndpointProcess) -> None:
    shown = json.loads(cli.ok("telemetry", "show").text)
    assert send(cli, "telemetry", "send")[0] == 0
    kept = b"".join(path.read_bytes() for path in endpoint.directory.iterdir()) + endpoint.log.read_bytes()
    for text in (shown["id"], "127.0.0.1:", "satchel-telemetry/1", SECRET, "urllib3", str(cli.home)):
        assert text.encode() not in kept.replace(b"http://127.0.0.1:", b""), text
    assert bytes.fromhex(shown["id"]) not in kept


def test_a_personal_cloud_gets_nothing(cli: Cli, tmp_path: Path) -> None:
    """Neither the connected one, which is refused by its address, nor another, which says what it is."""
    with ServiceProcess(tmp_path / "cloud") as cloud:
        cli.ok("telemetry", "endpoint", cloud.url)
        code, said = send(cli, "telemetry", "send")
        assert (code, "is not a telemetry endpoint; nothing was sent" in said) == (4, True)
        cli.ok("connect", cloud.url, "--pair", cloud.pairing_code)
        code, said = send(cli, "telemetry", "send")
        assert (code, "is your personal cloud" in said) == (4, True)
        assert cli.run("telemetry", "endpoint", cloud.url).code == 4
    assert entries(cli, "telemetry") == []


def test_an_endpoint_that_is_down_loses_nothing(cli: Cli, tmp_path: Path) -> None:
    with EndpointProcess(tmp_path / "counts") as endpoint:
        cli.ok("telemetry", "endpoint", endpoint.url)
    shown = cli.ok("telemetry", "show").text
    code, _ = send(cli, "telemetry", "send")
    assert code == 6
    cli.ok("list")
    assert cli.ok("telemetry", "show").text == shown
    with endpoint:
        assert send(cli, "telemetry", "send")[0] == 0
        assert documents(endpoint) == 1
    assert json.loads(cli.ok("telemetry", "show").text)["commands"] == {"list": 1}


def test_offline_refuses(cli: Cli) -> None:
    code, said = send(cli, "telemetry", "send", "--offline")
    assert (code, "offline" in said) == (6, True)
    assert not (cli.home / "ledger.db").exists()
