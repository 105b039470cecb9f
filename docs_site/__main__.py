"""`python -m docs_site share|site`: write the files of client/share, or build the website."""

import argparse
import sys
from pathlib import Path

from docs_site.share import write_share
from docs_site.site import BuildError, build_site, default_directories


def main() -> int:
    """Build what the command line names. Return 1 if the website has faults."""
    parser = argparse.ArgumentParser(prog="python -m docs_site", description="build the documentation")
    parser.add_argument("part", choices=("share", "site"))
    parser.add_argument("directory", nargs="?", type=Path, help="where to build the website")
    given = parser.parse_args()
    if given.part == "share":
        write_share()
        return 0
    directory, work = default_directories()
    try:
        build_site(given.directory or directory, work)
    except BuildError as exc:
        print(exc, file=sys.stderr)
        return 1
    print(f"open {(given.directory or directory) / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
