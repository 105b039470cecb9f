"""Many clouds on one machine: waking one, and what registered and awake ones cost."""

import json
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from tests.support.box_machine import DOMAIN, RELEASES, SHARD, BoxMachine, box_machine

from bench.measure import seconds_of
from bench.report import Row
from bench.service.coldstart import spread
from satchel_infra.box.layout import service_unit
from satchel_infra.names import NameKey, identify
from satchel_infra.platform import CloudSpec

ROUNDS: Final = Path(__file__).with_name("box_rounds.py")
REGISTERED: Final = 1_000
AWAKE: Final = 10


def run(rounds: int) -> list[Row]:
    """Start a machine in a container and measure inside it."""
    with tempfile.TemporaryDirectory() as folder, box_machine(Path(folder)) as machine:
        done = subprocess.run(
            ["docker", "exec", "-i", machine.id, "python3", "-", str(rounds), str(REGISTERED), str(AWAKE)],
            input=ROUNDS.read_bytes(),
            stdout=subprocess.PIPE,
            check=True,
        )
        machine.clear()
        work = measure_platform(machine, rounds)
    return [*rows(json.loads(done.stdout)), *work]


def measure_platform(machine: BoxMachine, rounds: int) -> list[Row]:
    """Create, update and remove a cloud with the real service in each round."""
    box = machine.box()
    times: dict[str, list[float]] = {"creating": [], "updating": [], "removing": []}
    for number in range(rounds):
        owner = identify(NameKey(bytes(32)), issuer="https://issuer.example.org/", subject=str(number))
        first = CloudSpec(owner, f"{owner.name}.{SHARD}.{DOMAIN}", RELEASES[0])
        times["creating"].append(seconds_of(partial(box.ensure, first)))
        box.systemd.stop(service_unit(owner.name))
        second = replace(first, image=RELEASES[1])
        times["updating"].append(seconds_of(partial(box.update, second)))
        times["removing"].append(seconds_of(partial(box.remove, owner.name)))
    return [row(f"{act} a cloud", milliseconds(seconds)) for act, seconds in times.items()]


def rows(found: dict[str, list[float]]) -> list[Row]:
    """Return the table."""
    bare, alone, woken = found["bare"], found["alone"], found["woken"]
    return [
        row("bare gunicorn + Starlette, spawned", milliseconds(bare)),
        row("satchel, spawned", milliseconds(alone), ratios(alone, bare)),
        row(
            "satchel, woken by a connection to its socket",
            milliseconds(woken),
            ratios(woken, bare),
            ratios(woken, alone),
        ),
        row(
            "a program that answers at once, woken",
            milliseconds(found["light"]),
            ratios(found["light"], bare),
        ),
        row("satchel, awake", milliseconds(found["again"])),
        row(f"memory of an awake cloud, of {AWAKE}", f"{found['awake_mib']:.0f} MiB"),
        row(f"memory of a registered cloud, of {REGISTERED}", f"{found['registered_kib']:.0f} KiB"),
        row("opening a socket", f"{found['open_ms']:.0f} ms"),
    ]


def row(what: str, figure: str, to_bare: str = "", to_alone: str = "") -> Row:
    """Return one line."""
    return {"what": what, "figure": figure, "ratio to bare": to_bare, "ratio to spawned": to_alone}


def milliseconds(seconds: Sequence[float]) -> str:
    """Return a median."""
    return f"{statistics.median(seconds) * 1000:.0f} ms"


def ratios(ours: Sequence[float], peer: Sequence[float]) -> str:
    """Return the median and the range of the ratios within each round."""
    return spread([mine / other for mine, other in zip(ours, peer, strict=True)])
