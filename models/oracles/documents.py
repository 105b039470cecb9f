"""Made-up documents that are no code: mails, notes, logs, lists, stack traces, commit messages, tables.

text = document(Random(7))
"""

from collections.abc import Callable
from random import Random
from typing import Final

from models.oracles.lexicon import NAMES, NOUNS, PLAIN, SYLLABLES, camel, snake, words_of_identifier
from models.oracles.prose import filled, paragraph, plain_sentence, sentence, short_sentence, wrapped

_LEVELS: Final = ("DEBUG", "INFO", "INFO", "INFO", "WARN", "WARNING", "ERROR", "FATAL", "TRACE")


def _lines(random: Random, least: int, most: int, make: Callable[[Random], str]) -> str:
    return "\n".join(make(random) for _ in range(random.randint(least, most)))


def _paragraphs(random: Random) -> str:
    width = random.choice((0, 0, 60, 72, 79, 100))
    return "\n\n".join(paragraph(random, width) for _ in range(random.randint(1, 6)))


def _mail(random: Random) -> str:
    head = ""
    if random.random() < 0.4:
        head = (
            f"From: {random.choice(NAMES)} <{PLAIN['email'](random)}>\nTo: {PLAIN['email'](random)}\n"
            f"Date: {PLAIN['date'](random)}\nSubject: {short_sentence(random)}\n\n"
        )
    hello = random.choice(
        ("Hi {name},", "Hello {name},", "Dear {name},", "Hi all,", "Hey,", "Good morning {name}!")
    )
    bye = random.choice(("Best,", "Thanks,", "Regards,", "Best regards,", "Cheers,", "Kind regards,", "-- "))
    quote = (
        "\n".join(f"> {line}" for line in paragraph(random, 60).split("\n")) + "\n\n"
        if random.random() < 0.3
        else ""
    )
    return f"{head}{filled(hello, random)}\n\n{quote}{_paragraphs(random)}\n\n{bye}\n{random.choice(NAMES)}"


def _bullet_list(random: Random) -> str:
    sign = random.choice(("- ", "* ", "• ", "", "[ ] ", "- [ ] ", "- [x] ", "+ ", "  - "))
    title = f"{short_sentence(random).capitalize()}:\n" if random.random() < 0.5 else ""
    make = random.choice((sentence, short_sentence, PLAIN["words"], plain_sentence))
    return title + _lines(random, 3, 15, lambda source: sign + make(source))


def _numbered_list(random: Random) -> str:
    dot = random.choice((".", ")", "."))
    return "\n".join(f"{n}{dot} {sentence(random)}" for n in range(1, random.randint(4, 12)))


def _log(random: Random) -> str:
    style = random.randrange(6)

    def line(source: Random) -> str:
        level = source.choice(_LEVELS)
        stamp = f"{PLAIN['date'](source)} {PLAIN['time'](source)}"
        name = snake(words_of_identifier(source))
        text = source.choice((short_sentence, plain_sentence, _log_values))(source)
        return (
            f"{stamp},{source.randint(0, 999):03} {level} {name}: {text}",
            f"[{stamp}] {level.lower()}: {text}",
            f"{stamp.replace(' ', 'T')}Z {level:5} [{name}] {text}",
            f"Nov {source.randint(1, 28):2} {PLAIN['time'](source)} {source.choice(NOUNS)} {name}[{source.randint(1, 9999)}]: {text}",
            f'{PLAIN["ip"](source)} - - [{source.randint(1, 28)}/Oct/2023:{PLAIN["time"](source)} +0000] "GET /{name} HTTP/1.1" {source.choice((200, 404, 500, 304))} {source.randint(0, 9999)}',
            f"{level}:{name}:{text}",
        )[style]

    return _lines(random, 3, 30, line)


def _log_values(random: Random) -> str:
    return " ".join(
        f"{snake(words_of_identifier(random))}={PLAIN['num'](random)}" for _ in range(random.randint(1, 4))
    )


def _python_trace(random: Random) -> str:
    def frame(source: Random) -> str:
        name = snake(words_of_identifier(source))
        call = snake(words_of_identifier(source))
        return (
            f'  File "{PLAIN["path"](source)}", line {source.randint(1, 900)}, in {name}\n    {call}({name})'
        )

    error = random.choice(("ValueError", "KeyError", "TypeError", "RuntimeError", "ImportError"))
    return f"Traceback (most recent call last):\n{_lines(random, 2, 6, frame)}\n{error}: {short_sentence(random)}"


