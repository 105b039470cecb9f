"""Values for the placeholders of a command: from `--set`, from questions on a terminal, or their defaults."""

from collections.abc import Callable, Sequence
from typing import Final

from satchel.cli.terminal.text import one_line
from satchel.errors import UsageError
from satchel.placeholders import Placeholder, refused_value

Ask = Callable[[str], str]
"""Shows a prompt and returns the line that was typed. Raises EndOfInputError at the end of input."""

Tell = Callable[[str], None]

_SHOWN_CHOICES: Final = 20


def given_values(texts: Sequence[str], placeholders: Sequence[Placeholder]) -> dict[str, str]:
    """Return the values of `--set name=value` options. UsageError for a malformed or unknown one."""
    known = {one.name: one for one in placeholders}
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set {text!r} has no value", hint="write --set name=value")
        if name not in known:
            names = ", ".join(known) or "none"
            raise UsageError(f"the command has no placeholder '{name}'", hint=f"its placeholders: {names}")
        _require(known[name], value)
        values[name] = value
    return values


def _require(placeholder: Placeholder, value: str) -> None:
    reason = refusal(placeholder, value)
    if reason:
        raise UsageError(f"the value of '{placeholder.name}' is refused: {reason}", hint="set another value")


def refusal(placeholder: Placeholder, value: str) -> str:
    """Return why a value is refused, or an empty text."""
    if placeholder.choices and value not in placeholder.choices:
        return f"it is none of {', '.join(map(one_line, placeholder.choices[:_SHOWN_CHOICES]))}"
    return refused_value(value)


def default_values(placeholders: Sequence[Placeholder], values: dict[str, str]) -> dict[str, str]:
    """Return the values with the defaults of the others. UsageError if one has no default."""
    missing = [one.name for one in placeholders if one.name not in values and one.default is None]
    if missing:
        raise UsageError(
            f"no value is given for {', '.join(f'<{name}>' for name in missing)}",
            hint=" ".join(f"--set {name}=VALUE" for name in missing),
        )
    return {one.name: one.default or "" for one in placeholders} | values


def ask_values(
    placeholders: Sequence[Placeholder], values: dict[str, str], ask: Ask, tell: Tell
) -> dict[str, str]:
    """Return the values, after asking for those that are missing. Raise EndOfInputError at the end of input."""
    asked = dict(values)
    for one in placeholders:
        if one.name not in asked:
            asked[one.name] = _ask_value(one, ask, tell)
    return asked


def _ask_value(placeholder: Placeholder, ask: Ask, tell: Tell) -> str:
    for number, choice in enumerate(placeholder.choices, 1):
        tell(f"  {number}  {one_line(choice) or '(empty)'}")
    default = placeholder.default
    if default is None and placeholder.choices:
        default = placeholder.choices[0]
    shown = "" if default is None else f" [{one_line(default)}]"
    while True:
        value = _chosen(placeholder, ask(f"{placeholder.name}{shown}: "), default)
        reason = "it is empty" if value is None else refusal(placeholder, value)
        if value is not None and not reason:
            return value
        tell(
            f"{placeholder.name}: {reason}; type '' for an empty value"
            if value is None
            else f"{placeholder.name}: {reason}"
        )


def _chosen(placeholder: Placeholder, typed: str, default: str | None) -> str | None:
    """Return the value for what was typed: a choice or its number, the default for nothing; None for none."""
    if not typed:
        return default
    if typed == "''":
        return ""
    choices = placeholder.choices
    if (
        choices
        and typed not in choices
        and typed.isascii()
        and typed.isdigit()
        and 1 <= int(typed) <= len(choices)
    ):
        return choices[int(typed) - 1]
    return typed
