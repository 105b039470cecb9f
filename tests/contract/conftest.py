"""The platforms that tests/contract/test_platforms.py holds to their promises."""

from collections.abc import Callable, Iterator
from typing import Final

import pytest
from tests.contract.platforms.memory import MemorySubject
from tests.contract.platforms.subject import Subject


def memory(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """The reference in memory."""
    yield MemorySubject()


SUBJECTS: Final[dict[str, Callable[[pytest.FixtureRequest], Iterator[Subject]]]] = {
    "memory": memory,
}
MARKS: Final[dict[str, list[pytest.MarkDecorator]]] = {}


@pytest.fixture(params=[pytest.param(name, marks=MARKS.get(name, [])) for name in SUBJECTS])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """An empty shard of each platform."""
    yield from SUBJECTS[request.param](request)
