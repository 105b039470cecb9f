"""When `satchel-infra serve` opens platforms: in gunicorn's worker, because gRPC does not survive a fork."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[3]
PLATFORMS: Final = {
    "box": ("/opt/satchel/releases/1", ""),
    "cloudrun": (
        f"registry.example.org/satchel@sha256:{'0' * 64}",
        'project = "clouds-1", region = "europe-west1"',
    ),
    "knative": (f"registry.example.org/satchel@sha256:{'0' * 64}", ""),
}
BEFORE_THE_FORK: Final = """
import sys
from satchel_infra.main import main
from satchel_infra.serving.server import ProvisionerServer
LIBRARIES = ("google", "grpc", "kubernetes")
ProvisionerServer.run = lambda _: print(sorted({name.split(".")[0] for name in sys.modules} & set(LIBRARIES)))
sys.exit(main(sys.argv[1:]))
"""


def write_configuration(folder: Path, platform: str, options: str = "") -> Path:
    image, place = PLATFORMS[platform]
    file = folder / "infra.toml"
    file.write_text(
        f'domain = "clouds.example.org"\nplatform = "{platform}"\nimage = "{image}"\n'
        f'records = "file:{folder}/records"\nname_key_file = "name.key"\n'
        '[settings]\nSATCHEL_OIDC_ISSUER = "https://issuer.example.org/"\nSATCHEL_OIDC_CLIENT_ID = "satchel"\n'
        f'[options]\n{options}\n[[generations]]\nshards = [{{ id = "s1"{", " if place else ""}{place} }}]\n'
    )
    (folder / "name.key").write_bytes(bytes(range(32)))
    (folder / "name.key").chmod(0o600)
    return file


def run(*command: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")}
    more = {"SATCHEL_PUBLIC_URL": "https://satchel.example.org", "PORT": "0", **environ}
    return subprocess.run(
        [sys.executable, *command],
        env={**inherited, **more},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_no_platform_is_opened_before_the_worker_is_forked(tmp_path: Path, platform: str) -> None:
    file = write_configuration(tmp_path, platform)
    done = run("-c", BEFORE_THE_FORK, "serve", "--config", str(file))
    assert (done.returncode, done.stdout) == (0, "[]\n"), done.stderr


@pytest.mark.parametrize(
    ("platform", "options"),
    [("box", "max_clouds = 0"), ("cloudrun", "memory_mib = 1"), ("knative", "awake = 0")],
)
def test_a_wrong_option_is_refused_before_it_serves(tmp_path: Path, platform: str, options: str) -> None:
    file = write_configuration(tmp_path, platform, options)
    done = run("-m", "satchel_infra.main", "serve", "--config", str(file))
    assert done.returncode == 2
    assert options.split(" ", maxsplit=1)[0] in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_platform_that_refuses_to_open_ends_the_server(tmp_path: Path) -> None:
    file = write_configuration(tmp_path, "cloudrun")
    done = run(
        "-m",
        "satchel_infra.main",
        *("serve", "--config", str(file)),
        NO_GCE_CHECK="true",
        GOOGLE_APPLICATION_CREDENTIALS=str(tmp_path / "nowhere.json"),
    )
    assert done.returncode == 1
    assert "there are no credentials for Google Cloud\nhint: run the provisioner with" in done.stderr
    assert "Traceback" not in done.stderr
