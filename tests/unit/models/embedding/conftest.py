"""The weights of MiniLM."""

import pytest
from tests.support.minilm import require_weights


@pytest.fixture(scope="session")
def weights() -> None:
    require_weights()
