"""A satchel-service process on a directory, for benchmarks and the demo."""

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.measure import as_installed

BIN = Path(sys.executable).parent


def free_port() -> int:
    """A loopback port that nothing listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Service:
    """Starts the real service, waits for its first answer, stops it as a supervisor would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder.with_name(folder.name + ".log")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        """Start and wait until it answers; raises with its log when it does not."""
        env = dict(
            as_installed(),
            SATCHEL_STORAGE=f"file:{self.folder}",
            SATCHEL_PUBLIC_URL=self.url,
            PORT=str(self.port),
        )
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen([BIN / "satchel-service"], env=env, stdout=sink, stderr=sink)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(self.url + "/ready", timeout=1):
                    return self
            except (urllib.error.URLError, OSError):
                time.sleep(0.02)
        self.process.kill()
        raise RuntimeError(f"the service did not start; see {self.log}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ask it to end, and wait."""
        self.process.terminate()
        self.process.wait(30)

    def pairing_code(self) -> str:
        """The one-time code that the service printed at its first start."""
        found = re.search(r"pairing code: (\S+)", self.log.read_text())
        if not found:
            raise RuntimeError(f"the service printed no pairing code; see {self.log}")
        return found[1]

    def peak_rss_mib(self) -> float:
        """The largest resident set so far of any of its processes."""
        family = [self.process.pid, *self._children(self.process.pid)]
        return max(self._high_water_mib(pid) for pid in family)

    @staticmethod
    def _children(pid: int) -> list[int]:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    @staticmethod
    def _high_water_mib(pid: int) -> float:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) / 1024 if found else 0.0
