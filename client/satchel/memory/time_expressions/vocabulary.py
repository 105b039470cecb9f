"""The words of time expressions in English, in lower case."""

from typing import Final

from satchel.memory.time_expressions.spans import Unit

MONTHS: Final = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MONTH_NUMBERS: Final = {
    **{name: number for number, name in enumerate(MONTHS, 1)},
    **{name[:3]: number for number, name in enumerate(MONTHS, 1)},
    "sept": 9,
}
WEEKDAY_NUMBERS: Final = {
    **{name: number for number, name in enumerate(WEEKDAYS)},
    **{name[:3]: number for number, name in enumerate(WEEKDAYS)},
    "tues": 1,
    "weds": 2,
    "thur": 3,
    "thurs": 3,
}
# Names that are words or abbreviations of other things too. They need a word of time before them, or a number.
DOUBTFUL: Final = frozenset(
    {"may", "march", "august", "jan", "mar", "dec", "sat", "sun", "mon", "wed", "jun", "sep", "oct"}
)

UNITS: Final[dict[str, Unit]] = {
    "minute": "minute",
    "minutes": "minute",
    "min": "minute",
    "mins": "minute",
    "hour": "hour",
    "hours": "hour",
    "hr": "hour",
    "hrs": "hour",
    "day": "day",
    "days": "day",
    "week": "week",
    "weeks": "week",
    "wk": "week",
    "weekend": "weekend",
    "weekends": "weekend",
    "month": "month",
    "months": "month",
    "quarter": "quarter",
    "quarters": "quarter",
    "year": "year",
    "years": "year",
    "yr": "year",
    "yrs": "year",
}
SHORT_UNITS: Final[dict[str, Unit]] = {
    "m": "minute",
    "min": "minute",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "d": "day",
    "w": "week",
    "wk": "week",
    "mo": "month",
    "y": "year",
    "yr": "year",
}

_UP_TO_TWENTY: Final = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]
NUMBERS: Final[dict[str, int]] = {
    **{name: number for number, name in enumerate(_UP_TO_TWENTY, 1)},
    "thirty": 30,
    "forty": 40,
    "forty-five": 45,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
}
_ORDINALS: Final = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
]
ORDINALS: Final[dict[str, int]] = {
    **{name: number for number, name in enumerate(_ORDINALS, 1)},
    **{f"twenty-{name}": 20 + number for number, name in enumerate(_ORDINALS[:9], 1)},
    "thirtieth": 30,
    "thirty-first": 31,
}
# Vague numbers, as the fewest and the most.
VAGUE: Final[dict[str, tuple[int, int]]] = {
    "couple": (2, 2),
    "few": (2, 5),
    "some": (2, 5),
    "several": (3, 7),
}

# Parts of a day: the hours from and to, which may be of the next day.
DAY_PARTS: Final[dict[str, tuple[int, int]]] = {
    "morning": (4, 12),
    "lunchtime": (11, 14),
    "afternoon": (12, 18),
    "evening": (17, 23),
    "night": (18, 28),
    "early-morning": (4, 9),
    "mid-morning": (9, 11),
    "late-morning": (10, 12),
    "early-afternoon": (12, 15),
    "mid-afternoon": (14, 16),
    "late-afternoon": (16, 18),
    "early-evening": (17, 20),
    "late-evening": (20, 24),
    "late-night": (21, 28),
    "first-thing": (6, 10),
    "last-thing": (16, 24),
    "small-hours": (0, 5),
}
# Meals stand for times of day behind the words of MEAL_LEADING; the rest of a question may be about "lunch".
MEALS: Final[dict[str, tuple[int, int]]] = {"breakfast": (7, 9), "lunch": (12, 13), "dinner": (18, 20)}
MEAL_LEADING: Final = frozenset(
    {"before", "after", "since", "until", "till", "at", "over", "during", "around", "from"}
)
# Parts of a longer span, as fractions of its length.
PORTIONS: Final[dict[str, tuple[float, float]]] = {
    "early": (0, 1 / 3),
    "beginning": (0, 0.3),
    "start": (0, 0.3),
    "mid": (1 / 3, 2 / 3),
    "middle": (1 / 3, 2 / 3),
    "midweek": (1 / 3, 2 / 3),
    "late": (2 / 3, 1),
    "later": (2 / 3, 1),
    "end": (0.7, 1),
}
# The same of a day, a week and a year, as their hours, days and months.
PORTIONS_OF_DAY: Final[dict[str, tuple[int, int]]] = {
    "early": (0, 10),
    "beginning": (6, 10),
    "start": (6, 10),
    "late": (17, 24),
    "end": (16, 24),
}
PORTIONS_OF_WEEK: Final = {"mid": (1, 4), "middle": (1, 4), "midweek": (1, 4)}
PORTIONS_OF_YEAR: Final = {"beginning": (0, 3), "start": (0, 3), "end": (9, 12)}
# Seasons of the northern hemisphere by whole months: the first one.
SEASONS: Final[dict[str, int]] = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}

