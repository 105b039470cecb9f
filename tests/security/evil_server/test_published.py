"""docs/spec/evil-server.md lists the cases that run. SATCHEL_UPDATE_GOLDEN=1 writes it."""

import os
from pathlib import Path

from tests.security.evil_server.published import write

PAGE = Path(__file__).parents[3] / "docs" / "spec" / "evil-server.md"


def test_the_published_list_is_the_list_that_runs() -> None:
    if os.environ.get("SATCHEL_UPDATE_GOLDEN"):
        PAGE.write_text(write())
    assert PAGE.read_text() == write()
