"""Create the golden export of the current format: `python -m tests.golden.exports.make NAME`, such as v2.

An existing export is never written again, because it stands for exports made by released versions.
"""

import json
import sys
import tempfile
from pathlib import Path
from random import Random
from typing import Any

from tests.golden.stores.make import described, fill, ticks

from satchel.exchange.satchel_zip.writer import export
from satchel.store import Store

HERE = Path(__file__).parent


def without_ids(store: Store) -> list[dict[str, Any]]:
    """Return the contents of the store, except what an import generates."""
    pieces: Any = described(store)["pieces"]
    return sorted(({**piece, "id": ""} for piece in pieces), key=lambda piece: str(piece["revisions"]))


def main() -> None:
    """Write the export and its expected contents."""
    target = HERE / f"{sys.argv[1]}.zip"
    if target.exists():
        sys.exit(f"{target} already exists and is never written again")
    with tempfile.TemporaryDirectory() as folder, target.open("xb") as sink:
        clock = ticks()
        with Store.create(
            Path(folder) / "home", clock=lambda: next(clock), entropy=Random(1).randbytes
        ) as store:
            fill(store)
            export(store, sink)
            text = json.dumps(without_ids(store), ensure_ascii=False, indent=1) + "\n"
    target.with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
