"""Reads a QR code (ISO/IEC 18004) from its modules: byte mode, level M, versions 2 to 14, undamaged.

Only what a test of the page's code needs; a camera's reader also corrects errors.
"""

from collections.abc import Iterator

Modules = set[tuple[int, int]]

# Error correction words per block and number of blocks at level M, by version from 1 (table 9 of the standard).
EC_WORDS = (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24)
BLOCKS = (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9)
MASKS = (
    lambda x, y: (x + y) % 2,
    lambda x, y: (x * 0 + y) % 2,
    lambda x, y: (x + y * 0) % 3,
    lambda x, y: (x + y) % 3,
    lambda x, y: (y // 2 + x // 3) % 2,
    lambda x, y: x * y % 2 + x * y % 3,
    lambda x, y: (x * y % 2 + x * y % 3) % 2,
    lambda x, y: ((x + y) % 2 + x * y % 3) % 2,
)


def decode_qr(dark: Modules, size: int) -> str:
    """Return the text of the code whose dark modules these are."""
    version = (size - 17) // 4
    form = sum(((x, 8) in dark) << (14 - i) for i, x in enumerate((0, 1, 2, 3, 4, 5, 7, 8))) ^ 0x5412
    level, mask = form >> 13 & 3, form >> 10 & 7
    assert level == 0, "level M"
    bits = [((x, y) in dark) ^ (MASKS[mask](x, y) == 0) for x, y in data_places(version, size)]
    words = [
        sum(bit << (7 - k) for k, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits) - 7, 8)
    ]
    data = "".join(f"{word:08b}" for word in deinterleaved(words, version))
    assert data[:4] == "0100", "byte mode"
    counted = 8 if version < 10 else 16
    length = int(data[4 : 4 + counted], 2)
    begin = 4 + counted
    return bytes(int(data[at : at + 8], 2) for at in range(begin, begin + 8 * length, 8)).decode()


def deinterleaved(words: list[int], version: int) -> list[int]:
    """The data words of all blocks, one block behind the other."""
    blocks, ec_words = BLOCKS[version - 1], EC_WORDS[version - 1]
    short = len(words) // blocks - ec_words
    longer = len(words) % blocks
    lengths = [short + (block >= blocks - longer) for block in range(blocks)]
    columns: list[list[int]] = [[] for _ in range(blocks)]
    source = iter(words)
    for place in range(short + 1):
        for block, length in enumerate(lengths):
            if place < length:
                columns[block].append(next(source))
    return [word for column in columns for word in column]


def data_places(version: int, size: int) -> Iterator[tuple[int, int]]:
    """Where data stands, in its order: two columns at a time from the right, upwards and downwards in turn."""
    for turn, right in enumerate(x if x > 6 else x - 1 for x in range(size - 1, 0, -2)):
        for step in range(size):
            y = step if turn % 2 else size - 1 - step
            for x in (right, right - 1):
                if not is_function(x, y, version, size):
                    yield x, y


def is_function(x: int, y: int, version: int, size: int) -> bool:
    """Whether a module belongs to a pattern and not to the data."""
    if 6 in (x, y) or (x < 9 and y < 9) or (x < 9 and y >= size - 8) or (y < 9 and x >= size - 8):
        return True
    if version >= 7 and ((x < 6 and y >= size - 11) or (y < 6 and x >= size - 11)):
        return True
    centres = alignment_centres(version, size)
    corners = {(centres[0], centres[0]), (centres[0], centres[-1]), (centres[-1], centres[0])}
    return any(abs(x - a) <= 2 and abs(y - b) <= 2 for a in centres for b in centres if (a, b) not in corners)


def alignment_centres(version: int, size: int) -> list[int]:
    count = version // 7 + 2
    step = -(-(version * 4 + 4) // (count * 2 - 2)) * 2
    return [6, *sorted(size - 7 - step * k for k in range(count - 1))]
