"""The plots of docs/reference/scale.md, as SVG."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final

from bench import report
from bench.planning.months import Figures
from satchel_infra.planning.plans import Part, Request
from satchel_infra.planning.platforms.planner import make_plan
from satchel_infra.planning.report import NAMES
from satchel_infra.planning.tables import shipped

WIDTH: Final = 760
PANEL: Final = 150
LEFT: Final = 64
RIGHT: Final = 32
GAP: Final = 46
HOURS_PER_DAY: Final = 24
STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#57606a}.t{font-size:14px;font-weight:600}.n{text-anchor:end}"
    ".m{text-anchor:middle}path{fill:none;stroke:#1f883d;stroke-width:1.2}line{stroke:#d0d7de}"
)


def panels(title: str, series: Sequence[tuple[str, Sequence[float]]]) -> str:
    """Return an SVG with one panel per named series of hourly values. A line marks each day."""
    height = 30 + len(series) * (PANEL + GAP)
    parts = [panel(name, values, 50 + place * (PANEL + GAP)) for place, (name, values) in enumerate(series)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
        f'role="img"><title>{escape(title)}</title><style>{STYLE}</style>'
        f'<rect width="100%" height="100%" fill="#fff"/><text x="8" y="20" class="t">{escape(title)}</text>'
        f"{''.join(parts)}</svg>\n"
    )


def panel(name: str, values: Sequence[float], top: int) -> str:
    """Return one panel: its name, its axes, a line."""
    most = max(values) or 1
    bottom, across = top + PANEL, WIDTH - LEFT - RIGHT
    days = len(values) // HOURS_PER_DAY
    every = 1 if days <= 7 else 7
    marks = [
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}"/>'
        f'<text x="{x:.1f}" y="{bottom + 18}" class="m">day {day}</text>'
        for day in range(0, days + 1, every)
        for x in [LEFT + across * day / days]
    ]
    scale = [
        f'<text x="{LEFT - 6}" y="{top + PANEL * (1 - share) + 4:.1f}" class="n">{most * share:,.0f}</text>'
        for share in (0, 0.5, 1)
    ]
    points = " ".join(
        f"{LEFT + across * (hour + 0.5) / len(values):.1f},{bottom - PANEL * value / most:.1f}"
        for hour, value in enumerate(values)
    )
    return (
        f'<text x="{LEFT}" y="{top - 6}">{escape(name)}</text>{"".join(marks + scale)}<path d="M{points}"/>'
    )


def month_plot(figures: Figures) -> str:
    """Return awake instances and cold starts over the simulated weeks."""
    return panels(
        "10,000 clouds on Cloud Run, four simulated weeks from a Monday",
        [
            ("instances awake, mean of each hour", figures["awake_by_hour"]),
            ("cold starts an hour", figures["cold_starts_by_hour"]),
        ],
    )


def viral_plot(figures: Figures) -> str:
    """Return the week of the viral share."""
    week = figures["viral_acts_by_hour"][7 * HOURS_PER_DAY : 14 * HOURS_PER_DAY]
    return panels(
        "A share that 100,000 people open, second week", [("acts an hour at its one instance", week)]
    )


def cost_plot(_: Figures) -> str:
    """Return what a cloud costs, by line and platform."""
    groups = []
    for platform, name in NAMES.items():
        plan = make_plan(Request(platform, 1_000_000), shipped())
        lines = [(line.name, 100 * line.figure.value / 1_000_000) for line in plan.of(Part.COST)]
        groups.append((name, [line for line in lines if line[1] >= 0.005]))
    return report.bars("US cents per cloud and month, of a million clouds", groups, "ct")


PLOTS: Final[Mapping[str, Callable[[Figures], str]]] = {
    "scale-month.svg": month_plot,
    "scale-viral.svg": viral_plot,
    "scale-cost.svg": cost_plot,
}
