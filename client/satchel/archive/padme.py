"""Padmé padding: lengths that reveal little, at most 12% longer (Nikitin et al., PETS 2019)."""

from collections.abc import Callable


def padded_length(length: int) -> int:
    """Return the smallest Padmé length of at least `length`.

    Only as many leading bits of a length may vary as its exponent has bits, so O(log log n) bits leak.
    """
    if length < 2:
        return length
    exponent = length.bit_length() - 1
    varying = exponent.bit_length()
    mask = (1 << (exponent - varying)) - 1
    return (length + mask) & ~mask


def choose_padding(sealed_length: Callable[[int], int]) -> int:
    """Return the number of padding bytes that make the sealed length a Padmé length.

    `sealed_length(padding)` grows with its argument, but cannot reach every length, because age adds a tag for
    every 64 KiB begun. A Padmé length that it cannot reach is skipped.
    """
    target = padded_length(sealed_length(0))
    while True:
        padding = _least(sealed_length, target)
        if sealed_length(padding) == target:
            return padding
        target = padded_length(target + 1)


def _least(sealed_length: Callable[[int], int], target: int) -> int:
    """Return the least padding that makes the sealed length at least `target`."""
    low, high = 0, target
    while low < high:
        middle = (low + high) // 2
        if sealed_length(middle) < target:
            low = middle + 1
        else:
            high = middle
    return low
