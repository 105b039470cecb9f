"""The image, built once and started by pytest-docker."""

import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import urllib3
from pytest_docker.plugin import Services
from tests.support.buckets import moto_server
from tests.support.s3_servers import ROOT, S3Server, docker, docker_answers, require
from tests.support.service import free_port
from tests.support.storm import sender
from tests.support.waiting import wait_until
from tests.support.wire_device import WireDevice

__all__ = ["moto_server"]

IMAGE: Final = f"satchel-service-test-{zlib.crc32(os.fsencode(ROOT)):x}"  # one for each checkout
REVISION: Final = "0123456789abcdef0123456789abcdef01234567"
COMPOSE_FILE: Final = Path(__file__).with_name("docker-compose.yml")
CODE: Final = re.compile(r"pairing code: (\S+)")


@dataclass
class Container:
    """A service of the Compose file."""

    name: str
    project: str
    port: int

    @property
    def id(self) -> str:
        """The id of the running container."""
        return self.compose("ps", "-q", self.name).strip()

    def compose(self, *arguments: str) -> str:
        """Run docker-compose and return its output."""
        command = ["docker-compose", "-f", str(COMPOSE_FILE), "-p", self.project, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def run(self, *command: str) -> str:
        """Run a program in the container and return its output."""
        return docker("exec", self.id, *command)

    def log(self) -> str:
        """Return everything the container has printed, including errors."""
        command = ["docker", "logs", self.id]
        return subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
        ).stdout

    def wait_until_ready(self) -> None:
        """Return once the service is ready."""
        wait_until(self.is_ready)

    def is_ready(self) -> bool:
        """Return whether `/ready` succeeds."""
        try:
            answer = urllib3.request("GET", f"http://127.0.0.1:{self.port}/ready", timeout=5.0, retries=False)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def device(self, pool: urllib3.PoolManager) -> WireDevice:
        """Return a device paired with a code from `satchel-service pair`."""
        device = WireDevice(sender(pool, f"http://127.0.0.1:{self.port}"))
        code = CODE.findall(self.run("satchel-service", "pair"))[0]
        assert device.pair(code).status == 201
        return device


@pytest.fixture(scope="session")
def image() -> str:
    base = os.environ.get("SATCHEL_TEST_PYTHON_IMAGE", "")
    require(bool(base), "needs a base image for containers (SATCHEL_TEST_PYTHON_IMAGE)")
    require(docker_answers(), "needs a container engine that answers")
    require(shutil.which("docker-compose") is not None, "needs docker-compose")
    arguments = (f"--build-arg=PYTHON_IMAGE={base}", f"--build-arg=REVISION={REVISION}")
    docker("build", "--quiet", *arguments, "--tag", IMAGE, str(ROOT))
    return IMAGE


@pytest.fixture(scope="session")
def docker_compose_command() -> str:
    return "docker-compose"


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    return str(COMPOSE_FILE)


@pytest.fixture(scope="session")
def ports() -> dict[str, int]:
    return {"directory": free_port(), "bucket": free_port()}


@pytest.fixture(scope="session")
def docker_setup(image: str, moto_server: S3Server, ports: dict[str, int]) -> Iterator[list[str]]:
    """Set the environment variables of the Compose file and return the commands that start it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SATCHEL_TEST_IMAGE", image)
        patch.setenv("SATCHEL_TEST_DIRECTORY_PORT", str(ports["directory"]))
        patch.setenv("SATCHEL_TEST_BUCKET_PORT", str(ports["bucket"]))
        patch.setenv("SATCHEL_TEST_STORAGE", f"s3://{moto_server.bucket}/containers/{os.urandom(8).hex()}")
        patch.setenv("SATCHEL_TEST_S3_ENDPOINT", moto_server.endpoint)
        patch.setenv("SATCHEL_TEST_ACCESS_KEY", moto_server.access_key)
        patch.setenv("SATCHEL_TEST_SECRET_KEY", moto_server.secret_key)
        yield ["up --detach"]


@pytest.fixture(params=["directory", "bucket"])
def container(
    request: pytest.FixtureRequest,
    docker_services: Services,
    docker_compose_project_name: str,
    ports: dict[str, int],
) -> Container:
    """Return a ready container, a new one if a test has stopped the last."""
    made = Container(request.param, docker_compose_project_name, ports[request.param])
    made.compose("up", "--detach", made.name)
    made.wait_until_ready()
    return made


@pytest.fixture
def pool() -> Iterator[urllib3.PoolManager]:
    with urllib3.PoolManager() as made:
        yield made
