"""Tables and a plot for docs/reference."""

import re
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

Row = dict[str, str]

PART: Final = re.compile(r"(<!-- figures: ([a-z]+) -->\n).*?(<!-- end -->)", re.DOTALL)

BAR_HEIGHT: Final = 18
LABEL_WIDTH: Final = 180
PLOT_WIDTH: Final = 440


def table(rows: Sequence[Row]) -> str:
    """Return a Markdown table with the columns of the first row."""
    columns = list(rows[0])
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += [
        "| " + " | ".join(row.get(column, "").replace("|", "\\|") for column in columns) + " |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


def filled(page: str, write: Callable[[str], str]) -> str:
    """Return the page with every section from `<!-- figures: NAME -->` to `<!-- end -->` replaced."""
    return PART.sub(lambda found: f"{found[1]}{write(found[2]).strip()}\n{found[3]}", page)


def bars(title: str, groups: Sequence[tuple[str, Sequence[tuple[str, float]]]], unit: str) -> str:
    """Return an SVG of horizontal bars: a heading per group and a bar per named value."""
    parts: list[str] = []
    y = 34
    for heading, values in groups:
        largest = max(value for _, value in values) or 1.0
        parts.append(f'<text x="8" y="{y + 14}" class="h">{escape(heading)}</text>')
        y += 22
        for name, value in values:
            width = max(1.0, value / largest * PLOT_WIDTH)
            kind = "us" if name == "satchel" else "them"
            parts.append(f'<text x="{LABEL_WIDTH - 8}" y="{y + 13}" class="n">{escape(name)}</text>')
            parts.append(
                f'<rect x="{LABEL_WIDTH}" y="{y}" width="{width:.1f}" height="{BAR_HEIGHT - 4}" class="{kind}"/>'
            )
            parts.append(
                f'<text x="{LABEL_WIDTH + width + 6:.1f}" y="{y + 12}">{value:,.2f} {escape(unit)}</text>'
            )
            y += BAR_HEIGHT
        y += 10
    style = (
        "text{font:12px system-ui,sans-serif;fill:#57606a}.h{font-weight:600}.n{text-anchor:end}"
        ".t{font-size:14px;font-weight:600}.us{fill:#1f883d}.them{fill:#afb8c1}"
    )
    width = LABEL_WIDTH + PLOT_WIDTH + 110
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" viewBox="0 0 {width} {y}" role="img">'
        f'<title>{escape(title)}</title><style>{style}</style><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="8" y="20" class="t">{escape(title)}</text>{"".join(parts)}</svg>\n'
    )
