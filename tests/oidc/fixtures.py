"""The fixtures `provider` and `other_provider`: two issuers, started at their first use in a test run."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.oidc.issuer import Issuer, install_provider


@pytest.fixture(scope="session")
def provider_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_provider(tmp_path_factory.mktemp("oidc") / "provider")


@pytest.fixture(scope="session")
def running_provider(provider_folder: Path) -> Iterator[Issuer]:
    with Issuer(provider_folder) as issuer:
        yield issuer


@pytest.fixture(scope="session")
def other_running_provider(provider_folder: Path) -> Iterator[Issuer]:
    with Issuer(provider_folder) as issuer:
        yield issuer


@pytest.fixture
def provider(running_provider: Issuer) -> Issuer:
    """A certified issuer with the right clock and the default behaviour."""
    running_provider.reset()
    return running_provider


@pytest.fixture
def other_provider(other_running_provider: Issuer) -> Issuer:
    """Another issuer with keys and accounts of its own."""
    other_running_provider.reset()
    return other_running_provider
