"""An installation without the extras: everything else works, and what is missing is named."""

import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from tests.support.device import Device
from tests.support.s3_servers import require

from satchel.models.registry import ENTRIES, entry_named

ROOT: Final = Path(__file__).parents[3]
EXTRAS: Final = sorted({package for entry in ENTRIES for package in entry.packages})
CLIENT: Final = "import sys; from satchel.cli.main import main; sys.exit(main())"
PROBE: Final = "import importlib.util, sys; print([n for n in sys.argv[1:] if importlib.util.find_spec(n)])"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an environment with the locked packages of the client, and no extra."""
    uv = Path(sys.executable).with_name("uv")
    require(uv.exists(), "needs uv, of the development environment")
    folder = tmp_path_factory.mktemp("plain") / "venv"
    made = folder / "bin" / "python"
    lock = ROOT / "lock" / "client.txt"
    for words in (
        ("venv", "--quiet", "--python", sys.executable, folder),
        ("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--python", made, "-r", lock),
    ):
        subprocess.run([uv, *words], check=True, capture_output=True, timeout=500)
    return made


@pytest.fixture
def device(python: Path, tmp_path: Path) -> Device:
    """Return a device that runs this tree in the plain environment."""
    sources = {"PYTHONPATH": f"{ROOT / 'client'}:{ROOT / 'service'}"}
    made = Device(tmp_path / "home", environ=sources, command=(python, "-c", CLIENT))
    made.run("init")
    return made


def test_no_package_of_an_extra_is_installed(python: Path) -> None:
    assert EXTRAS
    found = subprocess.run([python, "-c", PROBE, *EXTRAS], check=True, capture_output=True, text=True)
    assert found.stdout.strip() == "[]"


def test_pieces_are_saved_described_and_found(device: Device, tmp_path: Path) -> None:
    path = tmp_path / "http.py"
    path.write_text("def parse_header(line):\n    return line.split(': ', 1)\n")
    saved = device.json("save", path)
    assert saved["title"]
    assert saved["language"] == "python"
    assert {each["field"] for each in saved["suggested"]} >= {"title", "language"}
    assert [each["id"] for each in device.json("search", "parse header")["pieces"]] == [saved["id"]]
    again = device.json("suggest", "--all")
    assert (again["checked"], again["changed"], again["failed"]) == (1, [], [])


def test_suggest_names_the_models_that_are_missing(device: Device) -> None:
    missing = device.json("suggest", "--all")["missing"]
    assert entry_named("magika").label in missing
    assert set(missing) <= {entry.label for entry in ENTRIES if entry.packages}
    said = device.run("suggest", "--all").said
    assert "hint: more models run with pipx install --force 'satchel[models]'" in said
    assert "Traceback" not in said


def test_models_tells_what_is_missing_and_what_works_without_it(device: Device) -> None:
    listed: dict[str, Any] = {each["name"]: each for each in device.json("models")["models"]}
    for entry in ENTRIES:
        assert listed[entry.name]["missing"] == list(entry.packages)
        assert bool(listed[entry.name]["without"]) == bool(entry.light)
        assert not entry.packages or entry.light, f"{entry.name} must say what works without its packages"
    ran = device.run("models")
    assert "satchel[models]" in ran.said
    assert "Traceback" not in ran.said
