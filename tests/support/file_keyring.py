"""A keyring in a file, for processes that tests start: PYTHON_KEYRING_BACKEND names it, TEST_KEYRING its file."""

import json
import os
from pathlib import Path
from typing import Final

from keyring.backend import KeyringBackend

ROOT: Final = Path(__file__).parents[2]


class FileKeyring(KeyringBackend):
    """Stores passwords as JSON."""

    priority = 9

    @property
    def _path(self) -> Path:
        return Path(os.environ["TEST_KEYRING"])

    def get_password(self, service: str, username: str) -> str | None:
        """Return a password, or None."""
        return self._read().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store a password."""
        self._write({**self._read(), f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        """Delete a password."""
        held = self._read()
        held.pop(f"{service}/{username}")
        self._write(held)

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self._path.read_text()) if self._path.exists() else {}
        return found

    def _write(self, held: dict[str, str]) -> None:
        self._path.write_text(json.dumps(held))


def keyring_variables(file: Path) -> dict[str, str]:
    """Return the environment variables of a program that uses the keyring in `file`."""
    return {
        "PYTHON_KEYRING_BACKEND": f"{__name__}.{FileKeyring.__name__}",
        "TEST_KEYRING": str(file),
        "PYTHONPATH": str(ROOT),
        "SATCHEL_KEYRING": "on",
    }


def held_in(file: Path) -> dict[str, str]:
    """Return what a keyring holds."""
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return found
