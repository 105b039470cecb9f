"""docs/guides/sign-in.md: the service accepts each settings file, and the examples print the output shown."""

import re
import shlex
from pathlib import Path

import pytest
from tests.oidc.issuer import Issuer
from tests.oidc.user_agent import Person
from tests.support.guide_examples import differences, examples
from tests.support.service import ServiceProcess

from satchel_service.settings import SETTINGS, Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "sign-in.md"
FILES = sorted((PAGE.parent / "sign-in").glob("*.env"))
PROVIDERS = ("auth0", "authentik", "google", "keycloak")
KNOWN = {setting.env for setting in SETTINGS}


def read_file(file: Path) -> dict[str, str]:
    """Read the variables of a file as Docker and systemd do."""
    lines = (line for line in file.read_text().splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def test_each_provider_has_a_section_that_names_its_file() -> None:
    assert tuple(file.stem for file in FILES) == PROVIDERS
    sections = {
        title.lower(): text
        for title, text in re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", PAGE.read_text(), re.MULTILINE)
    }
    for name in PROVIDERS:
        assert f"(sign-in/{name}.env)" in sections[name]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_service_accepts_the_settings_of(file: Path) -> None:
    variables = read_file(file)
    assert variables.keys() <= KNOWN
    settings = Settings.read(variables)
    assert settings.oidc_issuer == variables["SATCHEL_OIDC_ISSUER"]
    assert settings.oidc_audience == settings.oidc_client_id
    assert settings.oidc_require_mfa


def test_every_example_prints_the_output_shown(tmp_path: Path, provider: Issuer) -> None:
    shown = examples(PAGE.read_text())
    assert len(shown) >= 4
    settings = {"SATCHEL_OIDC_ISSUER": provider.url, "SATCHEL_OIDC_CLIENT_ID": "satchel"}
    with ServiceProcess(tmp_path / "cloud", settings) as service:
        setup = [
            *(f"export {name}={shlex.quote(value)}" for name, value in Person("ada").browser().items()),
            "satchel init --quiet",
            f"CLOUD={service.url}",
            f"CODE={service.pairing_code}",
        ]
        wrong = differences(shown, tmp_path, setup)
    assert not wrong, "\n\n".join(wrong)
