"""The table of all targets."""

from typing import Final

from tests.security.fuzzing.table import Target
from tests.security.fuzzing.targets import (
    age_files,
    archives,
    home_files,
    imports,
    messages,
    service,
    shares,
    storages,
)

TARGETS: Final[dict[str, Target]] = {
    target.name: target
    for module in (age_files, archives, shares, messages, imports, home_files, service, storages)
    for target in module.TARGETS
}
