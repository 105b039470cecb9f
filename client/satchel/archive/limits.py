"""Limits and sizes of the archive format, with their reasons (docs/spec/archive.md, "Limits")."""

from typing import Final

FORMAT: Final = "satchel-archive/1"

SECOND_FORMAT: Final = "satchel-archive/2"
"""Of an archive that holds a memory, or borrows from one of this version."""

BLOCK_BYTES: Final = 4096
"""A block is a page of the store's database. After 1% of the rows are edited and 1% added, 3.4% of the pages have
changed, but 26% of 64 KiB blocks (measured)."""

FRAME_BLOCKS: Final = 255
"""Blocks in a frame (1 MiB less one block): large enough for zstd, small enough to fetch a few. `frames` explains
why the number is odd."""

FRAME_BYTES: Final = FRAME_BLOCKS * BLOCK_BYTES

SPAN_BLOCKS: Final = 15
"""Blocks in a span (60 KiB); one digest shows whether any of them has changed. A full frame has 17 spans."""

MAX_BLOCKS: Final = 2**24
"""64 GiB of database, far above any store of small items. The other limits follow from it."""

MAX_FRAMES: Final = MAX_BLOCKS // FRAME_BLOCKS + 2

MAX_RUNS: Final = 2**20
"""Runs in a block map (16 MiB of records); beyond it a backup is full."""

MAX_BORROWED: Final = 64
"""Archives that one backup borrows from. Each costs a restore a few round trips; beyond it a backup is full."""

MAX_MANIFEST_BYTES: Final = 8 * 2**20
"""MAX_FRAMES digests take 4.4 MB of JSON."""

MAX_RATIO: Final = 32_768
"""The factor by which an entry may expand: zstd compresses a frame of zeros to 50 bytes, a factor of 20,890."""

MAX_LABEL_CHARS: Final = 200
"""The length of a device's label."""

MAX_SEQUENCE: Final = 2**40
"""A store that is backed up every second uses up its numbers in 35,000 years. A reader refuses more, so that no backup
can leave a store without a next number."""
