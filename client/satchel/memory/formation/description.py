"""The description of an episode: its title, what was done, the commands that mattered, files, links, and its outcome.

Every text is taken from its events; nothing is made up.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

from satchel.memory.formation.moments import Moment
from satchel.memory.model import COMMITTED, Episode, Outcome

TITLE_CHARS: Final = 90
LINE_CHARS: Final = 200
MOST_COMMANDS: Final = 24
MOST_FILES: Final = 20
MOST_LINKS: Final = 10
MOST_PLACES: Final = 10
MOST_LINES: Final = 8

_LONG_MS: Final = 60_000
_GENERATED: Final = ("Merge branch ", "Merge pull request ", "Merge remote-tracking ")


def describe(segment: Sequence[Moment]) -> Episode | None:
    """Return the episode of a segment; None if nothing in it tells what was done."""
    telling = [moment for moment in segment if moment.matters]
    if not telling:
        return None
    commits, attempts = _commits(telling), _attempts(telling)
    commands = _commands(telling, attempts)
    return Episode(
        start_ms=segment[0].event.at_ms,
        end_ms=max(moment.end_ms for moment in segment),
        title=_title(commits, telling, commands),
        done="\n".join(_lines(commits, telling, attempts, commands)),
        repository=_most(moment.event.repository for moment in segment),
        places=_first(_places(segment), MOST_PLACES),
        commands=commands,
        files=_first(_files(telling), MOST_FILES),
        links=_first((link for moment in segment for link in moment.command.links), MOST_LINKS),
        outcome=_outcome(telling),
        events=tuple(moment.event.id for moment in segment),
        agents=_first((m.event.session for m in segment if m.event.source == "agents"), len(segment)),
        hosts=_first((moment.event.host for moment in segment), MOST_PLACES),
    )


def _first(texts: Iterable[str], count: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text))[:count]


def _most(texts: Iterable[str]) -> str:
    counted = Counter(text for text in texts if text).most_common(1)
    return counted[0][0] if counted else ""


def _places(segment: Sequence[Moment]) -> Iterable[str]:
    """Return the directories, those with the most events first."""
    counts: Counter[str] = Counter()
    for moment in segment:
        place = moment.event.place
        if place:
            counts[str(PurePosixPath(place).parent) if moment.event.source == "files" else place] += 1
    return [place for place, _ in counts.most_common()]


def _files(telling: Sequence[Moment]) -> Iterable[str]:
    """Return the files: those of commits first, then those that were edited, then all others."""
    ranked = sorted(telling, key=lambda moment: (not moment.is_commit, not moment.command.is_edit))
    return [name for moment in ranked for name in moment.files]


# -- texts ------------------------------------------------------------------------------------


def subject(text: str) -> str:
    """Return the first line of a text with words, shortened."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= LINE_CHARS else f"{line[: LINE_CHARS - 1].rstrip()}…"


def _commits(telling: Sequence[Moment]) -> list[str]:
    """Return the subjects of the commits, each once, in order."""
    found = (
        subject(m.event.text if m.event.source == "git" else m.command.message)
        for m in telling
        if m.is_commit
    )
    return [text for text in dict.fromkeys(found) if text]


def _notes(telling: Sequence[Moment]) -> list[str]:
    return [subject(m.event.text) for m in telling if m.event.source in {"agents", "files"}]


def _title(commits: Sequence[str], telling: Sequence[Moment], commands: Sequence[str]) -> str:
    """Return a title: the commit that says most of what happened, else a note, else the command that matters most."""
    own = [text for text in commits if not text.startswith(_GENERATED)] or list(commits)
    if own:
        title = max(own, key=lambda text: (_shared(text, telling), -own.index(text)))
        more = len(own) - 1
    else:
        notes = _notes(telling)
        title = notes[0] if notes else _main_command(telling, commands)
        more = max(len(notes) - 1, 0)
    return f"{_cut(title)} (and {more} more)" if more else _cut(title)


def _shared(text: str, telling: Sequence[Moment]) -> int:
    """Return how many events share a word with a commit."""
    words = {
        word
        for m in telling
        if subject(m.event.text) == text or m.command.message == text
        for word in m.words
    }
    return sum(bool(words.intersection(moment.words)) for moment in telling)


def _main_command(telling: Sequence[Moment], commands: Sequence[str]) -> str:
    if not commands:
        return subject(telling[0].event.text)
    counts = Counter(subject(moment.event.text) for moment in telling)
    return max(commands, key=lambda text: (counts[text], -commands.index(text)))


def _cut(text: str) -> str:
    return text if len(text) <= TITLE_CHARS else f"{text[: TITLE_CHARS - 1].rstrip()}…"


def _lines(
    commits: Sequence[str],
    telling: Sequence[Moment],
    attempts: Iterable[Sequence[Moment]],
    commands: Sequence[str],
) -> list[str]:
    """Return what was done: commits, notes, what failed and then succeeded, and what failed to the end."""
    lines = [f"{COMMITTED}{text}" for text in commits]
    lines += [f"noted: {text}" for text in dict.fromkeys(_notes(telling))]
    for runs in attempts:
        failures = sum(moment.has_failed for moment in runs)
        text = subject(runs[-1].event.text)
        if failures:
            lines.append(
                f"failed {_times(failures)}{'' if runs[-1].has_failed else ', then succeeded'}: {text}"
            )
    if not lines:
        lines = [f"ran: {text}" for text in commands[:3]]
    return lines[:MOST_LINES]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _attempts(telling: Sequence[Moment]) -> list[list[Moment]]:
    """Return the runs of each program on the same file, in order, so that a success ends the failures before it."""
    found: dict[tuple[str, str], list[Moment]] = {}
    for moment in telling:
        if moment.event.source == "shell" and moment.event.exit_code is not None:
            found.setdefault((moment.command.program, "".join(moment.files[:1])), []).append(moment)
    return list(found.values())


def _commands(telling: Sequence[Moment], attempts: Iterable[Sequence[Moment]]) -> tuple[str, ...]:
    """Return the commands that mattered most, in the order of their last run."""
    shell = [moment for moment in telling if moment.event.source == "shell"]
    solved = {
        subject(moment.event.text)
        for runs in attempts
        if any(moment.has_failed for moment in runs) and not runs[-1].has_failed
        for moment in (*[one for one in runs if one.has_failed][-1:], runs[-1])
    }
    scores: dict[str, float] = {}
    last: dict[str, int] = {}
    for place, moment in enumerate(shell):
        text = subject(moment.event.text)
        scores[text] = max(_weight(moment, is_solved=text in solved), scores.get(text, -1.0))
        last[text] = place
    best = sorted(scores, key=lambda text: (-scores[text], last[text]))[:MOST_COMMANDS]
    return tuple(sorted(best, key=lambda text: last[text]))


def _weight(moment: Moment, *, is_solved: bool) -> float:
    """Return how much a command matters: checks, failures and what ended them, commits, and what took long."""
    command = moment.command
    weight = 1.0 + 2 * command.is_check + command.is_commit + command.is_push - command.is_edit
    return weight + 3 * is_solved + moment.has_failed + (moment.event.duration_ms >= _LONG_MS)


def _outcome(telling: Sequence[Moment]) -> Outcome:
    """Return how it ended: by the last commit, or check or note that tells."""
    for moment in reversed(telling):
        if moment.is_commit:
            return "done"
        if moment.event.source == "shell" and moment.event.exit_code is not None:
            if moment.command.is_check or moment.command.is_push:
                return "failed" if moment.has_failed else "done"
            if moment.has_failed and moment is telling[-1] and not moment.command.is_edit:
                return "failed"
    return "open"
