"""Runs one command against one attack, on a copy of the world."""

import io
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Final

from tests.cli.conftest import Cli
from tests.security.evil_server.cloud import RealCloud
from tests.security.evil_server.scenarios import Scenario
from tests.security.evil_server.server import NOTHING, Attack, EvilServer, OtherOrigin
from tests.security.evil_server.verdict import Outcome, faults
from tests.security.evil_server.world import OWNER, VARIABLES, Template, World, digest, new_home, serving

from satchel.cli.environment import Streams, read_environment
from satchel.cli.running import run
from satchel.keys import Vault

By = Callable[[list[str], dict[str, str]], tuple[int, str, str]]
"""Runs a command with variables, and returns its exit code and output."""

RUNS: Final = 25
"""Commands on one copy of the cloud, which most of them leave fuller."""


class Runner:
    """Copies the world only after a command that may have changed it."""

    def __init__(self, template: Template, evil: EvilServer, other: OtherOrigin, folder: Path) -> None:
        self.template = template
        self.evil = evil
        self.other = other
        self._folder = folder
        self._numbers = count()
        self._runs = 0
        self.kept_home = folder
        self._homes: dict[str, tuple[Path, dict[str, bytes]]] = {}
        self._held = ExitStack()
        self._cloud: RealCloud | None = None
        self._cloud_folder = folder

    def run(
        self,
        scenario: Scenario,
        attack: Attack | None = None,
        *,
        terminal: bool = True,
        extra: tuple[str, ...] = (),
        keep: bool = False,
        by: By | None = None,
    ) -> Outcome:
        """Run a command against an attack."""
        number = next(self._numbers)
        cloud = self._fresh_cloud(number)
        cli, before = self._home(scenario.home, number)
        world = World(self._folder, self.template, self.evil, dict(self.template.names))
        world.names |= {"url": self.evil.url, "into": str(self._folder / f"into{number}")}
        if "{code}" in scenario.arguments:
            world.names["code"] = cloud.operators_code()
        arguments = [each.format(**world.names) for each in scenario.arguments]
        token = self._token(cli.home)
        self.evil.seen.clear()
        self.other.seen.clear()
        self.evil.altered, self.evil.sent_bytes, self.evil.attack = 0, 0, attack
        try:
            if by is None:
                code, out, err = _run([*extra, *arguments], cli.variables, terminal=terminal)
            else:
                code, out, err = by([*extra, *arguments], cli.variables)
        finally:
            self.evil.attack, self.other.answer = None, NOTHING
        self._runs += 1
        if scenario.spoils or self._runs % RUNS == 0:
            self._drop_cloud()
        outcome = Outcome(
            arguments=arguments,
            code=code,
            out=out,
            err=err,
            before=before,
            after=(after := digest(cli.home)),
            seen=tuple(self.evil.seen),
            elsewhere=tuple(self.other.seen),
            token=token,
            altered=self.evil.altered,
            sent_bytes=self.evil.sent_bytes,
        )
        if after != before or scenario.home == "nowhere":
            self._homes.pop(scenario.home, None)
            self.kept_home = cli.home
            if not keep:
                self.drop_kept()
        return outcome

    def faults(
        self, scenario: Scenario, outcome: Outcome, codes: Collection[int], operation: str = ""
    ) -> list[str]:
        """Return what is wrong with the outcome of a scenario."""
        return faults(outcome, codes, leaves=scenario.leaves, may_store=operation in scenario.stores_before)

    @staticmethod
    def folder_of(outcome: Outcome) -> Path:
        """Return the folder that a command with --into has written."""
        return Path(outcome.arguments[outcome.arguments.index("--into") + 1])

    def drop_kept(self) -> None:
        """Delete a home that was kept."""
        shutil.rmtree(self.kept_home, ignore_errors=True)

    def close(self) -> None:
        """Stop the cloud and delete the copies."""
        self._drop_cloud()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _home(self, name: str, number: int) -> tuple[Cli, dict[str, bytes]]:
        """Return a copy of a home and its files; the same one until a command changes it."""
        if name not in self._homes:
            home = self._folder / f"home{number}"
            if name == "unconnected":
                new_home(home, OWNER)
            elif name != "nowhere":
                shutil.copytree(self.template.folder / name, home)
            self._homes[name] = (home, digest(home))
        home, before = self._homes[name]
        return Cli(home, VARIABLES), before

    @staticmethod
    def _token(home: Path) -> str:
        return Vault(home, use_keyring=False).load_token() if (home / "cloud.json").exists() else ""

    def _fresh_cloud(self, number: int) -> RealCloud:
        if self._cloud is None:
            self._cloud_folder = self._folder / f"cloud{number}"
            shutil.copytree(self.template.folder / "cloud", self._cloud_folder)
            self._cloud = self._held.enter_context(serving(self.evil, self._cloud_folder))
        return self._cloud

    def _drop_cloud(self) -> None:
        if self._cloud is not None:
            self._held.close()
            self._cloud = None
            shutil.rmtree(self._cloud_folder, ignore_errors=True)


def _run(arguments: Sequence[str], variables: Mapping[str, str], *, terminal: bool) -> tuple[int, str, str]:
    """Run a command in this process. It prints on a terminal, or into pipes, and nobody types answers."""
    out, err = io.BytesIO(), io.StringIO()
    streams = Streams(io.BytesIO(), out, err, False, terminal, terminal)
    code = run(list(arguments), read_environment(variables), streams)
    return code, out.getvalue().decode("utf-8", "surrogateescape"), err.getvalue()
