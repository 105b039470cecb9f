"""Several threads can import a package and its modules at the same time."""

import subprocess
import sys
from pathlib import Path

import pytest

from satchel.window.endpoints import MODULES

IMPORT = """
import sys, threading, time
from importlib.machinery import SourceFileLoader
from importlib.util import spec_from_file_location
from satchel.imports import import_packages_first
{install}
failed = []

def load():
    try:
        from both.module import VALUE
    except BaseException as exc:
        failed.append(exc)

def is_waiting():
    frame = sys._current_frames().get(thread.ident)
    while frame is not None:
        if frame.f_code.co_name == "_find_and_load" and frame.f_locals["name"] == "both":
            return True
        frame = frame.f_back
    return False

thread = threading.Thread(target=load)

class Loader(SourceFileLoader):
    def create_module(self, spec):  # this thread holds the lock of the package; wait until the other thread wants it
        if thread.ident is None:
            thread.start()
        while not is_waiting():
            time.sleep(0.001)

class Finder:
    def find_spec(self, name, path, target=None):
        if name == "both":
            return spec_from_file_location(name, "both/__init__.py", loader=Loader(name, "both/__init__.py"))

sys.meta_path.insert(0, Finder())
try:
    import both
except BaseException as exc:
    failed.append(exc)
thread.join()
print([type(each).__name__ for each in failed])
"""
EVERY_ENDPOINT = """
import random, sys, threading
from satchel.imports import import_packages_first
import_packages_first()
from satchel.window.endpoints import MODULES, find_endpoint
sys.setswitchinterval(1e-5)
names = [*MODULES]
random.Random(int(sys.argv[1])).shuffle(names)

def load(mine):
    for name in mine:
        try:
            find_endpoint(name)
        except BaseException as exc:
            print(name, type(exc).__name__, flush=True)

threads = [threading.Thread(target=load, args=(names[number::6],)) for number in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("done")
"""


def _run(program: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        text=True,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with a package that imports its module."""
    package = tmp_path / "both"
    package.mkdir()
    (package / "__init__.py").write_text("from both.module import VALUE\n")
    (package / "module.py").write_text("VALUE = 1\n")
    return tmp_path


def test_a_package_and_its_module_are_imported_at_once(folder: Path) -> None:
    ran = _run(IMPORT.format(install="import_packages_first()"), folder=folder)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[]\n", "")


@pytest.mark.skipif(sys.version_info >= (3, 15), reason="Python may take the lock of the package first")
def test_python_alone_fails_there(folder: Path) -> None:
    """If it no longer fails, `satchel.imports` is no longer needed."""
    ran = _run(IMPORT.format(install=""), folder=folder)
    assert "_DeadlockError" in ran.stdout


@pytest.mark.parametrize("seed", range(4))
def test_every_endpoint_is_imported_at_once(tmp_path: Path, seed: int) -> None:
    assert len(MODULES) > 80
    ran = _run(EVERY_ENDPOINT, str(seed), folder=tmp_path)
    assert (ran.stdout, ran.stderr) == ("done\n", "")


def test_a_missing_module_is_named_as_python_names_it(tmp_path: Path) -> None:
    program = "from satchel.imports import *\nimport_packages_first()\nimport {}"
    for name in ("absent", "absent.module", "json.absent", "json.decoder.absent"):
        errors = [
            _run(text.format(name), folder=tmp_path).stderr.splitlines()[-1]
            for text in (program, "import {}")
        ]
        assert errors[0] == errors[1]
