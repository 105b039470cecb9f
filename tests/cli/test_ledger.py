"""`satchel ledger`: what left this device, proven, and forgotten."""

import json
from pathlib import Path

import apsw
import pytest
from tests.cli.conftest import Cli

from satchel.ledger import Ended, Handled, Ledger, Read, Sent, Wrote
from satchel.ledger.records import Connection
from satchel.sharing.identity import LinkSecret
from satchel.sharing.link import ShareLink

TEXT = b'{"prompt":"explain the marmalade header"}'


@pytest.fixture
def piece(cli: Cli) -> str:
    found: str = cli.json("save", "-", stdin=b"print(1)")["id"]
    return found


@pytest.fixture
def numbers(cli: Cli, piece: str) -> dict[str, int]:
    """Fill a ledger: a share, a part of a backup that got no answer, a text, and something on its way."""
    with Ledger.create(cli.home) as ledger:
        made = {}
        for number, (kind, why, pieces, text) in enumerate((
            ("share-body", "satchel share", (piece,), None), ("backup-part", "satchel backup", (), None),
            ("message", "satchel ask", (piece,), TEXT), ("message", "satchel status", (), None),
        ), 1):  # fmt: skip
            sent = Sent(
                at=1_764_480_000_000 + number * 86_400_000, origin="https://ann.example.org", why=why, kind=kind,
                method="PUT", bytes=1_000 * number, sha256="ab" * 32, pieces=pieces,
            )  # fmt: skip
            made[why.split()[1]] = ledger.add(sent, text=text)
        tried = (Connection("2001:db8::7", 443, 0), Connection("192.0.2.7", 443, 51820))
        ledger.add(
            Ended(entry=made["share"], at=1_764_480_000_250, status=204, connection="1.2", tried=tried)
        )
        ledger.add(
            Ended(entry=made["backup"], at=1_764_480_000_250, failure="cannot reach 'ann.example.org'")
        )
        return made


def test_the_list_shows_what_left_to_whom_and_why(cli: Cli, numbers: dict[str, int]) -> None:
    rows = [line.split("\t") for line in cli.ok("ledger").text.splitlines()]
    assert [row[2:] for row in rows] == [
        ["https://ann.example.org", "share-body", "satchel share", "1,000", "answered 204"],
        ["https://ann.example.org", "backup-part", "satchel backup", "2,000", "cannot reach 'ann.example.org'"],
        ["https://ann.example.org", "message", "satchel ask", "3,000", "unknown"],
        ["https://ann.example.org", "message", "satchel status", "4,000", "unknown"],
    ]  # fmt: skip
    assert [int(row[0]) for row in rows] == sorted(numbers.values())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--kind", "share-body"], ["share"]),
        (["--kind", "share-body", "--kind", "backup-part"], ["share", "backup"]),
        (["--since", "2025-12-03"], ["ask", "status"]),
        (["--limit", "1"], ["status"]),
    ],
)
def test_filters(cli: Cli, numbers: dict[str, int], options: list[str], expected: list[str]) -> None:
    found = cli.json("ledger", *options)["entries"]
    assert [each["number"] for each in found] == [numbers[name] for name in expected]


def test_what_left_with_a_piece_in_it(cli: Cli, numbers: dict[str, int], piece: str) -> None:
    found = cli.json("ledger", "--piece", piece[:10])["entries"]
    assert [each["command"] for each in found] == ["satchel share", "satchel ask"]
    cli.ok("rm", piece, "--yes")
    again = cli.json("ledger", "--piece", piece)["entries"]
    assert [each["number"] for each in again] == [each["number"] for each in found]
    assert cli.run("ledger", "--piece", "zzzz").code == 3


def test_show_names_the_connection(cli: Cli, numbers: dict[str, int]) -> None:
    said = cli.ok("ledger", "show", str(numbers["share"])).text
    assert "dialled     2001:db8::7 port 443, no answer" in said
    assert "dialled     192.0.2.7 port 443 from port 51820" in said
    document = cli.json("ledger", "show", str(numbers["share"]))
    assert document["dialed"][0] == {"address": "2001:db8::7", "port": 443, "own_port": None}
    assert cli.run("ledger", "show", "99").code == 3


