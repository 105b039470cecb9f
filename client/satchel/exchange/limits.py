"""How much an import or a save takes in: named, with the reason, and the same everywhere."""

from typing import Final

MIB: Final = 1024 * 1024

# A JSON document is decoded in memory; a gist export of 10,000 snippets is about 30 MiB.
MAX_DOCUMENT_BYTES: Final = 256 * MIB

# An entry of an export that unpacks to more than this times its packed size is a bomb, not a text:
# deflate cannot exceed 1,032, and real source text stays below 30.
MAX_RATIO: Final = 200
RATIO_FREE_BYTES: Final = 1 * MIB  # below this a high ratio is harmless (a file of blank lines)

MAX_ZIP_ENTRIES: Final = 1_000_000
MAX_ZIP_DIRECTORY_BYTES: Final = 256 * MIB
MAX_ZIP_TOTAL_BYTES: Final = 64 * 1024 * MIB

# Folders nested deeper than this are a loop of mounts or made to hurt.
MAX_FOLDER_DEPTH: Final = 100

# The largest templates have 400 lines, and no path is longer than 4,096 bytes.
MAX_IGNORE_FILE_BYTES: Final = 1 * MIB
MAX_IGNORE_LINES: Final = 10_000
MAX_IGNORE_PATTERN_LETTERS: Final = 4_096
