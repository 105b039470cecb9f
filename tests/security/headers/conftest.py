"""A cloud as a process, and one in process for failures that tests inject."""

from collections.abc import Iterator

import pytest
from tests.security.matrix.clouds import TestCloud, cloud_in
from tests.security.matrix.processes import ProcessCloud
from tests.security.matrix.signing_in import issuer
from tests.support.service import ServiceProcess


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProcessCloud]:
    """A cloud as a process. Its address has no TLS, and a variable of gunicorn trusts no proxy, which is ignored."""
    settings = {"FORWARDED_ALLOW_IPS": "192.0.2.1", **issuer().settings}
    with ServiceProcess(tmp_path_factory.mktemp("headers") / "cloud", settings) as service:
        yield ProcessCloud(service)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestCloud]:
    """A cloud in process."""
    with cloud_in(tmp_path_factory.mktemp("headers") / "cloud") as running:
        yield running
