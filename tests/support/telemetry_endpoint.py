"""The real `satchel-infra telemetry serve` as a process on a directory and a loopback port."""

import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import urllib3
from tests.support.service import free_port
from tests.support.waiting import wait_until

PROGRAM: Final = Path(sys.executable).with_name("satchel-infra")


class EndpointProcess:
    """Starts one endpoint; `log` collects its standard output and standard error."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = directory.with_name(f"{directory.name}.log")
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")},
            "SATCHEL_BIND": "127.0.0.1",
            "PORT": str(self.port),
            "SATCHEL_TELEMETRY_DIRECTORY": str(directory),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "telemetry", "serve"], env=self.environ, stdout=log, stderr=log
            )
        wait_until(self._is_live)
        return self

    def _is_live(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()
        try:
            return urllib3.request("GET", f"{self.url}/live", retries=False, timeout=2.0).status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)

    def report(self, *options: str) -> str:
        """Return what `satchel-infra telemetry report` prints."""
        done = subprocess.run(
            [PROGRAM, "telemetry", "report", *options],
            env=self.environ,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout
