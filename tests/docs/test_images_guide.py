"""docs/guides/images.md: the commands of the guide, on images of this checkout.

`make image-builds` runs those that build: tests/integration/image/test_builds.py.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.integration.image.conftest import image
from tests.support.s3_servers import ROOT, docker
from tests.support.service import CODE, free_port
from tests.support.waiting import wait_until

__all__ = ["image"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

PAGE: Final = (ROOT / "docs/guides/images.md").read_text()
COMMAND: Final = re.compile(r"^\$ (.*)$", re.MULTILINE)
COPY: Final = f"satchel-guide-{os.getpid()}"
NOT_TESTED: Final = ("sudo debootstrap", "sudo tar", "docker import")  # CI makes its base image like this
ELSEWHERE: Final = (  # tests/integration/image/test_builds.py
    "make image", "python3 -m pip download", "docker build", "docker run --detach --name provisioner", "buildah pull",
    "buildah build",
)  # fmt: skip
HERE: Final = (
    "docker save", "docker load", "docker run --detach --name satchel ", "docker exec", "docker inspect",
    "skopeo copy", "skopeo inspect",
)  # fmt: skip
REGISTRY: Final = """\
version: 0.1
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


def command(beginning: str) -> str:
    """Return the only command of the guide that begins so."""
    (found,) = [each for each in COMMAND.findall(PAGE) if each.startswith(beginning)]
    return str(found)


def run(text: str, folder: Path, **replaced: str) -> str:
    """Run a command of the guide, with other names and addresses, and return its output."""
    for old, new in replaced.items():
        text = text.replace(NAMES[old], new)
    done = subprocess.run(["bash", "-c", text], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


NAMES: Final = {
    "tag": "satchel-service",
    "container": "--name satchel ",
    "executed": "exec satchel satchel-service",
    "volume": "--volume satchel:",
    "port": "127.0.0.1:8080:8080",
    "registry": "registry.example.org",
}


@pytest.fixture
def carried(image: str, tmp_path: Path) -> Iterator[str]:
    """A copy of the image that was saved, removed and loaded again."""
    docker("tag", image, COPY)
    run(command("docker save"), tmp_path, tag=COPY)
    docker("rmi", COPY)
    run(command("docker load"), tmp_path, tag=COPY)
    try:
        yield COPY
    finally:
        docker("rmi", "--force", COPY)


def test_a_saved_and_loaded_image_runs_as_the_guide_says(image: str, carried: str, tmp_path: Path) -> None:
    identity = "{{.Id}}"
    assert docker("inspect", "--format", identity, carried) == docker("inspect", "--format", identity, image)
    address = f"127.0.0.1:{free_port()}:8080"
    text = command("docker run --detach --name satchel ").removesuffix(NAMES["tag"]) + carried
    try:
        run(text, tmp_path, container=f"--name {COPY} ", volume=f"--volume {COPY}:", port=address)
        pairing = command("docker exec").replace(NAMES["executed"], f"exec {COPY} satchel-service")
        wait_until(lambda: is_paired(pairing))
    finally:
        docker("rm", "--force", COPY)
        docker("volume", "rm", "--force", COPY)


def is_paired(pairing: str) -> bool:
    done = subprocess.run(["bash", "-c", pairing], capture_output=True, text=True, check=False)
    return CODE.search(done.stdout) is not None


def test_the_labels_are_printed_as_the_guide_says(image: str, tmp_path: Path) -> None:
    labels = json.loads(run(command("docker inspect"), tmp_path, tag=image))
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


@pytest.mark.tool("skopeo", "docker-registry")
def test_an_image_is_carried_to_a_private_registry(carried: str, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "registry.yml").write_text(REGISTRY.format(folder=tmp_path / "registry", port=port))
    serve = [shutil.which("docker-registry") or "", "serve", str(tmp_path / "registry.yml")]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(serve, stdout=log, stderr=log) as registry:
        try:
            wait_until(lambda: f"127.0.0.1:{port}" in (tmp_path / "log").read_text())
            names = {"registry": f"127.0.0.1:{port}", "tag": carried}
            copying = command("skopeo copy").replace("copy", "copy --dest-tls-verify=false", 1)
            run(copying, tmp_path, **names)
            inspecting = command("skopeo inspect").replace("inspect", "inspect --tls-verify=false", 1)
            printed = run(inspecting, tmp_path, **names)
        finally:
            registry.terminate()
    assert re.fullmatch("sha256:[0-9a-f]{64}", printed)


def test_every_command_of_the_guide_is_run_or_named() -> None:
    known = (*HERE, *ELSEWHERE, *NOT_TESTED)
    assert [each for each in COMMAND.findall(PAGE) if not each.startswith(known)] == []
