"""What every test may rely on: the `tool` marker, and a keyring that is never the developer's own."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

BROWSER = Path(__file__).with_name("browser")
IN_CI = bool(os.environ.get("CI"))


def pytest_configure() -> None:
    """No test reads or writes the keyring of whoever runs it (child processes inherit this), nor fails for being slow."""
    os.environ["SATCHEL_KEYRING"] = "off"
    # A busy machine is no failure: no example has a time limit of its own, the test as a whole has one.
    settings.register_profile("satchel", deadline=None, print_blob=True)
    settings.load_profile("satchel")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that no worker is left alone with it at the end.

    The browser comes last: its driver keeps an event loop running, which no test after it could share.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.is_relative_to(BROWSER), item.path not in slow))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A missing program fails the test in CI, where everything is installed, and skips it elsewhere."""
    for marker in item.iter_markers("tool"):
        missing = [name for name in marker.args if shutil.which(name) is None]
        if missing:
            reason = f"needs {', '.join(missing)} on PATH"
            if IN_CI:
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
