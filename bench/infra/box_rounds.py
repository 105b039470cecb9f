"""Runs inside the machine of `bench.infra.box`, with its own Python: prints one JSON document.

A wake-up is the time from the connection to the first byte. The starts of bare gunicorn + Starlette and of the service
alone take turns with it: each is spawned, and asked until it answers.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REQUEST = b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
RELEASE = "/opt/satchel/releases/1"
LIGHT = "/opt/satchel/light/1"  # answers at once: what remains is systemd's own work
RECORDS = Path("/var/lib/satchel-infra/clouds")
SOCKETS = Path("/run/satchel-clouds")
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
BARE = """
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def ready(request):
    return PlainTextResponse("ok")


app = Starlette(routes=[Route("/ready", ready)])
"""


def register(count: int, release: str = RELEASE) -> list[str]:
    """Write records of new clouds and open their sockets. Return their names."""
    names = ["c" + "".join(secrets.choice(LETTERS) for _ in range(25)) for _ in range(count)]
    for name in names:
        (RECORDS / f"{name}.env").write_text(f'CLOUD_RELEASE="{release}"\n')
    for first in range(0, count, 500):
        units = [f"satchel-cloud@{name}.socket" for name in names[first : first + 500]]
        subprocess.run(["systemctl", "start", *units], check=True)
    return names


def first_byte(connection: socket.socket) -> None:
    """Send the request and wait for the answer."""
    connection.sendall(REQUEST)
    assert connection.recv(1)


def wake(name: str) -> float:
    """Return the seconds from the connection to a sleeping cloud to the first byte."""
    began = time.perf_counter()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(SOCKETS / f"{name}.sock"))
        first_byte(connection)
    return time.perf_counter() - began


def stop(name: str) -> None:
    """Let a cloud sleep, and forget how often it was started: the limit on starts is not what is measured."""
    unit = f"satchel-cloud@{name}.service"
    subprocess.run(["systemctl", "stop", unit], check=True, capture_output=True)
    subprocess.run(["systemctl", "reset-failed", unit], check=False, capture_output=True)


def spawn(command: list[str], port: int, **environ: str) -> float:
    """Return the seconds from the start of a program to the first byte of its answer."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                with socket.create_connection(("127.0.0.1", port)) as connection:
                    first_byte(connection)
                    return time.perf_counter() - began
            except ConnectionRefusedError:
                time.sleep(0.002)
    finally:
        process.terminate()
        process.wait()


def start_bare(folder: str, port: int) -> float:
    """Time gunicorn with an application that does nothing else."""
    options = ["-k", "asgi", "-b", f"127.0.0.1:{port}", "--no-control-socket", "--chdir", folder]
    return spawn([f"{RELEASE}/bin/gunicorn", *options, "bare:app"], port)


def start_alone(folder: str, port: int) -> float:
    """Time the service on an empty directory."""
    storage = tempfile.mkdtemp(dir=folder)
    try:
        return spawn(
            [f"{RELEASE}/bin/satchel-service"], port, SATCHEL_STORAGE=f"file:{storage}", PORT=str(port)
        )
    finally:
        shutil.rmtree(storage)


def proportional_mib(pids: list[int]) -> float:
    """Return the proportional set size of processes."""
    found = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                found += int(line.split()[1])
    return found / 1024


def processes(name: str) -> list[int]:
    """Return the processes of a cloud."""
    shown = ["systemctl", "show", "--property=MainPID", "--value", f"satchel-cloud@{name}.service"]
    main = int(subprocess.run(shown, check=True, capture_output=True, text=True).stdout)
    children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
    return [main, *map(int, children)]


def main(rounds: int, registered: int, awake: int) -> dict[str, object]:
    """Measure everything."""
    folder = tempfile.mkdtemp()
    Path(folder, "bare.py").write_text(BARE)
    names = register(awake)
    (light,) = register(1, LIGHT)
    times: dict[str, list[float]] = {"bare": [], "alone": [], "woken": [], "again": [], "light": []}
    for _ in range(rounds + 1):  # the first one warms up
        times["bare"].append(start_bare(folder, 8201))
        times["alone"].append(start_alone(folder, 8202))
        times["woken"].append(wake(names[0]))
        times["again"].append(wake(names[0]))
        times["light"].append(wake(light))
        stop(names[0])
        stop(light)
    for name in [*names, *names]:  # the first ones may sleep again: nobody uses them
        wake(name)
    each = proportional_mib([pid for name in names for pid in processes(name)]) / awake
    before, began = proportional_mib([1]), time.perf_counter()
    register(registered)
    opened = time.perf_counter() - began
    return {
        **{kind: values[1:] for kind, values in times.items()},
        "awake_mib": each,
        "registered_kib": (proportional_mib([1]) - before) * 1024 / registered,
        "open_ms": opened / registered * 1000,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*map(int, sys.argv[1:]))))
