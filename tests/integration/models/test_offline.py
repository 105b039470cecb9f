"""The models need no network: their whole suite passes in an empty network namespace."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.support.s3_servers import require

ROOT: Final = Path(__file__).parents[3]
TIMEOUT_S: Final = 900
NAMESPACES: Final = (("unshare", "--net"), ("unshare", "--net", "--map-root-user"))
"""As root, and as a user who may create user namespaces."""

EMPTY: Final = """
import errno, socket
assert [name for _, name in socket.if_nameindex()] == ["lo"], "another interface"
for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
    try:
        socket.socket(family).connect((address, 9))
    except OSError as exc:
        assert exc.errno in {errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}, exc
    else:
        raise AssertionError("an address can be reached")
"""


@pytest.fixture(scope="module")
def isolate() -> tuple[str, ...]:
    """Return the words before a command that run it in an empty network namespace."""
    for words in NAMESPACES:
        if not subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
            return words
    require(holds=False, reason="needs the right to create a network namespace")
    return ()


@pytest.mark.tool("unshare")
def test_the_namespace_is_empty(isolate: tuple[str, ...]) -> None:
    subprocess.run([*isolate, sys.executable, "-c", EMPTY], check=True, timeout=60)


@pytest.mark.slow
@pytest.mark.timeout(TIMEOUT_S + 30)
@pytest.mark.tool("unshare")
def test_the_suite_of_the_models_passes_without_a_network(isolate: tuple[str, ...]) -> None:
    suite = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/unit/models")
    done = subprocess.run(
        [*isolate, *suite], cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-2_000:]
    assert " passed" in done.stdout
