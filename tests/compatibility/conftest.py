"""The client and the service of the previous release, taken from the repository's history."""

import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from tests.support.device import Device
from tests.support.service import ServiceProcess

ROOT: Final = Path(__file__).parents[2]
PREVIOUS: Final = "5e5b7b2"  # the previous release
CLIENT: Final = "import sys; from satchel.cli.main import main; sys.exit(main())"
SERVICE: Final = "import sys; from satchel_service.main import main; sys.exit(main())"

MakeDevice = Callable[..., Device]
Sources = Mapping[str, str]
"""Environment variables that make a Python process use one release."""


def git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=False)


@pytest.fixture(scope="session")
def previous(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Return the environment of the previous release."""
    try:
        archived = git("archive", PREVIOUS, "client", "service")
    except FileNotFoundError:
        pytest.skip("git is not installed")
    if archived.returncode != 0:
        pytest.skip(f"this copy of the repository lacks the history before this release ({PREVIOUS})")
    folder = tmp_path_factory.mktemp("previous")
    with tarfile.open(fileobj=BytesIO(archived.stdout)) as tree:
        tree.extractall(folder, filter="data")
    sources = {"PYTHONPATH": f"{folder / 'client'}:{folder / 'service'}"}
    for package in ("satchel", "satchel_service", "satchel_wire"):
        shown = subprocess.run(
            [sys.executable, "-c", f"import {package}; print({package}.__file__)"],
            env={"PATH": "/usr/bin:/bin", **sources},
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stdout.startswith(str(folder)), "the previous release must be what runs"
    return sources


@pytest.fixture
def make_device(tmp_path: Path) -> MakeDevice:
    """Return a function that makes the home of a device with a release's client."""

    def make(name: str, sources: Sources) -> Device:
        device = Device(tmp_path / name, environ=sources, command=(sys.executable, "-c", CLIENT))
        device.run("init")
        return device

    return make


@pytest.fixture
def start_service(tmp_path: Path) -> Iterator[Callable[[Sources], ServiceProcess]]:
    """Return a function that starts a cloud of a release on the same storage and address."""
    running: list[ServiceProcess] = []

    def start(sources: Sources) -> ServiceProcess:
        if running:
            running[0].stop()
            return running[0].set(PYTHONPATH="", **sources).start()
        service = ServiceProcess(tmp_path / "cloud", sources, command=(sys.executable, "-c", SERVICE))
        running.append(service)
        return service.start()

    yield start
    for service in running:
        service.kill()
