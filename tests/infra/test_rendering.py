import json
import subprocess
from pathlib import Path

import pytest

from satchel_infra.main import main
from satchel_service.settings import SETTINGS


def render(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["render", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.tool("systemd-analyze")
def test_systemd_accepts_the_unit(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    unit = tmp_path / "satchel-service.service"
    unit.write_text(render(capsys, "systemd", "--command", "/bin/true", "--set", "SATCHEL_SHARES=7"))
    verdict = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert "satchel-service.service" not in verdict.stderr, verdict.stderr
    assert 'Environment="SATCHEL_SHARES=7"' in unit.read_text()


@pytest.mark.tool("docker-compose")
def test_compose_accepts_the_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text(render(capsys, "compose", "--set", "SATCHEL_PUBLIC_URL=https://s.example.org"))
    command = ["docker-compose", "-f", str(file), "config", "--quiet"]
    subprocess.run(command, check=True, capture_output=True)


def test_the_container_writes_only_to_its_volume_and_listens_on_loopback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    service = json.loads(render(capsys, "compose", "--port", "9000"))["services"]["satchel"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["ports"] == ["127.0.0.1:9000:8080"]


def test_a_setting_with_its_default_value_is_omitted(capsys: pytest.CaptureFixture[str]) -> None:
    port = next(setting for setting in SETTINGS if setting.env == "PORT")
    assert "PORT" not in render(capsys, "systemd", "--set", f"PORT={port.default}")


@pytest.mark.parametrize("wrong", ["SATCHEL_NO_SUCH=1", "PORT=many", "PORT"])
def test_an_invalid_setting_is_reported_in_one_line_with_exit_code_2(
    capsys: pytest.CaptureFixture[str], wrong: str
) -> None:
    assert main(["render", "systemd", "--set", wrong]) == 2
    message = capsys.readouterr().err
    assert message.startswith("satchel-infra: ")
    assert message.count("\n") == 1
