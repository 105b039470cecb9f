"""Exports of every format are imported without loss."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.golden.exports.make import without_ids

from satchel.age import Identity
from satchel.exchange.detection import kind_of, read
from satchel.exchange.importing import Import, ReplayClock
from satchel.exchange.satchel_zip.document import FORMATS
from satchel.store import Store

HERE = Path(__file__).parent
GOLDEN = sorted(HERE.glob("*.zip"))


def no_keys() -> Sequence[Identity]:
    raise AssertionError("a plain export must not ask for keys")


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_golden_export_is_imported_without_loss(path: Path, tmp_path: Path) -> None:
    clock = ReplayClock()
    with Store.create(tmp_path / "home", clock=clock) as store:
        run = Import(store, clock, known=lambda _: False, prepare=lambda draft: draft)
        for _ in run.run(read(path, kind_of(path), no_keys)):
            pass
        assert run.result.problems == []
        assert without_ids(store) == json.loads(path.with_suffix(".json").read_text("utf-8"))


def test_every_format_has_a_golden_export() -> None:
    assert [path.stem for path in GOLDEN] == [f"v{name.rpartition('/')[2]}" for name in FORMATS]
