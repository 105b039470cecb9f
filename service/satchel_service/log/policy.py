"""The parameters of the log, each with its reason. They are values, so the simulator can run with small ones."""

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """When snapshots are made, when the log is truncated, and how it is read."""

    retention_ms: int = 24 * 60 * 60 * 1000
    """How long replaced entries and snapshots are retained. Point-in-time recovery reaches back this far."""

    snapshot_entries: int = 32
    """A snapshot is due after this many entries. Opening the log then takes three rounds of requests at most and
    two on average, and the snapshots of a small database add a sixteenth to the requests for its entries."""

    snapshot_age_ms: int = 7 * 24 * 60 * 60 * 1000
    """A snapshot is also due when the oldest entry it would replace reaches this age, so a cloud with few writes
    still removes deleted data within two such periods of use."""

    bytes_per_entry: int = 64 * 1024
    """The cost of getting one more object, in bytes transferred. A snapshot of n times this size is replaced after n
    entries. Opening then reads about as many bytes of entries as of snapshot, and storing snapshots costs about as
    much as storing entries."""

    batch_bytes: int = 4 * 1024 * 1024
    """The most bytes of changesets in one entry; a larger changeset gets its own entry."""

    first_read_ahead: int = 4
    """Entries requested together with the snapshot. After a normal idle period there are few."""

    read_ahead: int = 32
    """The most entries requested at once while opening. Each round requests four times as many as the one before."""

    truncate_entries: int = 512
    """The most entries that one request truncates."""

    attempts: int = 8
    """How many times reading the log is attempted while the floor moves."""


DEFAULT = Policy()
ERASURE = Policy(retention_ms=0, truncate_entries=2**62)
"""For erasing a cloud: the newest snapshot replaces the whole log at once."""
