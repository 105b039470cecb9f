"""Findings of the checks are shown, and stop a share unless overridden."""

import io

import pytest

from satchel.cli.app import App
from satchel.cli.environment import Globals, Streams, read_environment
from satchel.cli.share_prompts import confirm_share
from satchel.errors import RefusedError
from satchel.suggest.share_checks import Finding

FOUND = (Finding("private-key", 3, "this looks like a private key"),)


def app(*, typed: str | None = None) -> App:
    """An App; `typed` is the answer on a terminal, None means no terminal."""
    on_terminal = typed is not None
    streams = Streams(
        stdin=io.BytesIO((typed or "").encode()),
        stdout=io.BytesIO(),
        stderr=io.StringIO(),
        stdin_is_terminal=on_terminal,
        stdout_is_terminal=on_terminal,
        stderr_is_terminal=on_terminal,
    )
    return App(Globals(read_environment({"SATCHEL_HOME": "/nowhere"}), streams))


def said(made: App) -> str:
    assert isinstance(made.streams.stderr, io.StringIO)
    return made.streams.stderr.getvalue()


def test_no_findings_print_nothing() -> None:
    made = app()
    confirm_share(made, (), allowed=False)
    assert said(made) == ""


def test_a_finding_stops_a_script_and_names_its_place() -> None:
    made = app()
    with pytest.raises(RefusedError, match="hold 1 secret") as caught:
        confirm_share(made, FOUND, allowed=False)
    assert "--allow-secrets" in caught.value.hint
    assert "line 3: this looks like a private key (private-key)" in said(made)


def test_a_finding_is_shown_even_if_secrets_are_allowed() -> None:
    made = app()
    confirm_share(made, FOUND, allowed=True)
    assert "line 3" in said(made)


def test_a_person_on_a_terminal_decides() -> None:
    confirm_share(app(typed="y\n"), FOUND, allowed=False)
    with pytest.raises(RefusedError):
        confirm_share(app(typed="\n"), FOUND, allowed=False)
