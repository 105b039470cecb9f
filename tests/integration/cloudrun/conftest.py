"""Cloud Run against the fake of Google's APIs."""

from collections.abc import Iterator

import pytest
from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.support.google.server import GoogleFake


@pytest.fixture
def subject() -> Iterator[CloudRunSubject]:
    """A shard whose clouds have a bucket each."""
    with GoogleFake() as fake:
        yield CloudRunSubject(fake)


@pytest.fixture
def shared() -> Iterator[CloudRunSubject]:
    """A shard whose clouds have a prefix each."""
    with GoogleFake() as fake:
        yield CloudRunSubject(fake, bucket="clouds-1-s1")
