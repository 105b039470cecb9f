"""Processes that serve: satchel-service on a directory, for benchmarks and the demo, and bare gunicorn + Starlette."""

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.measure import as_installed

BIN: Final = Path(sys.executable).parent
START_S: Final = 30.0


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Service:
    """Starts the real service, waits for its first answer and stops it with SIGTERM."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.with_name(folder.name + ".log")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start the service and wait until it answers; RuntimeError names its log if it does not."""
        env = dict(
            as_installed(),
            SATCHEL_STORAGE=f"file:{self.folder}",
            SATCHEL_PUBLIC_URL=self.url,
            PORT=str(self.port),
        )
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen([BIN / "satchel-service"], env=env, stdout=sink, stderr=sink)
        if wait_until_ready(self.process, self.url):
            return self
        self.process.kill()
        raise RuntimeError(f"the service did not start; see {self.log}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it and wait."""
        self.process.terminate()
        self.process.wait(30)

    def pairing_code(self) -> str:
        """Return the pairing code that the service printed at its first start."""
        found = re.search(r"pairing code: (\S+)", self.log.read_text())
        if not found:
            raise RuntimeError(f"the service printed no pairing code; see {self.log}")
        return found[1]

    def peak_rss_mib(self) -> float:
        """Return the largest resident set of any of its processes so far."""
        family = [self.process.pid, *self._children(self.process.pid)]
        return max(self._high_water_mib(pid) for pid in family)

    @staticmethod
    def _children(pid: int) -> list[int]:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    @staticmethod
    def _high_water_mib(pid: int) -> float:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0


class BareStarlette:
    """Starts `bench.service.bare` on the worker that the service uses."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start it and wait until it answers."""
        self.process = subprocess.Popen(
            bare_command(self.port), env=as_installed(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if wait_until_ready(self.process, self.url):
            return self
        self.process.kill()
        raise RuntimeError("bare Starlette did not start")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it and wait."""
        self.process.terminate()
        self.process.wait(30)


def bare_command(port: int) -> list[str | Path]:
    """Return the command that runs gunicorn with an application that does nothing else."""
    options = (
        "-k",
        "asgi",
        "-b",
        f"127.0.0.1:{port}",
        "--no-control-socket",
        "--chdir",
        Path(__file__).parent,
    )
    return [BIN / "gunicorn", *options, "bare:app"]


def wait_until_ready(process: "subprocess.Popen[bytes]", url: str) -> bool:
    """Ask for `/ready` until there is an answer; return whether there was one."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    return False
