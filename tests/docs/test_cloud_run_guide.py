"""docs/guides/cloud-run.md: the configuration is accepted, and the commands run against the fake of Google's APIs."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.support.google.server import GoogleFake

from satchel_infra.main import main

PAGE: Final = (Path(__file__).resolve().parents[2] / "docs" / "guides" / "cloud-run.md").read_text()
TOML: Final = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
COMMANDS: Final = re.findall(r"^\$ (satchel-infra .*)$", PAGE, re.MULTILINE)


@pytest.fixture
def subject() -> Iterator[CloudRunSubject]:
    with GoogleFake() as fake:
        yield CloudRunSubject(fake)


def write_configuration(folder: Path, apis: dict[str, str], generations: str = "") -> Path:
    """Write the page's configuration with records in a directory and Google's APIs on loopback."""
    (folder / "name.key").write_bytes(bytes(32))
    (folder / "name.key").chmod(0o600)
    text = re.sub(r"^records = .*$", f'records = "file:{folder}/records"', TOML[0], flags=re.MULTILINE)
    stand_ins = ", ".join(f'{name} = "{address}"' for name, address in apis.items())
    text = text.replace('storage = "bucket"\n', f'storage = "bucket"\napis = {{ {stand_ins} }}\n')
    if generations:
        text = text[: text.index("[[generations]]")] + generations
    file = folder / "infra.toml"
    file.write_text(text)
    return file


def run(line: str) -> int:
    words = shlex.split(line.partition(" > ")[0])
    return main(words[1:])


def test_the_commands_of_the_page_create_show_and_remove_a_cloud(
    subject: CloudRunSubject,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file = write_configuration(tmp_path, dict(subject.options.apis))
    monkeypatch.setenv("SATCHEL_INFRA_CONFIG", str(file))
    acts = [line for line in COMMANDS if " render " not in line]
    assert [line.split()[1] for line in acts] == ["provision", "status", "list", "destroy"]
    for line in acts[:3]:
        assert run(line) == 0
        assert re.search(r"https://c[a-z2-7]{25}\.s1\.clouds\.example\.org", capsys.readouterr().out)
    assert list(subject.world.services) != []
    assert run(acts[3]) == 0
    assert not subject.world.services
    assert not subject.world.accounts
    assert not subject.world.buckets


def test_the_page_renders_both_shards(capsys: pytest.CaptureFixture[str]) -> None:
    for line, region in zip(
        [line for line in COMMANDS if " render " in line], ("europe-west1", "europe-north1"), strict=True
    ):
        assert run(line) == 0
        assert f"--region={region}" in capsys.readouterr().out


def test_a_grown_configuration_finds_the_earlier_clouds(
    subject: CloudRunSubject,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    apis = dict(subject.options.apis)
    monkeypatch.setenv("SATCHEL_INFRA_CONFIG", str(write_configuration(tmp_path, apis)))
    assert run("satchel-infra provision --subject 'auth0|5f7c'") == 0
    first = capsys.readouterr().out
    earlier = TOML[0][TOML[0].index("[[generations]]") :]
    write_configuration(tmp_path, apis, generations=earlier + TOML[1].replace("clouds-2", "clouds-1"))
    assert run("satchel-infra status --subject 'auth0|5f7c'") == 0
    assert re.search(r"https://\S+", first)
    assert re.findall(r"https://\S+", first) == re.findall(r"https://\S+", capsys.readouterr().out)
