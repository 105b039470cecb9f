"""The provisioner over the real platforms, records and clock."""

import os
import time
from collections.abc import Mapping

from satchel_infra.configuration import Configuration
from satchel_infra.provisioning.clouds import Provisioner
from satchel_infra.provisioning.platforms import Platforms
from satchel_infra.provisioning.records import Records


def open_provisioner(configuration: Configuration, environ: Mapping[str, str]) -> Provisioner:
    """Open the records; platforms are opened when they are needed. `environ` holds credentials for the records."""
    return Provisioner(
        configuration,
        Platforms(configuration).open,
        Records.open(configuration.records, environ, os.urandom),
        lambda: time.time_ns() // 1_000_000,
    )
