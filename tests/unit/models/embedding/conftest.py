"""The weights of MiniLM, which `make setup` makes where it can reach the registry."""

import os

import pytest

from satchel.models.embedding import are_here


@pytest.fixture(scope="session")
def weights() -> None:
    if are_here():
        return
    message = "needs the weights of MiniLM: make models"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
