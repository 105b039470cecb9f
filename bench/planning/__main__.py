"""`python -m bench.planning [--keep]`: write docs/reference/scale.md with its plots.

The months are simulated anew unless `--keep` is given, which serves after changes of the plan alone.
"""

import argparse
import json
from typing import Final

from bench.planning import page, plots
from bench.planning.months import Figures, measure

RECORD: Final = page.REFERENCE / "scale.json"


def main() -> None:
    """Write the page, its plots and the record of the simulation."""
    parser = argparse.ArgumentParser(prog="python -m bench.planning")
    parser.add_argument(
        "--keep", action="store_true", help="keep the simulated months of docs/reference/scale.json"
    )
    figures: Figures = json.loads(RECORD.read_text()) if parser.parse_args().keep else measure()
    RECORD.write_text(json.dumps(figures, indent=1) + "\n")
    path = page.REFERENCE / "scale.md"
    path.write_text(page.filled(path.read_text(), figures))
    for name, plot in plots.PLOTS.items():
        (page.REFERENCE / name).write_text(plot(figures))
    print(f"written: {path}")


if __name__ == "__main__":
    main()
