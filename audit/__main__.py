"""`python -m audit`: the whole audit, or one part of it. Exits with 1 if there are findings, with 2 on wrong usage."""

import argparse
import os
import sys
import time
from datetime import UTC, datetime

from audit import advisories, bills, full
from audit.shipped import AuditError


def main() -> int:
    """Run the part that the command line names."""
    parser = argparse.ArgumentParser(prog="python -m audit", description="audit what satchel ships")
    parser.add_argument("part", nargs="?", default="full", choices=("full", "sbom", "advisories"))
    part = parser.parse_args().part
    try:
        if part == "sbom":
            print("\n".join(bills.write_bills(os.environ)))
            return 0
        if part == "advisories":
            return print_advisories()
        return full.run(os.environ)
    except AuditError as exc:
        print(f"audit: {exc}", file=sys.stderr)
        return 1


def print_advisories() -> int:
    """Print one line for each source and each finding."""
    checked = advisories.check_cached(time.time(), datetime.now(UTC).date())
    for each in checked:
        print(f"advisories: {each.outcome}: {each.source}: {each.detail}")
    found = [line for each in checked for line in each.found]
    for line in found:
        print(f"known vulnerability: {line}", file=sys.stderr)
    if found:
        print("hint: update the lock, or accept it in audit/accepted_advisories.toml", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
