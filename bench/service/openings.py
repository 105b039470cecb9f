"""How many shares one service process opens per second, beside bare Starlette and nginx that send the same bytes.

An opening is a POST with the proof of the key. Without a view limit it is a read; with one, the view is in the log
before the answer leaves. Bare Starlette runs on the same gunicorn worker, parses the same POST and sends as many bytes
from memory. nginx sends them from a file with one worker: that is how fast this machine sends bytes.

Each round asks all three in turn, over 32 connections of `wrk`; a ratio is the median of the rounds, with the lowest
and the highest in brackets. `python -m bench opens` repeats it; it needs wrk and nginx.
"""

import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import urllib3
from tests.support.service import ServiceProcess
from tests.support.storm import sender
from tests.support.wire_device import PROOF, WireDevice, b64

from bench import report
from bench.log.stores import Place, all_places
from bench.service import nginx
from bench.service.process import BareStarlette

SIZES: Final = {"4 KB": 4_000, "100 KB": 100_000}
MAX_VIEWS: Final = 1_000_000
SECONDS: Final = 2
CONNECTIONS: Final = 32
POST: Final = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"proof":"%s"}'
"""
REQUEST_RATE: Final = re.compile(r"Requests/sec:\s+([\d.]+)")
FAILURE: Final = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*")

StaticFiles = Callable[[int], "Target"]


class Target(NamedTuple):
    """An address and, for a POST, the script of `wrk` that sends it."""

    url: str
    script: Path | None = None


class Case(NamedTuple):
    """A kind of request to the service, and how many bytes its answer has."""

    name: str
    target: Target
    size_bytes: int


class Rates(NamedTuple):
    """Requests per second in one round."""

    satchel: float
    starlette: float
    nginx: float


def run(rounds: int) -> list[report.Row]:
    """Return one row for each store and kind of request."""
    with (
        tempfile.TemporaryDirectory() as text,
        all_places(Path(text)) as places,
        BareStarlette() as bare,
        static_files(Path(text)) as static,
    ):
        return [row for place in places for row in measure_place(place, bare, static, rounds, Path(text))]


def measure_place(
    place: Place, bare: BareStarlette, static: StaticFiles, rounds: int, folder: Path
) -> Iterator[report.Row]:
    """Measure every kind of request on one store."""
    with serving(place, folder) as cases:
        for case in cases:
            peer = Target(f"{bare.url}/bytes/{case.size_bytes}", case.target.script)
            measured = [
                Rates(rate(case.target), rate(peer), rate(static(case.size_bytes))) for _ in range(rounds)
            ]
            yield row(place.name, case.name, measured)


def row(store: str, name: str, rounds: Sequence[Rates]) -> report.Row:
    """Medians and ratios of one kind of request."""
    return {
        "store": store,
        "request": name,
        "per second": f"{statistics.median(one.satchel for one in rounds):,.0f}",
        "bare Starlette": f"{statistics.median(one.starlette for one in rounds):,.0f}",
        "ratio to Starlette": ratio([one.satchel / one.starlette for one in rounds], 2),
        "nginx": f"{statistics.median(one.nginx for one in rounds):,.0f}",
        "ratio to nginx": ratio([one.satchel / one.nginx for one in rounds], 3),
    }


def ratio(rounds: Sequence[float], digits: int) -> str:
    """The median of the rounds, with the lowest and the highest."""
    middle, low, high = statistics.median(rounds), min(rounds), max(rounds)
    return f"{middle:.{digits}f} ({low:.{digits}f}–{high:.{digits}f})"


def rate(target: Target) -> float:
    """Return the requests answered per second; any answer but a success is an error."""
    script: Sequence[str] = () if target.script is None else ("-s", str(target.script))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *script, target.url]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if failure := FAILURE.search(output):
        raise RuntimeError(f"requests failed: {failure[0]}")
    return float(REQUEST_RATE.findall(output)[0])


@contextmanager
def serving(place: Place, folder: Path) -> Iterator[list[Case]]:
    """Run a service on a fresh cloud with shares of each size and kind."""
    script = folder / "open.lua"
    script.write_text(POST % b64(PROOF))
    home = Path(tempfile.mkdtemp(dir=folder)) / "cloud"
    with ServiceProcess(home, place.fresh().environ) as service, urllib3.PoolManager() as pool:
        device = WireDevice(sender(pool, service.url))
        device.pair(service.pairing_code)
        cases, share = [], ""
        for kind, terms in (("unlimited", {}), ("view limit", {"views": MAX_VIEWS})):
            for name, size in SIZES.items():
                share = device.share(bytes(size), **terms)
                opening = Target(f"{service.url}/v1/shares/{share}/open", script)
                cases.append(Case(f"open, {kind}, {name}", opening, size))
        for name, path in (("info", f"/v1/shares/{share}/info"), ("page", f"/s/{share}")):
            size = len(pool.request("GET", service.url + path).data)
            cases.append(Case(name, Target(service.url + path), size))
        yield cases


@contextmanager
def static_files(folder: Path) -> Iterator[StaticFiles]:
    """Run nginx; give the address of a file of any size."""
    if shutil.which("wrk") is None:
        raise RuntimeError("this benchmark needs wrk: apt install wrk")
    files = folder / "files"
    files.mkdir()
    with nginx.serving(files, folder) as address:

        def target(size_bytes: int) -> Target:
            file = files / str(size_bytes)
            if not file.exists():
                file.write_bytes(bytes(size_bytes))
            return Target(f"{address}/{size_bytes}")

        yield target
