"""Ledgers of every version stay readable."""

import shutil
from pathlib import Path

from satchel.ledger import LEDGER_FILE, Ledger

HERE = Path(__file__).parent
HEAD = "981e03362a8cb1f937ece07f39b2a22c2058814cbab60f62b52385e828ba0bc4"


def test_a_ledger_of_version_1_is_read_verified_and_continued(tmp_path: Path) -> None:
    shutil.copyfile(HERE / "ledger-1.db", tmp_path / LEDGER_FILE)
    with Ledger.open(tmp_path) as ledger:
        count, digest = ledger.verify()
        assert (count, digest.hex()) == (7, HEAD)
        share, backup, prompt, forgotten = ledger.entries()
        assert ledger.forget([prompt.number], at=1_764_480_006_000, why="satchel ledger forget") == [5]
        assert ledger.verify()[0] == 8
    assert share.sent.through == "http://proxy.example.org:3128"
    assert share.sent.pieces == ("01KB3V4E8M0000000000000000",)
    assert share.ended is not None
    assert [one.own_port for one in share.ended.tried] == [0, 51820]
    assert backup.ended is not None
    assert backup.ended.failure == "cannot reach 'ann.example.org': the connection was refused"
    assert prompt.text == b'{"prompt":"hello"}\n'
    assert (forgotten.text, forgotten.forgotten is not None) == (None, True)
