"""The real `satchel-service` as a process, on a directory and a loopback port, for tests that need a cloud."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import urllib3

PROGRAM: Final = Path(sys.executable).with_name("satchel-service")
START_S: Final = 30.0
CODE: Final = re.compile(r"^pairing code: (\S+)", re.MULTILINE)


class ServiceProcess:
    """Starts, stops, kills and restarts one service; its address and its directory stay the same.

    `output` and `errors` are files beside the directory that hold standard output (the JSON log) and standard
    error (the pairing code) of all its runs; `local` is where it keeps its copy of the database.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.local = folder.with_name(f"{folder.name}.local")
        self.output = folder.with_name(f"{folder.name}.out")
        self.errors = folder.with_name(f"{folder.name}.err")
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = dict(settings or {})

    @property
    def environ(self) -> dict[str, str]:
        """The environment it runs in."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")},
            "SATCHEL_STORAGE": f"file:{self.folder}",
            "SATCHEL_DATABASE_DIR": str(self.local),
            "SATCHEL_PUBLIC_URL": self.url,
            "SATCHEL_BIND": "127.0.0.1",
            "PORT": str(self.port),
            **self._settings,
        }

    @property
    def pairing_code(self) -> str:
        """The one-time code that the latest start without devices printed."""
        return str(CODE.findall(self.errors.read_text())[-1])

    def new_pairing_code(self) -> str:
        """A fresh code, as who runs the cloud makes one; works whether the service runs or not."""
        done = subprocess.run([PROGRAM, "pair"], env=self.environ, capture_output=True, text=True, check=True)
        return str(CODE.findall(done.stdout)[0])

    @property
    def has_exited(self) -> bool:
        """Whether it was started and has ended by itself or been ended."""
        return self.process is not None and self.process.poll() is not None

    def set(self, **settings: str) -> Self:
        """Let the next start have other settings, too."""
        self._settings |= settings
        return self

    def use_local(self, folder: Path) -> None:
        """Let the next start keep its copy of the database in another directory."""
        self.local = folder

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start it and return at once."""
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                [PROGRAM], env=self.environ, stdout=output, stderr=errors, start_new_session=True
            )
        return self.process

    def start(self) -> Self:
        """Start it and return once it answers."""
        process = self.spawn()
        deadline = time.monotonic() + START_S
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the service did not start: {self.log()}")
            time.sleep(0.01)
        return self

    def is_ready(self) -> bool:
        """Whether it answers that its stores can be used."""
        try:
            answer = urllib3.request(
                "GET", f"{self.url}/ready", timeout=5.0, retries=False, headers={"Connection": "close"}
            )
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def stop(self, timeout_s: float = 15.0) -> int:
        """Ask it to end, as a platform does, and return its exit code."""
        self.terminate()
        return self.wait(timeout_s)

    def terminate(self) -> None:
        """Send SIGTERM to the supervisor and return at once."""
        assert self.process is not None
        self.process.terminate()

    def wait(self, timeout_s: float = 15.0) -> int:
        """Wait for its end and return its exit code."""
        assert self.process is not None
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """End supervisor and worker at once with SIGKILL, as a crash does."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def restart(self) -> Self:
        """Kill it and start it again on the same directory and port."""
        self.kill()
        return self.start()

    def log(self) -> str:
        """Everything it has written so far."""
        return self.output.read_text() + self.errors.read_text()

    def __enter__(self) -> Self:
        """Start it."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it, whatever state it is in."""
        self.kill()


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
