"""The numbers of the archive format, each with its reason (docs/spec/archive.md, section "Limits")."""

from typing import Final

FORMAT: Final = "satchel-archive/1"

BLOCK_BYTES: Final = 4096
"""A block is a page of the store's database. Larger blocks are dirtied too easily: of 64 KiB blocks 26%
are dirty after 1% + 1% of the rows changed, of pages 3.4% (measured)."""

FRAME_BLOCKS: Final = 255
"""Blocks in a frame (1 MiB less a block): large enough for zstd, small enough to fetch a few of them.
`framing` says why their number is odd."""

FRAME_BYTES: Final = FRAME_BLOCKS * BLOCK_BYTES

SPAN_BLOCKS: Final = 15
"""Blocks in a span (60 KiB): one digest tells that they all are as they were. A full frame has 17 spans."""

MAX_BLOCKS: Final = 2**24
"""64 GiB of database: far above any store of small things, and what every other limit follows from."""

MAX_FRAMES: Final = MAX_BLOCKS // FRAME_BLOCKS + 2

MAX_RUNS: Final = 2**20
"""Runs in a block map (16 MiB of records); a plan that would need more becomes a full backup."""

MAX_BORROWED: Final = 64
"""Archives that one backup borrows from. Each costs a restore a few round trips; more make a full backup."""

MAX_MANIFEST_BYTES: Final = 8 * 2**20
"""MAX_FRAMES digests take 4.4 MB of JSON."""

MAX_RATIO: Final = 32_768
"""How far an entry may expand: zstd turns a frame of zeros into 50 bytes, 20,890 times less."""

MAX_LABEL_CHARS: Final = 200
"""A device's label."""