PREVIOUS: Final = frozenset({"last", "previous", "past", "prior", "preceding"})
CURRENT: Final = frozenset({"this", "current"})
SINCE: Final = frozenset({"since", "starting"})
BEFORE: Final = frozenset({"before"})
UNTIL: Final = frozenset({"until", "till", "til", "by"})
AFTER: Final = frozenset({"after"})
TO: Final = frozenset({"to", "until", "till", "til", "through", "thru", "-", "–", "—", ".."})
AROUND: Final = frozenset(
    {"around", "about", "circa", "roughly", "approximately", "approx", "towards", "toward"}
)
ONWARD: Final = frozenset({"on", "onward", "onwards", "forward"})
SHORTLY: Final = frozenset({"shortly", "just", "right", "immediately", "soon"})
# Before a name of time, they tell that it repeats or is to come.
NOT_PAST: Final = frozenset({"every", "each", "next", "coming", "upcoming", "tomorrow"})
NOW: Final = frozenset({"now", "present", "date"})
# Words between the parts of a phrase: "on Tuesday in the last week of March".
JOINING: Final = frozenset({"of", "on", "in", "the", "at", "during", "from", "around", "back"})
# Words before an expression that belong to it, and not to the rest of the question.
LEADING: Final = frozenset(
    {"on", "in", "at", "during", "from", "over", "within", "for", "the", "throughout", "back", "of"}
)
# Words after which a doubtful name is one of time.
TELLING: Final = frozenset(
    {
        "on",
        "in",
        "during",
        "since",
        "until",
        "till",
        "before",
        "after",
        "between",
        "from",
        "to",
        "of",
        "around",
        "by",
    }
    | {"mid", "early", "late", "-", "–", "—", "through", "throughout", "starting", ".."}
)
APOSTROPHES: Final = "'\u2019"
POSSESSIVES: Final = ("'s", "\u2019s")
TRAILING: Final = (("so", "far"), ("or", "so"), ("at", "all"))
# Words that can follow a time which has no more to it: "on the 12th in repo shop", but not "the 12th test".
FUNCTION_WORDS: Final = frozenset(
    TELLING
    | {
        "about",
        "and",
        "at",
        "but",
        "did",
        "do",
        "for",
        "had",
        "have",
        "i",
        "in",
        "or",
        "so",
        "that",
        "the",
        "then",
        "was",
    }
    | {"we", "were", "what", "when", "where", "which", "while", "with", "using", "again", "please"}
    | {"onward", "onwards"}
)
# Things that are counted: "in 2000 rows" is no year.
COUNTED: Final = frozenset(
    {
        "rows",
        "lines",
        "bytes",
        "files",
        "tests",
        "requests",
        "ms",
        "items",
        "entries",
        "records",
        "words",
        "chars",
    }
    | {
        "characters",
        "tokens",
        "px",
        "pixels",
        "steps",
        "iterations",
        "commits",
        "errors",
        "users",
        "times",
        "points",
    }
    | {
        "samples",
        "milliseconds",
        "seconds",
        "minutes",
        "hours",
        "days",
        "rounds",
        "threads",
        "events",
        "jobs",
    }
)
