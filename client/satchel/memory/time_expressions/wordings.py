"""Rules of `rewriting` for prepositions, parts of a span, and spans that end now, in other words."""

from collections.abc import Sequence
from typing import Final

from satchel.memory.time_expressions.reading import ordinal_of
from satchel.memory.time_expressions.vocabulary import (
    MEALS,
    MONTH_NUMBERS,
    NUMBERS,
    ORDINALS,
    UNITS,
    WEEKDAY_NUMBERS,
)

Rewritten = tuple[Sequence[str], int] | None

# Phrases that always become the same.
_SAME: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    ("prior", "to"): ("before",),
    ("ahead", "of"): ("before",),
    ("earlier", "than"): ("before",),
    ("later", "than"): ("after",),
    ("through", "to"): ("to",),
    ("as", "of"): ("since",),
    ("beginning", "with"): ("since",),
    ("no", "later", "than"): ("by",),
    ("since", "as", "far", "back", "as"): ("since",),
    ("most", "recent"): ("last",),
    ("last", "calendar"): ("previous",),
    ("first", "part", "of"): ("first", "half", "of"),
    ("early", "part", "of"): ("early", "in"),
    ("middle", "part", "of"): ("middle", "of"),
    ("latter", "part", "of"): ("second", "half", "of"),
    ("second", "part", "of"): ("second", "half", "of"),
    ("last", "part", "of"): ("second", "half", "of"),
    ("late", "part", "of"): ("late", "in"),
    ("front", "half", "of"): ("first", "half", "of"),
    ("back", "half", "of"): ("second", "half", "of"),
    ("close", "of"): ("end", "of"),
    ("first", "third", "of"): ("early", "in"),
    ("middle", "third", "of"): ("mid", "in"),
    ("last", "third", "of"): ("late", "in"),
    ("halfway", "through"): ("middle", "of"),
    ("midway", "through"): ("middle", "of"),
    ("half", "way", "through"): ("middle", "of"),
    ("early", "on", "in"): ("early", "in"),
    ("late", "on", "in"): ("late", "in"),
    ("first", "days", "of"): ("first", "few", "days", "of"),
    ("opening", "days", "of"): ("first", "few", "days", "of"),
    ("early", "days", "of"): ("first", "few", "days", "of"),
    ("last", "days", "of"): ("last", "few", "days", "of"),
    ("final", "days", "of"): ("last", "few", "days", "of"),
    ("closing", "days", "of"): ("last", "few", "days", "of"),
    ("opening", "week", "of"): ("first", "week", "of"),
    ("closing", "week", "of"): ("last", "week", "of"),
}
_LONGEST: Final = max(map(len, _SAME))
_MOST_HOURS: Final = 12


def same(words: Sequence[str]) -> Rewritten:
    """Write a phrase of the table as its other form."""
    for count in range(_LONGEST, 1, -1):
        if (found := _SAME.get(tuple(words[1 : 1 + count]))) and len(words) > count:
            return found, count
    return None


def preposition(words: Sequence[str]) -> Rewritten:
    """Write "past noon" and "following lunch" with "after", "close to 10" with "around", "beginning Monday" with "since"."""
    before, first, second, third, *_ = [*words, "", "", ""]
    if first == "past" and before not in {"the", "this"} and (_is_clock(second) or _is_clock(second + third)):
        return ["after"], 1
    if first == "following" and second in MEALS:
        return ["after"], 1
    if first == "near" and (_is_clock(second) or _is_clock(second + third)):
        return ["around"], 1
    if (first, second) == ("close", "to") and (third[:1].isdigit() or _is_clock(third)):
        return ["around"], 2
    on = int(second == "on")
    name = third if on else second
    is_name = name in WEEKDAY_NUMBERS or name in MONTH_NUMBERS or name[:1].isdigit()
    return (["since"], 1 + on) if first == "beginning" and is_name and before not in UNITS else None


