"""The weights of MiniLM, which `make setup` makes where it can reach the registry."""

import os

import pytest

from satchel.models.embedding import are_here


def require_weights() -> None:
    """Skip the test without the weights; with CI set, fail."""
    if are_here():
        return
    message = "needs the weights of MiniLM: make models"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
