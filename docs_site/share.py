"""The files below `share/` of an installation: manual pages, and completion scripts for three shells."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from click.shell_completion import ShellComplete

from docs_site.commands import manuals, overview
from docs_site.manual_pages import overview_page, page_of
from satchel.cli.root import root
from satchel.cli.shells import COMPLETION_VARIABLE, SHELLS

SHARE: Final = Path(__file__).resolve().parent.parent / "client" / "share"
# Where each shell looks for the scripts of installed programs.
COMPLETIONS: Final = {
    "bash": "bash-completion/completions/satchel",
    "zsh": "zsh/site-functions/_satchel",
    "fish": "fish/vendor_completions.d/satchel.fish",
}


def share_files() -> Iterator[tuple[str, str]]:
    """Yield the path and the text of every file."""
    commands = list(manuals())
    yield "man/man1/satchel.1", overview_page(overview(), commands)
    for each in commands:
        yield f"man/man1/{each.page}.1", page_of(each)
    for shell, path in COMPLETIONS.items():
        script = ShellComplete.source(SHELLS[shell](root, {}, "satchel", COMPLETION_VARIABLE))
        yield path, f"{script.rstrip()}\n"


def write_share(directory: Path = SHARE) -> None:
    """Write every file, and remove those of commands that no longer exist."""
    files = dict(share_files())
    for path, text in files.items():
        target = directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    for old in directory.rglob("*"):
        if old.is_file() and old.relative_to(directory).as_posix() not in files:
            old.unlink()
