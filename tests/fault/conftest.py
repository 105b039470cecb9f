"""A home with a store, a backup of it in a file, and the checks after a refusal."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.archives import OWNER, context_of, make_store

from satchel.backup.create.backup import BackupOptions, back_up_to_file
from satchel.backup.restore.restore import restore, select_file
from satchel.errors import SatchelError

Refuse = Callable[[bytes], SatchelError]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_store(tmp_path / "home")


@pytest.fixture
def sealed(home: Path, tmp_path: Path) -> bytes:
    """A valid archive of that home."""
    path = tmp_path / "backup.age"
    back_up_to_file(context_of(home), path, BackupOptions("laptop"))
    return path.read_bytes()


def listing_of(home: Path) -> dict[str, bytes]:
    """Return the contents of a home that must not change."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name != "lock"
    }


@pytest.fixture
def refused(home: Path, tmp_path: Path) -> Refuse:
    """Try to restore an archive into the home; it must fail with one line and change nothing."""

    def attempt(sealed: bytes) -> SatchelError:
        before = listing_of(home)
        path = tmp_path / "hostile.age"
        path.write_bytes(sealed)
        with pytest.raises(SatchelError) as raised, select_file(path) as selection:
            restore(context_of(home, OWNER), selection, allow_older=True)
        assert listing_of(home) == before
        assert "\n" not in raised.value.message
        assert raised.value.hint
        return raised.value

    return attempt
