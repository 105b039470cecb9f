"""What `satchel-infra render box` prints: golden files that systemd, Caddy and nginx accept."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from tests.support.box_machine import DOMAIN, SHARD

from satchel_infra.configuration import Configuration
from satchel_infra.main import main
from satchel_infra.platform import DECIDED
from satchel_service.settings import SETTINGS

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "render"
RELEASE = "/opt/satchel/releases/0.1.0"
BASE = (
    "--domain", DOMAIN, "--shard", SHARD, "--release", RELEASE,
    "--set", "SATCHEL_OIDC_ISSUER=https://issuer.example.org/", "--set", "SATCHEL_OIDC_CLIENT_ID=satchel",
)  # fmt: skip
CERTIFICATE = ("--certificate", "/etc/satchel/fullchain.pem", "/etc/satchel/privkey.pem")
VARIANTS = {
    "box-caddy": (),
    "box-caddy-certificate": CERTIFICATE,
    "box-nginx": ("--proxy", "nginx", *CERTIFICATE),
}
EXPOSED = 1.5  # both units have 1.4


@pytest.fixture
def files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["render", "box", *BASE, "--into", str(tmp_path / "files")]) == 0
    return tmp_path / "files" / "etc"


@pytest.mark.parametrize("name", VARIANTS)
def test_the_files_are_the_golden_ones(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run with SATCHEL_UPDATE_GOLDEN=1 to write them."""
    assert main(["render", "box", *BASE, *VARIANTS[name]]) == 0
    said, golden = capsys.readouterr().out, GOLDEN / f"{name}.txt"
    if os.environ.get("SATCHEL_UPDATE_GOLDEN"):
        golden.write_text(said)
    assert said == golden.read_text()


@pytest.mark.tool("systemd-analyze")
def test_systemd_accepts_every_unit(files: Path) -> None:
    units = files / "systemd" / "system"
    for unit in units.glob("satchel-infra.service"):  # its program is not installed here
        unit.write_text(unit.read_text().replace(RELEASE, "").replace("/bin/satchel-infra", "/bin/true"))
    verdict = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(units.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "satchel" not in verdict.stderr, verdict.stderr


@pytest.mark.tool("systemd-analyze")
@pytest.mark.parametrize("unit", ["satchel-cloud@.service", "satchel-infra.service"])
def test_the_sandbox_of_a_unit_stays_closed(files: Path, unit: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={int(EXPOSED * 10)}"]
    done = subprocess.run(
        [*command, files / "systemd" / "system" / unit], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-200:]


@pytest.mark.tool("caddy")
@pytest.mark.parametrize("options", [(), CERTIFICATE])
def test_caddy_accepts_its_file_and_finds_nothing_to_format(
    options: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "box", *BASE, *options, "--into", str(tmp_path)]) == 0
    file = tmp_path / "etc" / "caddy" / "Caddyfile"
    environ = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    adapt = ["caddy", "adapt", "--adapter", "caddyfile", "--config", str(file)]
    subprocess.run(adapt, check=True, capture_output=True, env=environ)
    formatted = subprocess.run(
        ["caddy", "fmt", str(file)], check=True, capture_output=True, text=True, env=environ
    )
    assert formatted.stdout == file.read_text()


def test_the_configuration_is_one_that_satchel_infra_reads(files: Path) -> None:
    configuration = Configuration.load(files / "satchel" / "infra.toml")
    assert configuration.domain == DOMAIN
    assert configuration.issuer == "https://issuer.example.org/"
    assert tomllib.loads((files / "satchel" / "infra.toml").read_text())["image"] == RELEASE


@pytest.mark.parametrize(("chosen", "quota"), [((), 10 * 2**30), (("5000",), 5_000), ((str(2**38),), 2**38)])
def test_a_cloud_may_not_fill_the_disk_unless_the_operator_says_so(
    chosen: tuple[str, ...], quota: int, tmp_path: Path
) -> None:
    options = [f"--set=SATCHEL_QUOTA_BYTES={number}" for number in chosen]
    assert main(["render", "box", *BASE, *options, "--into", str(tmp_path)]) == 0
    configuration = tomllib.loads((tmp_path / "etc" / "satchel" / "infra.toml").read_text())
    assert configuration["settings"]["SATCHEL_QUOTA_BYTES"] == str(quota)


def test_units_set_only_settings_that_exist(files: Path) -> None:
    unit = (files / "systemd" / "system" / "satchel-cloud@.service").read_text()
    named = set(re.findall(r"^Environment=([A-Z_]+)=", unit, re.MULTILINE))
    assert named
    assert named | DECIDED <= {setting.env for setting in SETTINGS}


@pytest.mark.parametrize(
    "wrong",
    [
        ("--domain", "Example.org"),
        ("--domain", "localhost"),
        ("--shard", "S1"),
        ("--proxy", "nginx"),
    ],
)
def test_a_wrong_option_is_reported_in_one_line_with_exit_code_2(
    wrong: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["render", "box", *BASE, *wrong]) == 2
    message = capsys.readouterr().err
    assert message.startswith("satchel-infra: ")
    assert message.count("\n") == 1
