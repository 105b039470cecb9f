"""The platforms that tests/contract/test_platforms.py holds to their promises."""

from collections.abc import Callable, Iterator
from typing import Final

import pytest
from tests.contract.platforms.box import BoxSubject
from tests.contract.platforms.cloudrun import CloudRunSubject
from tests.contract.platforms.knative import open_subject
from tests.contract.platforms.memory import MemorySubject
from tests.contract.platforms.subject import Subject
from tests.support.box_machine import BoxMachine, box_machine
from tests.support.google.server import GoogleFake


def memory(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """The reference in memory."""
    yield MemorySubject()


@pytest.fixture(scope="session")
def box_with_light_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoxMachine]:
    """A machine for many clouds."""
    with box_machine(tmp_path_factory.mktemp("box")) as machine:
        yield machine


def box(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """A machine with a real systemd."""
    machine: BoxMachine = request.getfixturevalue("box_with_light_programs")
    machine.clear()
    yield BoxSubject(machine)


def cloudrun_buckets(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Cloud Run with a bucket for each cloud."""
    with GoogleFake() as fake:
        yield CloudRunSubject(fake)


def cloudrun_prefixes(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Cloud Run with a prefix of the shard's bucket for each cloud."""
    with GoogleFake() as fake:
        yield CloudRunSubject(fake, bucket="clouds-1-s1")


def knative_volume(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Knative with a volume for each cloud."""
    yield from open_subject("volume", request.getfixturevalue("tmp_path"))


def knative_bucket(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Knative with a bucket for each cloud."""
    yield from open_subject("bucket", request.getfixturevalue("tmp_path"))


SUBJECTS: Final[dict[str, Callable[[pytest.FixtureRequest], Iterator[Subject]]]] = {
    "memory": memory,
    "box": box,
    "cloudrun-buckets": cloudrun_buckets,
    "cloudrun-prefixes": cloudrun_prefixes,
    "knative-volume": knative_volume,
    "knative-bucket": knative_bucket,
}
MARKS: Final[dict[str, list[pytest.MarkDecorator]]] = {
    "box": [pytest.mark.tool("docker"), pytest.mark.slow],
}


@pytest.fixture(params=[pytest.param(name, marks=MARKS.get(name, [])) for name in SUBJECTS])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """An empty shard of each platform."""
    yield from SUBJECTS[request.param](request)
