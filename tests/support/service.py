"""The real `satchel-service` as a process on a directory and a loopback port."""

import fcntl
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import urllib3

PROGRAM: Final = Path(sys.executable).with_name("satchel-service")
START_S: Final = 30.0
PORTS: Final = (11_000, 32_768)
"""Below the ports that Linux gives to connections, and above those that browsers refuse to open."""
RESERVED: Final = Path(tempfile.gettempdir()) / f"satchel-test-ports-{os.getuid()}"
"""A file in which each process of tests locks the bytes whose places are the numbers of its ports."""
CODE: Final = re.compile(r"^pairing code: (\S+)", re.MULTILINE)

_CHOOSER: Final = random.SystemRandom()
_OWN: Final[set[int]] = set()


class ServiceProcess:
    """Starts, stops, kills and restarts one service on the same address and directory.

    `output` and `errors` are files that collect the standard output (the JSON log) and standard error (the pairing
    code) of all runs; `local` holds the local copy of the database.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        command: Sequence[str | Path] = (PROGRAM,),
    ) -> None:
        self._command = command
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
        """The environment variables of the process."""
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
        """The pairing code that the latest start without devices printed."""
        return str(CODE.findall(self.errors.read_text())[-1])

    def new_pairing_code(self, *options: str) -> str:
        """Create a pairing code with `satchel-service pair`; works whether or not the service runs."""
        done = subprocess.run(
            [*self._command, "pair", *options], env=self.environ, capture_output=True, text=True, check=True
        )
        return str(CODE.findall(done.stdout)[0])

    @property
    def has_exited(self) -> bool:
        """Whether the process was started and has exited or been killed."""
        return self.process is not None and self.process.poll() is not None

    def set(self, **settings: str) -> Self:
        """Add settings for the next start."""
        self._settings |= settings
        return self

    def use_local(self, folder: Path) -> None:
        """Set the directory of the local database for the next start."""
        self.local = folder

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Start the process and return at once."""
        with self.output.open("ab") as output, self.errors.open("ab") as errors:
            self.process = subprocess.Popen(
                self._command, env=self.environ, stdout=output, stderr=errors, start_new_session=True
            )
        return self.process

    def start(self) -> Self:
        """Start the service and return once it is ready."""
        process = self.spawn()
        deadline = time.monotonic() + START_S
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the service did not start: {self.log()}")
            time.sleep(0.01)
        return self

    def is_ready(self) -> bool:
        """Return whether `/ready` succeeds."""
        try:
            answer = urllib3.request(
                "GET", f"{self.url}/ready", timeout=5.0, retries=False, headers={"Connection": "close"}
            )
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200

    def stop(self, timeout_s: float = 15.0) -> int:
        """Stop the service with SIGTERM, as a platform does, and return its exit code."""
        self.terminate()
        return self.wait(timeout_s)

    def terminate(self) -> None:
        """Send SIGTERM to the supervisor and return at once."""
        assert self.process is not None
        self.process.terminate()

    def wait(self, timeout_s: float = 15.0) -> int:
        """Wait until the process exits and return its exit code."""
        assert self.process is not None
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """Kill the supervisor and the worker with SIGKILL."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def restart(self) -> Self:
        """Kill the service and start it again on the same directory and port."""
        self.kill()
        return self.start()

    def log(self) -> str:
        """Return everything the service has written so far."""
        return self.output.read_text() + self.errors.read_text()

    def __enter__(self) -> Self:
        """Start the service."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill the service if it still runs."""
        self.kill()


def free_port() -> int:
    """Return a loopback port that nothing listens on.

    Until this process ends, the system gives the port to no connection, and this function to no other caller, even in
    another process of tests: a service listens on its port late, and again after a restart.
    """
    reserved = _open_reserved()
    while True:
        port = _CHOOSER.randrange(*PORTS)
        if port in _OWN:
            continue
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            fcntl.lockf(reserved, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
            _OWN.add(port)
            return port


@cache
def _open_reserved() -> int:
    return os.open(RESERVED, os.O_RDWR | os.O_CREAT, 0o600)