def test_removing_a_piece_erases_the_texts_that_quote_it(
    cli: Cli, numbers: dict[str, int], piece: str
) -> None:
    assert cli.json("ledger", "show", str(numbers["ask"]))["text"] == TEXT.decode()
    cli.ok("rm", piece, "--yes")
    document = cli.json("ledger", "show", str(numbers["ask"]))
    assert document["text"] is None
    assert "by satchel rm" in cli.ok("ledger", "show", str(numbers["ask"])).text
    cli.ok("ledger", "verify")
    assert not [path for path in cli.home.rglob("*") if path.is_file() and b"marmalade" in path.read_bytes()]


def test_forget_erases_only_texts_and_the_ledger_verifies(cli: Cli, numbers: dict[str, int]) -> None:
    before = cli.json("ledger", "verify")
    refused = cli.run("ledger", "forget", str(numbers["ask"]), str(numbers["share"]))
    assert (refused.code, before) == (2, cli.json("ledger", "verify"))
    assert f"entry {numbers['share']} has no text" in refused.err
    assert cli.json("ledger", "forget", str(numbers["ask"])) == {"forgotten": [numbers["ask"]]}
    after = cli.json("ledger", "verify")
    assert after["records"] == before["records"] + 1


def test_a_change_is_reported_with_exit_code_5(cli: Cli, numbers: dict[str, int]) -> None:
    connection = apsw.Connection(str(cli.home / "ledger.db"))
    connection.execute("DELETE FROM records WHERE number = 2")
    connection.close()
    ran = cli.run("ledger", "verify")
    assert ran.code == 5
    assert "record 2 was changed, inserted or removed" in ran.err
    assert numbers


def test_a_home_that_sent_nothing(cli: Cli) -> None:
    assert cli.json("ledger") == {"entries": []}
    ran = cli.run("ledger", "verify")
    assert ran.code == 3
    assert "nothing has left this device" in ran.err
    assert not (cli.home / "ledger.db").exists()


def test_what_cannot_be_recorded_is_not_sent(cli: Cli, tmp_path: Path) -> None:
    (cli.home / "ledger.db").write_bytes(b"rubbish" * 999)
    (cli.home / "cloud.json").write_text(
        json.dumps({"format": "satchel-cloud/1", "url": "http://127.0.0.1:1", "device_id": "0" * 32})
    )
    link = ShareLink("http://127.0.0.1:1", "0" * 32, LinkSecret(bytes(32)))
    ran = cli.run("get", str(link), "--into", str(tmp_path / "out"))
    assert ran.code == 5, ran.err
    assert "nothing was sent to '127.0.0.1', because it cannot be recorded" in ran.err
    assert (cli.home / "ledger.db").read_bytes() == b"rubbish" * 999


def test_what_agents_read_and_wrote_is_listed_among_the_rest(
    cli: Cli, numbers: dict[str, int], piece: str
) -> None:
    seen = (Handled(piece, 1),)
    with Ledger.create(cli.home) as ledger:
        read = Read(
            at=1_764_480_009_000,
            agent="claude",
            tool="read_piece",
            bytes=12,
            sha256="cd" * 32,
            pieces=seen,
            client="claude-code",
            version="2.1",
        )
        number = ledger.add(read)
        ledger.add(
            Wrote(
                at=1_764_480_009_001, agent="zed", tool="update_piece", bytes=3, sha256="cd" * 32, pieces=seen
            )
        )
    found = cli.json("ledger", "--piece", piece)["entries"]
    assert [each["kind"] for each in found] == ["share-body", "message", "read", "wrote"]
    assert found[2].items() >= {
        "number": number, "agent": "claude", "client": "claude-code", "client_version": "2.1", "tool": "read_piece",
        "bytes": 12, "pieces": [piece], "revisions": [1],
    }.items()  # fmt: skip
    assert [each["agent"] for each in cli.json("ledger", "--kind", "wrote")["entries"]] == ["zed"]
    row = cli.ok("ledger", "--kind", "read").text.strip().split("\t")
    assert row[2:] == ["claude (claude-code 2.1)", "read", "satchel mcp read_piece", "12", "1 Piece"]
    shown = cli.ok("ledger", "show", str(number)).text
    assert f"{piece} at revision 1" in shown
    cli.ok("ledger", "verify")
    assert cli.run("ledger", "forget", str(number)).code == 2
