"""docs/guides/self-hosting.md: a container with a volume, and Compose with an S3 server."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.self_hosting.conftest import (
    CODE,
    GUIDE,
    Paired,
    Shell,
    backups_of,
    commands,
    do_the_demos_job,
)
from tests.support.s3_servers import answers, docker, radosgw_image
from tests.support.service import free_port
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.tool("docker", "docker-compose", "curl"),
]


@pytest.fixture
def volume_shell(tmp_path: Path, image: str, name: str) -> Iterator[Shell]:
    port = str(free_port())
    names = {
        "--name satchel": f"--name {name}",
        "--volume satchel:": f"--volume {name}:",
        "docker logs satchel": f"docker logs {name}",
        "docker rm --force satchel": f"docker rm --force {name}",
        "127.0.0.1:8080": f"127.0.0.1:{port}",
        " satchel-service": f" {image}",
    }
    shell = Shell(tmp_path, names)
    shell.environ["PORT_USED"] = port
    yield shell
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, check=False)
    subprocess.run(["docker", "volume", "rm", "--force", name], capture_output=True, check=False)


def test_a_container_with_a_volume_does_the_demos_job_and_survives_an_update(
    volume_shell: Shell, tmp_path: Path
) -> None:
    build, start, code, remove, replace = commands("A container with a volume")
    assert build == "docker build --tag satchel-service ."
    assert replace == start
    url = f"http://127.0.0.1:{volume_shell.environ['PORT_USED']}"
    volume_shell.run(start)
    wait_until(lambda: answers(f"{url}/ready"))
    found = CODE.findall(volume_shell.run(code))
    do_the_demos_job(tmp_path, Paired(url, found[-1]))
    kept = backups_of(tmp_path)
    volume_shell.run(remove)
    volume_shell.run(replace)
    wait_until(lambda: answers(f"{url}/ready"))
    assert backups_of(tmp_path) == kept > 0


@pytest.fixture
def compose_shell(tmp_path: Path, image: str, name: str) -> Iterator[Shell]:
    folder, port, s3_port = tmp_path / name, str(free_port()), str(free_port())
    folder.mkdir()
    file = (GUIDE.parent / "self-hosting" / "compose-s3.yml").read_text()
    file = file.replace("127.0.0.1:8080:", f"127.0.0.1:{port}:").replace(
        "127.0.0.1:9000:", f"127.0.0.1:{s3_port}:"
    )
    (folder / "docker-compose.yml").write_text(file.replace("image: satchel-service", f"image: {image}"))
    settings = GUIDE.read_text().split("SATCHEL_PUBLIC_URL=http://127.0.0.1:8080\n")[1].split("```")[0]
    settings = settings.replace("your-s3-server", radosgw_image())
    (folder / ".env").write_text(f"SATCHEL_PUBLIC_URL=http://127.0.0.1:{port}\n{settings}")
    shell = Shell(folder, {"127.0.0.1:9000": f"127.0.0.1:{s3_port}"})
    shell.environ |= {"PORT_USED": port, "COMPOSE_PROJECT_NAME": name}
    yield shell
    down = ["docker-compose", "down", "--volumes", "--timeout", "2"]
    subprocess.run(down, cwd=folder, env=shell.environ, capture_output=True, check=False)


def test_compose_with_an_s3_server_does_the_demos_job_and_survives_a_new_container(
    compose_shell: Shell, tmp_path: Path
) -> None:
    shown = commands("Compose with an S3 server")
    url = f"http://127.0.0.1:{compose_shell.environ['PORT_USED']}"
    for line in shown[:4]:
        said = compose_shell.run(line)
        if "check-storage" in line:
            assert "failed" not in said
    wait_until(lambda: answers(f"{url}/ready"))
    do_the_demos_job(tmp_path, Paired(url, CODE.findall(compose_shell.run(shown[4]))[-1]))
    kept = backups_of(tmp_path)
    container = compose_shell.run("docker-compose ps -q satchel").split()[-1]
    docker("rm", "--force", container)
    compose_shell.run(shown[3])
    wait_until(lambda: answers(f"{url}/ready"))
    assert backups_of(tmp_path) == kept > 0
