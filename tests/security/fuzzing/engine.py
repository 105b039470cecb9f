"""Runs a target on many inputs, in a process of its own with limits of memory and of time for each input.

Where atheris is installed, libFuzzer chooses the inputs by the code that they reach. Elsewhere, and for long inputs made
of repeated pieces, `mutation` chooses them. Every run is the same for the same seed and corpus.

    report = run(target, Plan(runs=1000))
    assert report.fault is None, report.text

A fault is written to `crashes/<target>/`, from where every later run reads it: it is a regression test from then on.
"""

import contextlib
import hashlib
import importlib.util
import os
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final, NoReturn

from tests.security.fuzzing.mutation import mutants, pumped
from tests.security.fuzzing.table import CRASHES, Target

HAS_ATHERIS: Final = importlib.util.find_spec("atheris") is not None
PACKAGES: Final = ["satchel", "satchel_wire", "satchel_service"]
INPUT_S: Final = 10
"""Processor time of one input. The slowest accepted one takes a tenth of it; a quadratic one far more."""
WAIT_S: Final = 900
"""Time on the clock of one input, much more because other programs run, too."""
MEMORY_BYTES: Final = 512 << 20
"""In addition to what the process has when it begins."""
PUMPED_BYTES: Final = 64 << 10
FAULT_EXIT: Final = 77  # libFuzzer's own
TEXT_BYTES: Final = 6000


@dataclass(frozen=True)
class Plan:
    """How long to run: a number of inputs, or seconds if there are any."""

    runs: int = 0
    seconds: int = 0
    seed: int = 1
    pumped: int = 0
    input_s: int = INPUT_S
    wait_s: int = WAIT_S
    uses_atheris: bool = HAS_ATHERIS
    crashes: Path = CRASHES
    corpus: Path | None = None
    """Where libFuzzer puts inputs that reach new code; None: nowhere that lasts."""


@dataclass(frozen=True)
class Report:
    """The result: `fault` is the file of the input that failed, or None; `text` is the end of the output."""

    target: str
    fault: Path | None
    text: str


def instrumented() -> contextlib.AbstractContextManager[object]:
    """Return a context: what is imported in it reports its coverage, where atheris is installed."""
    if not HAS_ATHERIS:
        return contextlib.nullcontext()
    import atheris  # type: ignore[import-untyped,unused-ignore]

    manager: contextlib.AbstractContextManager[object] = atheris.instrument_imports(include=PACKAGES)
    return manager


def plain() -> contextlib.AbstractContextManager[object]:
    """Return a context in which imports are as usual."""
    return contextlib.nullcontext()


def run(target: Target, plan: Plan) -> Report:
    """Run a target in a forked process and return its report."""
    folder = plan.crashes / target.name
    folder.mkdir(parents=True, exist_ok=True)
    known = set(folder.iterdir())
    with tempfile.TemporaryDirectory(prefix="satchel-fuzz-") as scratch:
        output = Path(scratch) / "output"
        child = os.fork()
        if child == 0:
            _child(target, plan, folder, Path(scratch), output)
        _, status = os.waitpid(child, 0)
        text = output.read_bytes()[-TEXT_BYTES:].decode("utf-8", "replace")
    found = sorted(set(folder.iterdir()) - known)
    with contextlib.suppress(OSError):
        folder.rmdir()  # if it is empty
    if found or status:
        return Report(target.name, found[0] if found else folder, text)
    return Report(target.name, None, text)


def _child(target: Target, plan: Plan, folder: Path, scratch: Path, output: Path) -> NoReturn:
    """Run the target and exit. Its temporary files go to the scratch directory, which the parent removes."""
    status = FAULT_EXIT
    try:
        fd = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        sys.stdout = sys.stderr = os.fdopen(fd, "w")
        tempfile.tempdir = str(scratch)
        _limit_memory()
        _run_pumped(target, plan, folder)
        if plan.uses_atheris:
            _run_atheris(target, plan, folder, scratch)
        else:
            _run_mutants(target, plan, folder)
        status = 0
    except BaseException:  # noqa: BLE001  a forked process must not return
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    if pages:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _run_atheris(target: Target, plan: Plan, folder: Path, scratch: Path) -> None:
    import atheris

    seeds, words, new = scratch / "seeds", scratch / "words", plan.corpus or scratch / "new"
    for each in (seeds, new):
        each.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, data in enumerate(target.inputs(), 1):
        (seeds / f"{count:06}").write_bytes(data)
    words.write_text("".join(map(_dictionary_line, target.words)))
    length = [f"-max_total_time={plan.seconds}"] if plan.seconds else [f"-runs={count + plan.runs}"]
    options = [
        *length,
        f"-seed={plan.seed}",
        f"-max_len={target.max_bytes}",
        f"-timeout={plan.wait_s}",
        "-rss_limit_mb=0",  # the process has a limit of its own
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        "-use_value_profile=1" if plan.seconds else "-use_value_profile=0",
        *([f"-dict={words}"] if target.words else []),
    ]
    atheris.Setup([target.name, *options, str(new), str(seeds)], lambda data: _keeping(target, data, folder))
    atheris.Fuzz()


def _dictionary_line(word: bytes) -> str:
    """Return a word as libFuzzer reads it: every byte escaped."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


def _run_mutants(target: Target, plan: Plan, folder: Path) -> None:
    inputs = list(target.inputs())
    options = {"max_bytes": target.max_bytes, "runs": plan.runs, "seconds": plan.seconds}
    for data in mutants(inputs, target.words, plan.seed, **options):
        _run_one(target, data, folder, plan)


def _run_pumped(target: Target, plan: Plan, folder: Path) -> None:
    """Run long inputs of repeated pieces: they show what takes quadratic time or memory."""
    for data in pumped(list(target.inputs()), target.words, plan.seed, PUMPED_BYTES, plan.pumped):
        _run_one(target, data, folder, plan)


def _run_one(target: Target, data: bytes, folder: Path, plan: Plan) -> None:
    with _time_limit(plan):
        _keeping(target, data, folder)


def _keeping(target: Target, data: bytes, folder: Path) -> None:
    """Run the target, and keep an input that it must not fail on."""
    try:
        target.run(data)
    except BaseException as exc:
        kind = "timeout" if isinstance(exc, _TooSlowError) else "crash"
        (folder / f"{kind}-{hashlib.sha256(data).hexdigest()[:40]}").write_bytes(data)
        raise


class _TooSlowError(BaseException):
    """An input took longer than its limit. No handler of the product catches it."""


@contextlib.contextmanager
def _time_limit(plan: Plan) -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise _TooSlowError

    timers = (
        (signal.SIGPROF, signal.ITIMER_PROF, plan.input_s),
        (signal.SIGALRM, signal.ITIMER_REAL, plan.wait_s),
    )
    for number, timer, limit in timers:
        signal.signal(number, stop)
        signal.setitimer(timer, limit)
    try:
        yield
    finally:
        for _, timer, _ in timers:
            signal.setitimer(timer, 0)
