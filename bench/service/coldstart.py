"""Time from spawn to first answer, and idle memory: satchel-service on an empty cloud beside gunicorn + Starlette."""

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
from bench.service.process import BIN, START_S, bare_command, free_port

REQUEST: Final = b"GET /ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Start(NamedTuple):
    """One start: seconds until the first answer, and the processor time and memory of its processes then."""

    seconds: float
    cpu_s: float
    memory_mib: float


def run(rounds: int) -> list[Row]:
    """Start both in turn and compare them within each round."""
    with tempfile.TemporaryDirectory() as compiled:
        start_bare(compiled), start_satchel(compiled)  # compiles every module, as an installation does
        pairs = [(start_bare(compiled), start_satchel(compiled)) for _ in range(rounds)]
    walls = [ours.seconds / bare.seconds for bare, ours in pairs]
    cpus = [ours.cpu_s / bare.cpu_s for bare, ours in pairs]
    return [
        row("gunicorn + Starlette", [bare for bare, _ in pairs], "", ""),
        row("satchel", [ours for _, ours in pairs], spread(walls, "; budget 1.2"), spread(cpus)),
    ]


def spread(ratios: Sequence[float], more: str = "") -> str:
    """Return the median, and the lowest and the highest."""
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}{more})"


def row(name: str, starts: Sequence[Start], ratio: str, cpu_ratio: str) -> Row:
    """Return the medians of one program."""
    return {
        "service": name,
        "first answer": f"{statistics.median(start.seconds for start in starts) * 1000:.0f} ms",
        "ratio": ratio,
        "processor time": f"{statistics.median(start.cpu_s for start in starts) * 1000:.0f} ms",
        "ratio of processor time": cpu_ratio,
        "idle memory": f"{statistics.median(start.memory_mib for start in starts):.0f} MiB",
    }


def start_bare(compiled: str) -> Start:
    """Start gunicorn with an application that does nothing else."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        return first_answer(bare_command(port), port, environment(compiled), Path(folder))


def start_satchel(compiled: str) -> Start:
    """Start the service on an empty directory."""
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        env = environment(
            compiled, SATCHEL_STORAGE=f"file:{folder}/cloud", SATCHEL_BIND="127.0.0.1", PORT=str(port)
        )
        return first_answer([BIN / "satchel-service"], port, env, Path(folder))


def environment(compiled: str, **more: str) -> dict[str, str]:
    """Return the environment of both, with a cache for compiled modules."""
    inherited = as_installed()
    return {**inherited, "PYTHONPYCACHEPREFIX": compiled, **more}


def first_answer(command: Sequence[str | Path], port: int, env: Mapping[str, str], folder: Path) -> Start:
    """Spawn the command, ask until there is an answer, read its memory, kill it."""
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
            if process.poll() is not None or time.perf_counter() - began > START_S:
                raise RuntimeError(f"{command[0]} did not start")
            time.sleep(0.001)
        seconds = time.perf_counter() - began
        return Start(seconds, cpu_s(process.pid), memory_mib(process.pid))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    """Whether a request is answered with 200."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=START_S) as connection:
            connection.sendall(REQUEST)
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def family(supervisor: int) -> list[str]:
    """Return the process ids of a supervisor and its workers."""
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    return [str(supervisor), *children]


def cpu_s(supervisor: int) -> float:
    """Return the processor time of a supervisor and its workers so far."""
    ticks = 0
    for pid in family(supervisor):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])  # utime and stime, see proc(5)
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mib(supervisor: int) -> float:
    """Return the proportional set size of a supervisor and its workers, which counts shared pages once."""
    return sum(pss_mib(pid) for pid in family(supervisor))


def pss_mib(pid: str) -> float:
    """Return the proportional set size of one process."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0