def _java_trace(random: Random) -> str:
    def frame(source: Random) -> str:
        word = source.choice(NOUNS)
        return f"\tat com.{source.choice(NOUNS)}.{word.capitalize()}.{camel(words_of_identifier(source))}({word.capitalize()}.java:{source.randint(1, 900)})"

    error = random.choice(("java.lang.NullPointerException", "java.io.IOException", "IllegalStateException"))
    return f'Exception in thread "main" {error}: {short_sentence(random)}\n{_lines(random, 3, 12, frame)}'


def _javascript_trace(random: Random) -> str:
    def frame(source: Random) -> str:
        name = camel(words_of_identifier(source))
        return f"    at {name} ({PLAIN['path'](source)}:{source.randint(1, 900)}:{source.randint(1, 90)})"

    return f"TypeError: {short_sentence(random)}\n{_lines(random, 3, 10, frame)}"


def _commit(random: Random) -> str:
    kind = random.choice(("", "", "", "fix: ", "feat: ", "chore: ", "docs: ", "refactor(core): "))
    subject = kind + filled(
        random.choice(("{V} the {a} {n}", "{V} {ns} of the {n}", "{v} {n} in {id}")), random
    )
    body = "\n\n" + paragraph(random, 72) if random.random() < 0.8 else ""
    trailer = (
        f"\n\nSigned-off-by: {random.choice(NAMES)} <{PLAIN['email'](random)}>"
        if random.random() < 0.3
        else ""
    )
    return subject + body + trailer


def _chat(random: Random) -> str:
    style = random.randrange(4)

    def line(source: Random) -> str:
        name = source.choice(NAMES)
        text = source.choice((plain_sentence, short_sentence))(source)
        text = text.lower() if source.random() < 0.5 else text
        clock = PLAIN["time"](source)[:5]
        return (
            f"{name}: {text}",
            f"[{clock}] <{name.lower()}> {text}",
            f"{name}  {clock}\n{text}",
            f"{clock} {name}: {text}",
        )[style]

    return _lines(random, 3, 14, line)


def _changelog(random: Random) -> str:
    parts = []
    for _ in range(random.randint(1, 4)):
        head = f"{PLAIN['version'](random)} ({PLAIN['date'](random)})"
        rule = random.choice(("", "\n" + "-" * len(head), "\n" + "=" * len(head)))
        items = _lines(random, 1, 6, lambda source: random.choice(("- ", "* ", "  * ")) + sentence(source))
        parts.append(f"{head}{rule}\n\n{items}")
    return "\n\n".join(parts)


def _separated(random: Random) -> str:
    sign = random.choice((",", ",", ";", "\t", "|"))
    makers = [
        random.choice(("num", "word", "Name", "date", "email", "words", "ip", "int"))
        for _ in range(random.randint(3, 7))
    ]
    head = sign.join(snake(words_of_identifier(random)) for _ in makers)
    rows = _lines(random, 3, 25, lambda source: sign.join(PLAIN[maker](source) for maker in makers))
    return f"{head}\n{rows}" if random.random() < 0.7 else rows


def _manual(random: Random) -> str:
    head = short_sentence(random).capitalize()
    rule = random.choice(("", "\n" + random.choice("=-~") * len(head)))
    return f"{head}{rule}\n\n{_paragraphs(random)}\n\n{_bullet_list(random)}"


def _help(random: Random) -> str:
    def option(source: Random) -> str:
        name = "-".join(words_of_identifier(source))
        return f"  -{name[0]}, --{name:20} {short_sentence(source)}"

    return f"Usage: {random.choice(NOUNS)} [OPTIONS] [FILE]...\n\n{plain_sentence(random)}\n\nOptions:\n{_lines(random, 3, 12, option)}"


def _notes(random: Random) -> str:
    title = filled("{n} notes, {date}", random)
    people = ", ".join(random.choice(NAMES) for _ in range(random.randint(2, 5)))
    return f"{title}\nPresent: {people}\n\n{_bullet_list(random)}\n\nTODO {random.choice(NAMES)}: {short_sentence(random)}"


def _shouting(random: Random) -> str:
    text = " ".join(plain_sentence(random) for _ in range(random.randint(1, 4))).upper()
    lead = random.choice(("", "", "   "))
    return "\n".join(lead + line for line in wrapped(text, random.choice((60, 72, 100, 2000))).split("\n"))


