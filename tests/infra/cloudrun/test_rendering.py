"""What `satchel-infra render cloudrun` prints: a script that bash runs, with the JSON that the platform sends."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from tests.contract.platforms.subject import ISSUER, KEY, SETTINGS, owner_of

from satchel_infra.cloudrun.account import Account, parse_description
from satchel_infra.cloudrun.options import Options
from satchel_infra.cloudrun.service_body import service_body
from satchel_infra.cloudrun.services import parse
from satchel_infra.main import main
from satchel_infra.names import identify
from satchel_infra.platform import CloudSpec
from satchel_infra.shards import Shard

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "render"
PLACE = ("--project", "clouds-1", "--domain", "clouds.example.org")
IMAGE = f"europe-west1-docker.pkg.dev/clouds-1/satchel/service@sha256:{'a' * 64}"
OWNER = identify(KEY, issuer=ISSUER, subject=SETTINGS["SATCHEL_OWNER_SUBJECT"])


@pytest.fixture
def cloud(tmp_path: Path) -> list[str]:
    """The options for the part of one cloud."""
    key = tmp_path / "name.key"
    key.write_bytes(KEY)
    key.chmod(0o600)
    words = ["--image", IMAGE, "--name-key-file", str(key)]
    return [*words, *(word for item in SETTINGS.items() for word in ("--set", "=".join(item)))]


def render(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["render", "cloudrun", *PLACE, *words]) == 0
    return capsys.readouterr().out


def documents(script: str) -> list[Any]:
    return [json.loads(text) for text in re.findall(r"<<'JSON'\n(.*?)\nJSON\n", script, re.DOTALL)]


@pytest.mark.parametrize(
    ("name", "extra"),
    [("cloudrun", []), ("cloudrun-further", ["--further", "--shard", "s2", "--bucket", "clouds-1-s2"])],
)
def test_the_script_is_the_golden_one(
    name: str, extra: list[str], cloud: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said, golden = render(capsys, *cloud, *extra), GOLDEN / f"{name}.sh"
    if os.environ.get("SATCHEL_WRITE_GOLDEN"):
        golden.write_text(said)
    assert said == golden.read_text()


def test_the_service_is_the_one_that_the_platform_sends(
    cloud: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    script = render(capsys, *cloud)
    account = parse_description(script.partition("--description='")[2].partition("'")[0], "")
    assert account == Account(OWNER, "s1")
    policy, service = documents(script)
    host = f"{OWNER.name}.s1.clouds.example.org"
    shard = Shard("s1", {"project": "clouds-1", "region": "europe-west1"})
    assert service == service_body(CloudSpec(OWNER, host, IMAGE, SETTINGS), shard, Options())
    parse(service)  # a message of the API, without unknown fields
    assert policy["bindings"][0]["members"] == [
        f"serviceAccount:{OWNER.name}@clouds-1.iam.gserviceaccount.com"
    ]


@pytest.mark.tool("bash")
@pytest.mark.parametrize("further", [[], ["--further"]], ids=["first", "further"])
def test_bash_runs_the_script_to_its_end(
    further: list[str], cloud: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """gcloud and curl are recorders here: each writes its arguments, one a line, and a blank line."""
    for name in ("gcloud", "curl"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\n{{ printf "%s\\n" {name} "$@"; echo; }} >> "$CALLS"\n')
        program.chmod(0o755)
    script, calls = tmp_path / "shard.sh", tmp_path / "calls"
    script.write_text(render(capsys, *cloud, *further))
    path = f"{tmp_path / 'bin'}:{os.environ['PATH']}"
    subprocess.run(["bash", script], env={"PATH": path, "CALLS": str(calls)}, check=True, capture_output=True)
    made = [call.split("\n") for call in calls.read_text().split("\n\n") if call]
    neg = next(call for call in made if "network-endpoint-groups" in call and "create" in call)
    assert "--cloud-run-url-mask=<service>.s1.clouds.example.org" in neg
    rules = sum(call[:4] == ["gcloud", "compute", "forwarding-rules", "create"] for call in made)
    assert rules == (0 if further else 2)
    curl = next(call for call in made if call[0] == "curl")
    assert f"services?serviceId={OWNER.name}" in curl[-1]
    assert not any("Bearer" in word for word in curl)


def test_without_a_key_only_the_shared_part_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    script = render(capsys)
    assert "url-mask" in script
    assert documents(script) == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--project", "Clouds"], "project 'Clouds'"),
        (["--domain", "clouds"], "--domain 'clouds'"),
        (["--domain", "a." * 120 + "org"], "is not a domain"),
        (["--shard", "S1"], "shard is 'S1'"),
        (["--bucket", "B"], "bucket 'B'"),
        (["--name-key-file", "/nowhere"], "--image"),
    ],
)
def test_an_invalid_option_is_reported_in_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    assert main(["render", "cloudrun", *PLACE, *words]) == 2
    message = capsys.readouterr().err
    assert named in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        (["--image", "satchel:latest"], "satchel:latest"),
        (["--set", "SATCHEL_PUBLIC_URL=https://a.example.org"], "SATCHEL_PUBLIC_URL"),
        (["--name-key-file", "/nowhere"], "/nowhere"),
        (["--name-key-file", __file__], "others may use the key"),
    ],
)
def test_an_invalid_cloud_is_reported_in_one_line(
    cloud: list[str], capsys: pytest.CaptureFixture[str], extra: list[str], named: str
) -> None:
    assert main(["render", "cloudrun", *PLACE, *cloud, *extra]) == 2
    message = capsys.readouterr().err
    assert named in message
    assert message.count("\n") == 1


def test_the_owner_of_the_golden_files_is_the_tests_own() -> None:
    assert owner_of(SETTINGS["SATCHEL_OWNER_SUBJECT"]) == OWNER
