"""Commands on a configuration file, over platforms in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.infra.provisioning.deployment import KEY, Place

from satchel_infra.main import main
from satchel_infra.provisioning.platforms import Platforms

CONFIGURATION = """\
domain = "clouds.example.org"
platform = "cloudrun"
image = "release-1"
records = "file:{folder}/records"
name_key_file = "name.key"
[settings]
SATCHEL_OIDC_ISSUER = "https://issuer.example.org/"
SATCHEL_OIDC_CLIENT_ID = "satchel"
[[generations]]
shards = [{{ id = "a" }}]
[[generations]]
shards = [{{ id = "b" }}, {{ id = "c" }}]
"""


@dataclass
class Result:
    """What a command printed."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = json.loads(self.out)
        return found


@dataclass
class Operator:
    """Runs commands with a configuration."""

    file: Path
    place: Place
    capsys: pytest.CaptureFixture[str]

    def run(self, *words: str, code: int = 0) -> Result:
        """Run a command and check its exit code. Nothing that it prints may hold the key or the subject."""
        found = main([*words, "--config", str(self.file)])
        printed = self.capsys.readouterr()
        assert found == code, printed.err
        for secret in (KEY.hex(), "auth0|5f7c"):
            assert secret not in printed.out + printed.err
        return Result(found, printed.out, printed.err)

    def change(self, old: str, new: str) -> None:
        """Change the configuration."""
        text = self.file.read_text()
        assert old in text
        self.file.write_text(text.replace(old, new))


@pytest.fixture
def operator(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Operator:
    file = tmp_path / "infra.toml"
    file.write_text(CONFIGURATION.format(folder=tmp_path))
    (tmp_path / "name.key").write_bytes(KEY)
    (tmp_path / "name.key").chmod(0o600)
    place = Place(tmp_path)
    monkeypatch.setattr(Platforms, "open", lambda _, shard: place.open_shard(shard))
    return Operator(file, place, capsys)
