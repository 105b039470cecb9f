"""The table of all targets."""

from typing import Final

from tests.security.fuzzing.table import Target
from tests.security.fuzzing.targets import (
    age_files,
    agents,
    archives,
    editor,
    endpoints,
    home_files,
    images,
    imports,
    memory,
    messages,
    models,
    prompts,
    provisioner,
    recall,
    requests,
    service,
    shares,
    sign_in,
    storages,
    telemetry,
    window,
)

TARGETS: Final[dict[str, Target]] = {
    target.name: target
    for module in (
        age_files,
        agents,
        archives,
        shares,
        requests,
        messages,
        imports,
        images,
        models,
        home_files,
        memory,
        service,
        sign_in,
        storages,
        telemetry,
        provisioner,
        recall,
        endpoints,
        prompts,
        editor,
        window,
    )
    for target in module.TARGETS
}
