"""`satchel-service check-health`, which the image's health check runs."""

import os
import subprocess

from tests.support.service import PROGRAM, ServiceProcess, free_port
from tests.support.waiting import wait_until


def check(environ: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([PROGRAM, "check-health"], env=environ, capture_output=True, text=True, check=False)


def test_a_ready_service_is_healthy(service: ServiceProcess) -> None:
    done = check(service.environ)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_service_on_every_address_is_asked_on_the_loopback_address(service: ServiceProcess) -> None:
    assert check({**service.environ, "SATCHEL_BIND": "0.0.0.0"}).returncode == 0


def test_without_a_service_one_line_says_so() -> None:
    done = check({**os.environ, "PORT": str(free_port())})
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("satchel-service: no answer from 127.0.0.1 port ")


def test_a_service_without_its_storage_is_not_healthy(service: ServiceProcess) -> None:
    service.folder.rename(service.folder.with_name("elsewhere"))
    service.folder.write_text("no directory")
    wait_until(lambda: check(service.environ).returncode == 1)  # the service keeps its answer for a while
    assert check(service.environ).stderr == "satchel-service: not ready; /ready answers 503\n"
