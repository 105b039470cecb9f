"""Options that say which backups the cloud keeps, and how to print them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from satchel.cli.arguments import DurationType, NumberType
from satchel.cli.terminal.text import format_count
from satchel_wire.messages import Retention

F = TypeVar("F", bound=Callable[..., Any])

MAX_KEPT = 10_000  # the wire's limit
RULES = (
    ("last", 7, "the newest backups"),
    ("daily", 7, "the newest backup of each of so many days"),
    ("weekly", 4, "the newest backup of each of so many weeks"),
    ("monthly", 12, "the newest backup of each of so many months"),
)
BY_RETENTION = "retention"
GIVEN = (click.core.ParameterSource.COMMANDLINE, click.core.ParameterSource.DEFAULT_MAP)


class EndType(DurationType):
    """A duration, or `retention` (None): the retention of the cloud decides."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Parse a duration."""
        return None if value == BY_RETENTION else super().convert(value, param, ctx)


def keep_options(function: F) -> F:
    """Add --keep-last, --keep-daily, --keep-weekly and --keep-monthly."""
    for name, default, what in reversed(RULES):
        function = click.option(
            f"--keep-{name}",
            f"keep_{name}",
            type=NumberType(MAX_KEPT, minimum=0),
            default=default,
            metavar="N",
            help=f"Set the retention: keep {what} (default of a new cloud: {default}).",
        )(function)
    return function


def with_given(current: Retention, context: click.Context) -> Retention:
    """Return the retention with the numbers that options or settings give; the others stay."""
    given = {
        name: context.params[f"keep_{name}"]
        for name, _, _ in RULES
        if context.get_parameter_source(f"keep_{name}") in GIVEN
    }
    values = {name: given.get(name, getattr(current, name)) for name, _, _ in RULES}
    return Retention(**values)


def is_any_given(context: click.Context, *, by_option: bool = False) -> bool:
    """Return whether an option or a setting gives a number; with `by_option`, only whether an option does."""
    sources = GIVEN[:1] if by_option else GIVEN
    return any(context.get_parameter_source(f"keep_{name}") in sources for name, _, _ in RULES)


def describe(retention: Retention) -> str:
    """Return a retention in words: 7 daily, 4 weekly, 12 monthly."""
    numbers = [(getattr(retention, name), name) for name, _, _ in RULES]
    return ", ".join(f"{number:,} {name}" for number, name in numbers if number)


def fields(retention: Retention) -> dict[str, int]:
    """Return a retention as JSON."""
    return {name: getattr(retention, name) for name, _, _ in RULES}


def count(number: int) -> str:
    """Return a number of backups in words."""
    return format_count(number, "backup")
