"""Setup for every test: the same environment from any launcher, the `tool` marker, and the order of tests."""

import os
import shutil
import signal
from pathlib import Path
from types import FrameType
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from tests.oidc.fixtures import (  # noqa: F401  fixtures of every test
    other_provider,
    other_running_provider,
    provider,
    provider_folder,
    running_provider,
)

from satchel.imports import import_packages_first

BROWSER: Final = Path(__file__).with_name("browser")
IN_CI: Final = bool(os.environ.get("CI"))

# Variables of the launcher that change what programs print, where they connect or which files they use.
REMOVED: Final = frozenset({
    "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "COLORTERM",
    "LANG", "LANGUAGE", "EDITOR", "VISUAL",
    "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "PYTHONUNBUFFERED", "PYTHONIOENCODING", "PYTHONUTF8", "PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONDEVMODE",
    "SATCHEL_HOME", "SATCHEL_PASSPHRASE_FILE", "_SATCHEL_COMPLETE",
})  # fmt: skip
REMOVED_PREFIXES: Final = ("LC_", "XDG_", "AWS_", "GOOGLE_", "GIT_")
ADDED: Final = {"LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "SATCHEL_KEYRING": "off"}
UMASK: Final = 0o022
INHERITED: Final = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP)


def pytest_configure() -> None:
    """Normalize what tests and their child processes inherit, and set up imports and hypothesis."""
    import_packages_first()
    normalize_environment()
    normalize_signals()
    os.umask(UMASK)
    settings.register_profile(
        "satchel", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("satchel")


def normalize_environment() -> None:
    """Replace the launcher's locale, terminal, proxies and credentials. Keep the developer's keyring out."""
    for name in list(os.environ):
        if name in REMOVED or name.startswith(REMOVED_PREFIXES):
            del os.environ[name]
    os.environ.update(ADDED)


def normalize_signals() -> None:
    """Unblock signals, and let child processes start with default handlers.

    A shell starts background jobs, and nohup its command, with some signals ignored, and an ignored signal
    stays ignored in every child. A handler that does nothing is reset in a child instead.
    """
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in INHERITED:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, _do_nothing)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if ignored, exit codes of children are lost


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    pass


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Schedule slow tests first, and browser tests last: no test after them can share their event loop.

    Mark tests that sign in at the OpenID provider, so that they are skipped where its programs are missing.
    """
    for item in items:
        if "provider_folder" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.tool("node", "npm"))
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path.is_relative_to(BROWSER), item.path not in slow))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose program is missing. In CI, where every program is installed, fail it."""
    for marker in item.iter_markers("tool"):
        missing = [name for name in marker.args if shutil.which(name) is None]
        if missing:
            reason = f"needs {', '.join(missing)} on PATH"
            if IN_CI:
                pytest.fail(reason, pytrace=False)
            pytest.skip(reason)
