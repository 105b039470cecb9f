"""A bucket or a prefix for each cloud: what each costs, how long it takes, and where it stops working."""

from satchel_infra.planning.figures import Figure, beyond
from satchel_infra.planning.plans import Line, Part, Warn, cost
from satchel_infra.planning.tables import Table
from satchel_infra.planning.usage import Month

SECONDS_PER_DAY = 86_400


def comparison(
    table: Table, users: Figure, shards: Figure, *, in_project: Figure, in_shard: Figure
) -> list[Line]:
    """Return both choices side by side. `in_project` and `in_shard` are the clouds of the fullest of each."""

    def line(name: str, figure: Figure, unit: str, how: str) -> Line:
        return Line(Part.STORAGE, name, figure, unit, how)

    bucket_s, prefix_s = bucket_time(table, in_project), prefix_time(table, in_shard)
    return [
        line("a bucket each: buckets", users, "buckets", "one per cloud"),
        line(
            "a bucket each: time",
            bucket_s,
            "s",
            "clouds of the fullest project × the time per bucket; projects work at the same time",
        ),
        line(
            "a bucket each: stops at",
            Figure(SECONDS_PER_DAY) / table["storage.seconds_per_bucket"],
            "new clouds a day and project",
            "a day ÷ the time per bucket",
        ),
        line(
            "a bucket each: to create",
            creation_usd(table, users),
            "USD once",
            "one class A operation per bucket",
        ),
        line("a prefix each: buckets", shards, "buckets", "one per shard"),
        line(
            "a prefix each: time",
            prefix_s,
            "s",
            "clouds of the fullest shard ÷ updates of the bucket's policy per second; shards work at the same time",
        ),
        line(
            "a prefix each: stops at",
            table["storage.principals_per_bucket"],
            "clouds per bucket",
            "each cloud's account is one principal in the policy of the shared bucket",
        ),
        line(
            "a prefix each: to create",
            creation_usd(table, shards),
            "USD once",
            "one class A operation per bucket",
        ),
    ]


def creation_usd(table: Table, buckets: Figure) -> Figure:
    """Return the price of creating buckets, once."""
    return buckets * table["storage.usd_per_1000_writes"] / 1000


def bucket_time(table: Table, in_project: Figure) -> Figure:
    """Return the seconds that the buckets of a project take."""
    return in_project * table["storage.seconds_per_bucket"]


def prefix_time(table: Table, in_shard: Figure) -> Figure:
    """Return the seconds that the prefixes of a shard take."""
    return in_shard / table["storage.policy_updates_per_s"]


def warnings(table: Table, storage: str, *, in_shard: Figure, writes_per_s: Figure) -> list[Warn]:
    """Return where the chosen storage stops working. `writes_per_s` is the peak of the fullest shard."""
    if storage != "prefix":
        return []
    found = []
    most = table["storage.principals_per_bucket"]
    if in_shard.value > most.value:
        found.append(
            Warn(
                f"a shard of {in_shard.value:,.0f} clouds does not fit one bucket of {most.value:,.0f} principals: "
                "use a bucket each or smaller shards",
                in_shard.rests_on | most.rests_on,
            )
        )
    at_first = table["storage.writes_per_s"]
    if writes_per_s.value > at_first.value:
        found.append(
            Warn(
                f"the bucket of a full shard takes {writes_per_s.value:,.0f} writes per second at its peak, more than "
                f"{at_first.value:,.0f}: it grows in steps, so expect errors at first",
                writes_per_s.rests_on | at_first.rests_on,
            )
        )
    return found


def peak_writes_per_s(table: Table, month: Month, clouds: Figure) -> Figure:
    """Return the writes per second of some clouds at their busiest time."""
    return clouds * month.writes * table["month.peak_over_mean"] / (table["month.hours"] * 3600)


def costs(table: Table, month: Month, users: Figure) -> list[Line]:
    """Return the monthly costs of objects at Cloud Storage's prices. They are the same for buckets and prefixes."""
    stored = beyond(users * month.stored_gib, table["storage.free_gib"])
    writes = beyond(users * month.writes, table["storage.free_writes"])
    reads = beyond(users * month.reads, table["storage.free_reads"])
    return [
        cost(
            "objects: stored",
            stored * table["storage.usd_per_gib"],
            "stored GiB beyond the free part × price",
        ),
        cost(
            "objects: written",
            writes * table["storage.usd_per_1000_writes"] / 1000,
            "class A operations beyond the free part × price",
        ),
        cost(
            "objects: read",
            reads * table["storage.usd_per_1000_reads"] / 1000,
            "class B operations beyond the free part × price",
        ),
    ]
