r"""Similar code: the same text, a clone with other names, or the same in another language.

    one = fingerprint("def total(xs):\n    return sum(x.price for x in xs)\n")
    other = fingerprint("def add_up(items):\n    return sum(i.cost for i in items)\n")
    print(resemblance(one, other))  # 1.0: only names differ

A fingerprint is a sample of the shingles of a text, which are runs of tokens with names and numbers replaced. It
has at most 1 KiB. Ports to other languages share no shingles; the embedding of `satchel.models.embedding` finds
them.
"""

from satchel.models.similarity.fingerprints import (
    FINGERPRINT_VERSION,
    Fingerprint,
    fingerprint,
    packed,
    resemblance,
    shared_names,
    unpacked,
)

__all__ = [
    "FINGERPRINT_VERSION",
    "Fingerprint",
    "fingerprint",
    "packed",
    "resemblance",
    "shared_names",
    "unpacked",
]
