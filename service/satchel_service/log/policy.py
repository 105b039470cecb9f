"""The numbers of the log, each with its reason. Values, so that the simulator can run with small ones."""

import msgspec


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """When the log is shortened and how it is read."""

    retention_ms: int = 24 * 60 * 60 * 1000
    """Entries and snapshots outlive the snapshot that replaces them by this: the reach of point-in-time recovery."""

    snapshot_entries: int = 32
    """A snapshot is due after this many entries: a wake-up reads them in three rounds, on average in two, and the
    snapshots of a small database add a sixteenth to the requests that its entries cost."""

    snapshot_age_ms: int = 7 * 24 * 60 * 60 * 1000
    """A snapshot is also due when the oldest entry it would replace is so old: a cloud that is seldom written to
    lets go of what was deleted within two such spans of use."""

    bytes_per_entry: int = 64 * 1024
    """What fetching one more object costs, in bytes transferred. A snapshot of n such units waits for n entries,
    so that waking reads about as much log as snapshot, and putting snapshots costs about what putting entries does."""

    batch_bytes: int = 4 * 1024 * 1024
    """An entry takes no further changesets beyond this; one larger changeset goes alone."""

    first_read_ahead: int = 4
    """Entries asked for together with the snapshot; after a normal sleep there are few."""

    read_ahead: int = 32
    """The most entries asked for at once while opening; each round is four times the last, up to it."""

    truncate_entries: int = 512
    """The most entries deleted within one request."""

    attempts: int = 8
    """How often an opening starts over because the floor moved, before it gives up."""


STANDARD = Policy()
FORGETTING = Policy(retention_ms=0, truncate_entries=2**62)
"""For an owner who erases everything: the newest snapshot replaces the whole log at once."""
