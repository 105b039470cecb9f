"""Loading onnxruntime with its telemetry turned off. Every module that runs a network gets it from here.

Since version 1.29, onnxruntime reports the process and its models to its vendor, with an identifier that it stores in
the user's cache. `ORT_DISABLE_TELEMETRY` prevents all of that, but only if it is set before the library is loaded.
"""

import os
from functools import cache
from typing import Any, Final

SILENT: Final = "ORT_DISABLE_TELEMETRY"
ERRORS_ONLY: Final = 3


@cache
def load_onnxruntime() -> Any:  # noqa: ANN401  onnxruntime has no types
    """Return the module onnxruntime, with its telemetry switched off. ImportError if it is not installed.

    This takes about 0.1 s.
    """
    os.environ[SILENT] = "1"
    import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415

    onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(ERRORS_ONLY)
    return onnxruntime
