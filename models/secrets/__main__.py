"""Train the weights again: `python -m models.secrets`; with --check, only compare them with the repository's."""

import hashlib
import sys

from models.secrets.training import trained
from satchel.models.secrets.randomness import FILE

weights = trained().encode()
if "--check" in sys.argv[1:]:
    is_same = weights == FILE.read_bytes()
    print(f"{FILE.name}: {'the same bytes' if is_same else 'DIFFERS; run: make models'}")
    sys.exit(not is_same)
FILE.write_bytes(weights)
print(hashlib.sha256(weights).hexdigest(), FILE.name)
