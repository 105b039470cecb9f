"""A machine for many clouds: a container with a real systemd, polkit, Caddy, nginx and pebble.

It has what `satchel-infra render box` prints, two releases of the service in /opt/satchel/releases, and light programs
in its place in /opt/satchel/light: they start at once, answer every request, one takes SLOW_S to start, and one never does.
"""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.s3_servers import ROOT, docker, docker_answers, locked, require
from tests.support.waiting import wait_until

from satchel_infra.box.box import Box
from satchel_infra.box.layout import INFRA_USER, RECORDS_DIR, SOCKETS_DIR
from satchel_infra.box.registry import Registry
from satchel_infra.box.systemd import Systemd
from satchel_infra.main import main as infra
from satchel_infra.shards import Shard

IMAGE: Final = "satchel-box-test"
DOMAIN: Final = "clouds.example.org"
SHARD: Final = "s1"
RELEASES: Final = ("/opt/satchel/releases/1", "/opt/satchel/releases/2")
SIGN_IN: Final = (
    "--set", "SATCHEL_OIDC_ISSUER=https://issuer.example.org/", "--set", "SATCHEL_OIDC_CLIENT_ID=satchel",
)  # fmt: skip
LIGHT: Final = "/opt/satchel/light"
DATA: Final = "/var/lib/private/satchel-clouds"
LINKS: Final = "/var/lib/satchel-clouds"
PLACES: Final = {
    "records": RECORDS_DIR,
    "sockets": SOCKETS_DIR,
    "state/private/satchel-clouds": DATA,
    "state/satchel-clouds": LINKS,
}
PACKAGES: Final = "systemd systemd-sysv dbus polkitd caddy nginx-light pebble curl libnss3-tools"
BOOT_S: Final = 60.0

DOCKERFILE: Final = f"""\
ARG BASE
FROM ${{BASE}}
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends {PACKAGES}
RUN systemctl disable caddy nginx && systemctl mask systemd-logind
COPY requirements.txt /wheel/
RUN python3 -m venv {RELEASES[0]} && {RELEASES[0]}/bin/pip install -q --no-deps --require-hashes -r /wheel/requirements.txt
COPY wheel /wheel
RUN {RELEASES[0]}/bin/pip install -q --no-deps /wheel/*.whl && cp -a {RELEASES[0]} {RELEASES[1]} \\
    && sed -i '1s,{RELEASES[0]},{RELEASES[1]},' {RELEASES[1]}/bin/satchel-*
COPY light {LIGHT}/
"""

LIGHT_PROGRAM: Final = """\
#!/usr/bin/python3 -IS
import socket

listener = socket.socket(fileno=3)
hoard = []
while True:
    connection, _ = listener.accept()
    text = b""
    while b"\\r\\n\\r\\n" not in text and (more := connection.recv(4096)):
        text += more
    while text.startswith(b"GET /hog "):
        hoard.append(b"x" * (1 << 20))
    try:
        connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
    except OSError:
        pass
    connection.close()
"""
PEEK_PROGRAM: Final = """\
#!/usr/bin/python3 -I
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote

class Handler(BaseHTTPRequestHandler):
    def address_string(self):
        return "unix"

    def do_GET(self):
        command = unquote(self.path.partition("?")[2])
        code = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=2).returncode
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(code).encode())

server = HTTPServer(("", 0), Handler, bind_and_activate=False)
server.socket.close()
server.socket = __import__("socket").socket(fileno=3)
server.serve_forever()
"""
SLOW_S: Final = 5
PROGRAMS: Final = {
    "peek": PEEK_PROGRAM,
    **dict.fromkeys(("1", "2", "3"), LIGHT_PROGRAM),
    "slow": LIGHT_PROGRAM.replace("hoard = []", f"hoard = []\n__import__('time').sleep({SLOW_S})"),
    "broken": "#!/bin/false\n",
}


