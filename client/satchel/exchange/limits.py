"""The limits of imports, each with its reason."""

from typing import Final

MIB: Final = 1024 * 1024

# A JSON document is decoded in memory. An export of 10,000 gists is about 30 MiB.
MAX_DOCUMENT_BYTES: Final = 256 * MIB

# Items of one document or database. No real collection of snippets has a tenth of it.
MAX_JSON_PARTS: Final = 1_000_000
# Brackets, commas and strings of a damaged document: 40 MiB of gists have four million.
MAX_JSON_TOKENS: Final = 4_000_000

# Problems that are named one by one; the others are counted.
MAX_NAMED_PROBLEMS: Final = 1_000

# A zip entry that unpacks to more than this multiple of its packed size is a bomb: source text stays
# below 30, and deflate cannot exceed 1,032.
MAX_RATIO: Final = 200
RATIO_FREE_BYTES: Final = 1 * MIB  # a high ratio below this size is harmless, such as a file of blank lines

MAX_ZIP_ENTRIES: Final = 1_000_000
MAX_ZIP_DIRECTORY_BYTES: Final = 256 * MIB
MAX_ZIP_TOTAL_BYTES: Final = 64 * 1024 * MIB
MIN_ZIP_TOTAL_BYTES: Final = 4 * 1024 * MIB  # revisions of a Piece may read the same content many times
MAX_ZIP_REFUSED_BYTES: Final = 256 * MIB  # unpacked from entries that were then refused

# Deeper nesting is a loop of mounts or malicious.
MAX_FOLDER_DEPTH: Final = 100

# The largest published templates have 400 lines, and no path is longer than 4,096 bytes.
MAX_IGNORE_FILE_BYTES: Final = 1 * MIB
MAX_IGNORE_LINES: Final = 10_000
MAX_IGNORE_PATTERN_LETTERS: Final = 4_096
