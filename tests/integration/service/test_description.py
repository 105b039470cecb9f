"""The service conforms to its OpenAPI document, also for generated requests.

Half of the requests name things that exist. `SATCHEL_TEST_SEED` repeats a run; the seed is printed with a failure.
"""

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, seed, settings
from schemathesis import GenerationMode
from schemathesis.config import ChecksConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.config._checks import NegativeDataRejectionConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance
from tests.integration.service.conftest import Connect
from tests.support.service import ServiceProcess
from tests.support.wire_device import WireDevice

from satchel_service.web.openapi import describe

SEED = int(os.environ.get("SATCHEL_TEST_SEED") or random.SystemRandom().randrange(2**32))
EXAMPLES = 25


@dataclass
class Described:
    """A running cloud with content."""

    service: ServiceProcess
    device: WireDevice
    ids: list[str]
    turns: Iterator[int]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory, module_connect: Connect) -> Iterator[Described]:
    folder = tmp_path_factory.mktemp("described") / "cloud"
    with ServiceProcess(folder, {"SATCHEL_PART_BYTES": "65536"}) as service:
        device = module_connect(service)
        device.pair(service.pairing_code)
        upload = device.new_id()
        device.announce(upload, 100_000)
        ids = [device.backup(b"archive"), device.share(b"body"), device.share(b"limited", views=3), upload]
        yield Described(service, device, ids, count())


# a generated body may violate the document and also be larger than the service reads: then it answers 413
rejections = NegativeDataRejectionConfig()
rejections.expected_statuses = [*rejections.expected_statuses, "413"]
configured = SchemathesisConfig(
    projects=ProjectsConfig(default=ProjectConfig(checks=ChecksConfig(negative_data_rejection=rejections)))
)
# erasing would revoke the token that other requests use
schema = schemathesis.openapi.from_dict(describe(), config=configured).exclude(operation_id="erase_cloud")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
@seed(SEED)
def test_every_operation_conforms_to_the_openapi_document(
    case: schemathesis.Case[Any], described: Described
) -> None:
    broken = broken_components(case)
    turn = next(described.turns)
    if not broken and "id" in case.path_parameters and turn % 2:
        case.path_parameters["id"] = described.ids[turn // 2 % len(described.ids)]
    token = {"Authorization": f"Bearer {described.device.token}"}
    print(f"SATCHEL_TEST_SEED={SEED}")  # noqa: T201  to repeat the run
    case.call_and_validate(
        base_url=described.service.url,
        headers={} if ParameterLocation.HEADER in broken else token,
        # an expiry in the past and a body of another size than the part are valid to the schema, and refused
        excluded_checks=[positive_data_acceptance],
    )


def broken_components(case: schemathesis.Case[Any]) -> set[ParameterLocation]:
    """The parts of a request that violate the document on purpose."""
    assert case.meta is not None
    return {where for where, made in case.meta.components.items() if made.mode is not GenerationMode.POSITIVE}


def test_the_cloud_still_works_after_all_requests(described: Described) -> None:
    assert described.device.call("GET", "/v1/status").status == 200
    assert described.device.open(described.device.share(b"after")).body == b"after"
    log = described.service.output.read_text()
    assert [line for line in log.splitlines() if '"unexpected"' in line] == []
