"""docs/guides/sharing.md: the messages in its table exist in the client."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guides" / "sharing.md"


def documented_messages() -> list[str]:
    """Return the messages of the table, up to the part that varies."""
    rows = re.findall(r"^\| \d \| (.+?) \| .* \|$", GUIDE.read_text(), re.MULTILINE)
    return [row.partition(" …")[0] for row in rows]


def test_every_message_of_the_table_is_in_the_client() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "client" / "satchel").rglob("*.py"))
    messages = documented_messages()
    assert len(messages) > 5
    assert [message for message in messages if f'"{message}' not in sources] == []
