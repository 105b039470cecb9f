"""Without the extra `cloudrun`, nothing of satchel-infra needs Google's libraries but the platform itself."""

import subprocess
import sys
from typing import Final

import pytest

BLOCKED: Final = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("google", "grpc", "requests", "proto"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
"""
OPEN: Final = """
from satchel_infra.cloudrun import open_shard
from satchel_infra.errors import MissingExtraError
from satchel_infra.shards import Shard
try:
    open_shard(Shard("s1", {"project": "clouds-1", "region": "europe-west1"}), {}, "clouds.example.org")
except MissingExtraError as exc:
    print(exc, exc.hint)
"""
RENDER: Final = """
from satchel_infra.main import main
main(["render", "cloudrun", "--project", "clouds-1", "--domain", "clouds.example.org"])
"""


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED + script], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout


def test_opening_a_shard_names_the_extra_to_install() -> None:
    assert run(OPEN) == "Google's libraries are not installed run: pipx install 'satchel[cloudrun]'\n"


def test_rendering_needs_no_extra() -> None:
    assert "url-mask" in run(RENDER)


@pytest.mark.parametrize(
    "module", ["satchel_infra.main", "satchel_infra.cloudrun", "satchel_infra.provisioning.platforms"]
)
def test_googles_libraries_are_loaded_only_when_a_shard_is_opened(module: str) -> None:
    script = f"import sys, {module}; print([name for name in sys.modules if name.split('.')[0] in ('google', 'grpc')])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "[]\n"
