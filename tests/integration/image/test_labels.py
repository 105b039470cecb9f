"""What the image says about itself, that nothing is left to compile, and that it has no capability."""

import json
import tomllib
from typing import Any

import pytest
from tests.integration.image.conftest import REVISION, Container
from tests.integration.image.test_image import DIRECTORY
from tests.support.s3_servers import ROOT, docker
from tests.support.waiting import wait_until

from satchel_service.environment import VERSION

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LABEL = "org.opencontainers.image."
UNCOMPILED = """
import importlib, os, pkgutil, sys
import boto3.session, gunicorn.workers.gasgi, joserfc.jws, starlette.applications
import satchel_service, satchel_wire
for package in (satchel_service, satchel_wire):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
boto3.session.Session().client("s3", region_name="us-east-1")
specs = [module.__spec__ for module in list(sys.modules.values()) if getattr(module, "__spec__", None)]
cached = {spec.name: spec.cached for spec in specs if spec.has_location and (spec.origin or "").endswith(".py")}
print(len(cached), [name for name, file in cached.items() if not os.path.exists(file or "")])
"""

UNEQUAL = """
import pathlib
files = [path for path in pathlib.Path("/opt/satchel").rglob("*")]
compiled = [path for path in files if path.suffix == ".pyc"]
print(len(compiled), [str(path) for path in files if path.lstat().st_mtime != 315532800])
print([str(path) for path in compiled if path.read_bytes()[4:8] != bytes([1, 0, 0, 0])])
"""


@pytest.fixture(scope="module")
def configuration(image: str) -> Any:  # noqa: ANN401  a JSON document
    return json.loads(docker("inspect", image))[0]["Config"]


def test_the_labels_name_version_revision_and_licence(configuration: dict[str, Any]) -> None:
    labels = {
        name.removeprefix(LABEL): text
        for name, text in configuration["Labels"].items()
        if name.startswith(LABEL)
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert labels.pop("description")
    assert labels == {
        "title": "satchel-service",
        "version": project["version"],
        "revision": REVISION,
        "licenses": project["license"],
    }
    assert project["version"] == VERSION


def test_the_image_needs_no_user_and_no_shell_to_start(configuration: dict[str, Any]) -> None:
    assert configuration["User"] == "65532:65532"
    assert configuration["Entrypoint"] == ["satchel-service"]
    assert configuration["Healthcheck"]["Test"] == ["CMD", "satchel-service", "check-health"]


@DIRECTORY
def test_every_module_of_the_service_is_compiled(container: Container) -> None:
    count, _, uncompiled = container.run("/opt/satchel/bin/python", "-c", UNCOMPILED).partition(" ")
    assert int(count) > 300
    assert uncompiled == "[]"


@DIRECTORY
def test_nothing_in_the_image_depends_on_the_time_of_its_build(container: Container) -> None:
    """Every file has one time, and compiled modules are recognized by a hash that is not checked (PEP 552)."""
    times, by_time = container.run("/opt/satchel/bin/python", "-c", UNEQUAL).splitlines()
    count, _, unequal = times.partition(" ")
    assert int(count) > 500
    assert (unequal, by_time) == ("[]", "[]")


@DIRECTORY
def test_the_engine_finds_the_container_healthy(container: Container) -> None:
    wait_until(lambda: docker("inspect", "--format", "{{.State.Health.Status}}", container.id) == "healthy")


@DIRECTORY
def test_the_service_has_no_capability(container: Container) -> None:
    status = container.run("cat", "/proc/1/status").splitlines()
    sets = {
        line.partition(":")[0]: line.partition(":")[2].strip() for line in status if line.startswith("Cap")
    }
    assert {name: int(value, 16) for name, value in sets.items()} == dict.fromkeys(sets, 0)
    assert "CapBnd" in sets
