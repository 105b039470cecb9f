"""Ledgers of every version stay readable."""

import shutil
from pathlib import Path

from satchel.ledger import LEDGER_FILE, Ledger

HERE = Path(__file__).parent
HEAD = "9d7ca5a860af1ed2aa4eb81be36c1602ff17f229ec1d2110c4b9d61b82527658"


def test_a_ledger_of_version_1_is_read_verified_and_continued(tmp_path: Path) -> None:
    shutil.copyfile(HERE / "ledger-1.db", tmp_path / LEDGER_FILE)
    with Ledger.open(tmp_path) as ledger:
        count, digest = ledger.verify()
        assert (count, digest.hex()) == (9, HEAD)
        share, backup, prompt, forgotten = ledger.entries()
        assert ledger.forget([prompt.number], at=1_764_480_006_000, why="satchel ledger forget") == [5]
        assert ledger.verify()[0] == 10
        read, wrote = ledger.accesses()
    assert (read.number, read.record.agent, read.record.client) == (8, "claude", "claude-code")
    assert (wrote.kind, wrote.record.pieces[0].revision, wrote.record.version) == ("wrote", 1, "")
    assert share.sent.through == "http://proxy.example.org:3128"
    assert share.sent.pieces == ("01KB3V4E8M0000000000000000",)
    assert share.ended is not None
    assert [one.own_port for one in share.ended.tried] == [0, 51820]
    assert backup.ended is not None
    assert backup.ended.failure == "cannot reach 'ann.example.org': the connection was refused"
    assert prompt.text == b'{"prompt":"hello"}\n'
    assert (forgotten.text, forgotten.forgotten is not None) == (None, True)