def _changes(random: Random) -> str:
    sign = random.choice(("* ", "- ", "  * ", "* [Fix] ", "- **{n}**: ", "* {V}: ", "- [{id}] "))

    def line(source: Random) -> str:
        text = filled(
            source.choice(
                (
                    "Fix {n} of `{id}` ({a} {n})",
                    "{V} {ns} of `{id}.{id}` by default (#{int})",
                    "{V} `{id}` (#{int} via @{kebab})",
                    "Do not {v} {ns} when {id} is {a} (#{int}, @{kebab}).",
                    "Bump {kebab} from {version} to {version} (#{int})",
                    "Add support for {ID} and {id}",
                    "[`{hex}`]({url}) {V} {ns}",
                    "{V} the {n} to {v} `{id}` without `{id}`",
                    "The {n} {vs} {ns} now; `{id}()` is {a}, see {url}.",
                )
            ),
            source,
        )
        return filled(sign, source) + text

    head = random.choice(
        ("", "## {version}\n\n", "{version} / {date}\n==================\n\n", "### {V} {ns}\n\n")
    )
    return filled(head, random) + _lines(random, 2, 12, line)


def _links(random: Random) -> str:
    text = "" if random.random() < 0.3 else sentence(random) + "\n\n"
    return text + _lines(random, 1, 6, lambda source: f"[{short_sentence(source)}]: {PLAIN['url'](source)}")


def _legal(random: Random) -> str:
    who = f"{random.choice(NAMES)} {random.choice(NOUNS).capitalize()}"
    start = f"Copyright (c) {random.randint(1990, 2030)} {who}. All rights reserved.\n\n"
    body = "\n\n".join(paragraph(random, 72) for _ in range(random.randint(1, 3)))
    return start + body + ("\n\n" + _shouting(random) if random.random() < 0.6 else "")


def _foreign_word(random: Random) -> str:
    return "".join(random.choice(SYLLABLES) for _ in range(random.choice((1, 1, 2, 2, 3, 4))))


def _foreign_sentence(random: Random) -> str:
    words = [_foreign_word(random) for _ in range(random.randint(3, 18))]
    words = [word.capitalize() if random.random() < 0.2 else word for word in words]
    words = [f"{word}," if random.random() < 0.1 else word for word in words]
    return " ".join(words).capitalize().rstrip(",") + random.choice((".", ".", ".", "!", "?", ":"))


def _foreign(random: Random) -> str:
    text = " ".join(_foreign_sentence(random) for _ in range(random.randint(2, 9)))
    return wrapped(text, random.choice((60, 72, 79))) if random.random() < 0.7 else text


def _saying(random: Random) -> str:
    make = random.choice((plain_sentence, plain_sentence, _foreign_sentence))
    text = " ".join(make(random) for _ in range(random.randint(1, 4)))
    text = random.choice((text, f'"{text}"', f"“{text}”", text.replace(". ", ";\n")))
    who = f"{random.choice(NAMES)} {random.choice(NOUNS).capitalize()}"
    ending = random.choice(
        ("", f"\n\t\t-- {who}", f'\n\n-- {who}, "{short_sentence(random)}"', f"\n    — {who}")
    )
    return wrapped(text, random.choice((50, 64, 76))) + ending


def _dialogue(random: Random) -> str:
    signs = random.choice((("Q: ", "A: "), ("- ", "- "), ('"', '"'), ("Man: ", "Woman: ")))
    lines = []
    for number in range(random.randint(2, 8)):
        sign = signs[number % 2]
        lines.append(f"{sign}{plain_sentence(random)}" + ('"' if sign == '"' else ""))
    return "\n".join(lines)


def _verse(random: Random) -> str:
    make = random.choice((short_sentence, plain_sentence))
    verses = [
        _lines(random, 3, 5, lambda source: make(source).rstrip(".") + source.choice((",", "", ";", ".")))
        for _ in range(random.randint(1, 4))
    ]
    return "\n\n".join(verses)


DOCUMENTS: Final[tuple[Callable[[Random], str], ...]] = (
    *(_paragraphs,) * 5,
    *(_mail,) * 2,
    *(_foreign,) * 2,
    *(_saying,) * 2,
    _dialogue,
    _verse,
    *(_bullet_list,) * 2,
    _numbered_list,
    *(_log,) * 2,
    _python_trace,
    _java_trace,
    _javascript_trace,
    _commit,
    _chat,
    _changelog,
    *(_separated,) * 2,
    *(_manual,) * 2,
    _help,
    _notes,
    *(_legal,) * 2,
    _shouting,
    *(_changes,) * 3,
    _links,
)


def document(random: Random) -> str:
    """Return a document of a random kind."""
    return random.choice(DOCUMENTS)(random)
