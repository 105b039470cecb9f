"""A container with a real systemd, cron and pipx, in which the built wheel is installed.

The image is Debian's base image with packages from its archive. The wheel's dependencies come from this environment's
registry, once for all tests.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from tests.support.s3_servers import ROOT, docker, docker_answers, require
from tests.support.waiting import wait_until

IMAGE: Final = "satchel-installation-test"
BOOT_S: Final = 120.0
PACKAGES: Final = "systemd systemd-sysv dbus dbus-user-session cron pipx curl"
DOCKERFILE: Final = f"""\
ARG BASE
FROM ${{BASE}}
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends {PACKAGES}
RUN useradd --create-home --shell /bin/bash --uid 1000 ann && mkdir -p /var/lib/systemd/linger && touch /var/lib/systemd/linger/ann
COPY wheel /wheel
USER ann
RUN pipx install "$(ls /wheel/*.whl)[service]"
USER root
ADD source.tar /checkout/
RUN chown -R ann:ann /checkout
"""

TYPIST: Final = """\
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp("bash", ["bash", "-c", {command!r}])
said = ""
try:
    while chunk := os.read(terminal, 4096):
        said += chunk.decode()
        if said.endswith({prompt!r}):
            os.write(terminal, {answer!r}.encode() + b"\\n")
except OSError:
    pass
print(said)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@dataclass
class Machine:
    """A running container with systemd as its first process."""

    id: str

    def run(self, command: str, *, user: str = "root", code: int = 0) -> str:
        """Run a shell command and return its output. Check its exit code."""
        home = "/root" if user == "root" else f"/home/{user}"
        login = (
            f"cd {home} && export HOME={home} USER={user} SATCHEL_KEYRING=off "
            f"PATH={home}/.local/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin; {command}"
        )
        done = subprocess.run(
            ["docker", "exec", "--user", user, self.id, "bash", "-c", login],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def type(self, command: str, prompt: str, answer: str, *, user: str) -> str:
        """Run a command on a terminal, answer its prompt, and return what it says. It must succeed."""
        script = TYPIST.format(command=command, prompt=prompt, answer=answer)
        return self.run(f"python3 -c {shlex.quote(script)}", user=user)

    def write(self, path: str, content: str, *, user: str = "root") -> None:
        """Write a file."""
        self.run(f"printf %s {shlex.quote(content)} > {shlex.quote(path)}", user=user)

    def holds(self, command: str, *, user: str = "root") -> bool:
        """Return whether a shell command succeeds."""
        command = f"({command}) >/dev/null 2>&1 && echo yes || echo no"
        return self.run(command, user=user).strip() == "yes"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def image(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    base = os.environ.get("SATCHEL_TEST_PYTHON_IMAGE", "")
    require(bool(base), "needs a base image for containers (SATCHEL_TEST_PYTHON_IMAGE)")
    require(docker_answers(), "needs a container engine that answers")
    context = tmp_path_factory.mktemp("context")
    (context / "Dockerfile").write_text(DOCKERFILE)
    (context / "wheel").mkdir()
    (context / "wheel" / wheel.name).write_bytes(wheel.read_bytes())
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    archive = ["tar", "--create", "--null", "--files-from=-", f"--file={context / 'source.tar'}"]
    subprocess.run(archive, cwd=ROOT, input=listed, check=True)
    docker("build", "--quiet", "--build-arg", f"BASE={base}", "--tag", IMAGE, str(context))
    return IMAGE


@pytest.fixture(scope="module")
def machine(image: str) -> Iterator[Machine]:
    """A machine whose systemd is running."""
    started = docker(
        "run", "--detach", "--rm",
        "--cap-add", "SYS_ADMIN",
        "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined",
        "--tmpfs", "/run", "--tmpfs", "/tmp",
        "--volume", "/sys/fs/cgroup:/sys/fs/cgroup",
        image, "/sbin/init",
    ).strip()  # fmt: skip
    made = Machine(started)
    try:
        is_up = "systemctl is-system-running | grep -E 'running|degraded'"
        wait_until(lambda: made.holds(is_up), timeout_s=BOOT_S)
        wait_until(lambda: made.holds("test -S /run/user/1000/bus"), timeout_s=BOOT_S)
        yield made
    finally:
        docker("rm", "--force", started)
