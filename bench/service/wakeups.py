"""Waking a sleeping cloud: from the request until the first byte, beside bare gunicorn + Starlette woken the same way.

- process: spawned, and asked until it answers
- socket: `systemd-socket-activate` holds a unix socket and starts the program when a connection arrives
- process in a container: the same as the first, measured inside a container that runs already
- container: `docker run` of the image, asked until it answers

The containers need the image `satchel-service` (`make image`) and an engine; without them, their rows are left out.
"""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

from bench.measure import as_installed
from bench.report import Row
from bench.service.coldstart import REQUEST, answers, first_answer, spread
from bench.service.process import BIN, START_S, bare_command, free_port

IMAGE: Final = "satchel-service"
HERE: Final = Path(__file__).parent
POLL_S: Final = 0.001
LISTENING: Final = "00010000"  # of a socket in /proc/net/unix
SOCKET_BUDGET: Final = 1.5
BARE: Final = ("-m", "gunicorn", "-k", "asgi", "--no-control-socket", "--chdir", "/bench", "bare:app")
HARDENING: Final = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "host")
INSIDE: Final = """
import os, socket, subprocess, sys, time
began = time.perf_counter()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while time.perf_counter() - began < 30:
    try:
        with socket.create_connection(("127.0.0.1", int(os.environ["PORT"]))) as link:
            link.sendall(b"GET /ready HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n")
            if link.recv(64).startswith(b"HTTP/1.1 200"):
                break
    except OSError:
        time.sleep(0.001)
print(time.perf_counter() - began)
child.terminate()
child.wait()
"""


class Pair(NamedTuple):
    """One round: seconds of bare gunicorn + Starlette, and of satchel."""

    bare_s: float
    satchel_s: float


Wake = Callable[[bool, Path], float]
"""Wakes satchel, or the bare application, on an empty cloud in a folder; returns seconds."""


def run(rounds: int) -> list[Row]:
    """Wake both in turn, in every way, and compare within each round."""
    ways: dict[str, Wake] = {"process": wake_process}
    if shutil.which("systemd-socket-activate"):
        ways["socket"] = wake_by_socket
    if has_image():
        ways |= {"process in a container": wake_inside, "container": wake_container}
    measured = [{name: wake_both(wake) for name, wake in ways.items()} for _ in range(rounds + 1)][1:]
    processes = [one["process"] for one in measured]
    return [row(name, [one[name] for one in measured], processes) for name in ways]


def wake_both(wake: Wake) -> Pair:
    """Wake both programs once."""
    with tempfile.TemporaryDirectory() as bare, tempfile.TemporaryDirectory() as satchel:
        return Pair(wake(False, Path(bare)), wake(True, Path(satchel)))  # noqa: FBT003  which of the two


def row(name: str, pairs: Sequence[Pair], processes: Sequence[Pair]) -> Row:
    """Return medians, and the ratios to the bare application and to satchel as a process."""
    beside_bare = [pair.satchel_s / pair.bare_s for pair in pairs]
    beside_process = [
        pair.satchel_s / process.satchel_s for pair, process in zip(pairs, processes, strict=True)
    ]
    budget = f"; budget {SOCKET_BUDGET}" if name == "socket" else ""
    return {
        "how": name,
        "gunicorn + Starlette": f"{statistics.median(pair.bare_s for pair in pairs) * 1000:.0f} ms",
        "satchel": f"{statistics.median(pair.satchel_s for pair in pairs) * 1000:.0f} ms",
        "ratio": spread(beside_bare),
        "beside the process alone": "" if name == "process" else spread(beside_process, budget),
    }


def environment(folder: Path, port: int) -> dict[str, str]:
    """Return the environment of a cloud in a folder, with compiled modules as an installation has them."""
    chosen = {"SATCHEL_STORAGE": f"file:{folder / 'cloud'}", "SATCHEL_BIND": "127.0.0.1", "PORT": str(port)}
    return {**as_installed(), **chosen}


def wake_process(is_satchel: bool, folder: Path) -> float:  # noqa: FBT001
    """Spawn the program and ask until it answers."""
    port = free_port()
    command = [BIN / "satchel-service"] if is_satchel else bare_command(port)
    return first_answer(command, port, environment(folder, port), folder).seconds


def wake_by_socket(is_satchel: bool, folder: Path) -> float:  # noqa: FBT001
    """Connect to a socket that starts the program, and wait for the first byte."""
    path = folder / "cloud.sock"
    program = [BIN / "satchel-service"] if is_satchel else bare_command(free_port())
    env = environment(folder, free_port())
    passed = [f"--setenv={name}" for name in env if name.startswith("SATCHEL_")]
    command = ["systemd-socket-activate", f"--listen={path}", *passed, *program]
    with ExitStack() as stack:
        activator = start(command, env)
        stack.callback(stop, activator)
        link = stack.enter_context(socket.socket(socket.AF_UNIX))
        link.settimeout(START_S)
        wait_for(path)
        began = time.perf_counter()
        link.connect(str(path))
        link.sendall(REQUEST)
        if not link.recv(64).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("no answer over the socket")
        return time.perf_counter() - began


def wake_inside(is_satchel: bool, _: Path) -> float:  # noqa: FBT001
    """Spawn the program in a container that runs already."""
    script = ["--entrypoint", "python", *docker_options(), IMAGE, "-c", INSIDE]
    program = ["satchel-service"] if is_satchel else ["/opt/satchel/bin/python", *BARE]
    command = ["docker", "run", "--rm", *script, *program]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def wake_container(is_satchel: bool, _: Path) -> float:  # noqa: FBT001
    """Start a container and ask until the program in it answers."""
    port, name = free_port(), f"satchel-bench-{os.getpid()}"
    program = [IMAGE] if is_satchel else ["--entrypoint", "python", IMAGE, *BARE]
    began = time.perf_counter()
    container = start(["docker", "run", "--rm", "--name", name, *docker_options(port), *program], os.environ)
    try:
        while not answers(port):
            if container.poll() is not None or time.perf_counter() - began > START_S:
                raise RuntimeError("the container did not start")
            time.sleep(POLL_S)
        return time.perf_counter() - began
    finally:
        subprocess.run(["docker", "kill", name], capture_output=True, check=False)
        container.wait()


def docker_options(port: int | None = None) -> list[str]:
    """Return the options of a container as it is deployed; the network of the host is the fastest of all."""
    port = free_port() if port is None else port
    settings = ("SATCHEL_BIND=127.0.0.1", f"PORT={port}", f"GUNICORN_CMD_ARGS=--bind 127.0.0.1:{port}")
    return [*HARDENING, "--volume", f"{HERE}:/bench:ro", *(f"--env={each}" for each in settings)]


def has_image() -> bool:
    """Return whether an engine answers and has the image."""
    if shutil.which("docker") is None:
        return False
    return (
        subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True, check=False).returncode
        == 0
    )


def start(command: Sequence[str | Path], env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=dict(env), stdout=quiet, stderr=quiet, start_new_session=True)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Kill a program and its children."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_for(path: Path) -> None:
    """Return once something listens on a path. RuntimeError after a while."""
    deadline = time.monotonic() + START_S
    while not any(
        line.endswith(f" {path}") and LISTENING in line.split()
        for line in Path("/proc/net/unix").read_text().splitlines()
    ):
        if time.monotonic() > deadline:
            raise RuntimeError(f"nothing listens on {path}")
        time.sleep(POLL_S)
