"""Two clouds of different owners, for all tests of a module."""

from collections.abc import Iterator

import pytest
from tests.security.matrix.clouds import TestCloud, cloud_in
from tests.security.matrix.credentials import Tokens, tokens_of


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestCloud]:
    with cloud_in(tmp_path_factory.mktemp("matrix") / "anna") as running:
        yield running


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestCloud]:
    """The cloud of another owner."""
    with cloud_in(tmp_path_factory.mktemp("matrix") / "ben") as running:
        yield running


@pytest.fixture(scope="module")
def tokens(cloud: TestCloud, foreign: TestCloud) -> Tokens:
    return tokens_of(cloud, foreign)
