"""From spawn to first answer: satchel-service on an empty cloud beside bare gunicorn + Starlette, and idle memory."""

import os
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.measure import as_installed
from bench.report import Row
from bench.service.process import BIN, free_port

BARE: Final = """
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

async def ready(request):
    return JSONResponse({"ok": True})

app = Starlette(routes=[Route("/ready", ready)])
"""
REQUEST: Final = b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
PATIENCE_S: Final = 30.0


class Start(NamedTuple):
    """One start: seconds until the first answer, and what its processes then hold in memory."""

    seconds: float
    memory_mib: float


def run(rounds: int) -> list[Row]:
    """Alternate both and compare within each round."""
    with tempfile.TemporaryDirectory() as compiled:
        start_bare(compiled), start_satchel(compiled)  # compiles every module, as an installation does
        pairs = [(start_bare(compiled), start_satchel(compiled)) for _ in range(rounds)]
    ratios = [ours.seconds / bare.seconds for bare, ours in pairs]
    return [
        row("gunicorn + Starlette", [bare for bare, _ in pairs], ""),
        row("satchel", [ours for _, ours in pairs], f"{statistics.median(ratios):.2f} (budget 1.3)"),
    ]


def row(name: str, starts: Sequence[Start], ratio: str) -> Row:
    """Medians of one program."""
    return {
        "service": name,
        "first answer": f"{statistics.median(start.seconds for start in starts) * 1000:.0f} ms",
        "ratio": ratio,
        "idle memory": f"{statistics.median(start.memory_mib for start in starts):.0f} MiB",
    }


def start_bare(compiled: str) -> Start:
    """Start gunicorn with an application that does nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "bare.py").write_text(BARE)
        port = free_port()
        command: list[str | Path] = [
            BIN / "gunicorn",
            "-k",
            "asgi",
            "-b",
            f"127.0.0.1:{port}",
            "--no-control-socket",
            "bare:app",
        ]
        return first_answer(command, port, environment(compiled), Path(folder))


def start_satchel(compiled: str) -> Start:
    """Start the service on an empty directory."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        env = environment(
            compiled, SATCHEL_STORAGE=f"file:{folder}/cloud", SATCHEL_BIND="127.0.0.1", PORT=str(port)
        )
        return first_answer([BIN / "satchel-service"], port, env, Path(folder))


def environment(compiled: str, **more: str) -> dict[str, str]:
    """The environment of both: compiled modules are kept, wherever the checkout lies."""
    inherited = as_installed()
    return {**inherited, "PYTHONPYCACHEPREFIX": compiled, **more}


def first_answer(command: Sequence[str | Path], port: int, env: Mapping[str, str], folder: Path) -> Start:
    """Spawn, ask until there is an answer, look at the memory, end it."""
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        env=env,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE_S:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.001)
        seconds = time.perf_counter() - began
        return Start(seconds, memory_mib(process.pid))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    """Whether a request is answered with 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as connection:
            connection.sendall(REQUEST)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def memory_mib(supervisor: int) -> float:
    """The proportional set size of a supervisor and its workers: shared pages are counted once."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return sum(pss_mib(pid) for pid in (str(supervisor), *children))


def pss_mib(pid: str) -> float:
    """The proportional set size of one process."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