def hour_in_words(words: Sequence[str]) -> Rewritten:
    """Write "3 in the afternoon" as "3pm", "10 at night" as "10pm", "at 15h" as "at 15:00"."""
    before, first, *others = words
    if (
        first.endswith("h")
        and first[:-1].isdigit()
        and len(first) <= 3
        and before in {"at", "around", "about"}
    ):
        hour = int(first[:-1])
        return ([f"{(hour - 1) % 12 + 1}{'pm' if hour >= 12 else 'am'}"], 1) if 0 < hour < 24 else None
    number = (
        int(first) if first.isdigit() and len(first) < 3 else NUMBERS.get(first, 0) if first != "one" else 0
    )
    if not 1 <= number <= _MOST_HOURS:
        return None
    if others[:2] == ["at", "night"]:
        return [f"{number}{'pm' if 5 < number < 12 else 'am'}"], 3
    half = {"morning": "am", "afternoon": "pm", "evening": "pm"}.get("".join(others[2:3]))
    return ([f"{number}{half}"], 4) if half and others[:2] == ["in", "the"] else None


def elapsed(words: Sequence[str]) -> Rewritten:
    """Write "three days earlier" with "ago", and "since three days" and "the 5 hours up to now" with "last"."""
    before, first, *others = words
    if first in UNITS and others[:1] in (["earlier"], ["prior"]) and _is_number(before):
        return ([first, "ago"], 2) if others[1:2] not in (["to"], ["than"], ["of"]) else None
    if (
        first in {"since", "within", "for"}
        and len(others) > 1
        and _is_number(others[0])
        and others[1] in UNITS
    ):
        behind = others[2:3]
        is_counted = behind == ["now"] if first == "for" else behind not in (["ago"], ["back"], ["of"], ["-"])
        return (["last", *others[:2]], 3 + (first == "for")) if is_counted else None
    if _is_number(first) and others[:1] and others[0] in UNITS and others[1:4] == ["up", "to", "now"]:
        return ["last", first, others[0]], 5
    return None


def unit_in_words(words: Sequence[str]) -> Rewritten:
    """Write "since the week began", "the week before this one", "earlier in the week" and "quarter 3" as others do."""
    before, first, second, third, fourth, *_ = [*words, "", "", "", ""]
    if before == "since" and first == "the" and second in UNITS and third in {"began", "started"}:
        return ["the", "start", "of", "the", second], 3
    if first in UNITS and (second, third) == ("before", "this") and fourth in {"one", first}:
        return ["previous", first], 4
    if (first, second, third) == ("of", "the", "year") and fourth.isdigit():
        return ["of"], 3
    if first in UNITS and second == "preceding":
        return [first, "before"], 2
    if (first, second, third) == ("earlier", "in", "the") and fourth in UNITS:
        return ["earlier", "this", fourth], 4
    number = NUMBERS.get(second) or (int(second) if second.isdigit() and len(second) == 1 else 0)
    return ([f"q{number}"], 2) if first == "quarter" and 1 <= number <= 4 else None


def week_of_month(words: Sequence[str]) -> Rewritten:
    """Write "October's second week" and "week 2 of October" as "the second week of October"."""
    first, second, third, fourth, *_ = [*words[1:], "", "", "", ""]
    if first in MONTH_NUMBERS and third == "week" and (ordinal_of(second) or second in {"last", "final"}):
        return [second, "week", "of", first], 3
    number = NUMBERS.get(second) or (int(second) if second.isdigit() and len(second) == 1 else 0)
    if (first, third) != ("week", "of") or fourth not in MONTH_NUMBERS or not 1 <= number <= 5:
        return None
    return [_ordinal(number), "week", "of", fourth], 4


def night(words: Sequence[str]) -> Rewritten:
    """Write "during the night" as "last night"."""
    before, first, second, third, *_ = [*words, "", "", ""]
    is_one = (first, second) == ("the", "night") and third not in {
        "of",
        "on",
        "from",
        "before",
        "shift",
        "mode",
    }
    return (["last", "night"], 2) if is_one and before in {"during", "in", "over"} else None


def _ordinal(number: int) -> str:
    return next(name for name, value in ORDINALS.items() if value == number)


def _is_number(text: str) -> bool:
    return text.isdigit() or text in NUMBERS or text in {"few", "couple", "several"}


def _is_clock(text: str) -> bool:
    is_half_day = text.endswith(("am", "pm")) and text[:1].isdigit()
    return text in {"noon", "midday", "midnight"} or is_half_day or (":" in text and text[:1].isdigit())