@dataclass(frozen=True)
class BoxMachine:
    """A running machine. `shared` holds its directories of records, sockets and data, seen from outside."""

    id: str
    shared: Path

    @property
    def process(self) -> str:
        """The process of its systemd, outside."""
        return docker("inspect", "--format", "{{.State.Pid}}", self.id)

    @property
    def records(self) -> Path:
        """Its records."""
        return self.shared / "records"

    @property
    def sockets(self) -> Path:
        """Its sockets."""
        return self.shared / "sockets"

    @property
    def data(self) -> Path:
        """The data of its clouds."""
        return self.state / "private" / "satchel-clouds"

    @property
    def state(self) -> Path:
        """Its /var/lib, as far as clouds have directories there."""
        return self.shared / "state"

    def run(self, command: str, *, user: str = "root", code: int | None = 0) -> str:
        """Run a shell command and return its output. Check its exit code, unless it is None."""
        done = subprocess.run(
            ["docker", "exec", "--user", user, self.id, "bash", "-c", command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert code in (None, done.returncode), f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def holds(self, command: str) -> bool:
        """Return whether a shell command succeeds."""
        return self.run(f"({command}) >/dev/null 2>&1 && echo yes || echo no").strip() == "yes"

    def write(self, path: str, content: str) -> None:
        """Write a file."""
        self.run(f"mkdir -p $(dirname {path}) && printf %s {shlex.quote(content)} > {shlex.quote(path)}")

    def install(self, *options: str) -> None:
        """Install what `satchel-infra render box` prints, and open the sockets of the clouds that exist."""
        files = self.shared / "files"
        words = [
            "render",
            "box",
            "--domain",
            DOMAIN,
            "--shard",
            SHARD,
            "--release",
            RELEASES[0],
            *SIGN_IN,
            *options,
        ]
        assert infra([*words, "--into", str(files)]) == 0
        docker("cp", f"{files}/etc", f"{self.id}:/")
        self.run(
            "systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload && systemctl reload dbus"
        )
        self.run("systemctl enable --now satchel-clouds.service satchel-reopening.timer")

    def box(self, *, user: str = INFRA_USER, max_clouds: int = 1_000) -> Box:
        """Open the machine's clouds from outside, with the rights that a user has inside."""
        ids = self.run(f"id -u {user}; id -g {user}").split()
        return Box(
            shard=Shard(SHARD),
            registry=Registry(self.records, lock_s=60),
            systemd=Systemd(60, self.systemctl(*ids)),
            sockets=self.sockets,
            state=self.state,
            ready_s=60,
            max_clouds=max_clouds,
        )

    def systemctl(self, user: str, group: str, *environ: str) -> tuple[str, ...]:
        """Return the command systemctl as a user inside the machine."""
        return ("nsenter", "-t", self.process, "-a", "-S", user, "-G", group, "env", *environ, "systemctl")

    def clear(self) -> None:
        """Remove every cloud without the product."""
        self.run(
            "systemctl stop 'satchel-cloud@*.socket' 'satchel-cloud@*.service'; systemctl reset-failed;"
            f" rm -rf {DATA}/* {LINKS}/* {RECORDS_DIR}/* {RECORDS_DIR}/.locks"
        )


def build_image(folder: Path) -> str:
    """Build the image and return its name. Layers of earlier runs are used again."""
    base = os.environ.get("SATCHEL_TEST_PYTHON_IMAGE", "")
    require(bool(base), "needs a base image for containers (SATCHEL_TEST_PYTHON_IMAGE)")
    require(docker_answers(), "needs a container engine that answers")
    require(os.geteuid() == 0, "needs root, to enter the container's namespaces")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / "requirements.txt").write_bytes((ROOT / "lock" / "service.txt").read_bytes())
    wheel = folder / "wheel"
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheel)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    for name, program in PROGRAMS.items():
        path = folder / "light" / name / "bin" / "satchel-service"
        path.parent.mkdir(parents=True)
        path.write_text(program)
        path.chmod(0o755)
    with locked(Path(tempfile.gettempdir()) / f"{IMAGE}.lock"):  # the second builder finds every layer
        docker("build", "--quiet", "--build-arg", f"BASE={base}", "--tag", IMAGE, str(folder))
    return IMAGE


@contextmanager
def box_machine(folder: Path) -> Iterator[BoxMachine]:
    """Run a machine during the block."""
    image = build_image(folder)
    shared = folder / "shared"
    mounts: list[str] = []
    for name, place in PLACES.items():
        (shared / name).mkdir(parents=True)
        (shared / name).chmod(0o711)
        mounts += ["--volume", f"{shared / name}:{place}"]
    started = docker(
        "run", "--detach",
        "--cap-add", "SYS_ADMIN",
        "--security-opt", "seccomp=unconfined", "--security-opt", "apparmor=unconfined",
        "--tmpfs", "/run", "--tmpfs", "/tmp",
        "--volume", "/sys/fs/cgroup:/sys/fs/cgroup",
        *mounts, image, "/sbin/init",
    )  # fmt: skip
    machine = BoxMachine(started, shared)
    try:
        await_boot(machine)
        machine.install()
        yield machine
    finally:
        docker("rm", "--force", started)


def await_boot(machine: BoxMachine) -> None:
    """Wait until the machine has started."""
    wait_until(
        lambda: machine.holds("systemctl is-system-running | grep -E 'running|degraded'"), timeout_s=BOOT_S
    )
