"""docs/guides/sign-in.md: the settings file of each provider is one that the service accepts."""

import re
from pathlib import Path

import pytest
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
    sections = {title.lower(): text for title, text in re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", PAGE.read_text(), re.M)}
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
