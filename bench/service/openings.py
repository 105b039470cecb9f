"""How many shares one service process opens in a second, beside nginx with one worker that sends the same bytes.

An opening is a POST with the proof; it is answered only when the view that it took is in the log of the store. nginx
does nothing of the kind: it is how fast this machine can send bytes. `wrk` asks over 32 connections from one thread.
"""

import re
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
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

SIZES: Final = {"4 KB": 4_000, "100 KB": 100_000}
SECONDS: Final = 3
CONNECTIONS: Final = 32
POST: Final = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"proof":"%s"}'
"""
ANSWERED: Final = re.compile(r"Requests/sec:\s+([\d.]+)")
FAILED: Final = re.compile(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*")


class Target(NamedTuple):
    """Something to ask for bytes of one size: its address, and for the service the script that posts the proof."""

    url: str
    script: Path | None = None


def run(rounds: int) -> list[report.Row]:
    """One row for each kind of store."""
    with (
        tempfile.TemporaryDirectory() as text,
        all_places(Path(text)) as places,
        static_files(Path(text)) as static,
    ):
        return [measured(place, static, rounds, Path(text)) for place in places]


def measured(place: Place, static: dict[str, Target], rounds: int, folder: Path) -> report.Row:
    """Ask the service on a store and nginx in turn."""
    row: report.Row = {"store": place.name}
    with serving(place, folder) as shares:
        for size in SIZES:
            pairs = [(rate(shares[size]), rate(static[size])) for _ in range(rounds)]
            ratio = statistics.median(ours / theirs for ours, theirs in pairs)
            row[f"{size}: opens a second"] = f"{statistics.median(ours for ours, _ in pairs):,.0f}"
            row[f"{size}: nginx"] = f"{statistics.median(theirs for _, theirs in pairs):,.0f}"
            row[f"{size}: ratio"] = f"{ratio:.3f}"
    return row


def rate(target: Target) -> float:
    """Requests answered in a second; any other answer than the body is an error."""
    script: Sequence[str] = () if target.script is None else ("-s", str(target.script))
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", *script, target.url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if found := FAILED.search(said):
        raise RuntimeError(f"not every request was answered: {found[0]}")
    return float(ANSWERED.findall(said)[0])


@contextmanager
def serving(place: Place, folder: Path) -> Iterator[dict[str, Target]]:
    """A service on a fresh cloud of a store, with one unlimited share of each size."""
    script = folder / "open.lua"
    script.write_text(POST % b64(PROOF))
    home = Path(tempfile.mkdtemp(dir=folder)) / "cloud"
    with ServiceProcess(home, place.fresh().environ) as service, urllib3.PoolManager() as pool:
        device = WireDevice(sender(pool, service.url))
        device.pair(service.pairing_code)
        shares = {name: device.share(bytes(size)) for name, size in SIZES.items()}
        yield {
            name: Target(f"{service.url}/v1/shares/{share}/open", script) for name, share in shares.items()
        }


@contextmanager
def static_files(folder: Path) -> Iterator[dict[str, Target]]:
    """nginx with the same bytes in files."""
    if shutil.which("wrk") is None:
        raise RuntimeError("this benchmark needs wrk: apt install wrk")
    files = folder / "files"
    files.mkdir()
    for name, size in SIZES.items():
        (files / name.replace(" ", "")).write_bytes(bytes(size))
    with nginx.serving(files, folder) as address:
        yield {name: Target(f"{address}/{name.replace(' ', '')}") for name in SIZES}
