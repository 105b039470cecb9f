"""Builds that take minutes, for `make image-builds`: twice, without a network, and of the provisioner's image."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import urllib3
from tests.support.s3_servers import ROOT, docker
from tests.support.service import free_port
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif("SATCHEL_IMAGE_BUILDS" not in os.environ, reason="runs with make image-builds"),
]

GUIDE: Final = (ROOT / "docs/guides/images.md").read_text()
TAG: Final = f"satchel-builds-{os.getpid()}"
CONFIGURATION: Final = """\
domain = "clouds.example.org"
platform = "box"
image = "/opt/satchel/release"
records = "file:/tmp/records"
name_key_file = "name.key"
generations = [{ shards = [{ id = "s1" }] }]

[settings]
SATCHEL_OIDC_ISSUER = "https://id.example.org/"
SATCHEL_OIDC_CLIENT_ID = "satchel"
"""
OWNER: Final = 65532


def command(beginning: str) -> str:
    """Return the only command of the guide that begins so."""
    (found,) = re.findall(rf"^\$ ({re.escape(beginning)}.*)$", GUIDE, re.MULTILINE)
    return str(found)


def run(text: str, **environ: str) -> str:
    """Run a command in the checkout and return its output."""
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


@pytest.fixture
def base() -> str:
    return os.environ["SATCHEL_TEST_PYTHON_IMAGE"]


@pytest.fixture
def tag() -> Iterator[str]:
    yield TAG
    docker("rmi", "--force", TAG)


def layers(tag: str) -> list[str]:
    return list(json.loads(docker("inspect", "--format", "{{json .RootFS.Layers}}", tag)))


@pytest.mark.parametrize("dockerfile", ["Dockerfile", "Dockerfile.provisioner"])
def test_two_builds_make_the_same_layers(dockerfile: str, base: str, tag: str) -> None:
    options = ("--quiet", "--no-cache", f"--build-arg=PYTHON_IMAGE={base}", f"--file={ROOT / dockerfile}")
    built = []
    for _ in range(2):
        docker("build", *options, "--tag", tag, str(ROOT))
        built.append(layers(tag))
    assert built[0] == built[1]


@pytest.mark.tool("buildah")
def test_two_builds_with_buildah_have_the_same_digest(base: str, tmp_path: Path) -> None:
    places = {"STORAGE_DRIVER": "vfs", "CONTAINERS_STORAGE_CONF": str(tmp_path / "storage.conf")}
    (tmp_path / "storage.conf").write_text(
        f'[storage]\ndriver = "vfs"\nrunroot = "{tmp_path}/run"\ngraphroot = "{tmp_path}/graph"\n'
    )
    run(command("buildah pull").replace("satchel-base:latest", base), **places)
    text = (
        command("buildah build")
        .replace("satchel-base", base)
        .replace("--tag satchel-service", f"--tag {TAG}")
    )
    digests = []
    for _ in range(2):
        run(text.replace("buildah build", "buildah build --quiet --no-cache --pull-never"), **places)
        digests.append(
            run(f"buildah inspect --type image --format '{{{{.FromImageDigest}}}}' {TAG}", **places)
        )
    assert digests[0].startswith("sha256:")
    assert digests[0] == digests[1]


def test_an_image_is_built_from_a_wheelhouse_without_a_network(base: str, tag: str) -> None:
    wheelhouse = ROOT / "wheelhouse"
    assert not wheelhouse.exists()
    try:
        run(command("python3 -m pip download").replace("python3", str(ROOT / ".venv/bin/python"), 1))
        text = command("docker build --network none").replace("satchel-base", base)
        run(
            text.replace("docker build", "docker build --no-cache").replace(
                "--tag satchel-service", f"--tag {tag}"
            )
        )
    finally:
        run("rm -rf wheelhouse")
    assert docker("run", "--rm", "--network", "none", tag, "--help").startswith("satchel-service ")


@pytest.mark.parametrize(
    ("target", "variable"), [("image", "IMAGE"), ("image-provisioner", "PROVISIONER_IMAGE")]
)
def test_make_builds_an_image(target: str, variable: str, base: str, tag: str) -> None:
    assert f"$ make {target}\n" in GUIDE
    run(f"make {target} {variable}={tag} PYTHON_IMAGE={base}")
    revision = '{{index .Config.Labels "org.opencontainers.image.revision"}}'
    assert docker("inspect", "--format", revision, tag) == run("git rev-parse HEAD")


def test_the_provisioner_serves_from_its_image_and_is_healthy(base: str, tag: str, tmp_path: Path) -> None:
    run(f"make image-provisioner PROVISIONER_IMAGE={tag} PYTHON_IMAGE={base}")
    (tmp_path / "infra.toml").write_text(CONFIGURATION)
    (tmp_path / "name.key").write_bytes(os.urandom(32))
    (tmp_path / "name.key").chmod(0o600)
    for path in (tmp_path, *tmp_path.iterdir()):
        os.chown(path, OWNER, OWNER)
    port = free_port()
    text = (
        command("docker run --detach --name provisioner")
        .replace("--name provisioner", f"--name {TAG} --health-interval 1s")
        .replace("/etc/satchel:/etc", f"{tmp_path}:/etc")
        .replace("127.0.0.1:8081", f"127.0.0.1:{port}")
        .removesuffix("satchel-provisioner")
    )
    run(text + tag)
    try:
        wait_until(lambda: docker("inspect", "--format", "{{.State.Health.Status}}", TAG) == "healthy")
        assert urllib3.request("GET", f"http://127.0.0.1:{port}/live").status == 200
        assert docker("exec", TAG, "id", "-u") == str(OWNER)
    finally:
        docker("rm", "--force", TAG)
