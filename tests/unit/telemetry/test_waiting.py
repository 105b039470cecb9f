"""What waits: shown and sent are the same bytes, a failed delivery is repeated, and ids change with the month."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from tests.support.telemetry import COMMANDS, FACTS, TODAY

from satchel.errors import RefusedError
from satchel.telemetry.consent import turn_off, turn_on
from satchel.telemetry.counting import COUNTS_FILE, count
from satchel.telemetry.identity import monthly_identity
from satchel.telemetry.waiting import opened

NOW_S: Final = 1_796_000_000.0  # TODAY
TOMORROW: Final = "2026-12-01"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    turn_on(tmp_path)
    return tmp_path


def shown(home: Path, today: str = TODAY) -> bytes:
    with opened(home) as waiting:
        return waiting.document(today, FACTS, COMMANDS)


def frozen(home: Path, today: str = TODAY) -> bytes:
    with opened(home) as waiting:
        return waiting.freeze(today, FACTS, COMMANDS)


def delivered(home: Path, today: str = TODAY) -> None:
    with opened(home) as waiting:
        waiting.delivered(today)


def commands(data: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(data)["commands"]
    return found


def test_what_is_shown_is_what_is_sent(home: Path) -> None:
    count(str(home), "list", 0, NOW_S)
    first = shown(home)
    assert first == shown(home) == frozen(home)
    assert commands(first) == {"list": 1}


def test_a_delivery_that_failed_is_repeated_byte_for_byte(home: Path) -> None:
    count(str(home), "list", 0, NOW_S)
    first = frozen(home)
    count(str(home), "save", 0, NOW_S)
    assert shown(home) == first
    assert frozen(home, TOMORROW) == first
    delivered(home, TOMORROW)
    assert commands(shown(home, TOMORROW)) == {"save": 1}


def test_what_arrived_is_forgotten_and_the_day_remembered(home: Path) -> None:
    count(str(home), "list", 0, NOW_S)
    frozen(home)
    delivered(home)
    assert sorted(path.name for path in (home / "telemetry").iterdir()) == ["id.json"]
    assert commands(shown(home)) == {}
    with opened(home) as waiting:
        assert waiting.sent_on(TODAY) == TODAY
        assert waiting.sent_on(TOMORROW) == TODAY


@pytest.mark.parametrize("present", [["counted"], ["counted", "counts"]])
def test_a_delivery_that_was_killed_before_its_document_goes_on(home: Path, present: list[str]) -> None:
    for name in present:
        (home / "telemetry" / name).write_bytes(
            f"{TODAY} {'list' if name == 'counted' else 'save'} 0\n".encode()
        )
    assert commands(shown(home)) == commands(frozen(home)) == {"list": 1}
    delivered(home)
    assert commands(shown(home)) == ({"save": 1} if "counts" in present else {})


@pytest.mark.parametrize("damage", [b"", b"{", b"[" * 50_000, b"\xff", b'{"format":"satchel-telemetry/2"}'])
def test_a_damaged_pending_document_is_made_anew(home: Path, damage: bytes) -> None:
    count(str(home), "list", 0, NOW_S)
    frozen(home)
    (home / "telemetry" / "pending.json").write_bytes(damage)
    assert commands(shown(home)) == {"list": 1}


def test_a_pending_document_is_discarded_after_90_days(home: Path) -> None:
    count(str(home), "list", 0, NOW_S)
    frozen(home)
    assert commands(shown(home, "2027-02-28")) == {"list": 1}
    assert commands(shown(home, "2027-03-01")) == {}


def test_the_id_is_random_and_new_in_every_month(home: Path) -> None:
    folder = home / "telemetry"
    first = monthly_identity(folder, TODAY).id
    assert monthly_identity(folder, "2026-11-01").id == first
    assert len(first) == 32
    drawn = [b"\x01" * 16, b"\x02" * 16]
    second = monthly_identity(folder, TOMORROW, lambda _: drawn.pop(0)).id
    assert second == "01" * 16  # from the generator alone: nothing of the first id is in it
    assert monthly_identity(folder, TODAY, lambda _: drawn.pop(0)).id == "02" * 16  # never again the first


def test_two_homes_and_two_consents_have_different_ids(home: Path) -> None:
    first = monthly_identity(home / "telemetry", TODAY).id
    turn_off(home)
    turn_on(home)
    assert monthly_identity(home / "telemetry", TODAY).id != first


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff" * 40, b"[" * 50_000, b'{"id":5}'])
def test_a_damaged_id_is_replaced(home: Path, damage: bytes) -> None:
    (home / "telemetry" / "id.json").write_bytes(damage)
    assert len(monthly_identity(home / "telemetry", TODAY).id) == 32


def test_without_consent_there_is_nothing_to_open(tmp_path: Path) -> None:
    with pytest.raises(RefusedError), opened(tmp_path):
        pass
    assert list(tmp_path.iterdir()) == []


def test_two_processes_that_send_at_once_send_the_same_document(home: Path) -> None:
    count(str(home), "list", 0, NOW_S)
    script = (
        "import sys\nfrom pathlib import Path\nfrom satchel.telemetry.waiting import opened\n"
        "from tests.support.telemetry import COMMANDS, FACTS, TODAY\n"
        f"with opened(Path({str(home)!r})) as waiting:\n"
        "    sys.stdout.buffer.write(waiting.freeze(TODAY, FACTS, COMMANDS))\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(2)]
    first, second = [process.communicate(timeout=60)[0] for process in running]
    assert first == second != b""
    assert not (home / COUNTS_FILE).exists()
