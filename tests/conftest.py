"""What every test may rely on: the `tool` marker, and a keyring that is never the developer's own."""

import os
import shutil

import pytest

IN_CI = bool(os.environ.get("CI"))


def pytest_configure() -> None:
    """No test reads or writes the keyring of whoever runs it; child processes inherit this."""
    os.environ["SATCHEL_KEYRING"] = "off"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A missing program fails the test in CI, where everything is installed, and skips it elsewhere."""
    for marker in item.iter_markers("tool"):
        missing = [name for name in marker.args if shutil.which(name) is None]
        if missing:
            reason = f"needs {', '.join(missing)} on PATH"
            if IN_CI:
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
