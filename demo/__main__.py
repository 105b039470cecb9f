"""Import the Python standard library, describe, ask, recall, back up, share, restore, merge, undelete, show the ledger.

Every step runs the installed command, and the cloud is the installed service on a directory; only loopback is
used. The demo stops every process that it started and prints the folder with its files.

    python -m demo [SVG]    # SVG: also draw the output as a picture, as in docs/demo.svg
"""

import io
import re
import shutil
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.measure import as_installed
from bench.service.process import Service
from demo.job import Steps, ask, describe, do_job, fill, recall, show_ledger


class Directory(Service):
    """satchel-service on a directory, which devices join with pairing codes."""

    def first_device(self) -> list[str]:
        """Return the options with which the first device connects."""
        return ["--pair", self.pairing_code()]

    def next_device(self, make_code: Callable[[], str]) -> list[str]:
        """Return the options for another device."""
        return ["--pair", make_code()]


def main() -> None:
    """Run the demo and print a summary."""
    folder = Path(tempfile.mkdtemp(prefix="satchel-demo-"))
    steps = Steps(dict(as_installed(), SATCHEL_KEYRING="off"))
    started = time.perf_counter()
    sources = folder / "python"
    installed = shutil.ignore_patterns("site-packages", "dist-packages", "__pycache__")
    shutil.copytree(sysconfig.get_path("stdlib"), sources, ignore=installed)
    fill(steps, folder, sources)
    describe(steps, folder)
    ask(steps, folder)
    recall(steps, folder)
    with Directory(folder / "cloud") as cloud:
        steps.say(f"\n  a cloud of your own: satchel-service on a directory, at {cloud.url}")
        do_job(steps, folder, cloud)
    show_ledger(steps, folder)
    steps.say(f"\nThe demo took {time.perf_counter() - started:.0f} s. Nothing is left running.")
    print(f"The files are in {folder}")
    if len(sys.argv) > 1:
        draw(steps.printed, Path(sys.argv[1]))


def draw(lines: list[str], path: Path) -> None:
    """Draw lines as a terminal in an SVG file."""
    from rich.console import Console  # noqa: PLC0415  only for the picture
    from rich.text import Text  # noqa: PLC0415

    console = Console(record=True, width=104, file=io.StringIO(), force_terminal=True)
    for line in "\n".join(lines).split("\n"):
        console.print(Text(line, style="bold green" if line.startswith("$") else "default"), soft_wrap=True)
    svg = console.export_svg(title="make demo")
    path.write_text(
        re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    )  # use the reader's fonts and fetch nothing


if __name__ == "__main__":
    main()
