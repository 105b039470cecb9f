"""Real S3 servers for tests: moto's (fast, verifies no signatures) and Ceph's radosgw (verifies them; a container)."""

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3.session
import pytest
import urllib3
from botocore.config import Config
from tests.support.service import free_port
from tests.support.waiting import wait_until

from satchel_service.storage.http import Origin
from satchel_service.storage.s3 import S3Storage
from satchel_service.storage.s3_requests import Bucket, dialect_of
from satchel_service.storage.s3_signing import Credentials

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ROOT: Final = Path(__file__).resolve().parents[2]
IMAGE: Final = "satchel-test-radosgw"
BASE_IMAGE: Final = "satchel-base:python3.11-bookworm"
START_S: Final = 120.0
LIFE_S: Final = 6 * 3600  # a container whose test run was killed ends by itself; a run can take hours


@dataclass(frozen=True)
class S3Server:
    """A server's address, credentials and existing bucket."""

    endpoint: str
    access_key: str = "AKIDEXAMPLE0001"
    secret_key: str = "SECRETEXAMPLE0001"
    bucket: str = "satchel-tests"

    def at(self, endpoint: str) -> "S3Server":
        """The same server at another address."""
        return replace(self, endpoint=endpoint)

    def place(self, prefix: str | None = None) -> Bucket:
        """A given prefix of the bucket, or an unused one."""
        origin = Origin.parse(self.endpoint)
        prefix = f"{secrets.token_hex(8)}/" if prefix is None else prefix
        return Bucket(self.bucket, prefix, origin, dialect_of(origin.host), "")

    def storage(self, prefix: str | None = None, **options: Any) -> S3Storage:  # noqa: ANN401  the store's own
        """A store in a given prefix, or in an unused one."""
        return S3Storage(self.place(prefix), Credentials(self.access_key, self.secret_key), **options)

    def environ(self, prefix: str) -> Mapping[str, str]:
        """The settings that make a service use this server."""
        return {
            "SATCHEL_STORAGE": f"s3://{self.bucket}/{prefix}",
            "SATCHEL_S3_ENDPOINT": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
        }

    def client(self) -> "S3Client":
        """A boto3 client, to bypass the code under test."""
        return boto3.session.Session().client(
            "s3",
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={}),
        )


@contextmanager
def moto(folder: Path) -> Iterator[S3Server]:
    """Run moto's server during the block."""
    port = free_port()
    server = S3Server(f"http://127.0.0.1:{port}")
    with (folder / "moto.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=log,
            stderr=log,
        )
    try:
        wait_until(lambda: process.poll() is None and answers(server.endpoint), timeout_s=START_S)
        server.client().create_bucket(Bucket=server.bucket)
        yield server
    finally:
        process.kill()
        process.wait()


@contextmanager
def shared_radosgw(folder: Path) -> Iterator[S3Server]:
    """Use the radosgw of this test run; the first worker to use `folder` starts it, the last removes it."""
    state = folder / "radosgw.json"
    with locked(folder / "radosgw.lock"):
        found: dict[str, Any] = json.loads(state.read_text()) if state.exists() else start_radosgw()
        state.write_text(json.dumps({**found, "users": found.get("users", 0) + 1}))
    try:
        yield S3Server(found["endpoint"])
    finally:
        with locked(folder / "radosgw.lock"):
            found = json.loads(state.read_text())
            found["users"] -= 1
            state.write_text(json.dumps(found))
            if not found["users"]:
                state.unlink()
                docker("rm", "--force", found["container"])


def start_radosgw() -> dict[str, str]:
    """Run the image, and return its address once it answers."""
    radosgw_image()
    # without tcp_nodelay radosgw sends head and body separately and waits 40 ms for docker's proxy between them
    script = f"sed -i 's/port=7480/port=7480 tcp_nodelay=1/' /run.sh && exec timeout {LIFE_S} bash /run.sh"
    container = docker("run", "--detach", "--rm", "--publish", "127.0.0.1::7480", IMAGE, "bash", "-c", script)
    try:
        endpoint = f"http://{docker('port', container, '7480/tcp').splitlines()[0]}"
        wait_until(lambda: answers(endpoint), timeout_s=START_S)
        server = S3Server(endpoint)
        server.client().create_bucket(Bucket=server.bucket)
    except BaseException:
        docker("rm", "--force", container)
        raise
    return {"endpoint": endpoint, "container": container}


def radosgw_image() -> str:
    """Build the image of radosgw if needed and return its name."""
    recipe = Path(os.environ.get("SATCHEL_TEST_RADOSGW", ROOT.parent / "shared" / "ci" / "radosgw"))
    require(recipe.is_dir(), "needs the radosgw image's recipe (SATCHEL_TEST_RADOSGW)")
    require(docker_answers(), "needs a container engine that answers")
    base = os.environ.get("SATCHEL_TEST_PYTHON_IMAGE", BASE_IMAGE)
    docker("build", "--quiet", "--build-arg", f"BASE_IMAGE={base}", "--tag", IMAGE, str(recipe))
    return IMAGE


def answers(endpoint: str) -> bool:
    """Whether a server answers."""
    try:
        return urllib3.request("GET", endpoint, timeout=2.0, retries=False).status < 500
    except urllib3.exceptions.HTTPError:
        return False


def docker(*arguments: str) -> str:
    """Run a docker command and return its output."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def docker_answers() -> bool:
    """Whether the container engine runs."""
    return (
        shutil.which("docker") is not None
        and subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0
    )


def require(holds: bool, reason: str) -> None:
    """Skip the test, or fail it in CI, unless the condition holds."""
    if not holds:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock between processes."""
    with file.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
