"""A cold process that lists, creates and gets objects in a bucket: satchel's store beside obstore and boto3.

Each program is a whole process, from spawn to exit, against moto's server on loopback.
"""

import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from tests.support.s3_servers import S3Server, moto

from bench.measure import Cost, as_installed, cost
from bench.report import Row

SATCHEL: Final = """
import os
from satchel_service.settings import Settings
from satchel_service.storage import blob_key
from satchel_service.storage.opening import open_storage

storage = open_storage(Settings.read(os.environ), os.urandom)
assert len(list(storage.list("log/"))) == 3
key = blob_key("shares/" + os.urandom(8).hex())
storage.create(key, b"x" * 1000)
assert storage.read(key) == b"x" * 1000
"""
OBSTORE: Final = """
import os
import obstore
from obstore.store import S3Store

store = S3Store(
    os.environ["BENCH_BUCKET"],
    prefix="bench",
    endpoint=os.environ["SATCHEL_S3_ENDPOINT"],
    region="us-east-1",
    access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
    secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
    virtual_hosted_style_request=False,
    client_options={"allow_http": True},
    retry_config={"max_retries": 0},
)
assert sum(len(page) for page in obstore.list(store, "log/")) == 3
key = "shares/" + os.urandom(8).hex()
obstore.put(store, key, b"x" * 1000, mode="create")
assert obstore.get(store, key).bytes() == b"x" * 1000
"""
BOTO3: Final = """
import os
import boto3.session
from botocore.config import Config

config = Config(s3={"addressing_style": "path"})
client = boto3.session.Session().client(
    "s3", region_name="us-east-1", endpoint_url=os.environ["SATCHEL_S3_ENDPOINT"], config=config
)
bucket = os.environ["BENCH_BUCKET"]
assert client.list_objects_v2(Bucket=bucket, Prefix="bench/log/")["KeyCount"] == 3
key = "bench/shares/" + os.urandom(8).hex()
client.put_object(Bucket=bucket, Key=key, Body=b"x" * 1000, IfNoneMatch="*")
assert client.get_object(Bucket=bucket, Key=key)["Body"].read() == b"x" * 1000
"""
PROGRAMS: Final = {"Python alone": "", "obstore": OBSTORE, "satchel": SATCHEL, "boto3": BOTO3}
PEER: Final = "obstore"
BUDGET: Final = 1.2


def run(rounds: int) -> list[Row]:
    """Run every program once a round, beginning with another one each time."""
    with tempfile.TemporaryDirectory() as folder, moto(Path(folder)) as server:
        fill(server)
        env = {**as_installed(), **server.environ("bench"), "BENCH_BUCKET": server.bucket}
        for program in PROGRAMS.values():  # compiles every module, as an installation does
            start(program, env)
        costs = measure(rounds, env)
    return [row(name, costs[name], costs[PEER]) for name in PROGRAMS]


def fill(server: S3Server) -> None:
    """Put three objects under the prefix that is listed."""
    for number in range(3):
        server.client().put_object(Bucket=server.bucket, Key=f"bench/log/{number:016d}", Body=b"entry")


def measure(rounds: int, env: Mapping[str, str]) -> dict[str, list[Cost]]:
    """The costs of every program, in the order of the rounds."""
    costs: dict[str, list[Cost]] = {name: [] for name in PROGRAMS}
    names = list(PROGRAMS)
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            costs[name].append(start(PROGRAMS[name], env))
    return costs


def start(program: str, env: Mapping[str, str]) -> Cost:
    """Run a program in a fresh interpreter."""
    return cost([sys.executable, "-c", program], env=env)


def row(name: str, costs: Sequence[Cost], peer: Sequence[Cost]) -> Row:
    """Medians, the fastest and slowest quarter, and the ratios to the peer within each round."""
    walls = [cost.wall_s for cost in costs]
    wall_ratio = statistics.median(c.wall_s / p.wall_s for c, p in zip(costs, peer, strict=True))
    cpu_ratio = statistics.median(c.cpu_s / p.cpu_s for c, p in zip(costs, peer, strict=True))
    budget = f" (budget {BUDGET})" if name == "satchel" else ""
    return {
        "program": name,
        "time": f"{statistics.median(walls) * 1000:.0f} ms ({spread(walls)})",
        f"beside {PEER}": f"{wall_ratio:.2f}{budget}",
        "processor time": f"{statistics.median(cost.cpu_s for cost in costs) * 1000:.0f} ms",
        f"processor time beside {PEER}": f"{cpu_ratio:.2f}",
    }


def spread(seconds: Sequence[float]) -> str:
    """The first and third quartile in milliseconds."""
    first, _, third = statistics.quantiles(seconds, n=4)
    return f"{first * 1000:.0f}–{third * 1000:.0f}"
