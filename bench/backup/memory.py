"""Peak memory of a backup and a restore, client and service, from a small store to several GiB.

The larger stores repeat real snippets, each with a line that makes it distinct.
"""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.backup.backups import Satchel
from bench.corpus import snippets
from bench.measure import cost
from bench.service.process import BIN
from satchel.pieces.model import Draft
from satchel.store.store import Store

SIZES_MIB: Final = (100, 1024, 5 * 1024)
DISTINCT_MIB: Final = 100


def drafts(size_mib: int) -> Iterator[Draft]:
    """Yield distinct drafts with about `size_mib` MiB of text in all."""
    left = size_mib * 1024 * 1024
    for lap in itertools.count():
        for item in snippets(DISTINCT_MIB * 1024 * 1024):
            if left <= 0:
                return
            content = f"# lap {lap} of {item.name}\n{item.text}".encode()
            left -= len(content)
            yield Draft(content=content, title=item.name)


def run(rounds: int) -> list[dict[str, str]]:
    """Return a row for each size. One round is enough: other load on the machine does not change memory use."""
    del rounds
    return [_row(size) for size in SIZES_MIB]


def _row(size_mib: int) -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="satchel-bench-") as name:
        folder = Path(name)
        home = folder / "home"
        cost([str(BIN / "satchel"), "--home", str(home), "--quiet", "init"])
        with Store.open(home) as store:
            for _ in store.add_many(drafts(size_mib)):
                pass
        satchel = Satchel(folder, home)
        satchel.prepare()
        backup = satchel.backup()
        restore = satchel.restore(folder / "restored")
        service_mib = satchel.close()
        store_mib = (home / "store.db").stat().st_size / 2**20
        shutil.rmtree(folder / "restored")
    return {
        "store, MiB": f"{store_mib:,.0f}",
        "backup, MiB": f"{backup.peak_rss_mib:.0f}",
        "restore, MiB": f"{restore.peak_rss_mib:.0f}",
        "service, MiB": f"{service_mib:.0f}",
    }
