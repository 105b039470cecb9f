"""`satchel-service check-storage` on every kind of store: what it prints, how it exits, what it leaves."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from tests.support.fault_proxy import FaultProxy
from tests.support.gcs_fake import GcsFake
from tests.support.rclone import rclone_server
from tests.support.s3_servers import S3Server

from satchel_service.storage.checks import CHECKS

SERVICE = Path(sys.executable).with_name("satchel-service")
GUIDE = (Path(__file__).resolve().parents[3] / "docs/guides/storage.md").read_text()
LINES = len(CHECKS) + 2


def check(environ: Mapping[str, str], code: int) -> list[str]:
    """Run the command; return its lines. Nothing it prints contains a secret."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SATCHEL_"))}
    done = subprocess.run(
        [SERVICE, "check-storage"], env={**clean, **environ}, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr + done.stdout
    assert environ.get("AWS_SECRET_ACCESS_KEY", "no secret") not in done.stdout + done.stderr
    assert bool(done.stderr) == (code == 2)
    return done.stdout.splitlines()


def failures(lines: list[str]) -> list[str]:
    assert all(line.startswith(("ok      ", "failed  ")) for line in lines)
    return [line.removeprefix("failed  ") for line in lines if line.startswith("failed")]


def test_a_directory_keeps_every_promise_and_is_left_as_it_was(tmp_path: Path) -> None:
    lines = check({"SATCHEL_STORAGE": f"file:{tmp_path}"}, 0)
    assert len(lines) == LINES
    assert failures(lines) == []
    assert list(tmp_path.iterdir()) == []


def test_the_guide_shows_what_is_printed(tmp_path: Path) -> None:
    (block,) = re.findall(r"```console\n\$ satchel-service check-storage\n(.*?)```", GUIDE, re.DOTALL)
    shown = [line for line in block.splitlines() if line != "…"]
    lines = check({"SATCHEL_STORAGE": f"file:{tmp_path}"}, 0)
    assert shown == [lines[0], lines[1], lines[-1]]


@pytest.mark.tool("docker")
def test_radosgw_keeps_every_promise_and_is_left_as_it_was(radosgw: S3Server) -> None:
    lines = check(radosgw.environ("checked"), 0)
    assert len(lines) == LINES
    assert failures(lines) == []
    listed = radosgw.client().list_objects_v2(Bucket=radosgw.bucket, Prefix="checked/")
    assert listed["KeyCount"] == 0


def test_google_s_api_keeps_every_promise_and_is_left_as_it_was(gcs: GcsFake) -> None:
    lines = check(gcs.environ("checked"), 0)
    assert len(lines) == LINES
    assert failures(lines) == []
    assert [name for name in gcs.server.bucket.objects if name.startswith("checked/")] == []


def test_moto_breaks_one_promise_and_listings_are_tried_over_several_pages(moto_server: S3Server) -> None:
    with FaultProxy(moto_server.endpoint) as proxy:
        (line,) = failures(check(moto_server.at(proxy.url).environ("checked"), 1))
        assert any("continuation-token=" in seen.target for seen in proxy.seen)
        assert all("/checked/check-storage-" in seen.target or "?" in seen.target for seen in proxy.seen)
    assert line.startswith("a presigned URL accepts only its own part, in its size: ")
    assert "(hint: set SATCHEL_S3_PUBLIC_ENDPOINT=none" in line


def test_rclone_fails_because_it_ignores_create_if_absent(tmp_path: Path) -> None:
    with rclone_server(tmp_path) as server:
        lines = check(server.environ("clouds/one"), 1)
    assert lines[0].startswith("ok ")
    assert any(
        line.startswith(
            "a create of an existing key is refused: a second create of the same key succeeded (hint: "
        )
        for line in failures(lines)
    )


@pytest.mark.tool("docker")
def test_a_wrong_secret_ends_the_checks_with_one_line(radosgw: S3Server) -> None:
    (line,) = failures(check(replace(radosgw, secret_key="SECRETEXAMPLE0002").environ("checked"), 1))
    assert "403 SignatureDoesNotMatch (hint: see the start-up errors" in line


def test_a_location_that_names_no_store_is_wrong_usage() -> None:
    assert check({"SATCHEL_STORAGE": "ftp://bucket"}, 2) == []
