"""Standard input and output for a protocol alone, so that nothing else that prints can break it."""

import os
import sys
from typing import BinaryIO


def claim_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return private copies of standard input and output, and point the originals to where they do no harm.

    What others read is empty, and what they print goes to standard error. The output is not buffered.
    """
    sys.stdout.flush()
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return incoming, outgoing
