"""The cost of a month at list prices, from counted requests."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from bench.log.costs import Act

WRITE_USD: Final = 0.005 / 1000  # S3 Standard, us-east-1: PUT, COPY, POST, LIST
READ_USD: Final = 0.0004 / 1000  # GET and all others; DELETE costs nothing
STORED_USD: Final = 0.023  # per GB and month
CALL_USD: Final = 0.40 / 1_000_000  # Cloud Run, tier 1, billed by request
SECOND_USD: Final = 0.000024 + 0.5 * 0.0000025  # one vCPU and 512 MiB
CALL_S: Final = 0.1  # Cloud Run bills a request's time rounded up to this
START_S: Final = 1.0
PAGE_CALLS: Final = 2  # in addition to the opening: the page and its script


class Use(NamedTuple):
    """The use of one user in a month."""

    name: str
    backups: int
    shares: int
    views: int
    wakes: int
    stored_gb: float


USES: Final = (
    Use("light", 4, 4, 20, 30, 0.2),
    Use("normal", 30, 20, 200, 300, 2.0),
    Use("heavy", 300, 200, 5_000, 2_000, 50.0),
)


class Bill(NamedTuple):
    """The cost of a month, in requests and in USD."""

    writes: float
    reads: float
    requests_usd: float
    storage_usd: float
    compute_usd: float

    @property
    def total_usd(self) -> float:
        """The total."""
        return self.requests_usd + self.storage_usd + self.compute_usd


def times(use: Use) -> tuple[int, int, int, int]:
    """Return how often each action of `costs` happens, in the same order."""
    return use.backups, use.shares, use.views, use.wakes


def bill(use: Use, acts: Sequence[Act]) -> Bill:
    """Return the bill of a month."""
    often = times(use)
    writes = sum(count * act["writes"] for count, act in zip(often, acts, strict=True))
    reads = sum(count * act["reads"] for count, act in zip(often, acts, strict=True))
    calls = sum(count * act["calls"] for count, act in zip(often, acts, strict=True)) + use.views * PAGE_CALLS
    seconds = calls * CALL_S + use.wakes * START_S
    return Bill(
        writes,
        reads,
        writes * WRITE_USD + reads * READ_USD,
        use.stored_gb * STORED_USD,
        calls * CALL_USD + seconds * SECOND_USD,
    )
