"""A device: one home, used through real `satchel` processes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from satchel.keys import OwnerKeys, RootSecret, Vault, derive_owner_keys
from satchel.store import Changes, Draft, Store

PROGRAM: Final = Path(sys.executable).with_name("satchel")


@dataclass(frozen=True)
class Ran:
    """The result of a command."""

    code: int
    stdout: bytes
    stderr: bytes

    @property
    def text(self) -> str:
        """Standard output without its last line feed."""
        return self.stdout.decode().strip()

    @property
    def said(self) -> str:
        """Standard output and standard error."""
        return (self.stdout + self.stderr).decode(errors="replace")


class Device:
    """A home and commands on it. Its keys are in files; no keyring is used."""

    def __init__(
        self,
        home: Path,
        root: RootSecret | None = None,
        environ: Mapping[str, str] | None = None,
        command: Sequence[str | Path] = (PROGRAM,),
    ) -> None:
        self.home = home
        self._command = command
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SATCHEL_")},
            "SATCHEL_HOME": str(home),
            "SATCHEL_KEYRING": "off",
            **(environ or {}),
        }
        if root is not None:
            with Store.create(home):
                Vault(home, use_keyring=False).create(root, use_keyring=False)

    def run(self, *arguments: str | Path, stdin: bytes = b"", code: int = 0) -> Ran:
        """Run a command and check its exit code."""
        done = subprocess.run(
            [*self._command, *arguments],
            env=self.environ,
            input=stdin,
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode != code:
            said = done.stderr.decode(errors="replace")
            raise AssertionError(f"satchel {arguments[0]} ended with {done.returncode}, not {code}: {said}")
        return Ran(done.returncode, done.stdout, done.stderr)

    def json(self, *arguments: str | Path, stdin: bytes = b"") -> Any:  # noqa: ANN401  whatever the document holds
        """Run a command with --json and return its document."""
        return json.loads(self.run(*arguments, "--json", stdin=stdin).stdout)

    def save(self, content: bytes, *, title: str = "a Piece", **fields: Any) -> str:  # noqa: ANN401  a Draft's
        """Save a Piece in this process and return its id."""
        with Store.open(self.home) as store:
            return store.add(Draft(content=content, title=title, **fields)).id

    def edit(self, piece_id: str, changes: Changes) -> None:
        """Edit a Piece in this process."""
        with Store.open(self.home) as store:
            store.edit(piece_id, changes)

    @property
    def vault(self) -> Vault:
        """The vault of the home."""
        return Vault(self.home, use_keyring=False)

    @property
    def owner(self) -> OwnerKeys:
        """The owner's keys."""
        return derive_owner_keys(self.vault.load(lambda: ""))
