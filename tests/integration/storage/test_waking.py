"""A wake-up loads no more than it needs: boto3 only for uploads in parts and for credentials outside the environment."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from tests.support.s3_servers import S3Server

OBJECTS = """
    import json, os, sys
    from satchel_service.settings import Settings
    from satchel_service.storage import AlreadyExistsError, PartPlan, blob_key
    from satchel_service.storage.opening import open_storage

    slow = {"boto3", "botocore", "dataclasses", "datetime", "http.client", "pathlib", "ssl", "urllib.parse"}
    storage = open_storage(Settings.read(os.environ), os.urandom)
    key = blob_key("log/0000000000000001")
    storage.create(key, b"entry")
    try:
        storage.create(key, b"other")
    except AlreadyExistsError:
        pass
    assert storage.read(key) == b"entry"
    assert [info.key for info in storage.list("log/")] == [key]
    storage.part_url(key, "token", next(PartPlan(1, 1).parts()))
    storage.check()
    before = sorted(slow & sys.modules.keys())
    storage.abort_upload(key, storage.begin_upload(key, PartPlan(1, 1)))
    print(json.dumps({"before": before, "after": sorted({"boto3"} & sys.modules.keys())}))
    storage.close()
"""


def run(environ: Mapping[str, str]) -> dict[str, list[str]]:
    """Use a bucket in a fresh process; return the slow modules it loaded before an upload in parts, and after."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SATCHEL_"))}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(OBJECTS)],
        env={**clean, **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_objects_need_no_slow_module_and_uploads_in_parts_need_boto3(moto_server: S3Server) -> None:
    assert run(moto_server.environ("waking-1")) == {"before": [], "after": ["boto3"]}


@pytest.mark.tool("docker")
def test_credentials_and_region_are_found_by_boto3(radosgw: S3Server, tmp_path: Path) -> None:
    keys = f"aws_access_key_id = {radosgw.access_key}\naws_secret_access_key = {radosgw.secret_key}\n"
    (tmp_path / "credentials").write_text(f"[cloud]\n{keys}")
    (tmp_path / "config").write_text("[profile cloud]\nregion = eu-west-3\n")
    environ = {
        name: value for name, value in radosgw.environ("waking-2").items() if not name.startswith("AWS_")
    }
    profile = {
        "AWS_PROFILE": "cloud",
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert "boto3" in run({**environ, **profile})["before"]


def test_missing_credentials_are_a_clear_error(moto_server: S3Server, tmp_path: Path) -> None:
    environ = {n: v for n, v in moto_server.environ("waking-3").items() if not n.startswith("AWS_")}
    nothing = {
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "absent"),
        "AWS_CONFIG_FILE": str(tmp_path / "absent"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with pytest.raises(
        AssertionError, match="there are no credentials for the bucket: set AWS_ACCESS_KEY_ID"
    ):
        run({**environ, **nothing})
