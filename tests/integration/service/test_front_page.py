"""What an owner meets first: the page at /, the address it listens on, and a missing extra."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from tests.support.service import ServiceProcess

from satchel_service.settings import Settings

WITHOUT_GUNICORN = """
import sys
sys.modules["gunicorn"] = None
from satchel_service.main import main
sys.exit(main([]))
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    with ServiceProcess(tmp_path_factory.mktemp("cloud") / "cloud") as running:
        yield running


def request(service: ServiceProcess, method: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request(method, f"{service.url}/", retries=False)


def test_the_front_page_says_what_it_is_and_runs_no_script(service: ServiceProcess) -> None:
    answer = request(service, "GET")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    text = answer.data.decode()
    assert "personal satchel cloud" in text
    assert "<script" not in text
    assert service.pairing_code not in text


def test_the_front_page_is_only_read(service: ServiceProcess) -> None:
    assert request(service, "HEAD").data == b""
    refused = request(service, "POST")
    assert (refused.status, refused.headers["allow"]) == (405, "GET, HEAD")


def test_by_default_it_listens_on_the_loopback_address() -> None:
    assert Settings.read({}).bind == "127.0.0.1"


def test_the_image_listens_on_every_address() -> None:
    dockerfile = Path(__file__).parents[3] / "Dockerfile"
    assert "SATCHEL_BIND=0.0.0.0" in dockerfile.read_text()


def test_a_missing_extra_is_named_in_two_lines(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_GUNICORN],
        env={"SATCHEL_STORAGE": f"file:{tmp_path / 'cloud'}", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "'gunicorn' is missing" in done.stderr
    assert "pipx install --force 'satchel[service]'" in done.stderr
    assert len(done.stderr.splitlines()) == 2
